/* The bytes of a message: DATA and BDAT into memory that the worker's budget allows. A message that is refused is still
 * read to its end, so that nothing behind it is taken for commands.
 */
#include "smtpd/session.h"

#include <string.h>

enum { RESERVE_STEP = 65536 };

/* Room for `more` bytes: in the size limit, in the budget, in memory. What does not fit is marked and then dropped. */
static bool make_room(struct session *s, size_t more)
{
    struct envelope *e = &s->envelope;
    uint64_t need = e->message.len + more;
    if (need > s->worker->conf->smtpd_message_size) {
        e->too_large = true;
        return false;
    }
    if (need <= e->reserved)
        return true;
    uint64_t grow = e->reserved > RESERVE_STEP ? e->reserved / 2 : RESERVE_STEP;
    if (e->reserved + grow < need)
        grow = need - e->reserved;
    if (!worker_reserve(s->worker, grow)) {
        e->no_memory = true;
        return false;
    }
    e->reserved += grow;
    return true;
}

/* What SIZE announced is set aside at once: 452 before the bytes come, not after. */
bool content_reserve(struct session *s)
{
    struct envelope *e = &s->envelope;
    uint64_t size = e->mail.size > RESERVE_STEP ? e->mail.size : RESERVE_STEP;
    if (size > s->worker->conf->smtpd_message_size)
        size = s->worker->conf->smtpd_message_size;
    if (e->reserved >= size)
        return true;
    if (!worker_reserve(s->worker, size - e->reserved))
        return false;
    e->reserved = size;
    if (e->mail.size > RESERVE_STEP)
        str_reserve(&e->message, (size_t)size);
    return true;
}

void content_begin_data(struct session *s)
{
    s->envelope.data = (struct smtp_data){.done = false};
    session_reply(s, "354 End data with <CR><LF>.<CR><LF>");
    session_move(s, SESSION_DATA);
}

void content_begin_chunk(struct session *s, uint64_t size, bool last)
{
    struct envelope *e = &s->envelope;
    e->chunking = true;
    e->chunk_last = last;
    e->chunk_left = size;
    session_move(s, SESSION_BDAT);
}

static bool is_lost(const struct envelope *e)
{
    return e->too_large || e->no_memory || e->refused_chunk;
}

static void lose_bytes(struct session *s)
{
    struct envelope *e = &s->envelope;
    str_free(&e->message);
    str_init(&e->message, (size_t)s->worker->conf->smtpd_message_size + INPUT_BYTES_DATA);
    worker_release(s->worker, e->reserved);
    e->reserved = 0;
}

/* The reply for a message that cannot go on, or NULL. */
static const char *content_fault(const struct envelope *e)
{
    if (e->refused_chunk)
        return "503 5.5.1 No valid recipients or no MAIL";
    if (e->bare)
        return "550 5.6.0 Bare CR or bare LF in the message";
    if (e->too_large)
        return "552 5.3.4 Message is larger than SIZE allows";
    if (e->no_memory)
        return "452 4.3.1 Not enough memory now, try again later";
    return NULL;
}

static void content_finish(struct session *s)
{
    const char *fault = content_fault(&s->envelope);
    session_move(s, SESSION_COMMAND);
    if (!fault) {
        inspect_message(s);
        return;
    }
    /* RFC 5321 2.3.8 forbids them. Where the sender and we disagree on line ends, what looks like the next command may be
     * the rest of its message (smuggling): nothing behind it is read. */
    if (s->envelope.bare && !s->envelope.refused_chunk) {
        s->envelope.over = s->envelope.last = true;
        refuse(s, "content.bare", "bare CR or LF in the message", fault);
        return;
    }
    session_reply(s, fault);
    envelope_reset(s);
}

static bool data_input(struct session *s)
{
    struct envelope *e = &s->envelope;
    struct span input = conn_input(s->conn);
    if (input.n == 0)
        return false;
    if (!is_lost(e) && !make_room(s, input.n))
        lose_bytes(s);
    size_t used = smtp_data_feed(&e->data, input, is_lost(e) ? NULL : &e->message);
    conn_consume(s->conn, used);
    e->bare = e->bare || e->data.bare;
    if (!e->data.done)
        return true;
    content_finish(s);
    return true;
}

/* RFC 3030 2: each chunk is answered; the last one with what became of the message. */
static void chunk_finish(struct session *s)
{
    struct envelope *e = &s->envelope;
    if (e->chunk_last) {
        content_finish(s);
        return;
    }
    const char *fault = content_fault(e);
    session_move(s, SESSION_COMMAND);
    session_reply(s, fault ? fault : "250 2.0.0 Chunk received");
}

static bool chunk_input(struct session *s)
{
    struct envelope *e = &s->envelope;
    struct span input = conn_input(s->conn);
    if (e->chunk_left == 0) {
        chunk_finish(s);
        return true;
    }
    if (input.n == 0)
        return false;
    if (input.n > e->chunk_left)
        input.n = (size_t)e->chunk_left;
    if (!is_lost(e) && !make_room(s, input.n))
        lose_bytes(s);
    if (!is_lost(e)) {
        e->bare = smtp_text_is_bare(input, &e->chunk_end) || e->bare;
        str_add_span(&e->message, input);
    }
    e->chunk_left -= input.n;
    conn_consume(s->conn, input.n);
    return true;
}

bool content_input(struct session *s)
{
    return s->state == SESSION_DATA ? data_input(s) : chunk_input(s);
}
