/* A message into BALs: rows that nobody waits for first, the folders' locks last, then COMMIT; one round trip. */
#include "lib/store/deliver.h"

#include "lib/base/clock.h"
#include "lib/base/fault.h"
#include "lib/store/blob.h"
#include "lib/store/mailbox.h"
#include "lib/store/message_write.h"

#include <stdlib.h>
#include <string.h>

struct prepared_target {
    struct delivery_target *target;
    struct delivery_key key;
    struct blob_new blob;
    struct sealed_summary sealed;
    int answer, quota_answer;
};
struct prepared {
    struct delivery *delivery;
    struct prepared_target *targets; /* by BAL: the order of locks */
    size_t count;
};

static const char *special_use(const char *folder)
{
    static const char *const names[] = {"INBOX", "\\Sent", "\\Drafts", "\\Trash", "\\Junk", "\\Archive"};
    if (!folder)
        return "INBOX";
    for (size_t i = 0; i < COUNT(names); i++)
        if (span_is_nocase(span_of(folder), names[i]) || span_is_nocase(span_of(folder), names[i] + 1))
            return names[i];
    return folder; /* none of that name: STORE_NOT_FOUND */
}

static uint64_t flag_bits(const char *flags)
{
    static const struct {
        const char *name;
        uint64_t bit;
    } table[] = {{"\\Seen", FLAG_SEEN},
                 {"\\Answered", FLAG_ANSWERED},
                 {"\\Flagged", FLAG_FLAGGED},
                 {"\\Deleted", FLAG_DELETED},
                 {"\\Draft", FLAG_DRAFT}};
    uint64_t bits = 0;
    struct span rest = span_of(flags), word;
    while (span_cut(&rest, ' ', &word))
        for (size_t i = 0; i < COUNT(table); i++)
            if (span_is_nocase(word, table[i].name))
                bits |= table[i].bit;
    return bits;
}

static int by_bal(const void *a, const void *b)
{
    const struct prepared_target *x = a, *y = b;
    int64_t left = x->target->bal->id, right = y->target->bal->id;
    if (left != right)
        return left < right ? -1 : 1;
    return 0;
}

static void queue_bytes_and_trace(struct db *db, struct prepared_target *t)
{
    db_act_on(db, t->target->bal->id);
    struct trace trace = t->target->trace;
    trace.bal_id = t->target->bal->id;
    if (!trace.structure_id)
        trace.structure_id = t->target->bal->structure_id;
    trace.bytes = t->blob.head.n + t->blob.body.n;
    blob_queue(db, &t->blob, trace.action ? &trace : NULL);
    t->target->blob_key = t->blob.key;
}

/* The targets from `first` on that are of one BAL. */
static size_t of_one_bal(const struct prepared *p, size_t first)
{
    size_t count = 1;
    while (first + count < p->count && p->targets[first + count].target->bal->id == p->targets[first].target->bal->id)
        count++;
    return count;
}

static void queue_locks(struct db *db, const struct prepared_target *targets, size_t count)
{
    struct sql_args args = {.count = 0};
    struct str uses, array;
    int64_t *folders = xcalloc(count, sizeof(*folders));
    size_t known = 0;
    str_init(&uses, count * 32 + 1);
    for (size_t i = 0; i < count; i++) {
        if (targets[i].target->into)
            folders[known++] = targets[i].target->into;
        else
            str_addf(&uses, "%s%s", uses.len ? " " : "", special_use(targets[i].target->folder));
    }
    arg_i64(&args, targets[0].target->bal->id);
    arg_span(&args, uses.len ? str_span(&uses) : SPAN_LIT(""));
    arg_array(&args, &array, folders, known);
    (void)sql_queue(db, SQL_deliver_lock, &args);
    str_free(&array);
    str_free(&uses);
    xfree(&folders);
}

/* `alone`: its BAL's quota is written with its folder. */
static void queue_message(struct db *db, struct prepared *p, struct prepared_target *t, bool alone)
{
    const struct delivery *d = p->delivery;
    struct sql_args args = {.count = 0};
    db_act_on(db, t->target->bal->id);
    arg_i64(&args, t->target->bal->id);
    if (t->target->into)
        arg_i64(&args, t->target->into);
    else
        arg_text(&args, special_use(t->target->folder));
    arg_i64(&args, (int64_t)(flag_bits(t->target->flags) | t->target->keywords));
    arg_i64(&args, t->blob.blob_id);
    arg_i64(&args, t->key.id);
    arg_i64(&args, (int64_t)(t->blob.head.n + t->blob.body.n));
    arg_i64(&args, d->internal_date);
    arg_i64(&args, wall_s());
    arg_i64(&args, (int64_t)t->blob.head.n);
    bool sent = span_is(span_of(special_use(t->target->folder)), "\\Sent");
    arg_i64(&args, d->summary.flags | (sent ? OWN_SENT_COPY : 0U));
    arg_span(&args, t->sealed.has_msgid ? (struct span){(const char *)t->sealed.msgid_hash, 16} : SPAN_NONE);
    arg_span(&args, str_span(&t->sealed.structure));
    arg_span(&args, t->sealed.has_text ? str_span(&t->sealed.text) : SPAN_NONE);
    bool into = t->target->into != 0;
    enum sql whole = into ? SQL_deliver_into : SQL_deliver_alone;
    t->answer = sql_queue(db, alone ? whole : into ? SQL_deliver_message_into : SQL_deliver_message, &args);
    t->quota_answer = t->answer;
}

static void queue_quota(struct db *db, struct prepared_target *t)
{
    struct sql_args args = {.count = 0};
    arg_i64(&args, t->target->bal->id);
    arg_i64(&args, (int64_t)(t->blob.head.n + t->blob.body.n));
    arg_i64(&args, 1);
    t->quota_answer = sql_queue(db, SQL_quota_add, &args);
}

/* design, "Locks": BAL after BAL; in each its folders by id, then its quota. */
static void queue_bal(struct db *db, struct prepared *p, size_t first, size_t count)
{
    struct prepared_target *targets = p->targets + first;
    db_act_on(db, targets[0].target->bal->id);
    if (count > 1)
        queue_locks(db, targets, count);
    for (size_t i = 0; i < count; i++)
        queue_message(db, p, &targets[i], count == 1);
    for (size_t i = 0; i < count && count > 1; i++)
        queue_quota(db, &targets[i]);
}

static void tell(struct db *db, const struct prepared_target *t, enum store_status status)
{
    struct delivery_target *target = t->target;
    int failed = sql_failed(db);
    if (failed >= 0 && (failed == t->answer || failed == t->quota_answer))
        target->status = status;
    if (status != STORE_OK)
        return;
    const PGresult *r = sql_answer(db, t->answer);
    target->uid = sql_i64(r, 0, 0);
    target->uidvalidity = sql_i64(r, 0, 1);
    target->folder_id = sql_i64(r, 0, 2);
    target->modseq = (uint64_t)sql_i64(r, 0, 3);
}

static enum store_status transact(struct db *db, void *arg)
{
    struct prepared *p = arg;
    for (size_t i = 0; i < p->count; i++)
        queue_bytes_and_trace(db, &p->targets[i]);
    FAULT("deliver.after_blob");
    if (p->delivery->also) {
        enum store_status status = p->delivery->also(db, p->delivery->also_arg);
        if (status != STORE_OK)
            return status;
    }
    for (size_t i = 0; i < p->count; i += of_one_bal(p, i))
        queue_bal(db, p, i, of_one_bal(p, i));
    FAULT("deliver.before_commit");
    enum store_status status = db_commit_now(db);
    for (size_t i = 0; i < p->count; i++)
        tell(db, &p->targets[i], status);
    return status;
}

static enum store_status prepare(struct db *db, struct delivery_keys *keys, struct delivery *d,
                                 struct prepared_target *t)
{
    enum store_status status = delivery_key_get(db, keys, t->target->bal, &t->key);
    if (status != STORE_OK)
        return status;
    t->blob = (struct blob_new){.bal_id = t->target->bal->id,
                                .blob_id = store_new_id(),
                                .delivery_key_id = t->key.id,
                                .wrapping = &t->key.key,
                                .head = t->target->head,
                                .body = d->body};
    t->target->blob_id = t->blob.blob_id;
    sealed_summary_make(&t->sealed, &d->summary, t->target->head, &t->key, t->target->bal->id, t->blob.blob_id);
    return STORE_OK;
}

static enum store_status deliver_once(struct db *db, struct delivery_keys *keys, struct delivery *d)
{
    must(d->target_count > 0);
    struct prepared p = {.delivery = d, .targets = xcalloc(d->target_count, sizeof(*p.targets))};
    enum store_status status = STORE_OK;
    for (size_t i = 0; i < d->target_count && status == STORE_OK; i++) {
        struct prepared_target *t = &p.targets[p.count];
        t->target = &d->targets[i];
        status = prepare(db, keys, d, t);
        p.count += status == STORE_OK;
    }
    if (status == STORE_OK) {
        qsort(p.targets, p.count, sizeof(*p.targets), by_bal);
        for (size_t i = 0; i < p.count; i++)
            p.targets[i].blob.wrapping = &p.targets[i].key.key; /* sorting moved them */
        status = db_transaction(db, DB_WRITE, p.targets[0].target->bal->id, transact, &p);
    }
    for (size_t i = 0; i < p.count; i++)
        sealed_summary_free(&p.targets[i].sealed);
    for (size_t i = 0; i < d->target_count; i++)
        crypto_wipe(&d->targets[i].blob_key, sizeof(d->targets[i].blob_key));
    crypto_wipe(p.targets, d->target_count * sizeof(*p.targets));
    xfree(&p.targets);
    return status;
}

enum store_status deliver(struct db *db, struct delivery_keys *keys, struct delivery *d)
{
    enum store_status status = deliver_once(db, keys, d);
    return status == STORE_EXISTS ? deliver_once(db, keys, d) : status; /* ids that collided: others are made */
}
