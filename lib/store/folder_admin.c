/* The first folders of a BAL. */
#include "lib/store/sql.h"

#include "lib/store/bal.h"

static const struct {
    const char *name, *special_use;
} first_folders[] = {{"INBOX", "INBOX"},   {"Drafts", "\\Drafts"}, {"Sent", "\\Sent"},
                     {"Trash", "\\Trash"}, {"Junk", "\\Junk"},     {"Archive", "\\Archive"}};

enum store_status bal_make_folders(struct db *db, int64_t bal_id)
{
    must(db_in_transaction(db));
    for (size_t i = 0; i < COUNT(first_folders); i++) {
        struct sql_args args = {.count = 0};
        const PGresult *r;
        arg_i64(&args, bal_id);
        enum store_status status = sql_run(db, SQL_uidvalidity_next, &args, &r);
        if (status != STORE_OK)
            return status;
        int64_t uidvalidity = sql_i64(r, 0, 0);
        args.count = 0;
        arg_i64(&args, bal_id);
        arg_i64(&args, store_new_id());
        arg_text(&args, first_folders[i].name);
        arg_text(&args, first_folders[i].special_use);
        arg_bool(&args, true);
        arg_i64(&args, uidvalidity);
        status = sql_run(db, SQL_folder_add, &args, NULL);
        if (status != STORE_OK)
            return status;
    }
    return STORE_OK;
}
