/* Folders: read, made, renamed, deleted. */
#include "lib/store/mailbox_private.h"

static void from_row(struct folder *out, const PGresult *r, int row)
{
    *out = (struct folder){.id = sql_i64(r, row, 0)};
    sql_copy(out->name, sizeof(out->name), r, row, 1);
    sql_copy(out->special_use, sizeof(out->special_use), r, row, 2);
    if (span_is(span_of(out->special_use), "INBOX"))
        out->special_use[0] = '\0'; /* RFC 6154 knows no such attribute: the name says it */
    out->subscribed = sql_bool(r, row, 3);
    out->no_select = sql_bool(r, row, 4);
    out->uidvalidity = (uint32_t)sql_i64(r, row, 5);
    out->uidnext = (uint32_t)sql_i64(r, row, 6);
    out->highestmodseq = (uint64_t)sql_i64(r, row, 7);
    out->messages = (uint32_t)sql_i64(r, row, 8);
    int64_t unseen = sql_i64(r, row, 9);
    out->unseen = unseen > 0 ? (uint32_t)unseen : 0;
    out->deleted = (uint32_t)sql_i64(r, row, 10);
    out->bytes = (uint64_t)sql_i64(r, row, 11);
    out->paged_to = (uint32_t)sql_i64(r, row, 12);
    out->recent_from = (uint32_t)sql_i64(r, row, 13);
}

struct asked {
    struct mailbox *mailbox;
    enum sql sql;
    const char *text; /* name or special use */
    int64_t id;
    struct folder *one;
    folder_list *all;
    size_t before; /* of all */
    keyword_list *keywords;
};

static enum store_status ask(struct db *db, void *arg)
{
    struct asked *a = arg;
    struct sql_args args = {.count = 0};
    const PGresult *r;
    arg_i64(&args, a->mailbox->bal.id);
    arg_i64(&args, a->mailbox->seen_per_person ? a->mailbox->viewer : 0);
    if (a->text)
        arg_text(&args, a->text);
    else if (a->id)
        arg_i64(&args, a->id);
    enum store_status status = sql_run(db, a->sql, &args, &r);
    if (status != STORE_OK)
        return status;
    if (a->all) {
        a->all->len = a->before;
        for (int row = 0; row < sql_rows(r); row++) {
            struct folder f;
            from_row(&f, r, row);
            vec_push(a->all, f);
        }
    } else if (sql_rows(r) == 0) {
        return STORE_NOT_FOUND;
    } else {
        from_row(a->one, r, 0);
        if (a->keywords)
            keywords_of_lines(a->keywords, sql_span(r, 0, 14));
    }
    return STORE_OK;
}

static enum store_status run(struct db *db, struct asked *a)
{
    return db_in_transaction(db) ? ask(db, a) : db_transaction(db, DB_GLANCE, a->mailbox->bal.id, ask, a);
}

enum store_status folders_list(struct db *db, struct mailbox *m, folder_list *out)
{
    struct asked a = {.mailbox = m, .sql = SQL_folders_list, .all = out};
    return run(db, &a);
}

enum store_status folders_add_gone(struct db *db, struct mailbox *m, folder_list *out)
{
    struct asked a = {.mailbox = m, .sql = SQL_folders_gone, .all = out, .before = out->len};
    return run(db, &a);
}

enum store_status folder_by_name(struct db *db, struct mailbox *m, const char *name, struct folder *out)
{
    struct asked a = {.mailbox = m, .sql = SQL_folder_by_name, .text = name, .one = out};
    return run(db, &a);
}

enum store_status folder_select(struct db *db, struct mailbox *m, const char *name, struct folder *out,
                                keyword_list *keywords)
{
    struct asked a = {.mailbox = m, .sql = SQL_folder_selected, .text = name, .one = out, .keywords = keywords};
    return run(db, &a);
}

enum store_status folder_by_id(struct db *db, struct mailbox *m, int64_t id, struct folder *out)
{
    struct asked a = {.mailbox = m, .sql = SQL_folder_by_id, .id = id, .one = out};
    return run(db, &a);
}

enum store_status folder_by_use(struct db *db, struct mailbox *m, const char *use, struct folder *out)
{
    struct asked a = {.mailbox = m, .sql = SQL_folder_by_use, .text = use, .one = out};
    return run(db, &a);
}

struct change {
    struct mailbox *mailbox;
    const char *name, *to, *special_use;
    bool subscribed;
    uint32_t uid;
    int64_t folder_id;
};

static enum store_status next_uidvalidity(struct db *db, const struct mailbox *m, int64_t *out)
{
    struct sql_args args = {.count = 0};
    const PGresult *r;
    arg_i64(&args, m->bal.id);
    enum store_status status = sql_run(db, SQL_uidvalidity_next, &args, &r);
    if (status == STORE_OK)
        *out = sql_i64(r, 0, 0);
    return status;
}

static enum store_status insert_folder(struct db *db, const struct change *c, const char *name, const char *use)
{
    int64_t uidvalidity;
    struct sql_args args = {.count = 0};
    enum store_status status = next_uidvalidity(db, c->mailbox, &uidvalidity);
    if (status != STORE_OK)
        return status;
    arg_i64(&args, c->mailbox->bal.id);
    arg_text(&args, name);
    arg_text(&args, use);
    arg_i64(&args, uidvalidity);
    status = sql_change(db, SQL_folder_revive, &args); /* a name kept for its children lives again */
    if (status != STORE_NOT_FOUND)
        return status;
    args.count = 0;
    arg_i64(&args, c->mailbox->bal.id);
    arg_i64(&args, store_new_id());
    arg_text(&args, name);
    arg_text(&args, use);
    arg_i64(&args, uidvalidity);
    return sql_run(db, SQL_folder_insert, &args, NULL);
}

/* Who makes or renames folders does so one at a time in a BAL: this row's lock comes before all folders'. */
static enum store_status lock_names(struct db *db, const struct mailbox *m)
{
    int64_t ignored;
    return next_uidvalidity(db, m, &ignored);
}

/* RFC 9051 6.3.7: who subscribed a name while it was there is subscribed again. */
static enum store_status take_subscriptions(struct db *db, const struct mailbox *m)
{
    struct sql_args args = {.count = 0};
    arg_i64(&args, m->bal.id);
    return sql_run(db, SQL_subscription_take, &args, NULL);
}

/* RFC 9051 6.3.4: parents that are missing SHOULD be made too. */
static enum store_status create(struct db *db, void *arg)
{
    struct change *c = arg;
    struct folder there;
    struct str parent;
    struct span rest = span_of(c->name), level;
    enum store_status status = lock_names(db, c->mailbox);
    str_init(&parent, sizeof(there.name));
    while (status == STORE_OK && span_cut(&rest, '/', &level)) {
        bool last = rest.n == 0;
        if (parent.len)
            str_putc(&parent, '/');
        str_add_span(&parent, level);
        status = folder_by_name(db, c->mailbox, parent.data, &there);
        if (status == STORE_OK && last)
            status = there.no_select ? insert_folder(db, c, parent.data, c->special_use) : STORE_EXISTS;
        else if (status == STORE_NOT_FOUND)
            status = insert_folder(db, c, parent.data, last ? c->special_use : NULL);
    }
    str_free(&parent);
    return status == STORE_OK ? take_subscriptions(db, c->mailbox) : status;
}

static bool good_name(const char *name)
{
    struct span rest = span_of(name), level;
    if (rest.n == 0 || rest.n >= sizeof(((struct folder *)0)->name) - 24 || name[0] == '/' || name[rest.n - 1] == '/')
        return false;
    while (span_cut(&rest, '/', &level))
        if (level.n == 0)
            return false;
    return true;
}

enum store_status folder_create(struct db *db, struct mailbox *m, const char *name, const char *special_use,
                                struct folder *out)
{
    struct change c = {.mailbox = m, .name = name, .special_use = special_use && special_use[0] ? special_use : NULL};
    if (!good_name(name))
        return STORE_INVALID;
    enum store_status status = db_transaction(db, DB_WRITE, m->bal.id, create, &c);
    return status == STORE_OK && out ? folder_by_name(db, m, name, out) : status;
}

static void arg_names(struct sql_args *args, const struct mailbox *m, const char *name)
{
    args->count = 0;
    arg_i64(args, m->bal.id);
    arg_text(args, name);
}

static enum store_status drop_contents(struct db *db, const struct mailbox *m, int64_t folder_id, bool keep_name)
{
    struct sql_args args = {.count = 0};
    const PGresult *r;
    arg_i64(&args, m->bal.id);
    arg_i64(&args, folder_id);
    enum store_status status = sql_run(db, SQL_folder_bytes, &args, &r);
    if (status != STORE_OK)
        return status;
    struct sql_args quota = {.count = 0};
    arg_i64(&quota, m->bal.id);
    arg_i64(&quota, -sql_i64(r, 0, 0));
    arg_i64(&quota, -sql_i64(r, 0, 1));
    (void)sql_queue(db, SQL_folder_messages_delete, &args);
    if (!keep_name)
        (void)sql_queue(db, SQL_subscription_keep, &args);
    (void)sql_queue(db, SQL_folder_pages_delete, &args);
    (void)sql_queue(db, keep_name ? SQL_folder_empty : SQL_folder_delete, &args);
    (void)sql_queue(db, SQL_quota_less, &quota); /* the last lock (design, "Locks") */
    return sql_wait(db);
}

static enum store_status delete (struct db *db, void *arg) {
    struct change *c = arg; struct sql_args args; const PGresult * r; arg_names(&args, c->mailbox, c->name);
    int lock = sql_queue(db, SQL_folder_lock_name, &args), children = sql_queue(db, SQL_folder_has_children, &args);
    enum store_status status = sql_wait(db);
    if (status != STORE_OK) return status;
    r = sql_answer(db, lock);
    bool parent = sql_rows(sql_answer(db, children)) > 0;
    if (sql_rows(r) == 0) return STORE_NOT_FOUND;
    /* RFC 9051 6.3.5: a name with children and \NoSelect cannot go; one with children becomes \NoSelect. */
    if (parent && sql_bool(r, 0, 3)) return STORE_CONFLICT;
    return drop_contents(db, c->mailbox, sql_i64(r, 0, 0), parent);
}

enum store_status folder_delete(struct db *db, struct mailbox *m, const char *name)
{
    struct change c = {.mailbox = m, .name = name};
    if (span_is_nocase(span_of(name), "INBOX"))
        return STORE_REFUSED;
    return db_transaction(db, DB_WRITE, m->bal.id, delete, &c);
}

static enum store_status rename_tree(struct db *db, void *arg)
{
    struct change *c = arg;
    struct sql_args args;
    struct folder there;
    const char *slash = NULL;
    for (const char *p = c->to; *p; p++)
        if (*p == '/')
            slash = p;
    enum store_status status = lock_names(db, c->mailbox);
    if (status != STORE_OK)
        return status;
    if (folder_by_name(db, c->mailbox, c->to, &there) == STORE_OK)
        return STORE_EXISTS;
    if (slash) {
        char *parent = xstrndup(c->to, (size_t)(slash - c->to));
        struct change make = {.mailbox = c->mailbox, .name = parent};
        status = create(db, &make);
        xfree(&parent);
        if (status != STORE_OK && status != STORE_EXISTS)
            return status;
    }
    arg_names(&args, c->mailbox, c->name);
    (void)sql_queue(db, SQL_folder_lock_tree, &args);
    arg_text(&args, c->to);
    status = sql_change(db, SQL_folder_rename, &args);
    return status == STORE_OK ? take_subscriptions(db, c->mailbox) : status;
}

/* RFC 9051 6.3.6: INBOX stays, and what it holds moves to the new name. */
static enum store_status rename_inbox(struct db *db, struct mailbox *m, const char *to)
{
    struct folder inbox, made;
    state_list states = {0};
    uid_list uids = {0};
    copied_list copied = {0};
    uint32_t uidvalidity;
    enum store_status status = folder_by_name(db, m, "INBOX", &inbox);
    if (status == STORE_OK)
        status = folder_create(db, m, to, NULL, &made);
    if (status == STORE_OK)
        status = folder_states(db, m, inbox.id, 1, UINT32_MAX, 0, &states);
    vec_each (&states, s)
        vec_push(&uids, s->uid);
    if (status == STORE_OK && uids.len)
        status = messages_copy(db, m, inbox.id, made.id, uids.items, uids.len, true, &copied, &uidvalidity);
    vec_free(&states);
    vec_free(&uids);
    vec_free(&copied);
    return status;
}

enum store_status folder_rename(struct db *db, struct mailbox *m, const char *from, const char *to)
{
    struct change c = {.mailbox = m, .name = from, .to = to};
    struct span inside = span_of(to);
    if (!good_name(to) ||
        (inside.n > span_of(from).n && span_starts_nocase(inside, from) && to[span_of(from).n] == '/'))
        return STORE_INVALID;
    if (span_is_nocase(span_of(from), "INBOX"))
        return rename_inbox(db, m, to);
    return db_transaction(db, DB_WRITE, m->bal.id, rename_tree, &c);
}

static enum store_status subscribe(struct db *db, void *arg)
{
    struct change *c = arg;
    struct sql_args args;
    arg_names(&args, c->mailbox, c->name);
    arg_bool(&args, c->subscribed);
    bool own = c->mailbox->seen_per_person;
    if (own)
        arg_i64(&args, c->mailbox->viewer);
    enum store_status status = sql_change(db, own ? SQL_folder_subscribe_viewer : SQL_folder_subscribe, &args);
    if (status != STORE_NOT_FOUND || c->subscribed)
        return status;
    arg_names(&args, c->mailbox, c->name); /* a mailbox that was deleted */
    if (own)
        arg_i64(&args, c->mailbox->viewer);
    return sql_change(db, own ? SQL_subscription_refuse : SQL_subscription_drop, &args);
}

enum store_status folder_subscribe(struct db *db, struct mailbox *m, const char *name, bool subscribed)
{
    struct change c = {.mailbox = m, .name = name, .subscribed = subscribed};
    return db_transaction(db, DB_WRITE, m->bal.id, subscribe, &c);
}

/* All that there is where nobody has looked yet: not one state is read for it. Else the shorter side is counted. */
enum store_status folder_count_recent(struct db *db, struct mailbox *m, const struct folder *f, uint32_t *count)
{
    state_list states = {0};
    uint32_t older = f->recent_from > 1 ? f->recent_from - 1 : 0;
    uint32_t younger = f->uidnext > f->recent_from ? f->uidnext - f->recent_from : 0;
    enum store_status status = STORE_OK;
    *count = younger ? f->messages : 0;
    if (!older || !younger)
        return STORE_OK;
    if (younger <= older)
        status = folder_states(db, m, f->id, f->recent_from, f->uidnext - 1, 0, &states);
    else
        status = folder_states(db, m, f->id, 1, older, 0, &states);
    *count = younger <= older           ? (uint32_t)states.len
             : states.len < f->messages ? f->messages - (uint32_t)states.len
                                        : 0; /* what went between the two readings */
    vec_free(&states);
    return status;
}

static enum store_status set_recent(struct db *db, void *arg)
{
    struct change *c = arg;
    struct sql_args args = {.count = 0};
    arg_i64(&args, c->mailbox->bal.id);
    arg_i64(&args, c->folder_id);
    arg_i64(&args, c->uid);
    enum store_status status = sql_change(db, SQL_folder_recent, &args);
    return status == STORE_NOT_FOUND ? STORE_CONFLICT : status; /* another session was first */
}

enum store_status folder_take_recent(struct db *db, struct mailbox *m, int64_t folder_id, uint32_t uidnext)
{
    struct change c = {.mailbox = m, .folder_id = folder_id, .uid = uidnext};
    return db_transaction(db, DB_WRITE, m->bal.id, set_recent, &c);
}
