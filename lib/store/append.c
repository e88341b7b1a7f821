/* APPEND: like a delivery, by folder name, with flags of the client's choosing; several messages or none. */
#include "lib/store/expunge.h"

#include "lib/base/clock.h"
#include "lib/base/fault.h"
#include "lib/store/message_write.h"
#include "lib/store/sql.h"
#include "lib/store/trace.h"

#include <stdio.h>

struct prepared {
    struct blob_new blob;
    struct delivery_key key;
    struct sealed_summary sealed;
    int answer;
};
struct appending {
    struct mailbox *mailbox;
    struct append *items;
    struct prepared *prepared;
    size_t count;
    const struct trace *trace;           /* NULL: the caller's affair */
    int64_t freed_bytes, freed_messages; /* by our own copies that went, and by what is replaced; both below 0 */
    int64_t replaced_folder;
    uint32_t replaced_uid; /* 0: none */
};

static uint64_t flags_of(const struct appending *a, size_t i)
{
    uint64_t flags = a->items[i].flags & ~(uint64_t)FLAG_RECENT;
    return a->mailbox->seen_per_person ? flags & ~(uint64_t)FLAG_SEEN : flags;
}

/* Nothing to look at once the rows are in. */
static bool is_plain(const struct appending *a)
{
    bool seen = a->replaced_uid > 0, may_be_sent = false;
    for (size_t i = 0; i < a->count; i++) {
        seen |= a->mailbox->seen_per_person && a->items[i].flags & FLAG_SEEN;
        may_be_sent |= a->prepared[i].sealed.has_msgid && !span_is(span_of(a->items[i].folder), "INBOX");
    }
    return !seen && !may_be_sent;
}

/* A single message brings its quota (the last lock: design, "Locks") and its trace along. */
static bool goes_traced(const struct appending *a)
{
    return a->trace && a->count == 1 && is_plain(a);
}

static void queue_row(struct db *db, const struct appending *a, size_t i)
{
    struct prepared *p = &a->prepared[i];
    uint8_t patient[16];
    struct sql_args args = {.count = 0};
    arg_i64(&args, a->mailbox->bal.id);
    arg_text(&args, a->items[i].folder);
    arg_i64(&args, (int64_t)flags_of(a, i));
    arg_i64(&args, p->blob.blob_id);
    arg_i64(&args, p->key.id);
    arg_i64(&args, (int64_t)a->items[i].bytes.n);
    arg_i64(&args, a->items[i].internal_date);
    arg_i64(&args, wall_s());
    arg_i64(&args, a->items[i].summary.flags);
    arg_span(&args, p->sealed.has_msgid ? (struct span){(const char *)p->sealed.msgid_hash, 16} : SPAN_NONE);
    arg_span(&args, str_span(&p->sealed.structure));
    arg_span(&args, p->sealed.has_text ? str_span(&p->sealed.text) : SPAN_NONE);
    if (goes_traced(a))
        trace_args(&args, a->trace, patient);
    p->answer = sql_queue(db, goes_traced(a) ? SQL_message_append_traced : SQL_message_append, &args);
}

static void queue_quota(struct db *db, const struct appending *a)
{
    struct sql_args args = {.count = 0};
    int64_t bytes = 0;
    if (a->freed_messages) {
        arg_i64(&args, a->mailbox->bal.id);
        arg_i64(&args, a->freed_bytes);
        arg_i64(&args, a->freed_messages);
        (void)sql_queue(db, SQL_quota_less, &args);
        args.count = 0;
    }
    for (size_t i = 0; i < a->count; i++)
        bytes += (int64_t)a->items[i].bytes.n;
    arg_i64(&args, a->mailbox->bal.id);
    arg_i64(&args, bytes);
    arg_i64(&args, (int64_t)a->count);
    (void)sql_queue(db, SQL_quota_add, &args);
}

static void take_answers(struct db *db, struct appending *a)
{
    for (size_t i = 0; i < a->count; i++) {
        const PGresult *r = sql_answer(db, a->prepared[i].answer);
        a->items[i].uid = (uint32_t)sql_i64(r, 0, 0);
        a->items[i].uidvalidity = (uint32_t)sql_i64(r, 0, 1);
        a->items[i].folder_id = sql_i64(r, 0, 2);
        a->items[i].modseq = (uint64_t)sql_i64(r, 0, 3);
    }
}

/* \Seen in a shared BAL: on the viewer's page. The folder's lock is held already. */
static enum store_status mark_seen(struct db *db, struct appending *a)
{
    enum store_status status = STORE_OK;
    for (size_t i = 0; i < a->count && status == STORE_OK; i++) {
        if (!a->mailbox->seen_per_person || !(a->items[i].flags & FLAG_SEEN))
            continue;
        struct locked_folder f = {.id = a->items[i].folder_id};
        status = lock_folders(db, a->mailbox, &f, 1, &a->items[i].uid, 1, SEEN_VIEWER);
        if (status == STORE_OK) {
            struct seen *s = seen_of(&f, a->mailbox->viewer, a->items[i].uid, true);
            s->bits |= bit_of(a->items[i].uid);
            s->modseq[slot_of(a->items[i].uid)] = a->items[i].modseq;
            s->dirty = true;
            f.pages.len = 0;
            queue_pages(db, a->mailbox, &f);
            queue_viewer(db, a->mailbox, f.id, a->mailbox->viewer, 1);
        }
        locked_folder_free(&f);
    }
    return status;
}

enum { OWN_COPY_SECONDS = 600 };

static enum store_status find_own_copy(struct db *db, const struct appending *a, size_t i, uid_list *old)
{
    struct sql_args args = {.count = 0};
    const PGresult *r;
    arg_i64(&args, a->mailbox->bal.id);
    arg_i64(&args, a->items[i].folder_id);
    arg_span(&args, (struct span){(const char *)a->prepared[i].sealed.msgid_hash, 16});
    arg_i64(&args, wall_s() - OWN_COPY_SECONDS);
    arg_i64(&args, a->items[i].uid);
    enum store_status status = sql_run(db, SQL_own_sent_copy, &args, &r);
    for (int row = 0; status == STORE_OK && row < sql_rows(r); row++)
        vec_push(old, (uint32_t)sql_i64(r, row, 0));
    return status;
}

/* Out of a folder of this BAL: those of `old`, which rise, that are there. */
static enum store_status remove_from(struct db *db, struct appending *a, int64_t folder_id, const uid_list *old)
{
    struct locked_folder f = {.id = folder_id};
    struct folder_change c = {0};
    uid_list there = {0};
    int64_t bytes = 0;
    enum store_status status = lock_folders(db, a->mailbox, &f, 1, old->items, old->len, SEEN_EVERYBODY);
    if (status == STORE_OK)
        status = page_up(db, a->mailbox, &f);
    for (size_t i = 0; status == STORE_OK && i < old->len; i++) {
        const struct page *p = page_of(&f, old->items[i]);
        if (p && p->exists & bit_of(old->items[i]))
            vec_push(&there, old->items[i]);
    }
    if (status == STORE_OK && there.len)
        status = remove_messages(db, a->mailbox, &f, &there, f.highestmodseq + 1, &bytes, &c);
    if (status == STORE_OK) {
        c.bytes = -bytes;
        a->freed_bytes -= bytes;
        a->freed_messages += c.messages;
        queue_pages(db, a->mailbox, &f);
        queue_folder(db, a->mailbox, &f, &c);
    }
    vec_free(&there);
    locked_folder_free(&f);
    return status;
}

static enum store_status remove_own_copy(struct db *db, struct appending *a, size_t i, const uid_list *old)
{
    struct sql_args args = {.count = 0};
    struct str array;
    arg_i64(&args, a->mailbox->bal.id);
    arg_i64(&args, a->items[i].blob_id);
    arg_i64(&args, a->items[i].folder_id);
    arg_uids(&args, &array, old->items, old->len);
    (void)sql_queue(db, SQL_sent_replaced_by, &args);
    str_free(&array);
    return remove_from(db, a, a->items[i].folder_id, old);
}

/* REPLACE's other half. */
static enum store_status remove_replaced(struct db *db, struct appending *a)
{
    uid_list old = {0};
    vec_push(&old, a->replaced_uid);
    enum store_status status = remove_from(db, a, a->replaced_folder, &old);
    vec_free(&old);
    return status;
}

/* A client that puts its own copy into Sent, of what it has just submitted: its bytes and its APPENDUID stay, our copy goes.
 * Only ours: nobody's own message is ever taken out by an APPEND. */
static enum store_status replace_own_copies(struct db *db, struct appending *a)
{
    enum store_status status = STORE_OK;
    for (size_t i = 0; i < a->count && status == STORE_OK; i++) {
        uid_list old = {0};
        if (a->prepared[i].sealed.has_msgid)
            status = find_own_copy(db, a, i, &old);
        if (status == STORE_OK && old.len)
            status = remove_own_copy(db, a, i, &old);
        vec_free(&old);
    }
    return status;
}

/* One, or several: their UIDs follow one another, the folder's lock being held. */
static void queue_trace(struct db *db, const struct appending *a)
{
    char messages[64];
    struct trace trace = *a->trace;
    uint64_t bytes = 0;
    for (size_t i = 0; i < a->count; i++)
        bytes += a->items[i].bytes.n;
    uint32_t first = a->items[0].uid, last = a->items[a->count - 1].uid;
    snprintf(messages, sizeof(messages), "%lld/%u", (long long)a->items[0].folder_id, first);
    if (last > first)
        snprintf(messages, sizeof(messages), "%lld/%u:%u", (long long)a->items[0].folder_id, first, last);
    trace.messages = messages;
    trace.bytes = bytes;
    (void)trace_queue(db, &trace);
}

static enum store_status append(struct db *db, void *arg)
{
    struct appending *a = arg;
    a->freed_bytes = a->freed_messages = 0; /* a body may run again */
    for (size_t i = 0; i < a->count; i++)
        blob_queue(db, &a->prepared[i].blob, NULL);
    FAULT("append.after_blob");
    for (size_t i = 0; i < a->count; i++)
        queue_row(db, a, i);
    bool traced = goes_traced(a), at_once = traced || (is_plain(a) && !a->trace);
    if (at_once && !traced)
        queue_quota(db, a);
    enum store_status status = at_once ? db_commit_now(db) : sql_wait(db);
    if (status != STORE_OK)
        return status;
    take_answers(db, a);
    if (at_once)
        return STORE_OK;
    status = mark_seen(db, a);
    if (status == STORE_OK)
        status = replace_own_copies(db, a);
    if (status == STORE_OK && a->replaced_uid)
        status = remove_replaced(db, a);
    if (status == STORE_OK && a->trace)
        queue_trace(db, a);
    if (status == STORE_OK)
        queue_quota(db, a); /* the last lock (design, "Locks") */
    return status == STORE_OK ? db_commit_now(db) : status;
}

static enum store_status prepare(struct db *db, struct appending *a, size_t i)
{
    struct mailbox *m = a->mailbox;
    struct prepared *p = &a->prepared[i];
    if (!m->writing)
        m->writing = delivery_keys_new();
    enum store_status status = delivery_key_get(db, m->writing, &m->bal, &p->key);
    if (status != STORE_OK)
        return status;
    p->blob = (struct blob_new){.bal_id = m->bal.id,
                                .blob_id = store_new_id(),
                                .delivery_key_id = p->key.id,
                                .wrapping = &p->key.key,
                                .body = a->items[i].bytes};
    sealed_summary_make(&p->sealed, &a->items[i].summary, SPAN_NONE, &p->key, m->bal.id, p->blob.blob_id);
    a->items[i].blob_id = p->blob.blob_id;
    return STORE_OK;
}

static enum store_status append_once(struct db *db, struct appending a)
{
    struct mailbox *m = a.mailbox;
    size_t count = a.count;
    enum store_status status = STORE_OK;
    a.prepared = xcalloc(count, sizeof(struct prepared));
    a.count = 0;
    for (size_t i = 0; i < count && status == STORE_OK; i++) {
        status = prepare(db, &a, i);
        a.count += status == STORE_OK;
    }
    if (status == STORE_OK && count)
        status = db_transaction(db, DB_WRITE, m->bal.id, append, &a);
    for (size_t i = 0; i < a.count; i++)
        sealed_summary_free(&a.prepared[i].sealed);
    crypto_wipe(a.prepared, count * sizeof(struct prepared));
    xfree(&a.prepared);
    return status;
}

static enum store_status append_all(struct db *db, const struct appending *a)
{
    enum store_status status = append_once(db, *a);
    return status == STORE_EXISTS ? append_once(db, *a) : status; /* ids that collided: others are made */
}

enum store_status messages_append(struct db *db, struct mailbox *m, struct append *items, size_t count,
                                  const struct trace *trace)
{
    return append_all(db, &(struct appending){.mailbox = m, .items = items, .count = count, .trace = trace});
}

enum store_status message_replace(struct db *db, struct mailbox *m, struct append *item, const struct trace *trace,
                                  int64_t folder_id, uint32_t uid)
{
    return append_all(db, &(struct appending){.mailbox = m,
                                              .items = item,
                                              .count = 1,
                                              .trace = trace,
                                              .replaced_folder = folder_id,
                                              .replaced_uid = uid});
}
