#include "lib/store/bal_document.h"

#include "lib/store/mailbox_private.h"

static const char *const kinds[] = {[DOCUMENT_TEMPLATES] = "templates", [DOCUMENT_CONTACTS] = "contacts"};

struct changing {
    struct mailbox *mailbox;
    enum bal_document kind;
    struct str *content; /* of a read: where it goes */
    bool (*change)(struct str *, void *);
    void *arg;
};

/* The sealed box binds to nothing but the key: its place stands before the text, and is looked at when it is opened. */
static void place(struct str *out, const struct changing *c)
{
    str_addf(out, "caducee %s %lld\n", kinds[c->kind], (long long)c->mailbox->bal.id);
}

static enum store_status open_content(const struct changing *c, struct span sealed, struct str *out)
{
    struct str clear, head;
    if (sealed.n == 0)
        return STORE_OK;
    str_init(&clear, BAL_DOCUMENT_MAX + 128);
    str_init(&head, 128);
    place(&head, c);
    bool good = seal_open(&clear, &c->mailbox->keys, sealed) && clear.len >= head.len &&
                span_eq((struct span){clear.data, head.len}, str_span(&head));
    if (good)
        str_add(out, clear.data + head.len, clear.len - head.len);
    str_wipe(&clear);
    str_free(&head);
    return good ? STORE_OK : STORE_DAMAGED;
}

static void key_args(struct sql_args *args, const struct changing *c)
{
    arg_i64(args, c->mailbox->bal.id);
    arg_text(args, kinds[c->kind]);
}

static enum store_status read_body(struct db *db, void *arg)
{
    struct changing *c = arg;
    struct sql_args args = {0};
    const PGresult *r;
    str_clear(c->content);
    key_args(&args, c);
    enum store_status status = sql_run(db, SQL_document_read, &args, &r);
    if (status != STORE_OK || sql_rows(r) == 0)
        return status;
    return open_content(c, sql_span(r, 0, 0), c->content);
}

enum store_status bal_document_read(struct db *db, struct mailbox *m, enum bal_document kind, struct str *out)
{
    struct changing c = {.mailbox = m, .kind = kind, .content = out};
    return db_transaction(db, DB_READ, m->bal.id, read_body, &c);
}

static enum store_status write_content(struct db *db, const struct changing *c, const struct str *content)
{
    struct sql_args args = {0};
    struct str clear, sealed;
    str_init(&clear, BAL_DOCUMENT_MAX + 128);
    str_init(&sealed, BAL_DOCUMENT_MAX + 256);
    place(&clear, c);
    str_add_span(&clear, str_span(content));
    bool good = !clear.overflow && seal_to(&sealed, &c->mailbox->bal.public_half, str_span(&clear));
    key_args(&args, c);
    arg_span(&args, str_span(&sealed));
    enum store_status status = good ? sql_change(db, SQL_document_write, &args) : STORE_OVER_QUOTA;
    str_wipe(&clear);
    str_free(&sealed);
    return status;
}

static enum store_status change_body(struct db *db, void *arg)
{
    struct changing *c = arg;
    struct sql_args args = {0};
    const PGresult *r;
    struct str content;
    key_args(&args, c);
    enum store_status status = sql_run(db, SQL_document_begin, &args, NULL);
    if (status == STORE_OK)
        status = sql_run(db, SQL_document_lock, &args, &r);
    if (status != STORE_OK)
        return status;
    str_init(&content, BAL_DOCUMENT_MAX);
    status = open_content(c, sql_span(r, 0, 0), &content);
    if (status == STORE_OK && !c->change(&content, c->arg))
        status = STORE_INVALID;
    if (status == STORE_OK && content.overflow)
        status = STORE_OVER_QUOTA;
    if (status == STORE_OK)
        status = write_content(db, c, &content);
    str_wipe(&content);
    return status;
}

enum store_status bal_document_change(struct db *db, struct mailbox *m, enum bal_document kind,
                                      bool (*change)(struct str *, void *), void *arg)
{
    struct changing c = {.mailbox = m, .kind = kind, .change = change, .arg = arg};
    return db_transaction(db, DB_WRITE, m->bal.id, change_body, &c);
}
