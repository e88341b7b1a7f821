/* A share changed by its BAL's manager through keyd, with its trace. */
#include "lib/store/keyd.h"

#include "lib/store/sql.h"
#include "lib/store/trace.h"

struct changing {
    const struct share_order *share;
    const struct trace *trace;
};

static enum store_status change(struct db *db, void *arg)
{
    const struct changing *c = arg;
    const struct share_order *share = c->share;
    bool ends = !share->role;
    struct sql_args a = {0};
    arg_i64(&a, share->bal_id);
    arg_text(&a, share->whom);
    if (!ends) {
        arg_text(&a, share->role);
        arg_bool(&a, share->may_send && !span_is(span_of(share->role), "lecteur"));
    }
    arg_i64(&a, share->granted_by);
    if (!ends)
        arg_i64(&a, share->until);
    enum store_status status = sql_change(db, ends ? SQL_share_end : SQL_share_put, &a);
    return status == STORE_OK ? trace_write(db, c->trace) : status;
}

enum store_status share_change(struct db *db, const struct share_order *share, const struct trace *trace)
{
    struct changing c = {share, trace};
    return db_transaction(db, DB_WRITE, share->bal_id, change, &c);
}
