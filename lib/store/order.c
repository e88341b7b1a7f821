/* Keys of SORT and THREAD: from blocks that were kept, from summaries for the rest. */
#include "lib/store/order.h"

#include "lib/base/log.h"
#include "lib/proto/charset.h"
#include "lib/store/mailbox_private.h"
#include "lib/store/order_block.h"

#include <stdlib.h>

enum {
    WORTH = 128,    /* messages of a block from which on it is read whole: opening one costs as much as 100 summaries */
    AT_ONCE = 16,   /* blocks a reading statement */
    PUT_AT_ONCE = 8 /* rows a writing one: deliveries to the folder wait meanwhile */
};

struct made { /* a block that was read whole */
    int64_t block, kind, messages;
    struct str sealed;
};

struct ordering {
    struct mailbox *mailbox;
    int64_t folder_id;
    const uint32_t *uids;
    size_t count;
    uint32_t last;
    unsigned kinds;
    struct order *out;
    struct key key;
    uid_list rest;     /* what summaries are read of */
    VEC(int64_t) lack; /* blocks among them that are read whole */
    VEC(struct made) made;
    size_t at, lack_at; /* while summaries are read: places in uids and lack */
    order_list block;   /* items of the block under way */
    bool damaged;       /* one of them is: the block is not kept */
    struct str fold;
};

static int64_t block_of_uid(uint32_t uid)
{
    return uid / ORDER_BLOCK;
}

/* Is the item's UID asked for? UIDs come rising. */
static void push_asked(struct ordering *o, const struct imap_sort_item *item)
{
    while (o->at < o->count && o->uids[o->at] < item->uid)
        o->at++;
    if (o->at < o->count && o->uids[o->at] == item->uid)
        vec_push(&o->out->items, *item);
}

/* The end of the block that begins at uids[i]. */
static size_t end_of_block(const struct ordering *o, size_t i)
{
    int64_t block = block_of_uid(o->uids[i]);
    while (i < o->count && block_of_uid(o->uids[i]) == block)
        i++;
    return i;
}

/* Complete: no UID of the block is still to be given out. */
static bool is_kept(const struct ordering *o, size_t begin, size_t end)
{
    return end - begin >= WORTH && (block_of_uid(o->uids[begin]) + 1) * ORDER_BLOCK - 1 <= (int64_t)o->last;
}

static void lacks(struct ordering *o, int64_t block)
{
    vec_push(&o->lack, block);
    for (int64_t uid = block * ORDER_BLOCK; uid < (block + 1) * ORDER_BLOCK; uid++)
        if (uid > 0)
            vec_push(&o->rest, (uint32_t)uid);
}

/* The rows of one block, from *row on: are all kinds that are wanted there, and good? */
static bool open_block(struct ordering *o, const PGresult *r, int *row, int64_t block)
{
    struct order_place place = {&o->key, o->mailbox->bal.id, o->folder_id, block};
    unsigned found = 0;
    bool good = true;
    o->block.len = 0;
    for (; *row < sql_rows(r) && sql_i64(r, *row, 0) <= block; (*row)++) {
        struct str clear;
        enum order_kind kind = (enum order_kind)sql_i64(r, *row, 1);
        if (sql_i64(r, *row, 0) < block)
            continue;
        str_init(&clear, ORDER_CLEAR_MAX);
        good = good && order_block_open(&o->block, &clear, &place, kind, sql_span(r, *row, 2));
        found |= kind;
        vec_push(&o->out->opened, clear);
    }
    if (!good)
        log_event(LOG_WARN, NULL, "store.order_damaged", LI("bal", o->mailbox->bal.id), LI("folder", o->folder_id),
                  LI("block", block));
    return good && (found & o->kinds) == o->kinds;
}

static int queue_blocks(struct db *db, const struct ordering *o, int64_t first, int64_t last)
{
    struct sql_args args = {.count = 0};
    arg_i64(&args, o->mailbox->bal.id);
    arg_i64(&args, o->folder_id);
    arg_i64(&args, first);
    arg_i64(&args, last);
    arg_i64(&args, o->kinds);
    return sql_queue(db, SQL_order_between, &args);
}

/* uids[begin, end): blocks AT_ONCE. What is not kept goes to `rest`. */
static void take_blocks(struct ordering *o, const PGresult *r, size_t begin, size_t end)
{
    int row = 0;
    for (size_t i = begin, behind; i < end; i = behind) {
        int64_t block = block_of_uid(o->uids[i]);
        behind = end_of_block(o, i);
        if (!is_kept(o, i, behind)) {
            for (size_t j = i; j < behind; j++)
                vec_push(&o->rest, o->uids[j]);
        } else if (open_block(o, r, &row, block)) {
            vec_each (&o->block, item)
                push_asked(o, item);
        } else {
            lacks(o, block);
        }
    }
}

static size_t some_blocks(const struct ordering *o, size_t begin)
{
    size_t end = begin;
    for (unsigned n = 0; n < AT_ONCE && end < o->count; n++)
        end = end_of_block(o, end);
    return end;
}

/* The server reads the next blocks while these are opened. */
static enum store_status read_kept(struct db *db, struct ordering *o)
{
    size_t begin = 0, end = some_blocks(o, 0);
    int number = queue_blocks(db, o, block_of_uid(o->uids[0]), block_of_uid(o->uids[end - 1]));
    enum store_status status = sql_wait(db);
    while (status == STORE_OK) {
        PGresult *r = sql_take(db, number);
        size_t next = some_blocks(o, end);
        bool more = next > end;
        if (more) {
            number = queue_blocks(db, o, block_of_uid(o->uids[end]), block_of_uid(o->uids[next - 1]));
            sql_nudge(db);
        }
        take_blocks(o, r, begin, end);
        PQclear(r);
        if (!more)
            break;
        begin = end;
        end = next;
        status = sql_wait(db);
    }
    return status;
}

static struct span kept(struct ordering *o, struct span text)
{
    return text.n ? arena_span(o->out->texts, text) : SPAN_NONE;
}

static struct span folded(struct ordering *o, struct span text)
{
    str_clear(&o->fold);
    charset_fold(&o->fold, text);
    return kept(o, str_span(&o->fold));
}

/* A message without a Date counts by its arrival (RFC 5256 2.2). */
static struct imap_sort_item item_of(struct ordering *o, const struct message_facts *facts)
{
    struct summary_view v;
    if (!summary_open(&v, facts->structure))
        v = (struct summary_view){0};
    struct imap_sort_item item = {.uid = facts->uid};
    if (o->kinds & ORDER_FACTS) {
        item.arrival = facts->internal_date;
        item.sent = v.has_date ? v.sent : facts->internal_date;
        item.size = facts->size;
        item.subject = kept(o, v.field[SUMMARY_BASE_SUBJECT]);
        item.reply = v.field[SUMMARY_IS_REPLY].n > 0;
    }
    if (o->kinds & ORDER_PEOPLE) {
        item.from = kept(o, v.field[SUMMARY_SORT_FROM]);
        item.to = kept(o, v.field[SUMMARY_SORT_TO]);
        item.cc = kept(o, v.field[SUMMARY_SORT_CC]);
        item.display_from = folded(o, v.field[SUMMARY_DISPLAY_FROM]);
        item.display_to = folded(o, v.field[SUMMARY_DISPLAY_TO]);
    }
    if (o->kinds & ORDER_THREAD) {
        item.id = kept(o, v.field[SUMMARY_MESSAGE_ID]);
        item.references = kept(o, v.field[v.field[SUMMARY_REFERENCES].n ? SUMMARY_REFERENCES : SUMMARY_IN_REPLY_TO]);
    }
    return item;
}

/* The block under way is whole: it is sealed, for those who come after. */
static void end_block(struct ordering *o)
{
    int64_t block = o->lack.items[o->lack_at++];
    struct order_place place = {&o->key, o->mailbox->bal.id, o->folder_id, block};
    for (unsigned kind = ORDER_FACTS; kind <= ORDER_THREAD && !o->damaged && o->block.len > 0; kind *= 2) {
        struct made made = {.block = block, .kind = kind, .messages = (int64_t)o->block.len};
        if (!(o->kinds & kind))
            continue;
        str_init(&made.sealed, ORDER_CLEAR_MAX + ORDER_CLEAR_MAX / 64);
        if (order_block_seal(&made.sealed, &place, (enum order_kind)kind, o->block.items, o->block.len))
            vec_push(&o->made, made);
        else
            str_free(&made.sealed);
    }
    o->block.len = 0;
    o->damaged = false;
}

static bool take_summary(const struct message_facts *facts, void *arg)
{
    struct ordering *o = arg;
    int64_t block = block_of_uid(facts->uid);
    struct imap_sort_item item = item_of(o, facts);
    while (o->lack_at < o->lack.len && o->lack.items[o->lack_at] < block)
        end_block(o);
    if (o->lack_at < o->lack.len && o->lack.items[o->lack_at] == block) {
        o->damaged = o->damaged || facts->damaged;
        vec_push(&o->block, item);
    }
    push_asked(o, &item);
    return true;
}

static enum store_status read_rest(struct db *db, struct ordering *o)
{
    o->at = o->lack_at = o->block.len = 0;
    o->damaged = false;
    enum store_status status = messages_each(db, o->mailbox, o->folder_id, o->rest.items, o->rest.len,
                                             WANT_SUMMARY | WANT_DATES | WANT_SIZE, take_summary, o);
    while (status == STORE_OK && o->lack_at < o->lack.len)
        end_block(o);
    return status;
}

static int by_uid(const void *a, const void *b)
{
    const struct imap_sort_item *x = a, *y = b;
    return (x->uid > y->uid) - (x->uid < y->uid);
}

static void forget_made(struct ordering *o)
{
    vec_each (&o->made, made)
        str_free(&made->sealed);
    o->made.len = 0;
}

/* Both readings see one snapshot. */
static enum store_status read_all(struct db *db, void *arg)
{
    struct ordering *o = arg;
    order_free(o->out);
    forget_made(o);
    o->out->texts = arena_new(0);
    o->rest.len = o->lack.len = o->at = 0;
    enum store_status status = read_kept(db, o);
    size_t from_blocks = o->out->items.len;
    if (status == STORE_OK && o->rest.len > 0)
        status = read_rest(db, o);
    bool rises = from_blocks == 0 || from_blocks == o->out->items.len ||
                 o->out->items.items[from_blocks - 1].uid < o->out->items.items[from_blocks].uid;
    if (!rises)
        qsort(o->out->items.items, o->out->items.len, sizeof(struct imap_sort_item), by_uid);
    return status;
}

struct putting {
    const struct ordering *o;
    const struct made *made;
    size_t count;
};

static void queue_made(struct db *db, const struct putting *p)
{
    struct sql_args args = {.count = 0};
    struct str arrays[4];
    int64_t numbers[3][PUT_AT_ONCE];
    struct span sealed[PUT_AT_ONCE];
    for (size_t i = 0; i < p->count; i++) {
        numbers[0][i] = p->made[i].block;
        numbers[1][i] = p->made[i].kind;
        numbers[2][i] = p->made[i].messages;
        sealed[i] = str_span(&p->made[i].sealed);
    }
    arg_i64(&args, p->o->mailbox->bal.id);
    arg_i64(&args, p->o->folder_id);
    for (size_t i = 0; i < 3; i++)
        arg_array(&args, &arrays[i], numbers[i], p->count);
    arg_blobs(&args, &arrays[3], sealed, p->count);
    (void)sql_queue(db, SQL_order_put, &args);
    for (size_t i = 0; i < COUNT(arrays); i++)
        str_free(&arrays[i]);
}

/* Under the folder's lock, and only what is still true (SQL_order_put): a message that goes takes its block with it, and one
 * that went since these were read must not come back in it. */
static enum store_status put(struct db *db, void *arg)
{
    const struct putting *p = arg;
    struct sql_args args = {.count = 0};
    struct str array;
    arg_i64(&args, p->o->mailbox->bal.id);
    arg_array(&args, &array, &p->o->folder_id, 1);
    (void)sql_queue(db, SQL_folders_lock, &args);
    str_free(&array);
    queue_made(db, p);
    return db_commit_now(db);
}

/* A failure here is no failure of the reading: the next reader does the same work, and tries again. */
static void put_all(struct db *db, const struct ordering *o)
{
    enum store_status status = STORE_OK;
    for (size_t i = 0; i < o->made.len && status == STORE_OK;) {
        size_t n = o->made.len - i < PUT_AT_ONCE ? o->made.len - i : PUT_AT_ONCE;
        struct putting p = {o, o->made.items + i, n};
        status = db_transaction(db, DB_WRITE, o->mailbox->bal.id, put, &p);
        i += n;
    }
    if (status != STORE_OK)
        log_event(LOG_WARN, NULL, "store.order_not_kept", LI("bal", o->mailbox->bal.id), LI("folder", o->folder_id),
                  LS("status", store_status_name(status)));
}

enum store_status messages_order(struct db *db, struct mailbox *m, int64_t folder_id, const uint32_t *uids,
                                 size_t count, uint32_t last, unsigned kinds, struct order *out)
{
    struct ordering o = {
        .mailbox = m, .folder_id = folder_id, .uids = uids, .count = count, .last = last, .kinds = kinds, .out = out};
    if (!uids_rise(uids, count))
        return STORE_INVALID;
    if (count == 0)
        return STORE_OK;
    order_key(&o.key, &m->keys.private_half, m->bal.id);
    str_init(&o.fold, 1 << 16);
    enum store_status status = db_transaction(db, DB_READ, m->bal.id, read_all, &o);
    if (status == STORE_OK)
        put_all(db, &o);
    forget_made(&o);
    vec_free(&o.made);
    vec_free(&o.rest);
    vec_free(&o.lack);
    vec_free(&o.block);
    str_free(&o.fold);
    crypto_wipe(&o.key, sizeof(o.key));
    return status;
}

void order_free(struct order *order)
{
    arena_destroy(&order->texts);
    vec_each (&order->opened, clear)
        str_free(clear);
    vec_free(&order->opened);
    vec_free(&order->items);
}
