/* FETCH lines of new messages of the selected mailbox, as MessageNew asked for them (RFC 5465 5.2). */
#include "imapd/fetch.h"
#include "imapd/notifying.h"

enum { ITEMS_ARENA = 64 << 10 };

/* One line; one that does not fit is left out: the peer knows of the message by EXISTS, and can ask. */
static enum store_status say_one(struct session *s, struct fetch *f)
{
    bool full;
    size_t before = s->out.len;
    fetch_write_facts(s, f, &f->batch.items[f->at]);
    f->body = 0;
    enum store_status status = fetch_write_bodies(s, f, &f->batch.items[f->at], &full);
    f->at++;
    f->literal.open = false;
    if (status != STORE_OK || full)
        str_truncate(&s->out, before);
    else
        str_puts(&s->out, ")\r\n");
    return status;
}

static enum store_status say(struct session *s, struct fetch *f)
{
    enum store_status status = fetch_batch(s, f);
    while (status == STORE_OK && f->batch.len > 0 && s->out.len < SLICE_BYTES) {
        if (f->wants_facts)
            status = say_one(s, f);
        else
            fetch_write_states(s, f);
        if (status == STORE_OK && f->at == f->batch.len)
            status = fetch_batch(s, f);
    }
    return status;
}

enum store_status notifying_fetch(struct session *s, const uid_list *uids)
{
    struct imap_reader r;
    enum store_status status = STORE_OK;
    if (!s->notify || !s->notify->fetch || uids->len == 0)
        return STORE_OK;
    struct arena *arena = arena_new(ITEMS_ARENA);
    struct fetch *f = fetch_new();
    imap_reader_init(&r, span_of(s->notify->fetch), arena, session_utf8(s));
    if (imap_fetch_parse(&r, &f->items)) {
        size_t before = s->out.len;
        fetch_plan(s, f, true);
        vec_each (uids, uid)
            vec_push(&f->uids, *uid);
        status = say(s, f);
        if (status != STORE_OK)
            str_truncate(&s->out, before);
    }
    fetch_free(f);
    arena_destroy(&arena);
    return status;
}
