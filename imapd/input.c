/* From bytes to commands: framing, the limits before and after login, continuations, and what happens past a limit. */
#include "imapd/reply.h"
#include "imapd/worker.h"
#include "lib/base/text.h"

#include <string.h>

static struct imap_frame_limits limits_of(const struct session *s)
{
    if (s->state == STATE_LOGIN)
        return (struct imap_frame_limits){LINE_MAX_TOKEN, LITERAL_MAX_BEFORE_LOGIN, LINE_MAX_TOKEN + 4096, 4};
    uint64_t append_max = s->worker->conf->imap_append_max;
    return (struct imap_frame_limits){LINE_MAX_AFTER_LOGIN, append_max, 2 * append_max + LINE_MAX_AFTER_LOGIN, 1000};
}

/* Is this command one whose literals may be a message? */
static bool takes_messages(struct span in)
{
    struct span tag, name;
    if (!span_cut(&in, ' ', &tag) || !span_cut(&in, ' ', &name))
        return false;
    if (span_is_nocase(name, "UID") && !span_cut(&in, ' ', &name))
        return false;
    return span_is_nocase(name, "APPEND") || span_is_nocase(name, "REPLACE");
}

static void tagged(struct session *s, const char *rest)
{
    struct span in = str_span(&s->in), tag;
    if (!span_cut(&in, ' ', &tag) || tag.n > 100 || !ascii_printable(tag))
        tag = SPAN_LIT("*");
    str_add_span(&s->out, tag);
    str_puts(&s->out, rest);
    conn_write_take(s->conn, &s->out);
}

/* Ready for the next command; the memory goes back. */
static void forget_input(struct session *s)
{
    worker_release(s->worker, s->reserved);
    s->reserved = 0;
    s->frame = (struct imap_frame){0};
    str_free(&s->in);
    str_init(&s->in, (size_t)limits_of(s).total_max + 1);
}

/* The peer waits for our "+": say NO and go on with the next command. It does not wait: the bytes are on their way and
 * cannot be told from commands, so the connection ends (RFC 7888 4). */
static void refuse_literal(struct session *s)
{
    if (!s->frame.synchronising) {
        session_bye(s, "[TOOBIG] That literal is too large.");
        return;
    }
    tagged(s, s->state == STATE_LOGIN ? " BAD That literal is too large.\r\n"
                                      : " NO [TOOBIG] That literal is too large.\r\n");
    forget_input(s);
}

/* A literal of `bytes` was announced and is within the frame's limits. */
static bool admit_literal(struct session *s)
{
    uint64_t bytes = s->frame.literal_bytes - s->reserved;
    if (s->state != STATE_LOGIN && s->frame.literal_bytes > LITERAL_MAX_AFTER_LOGIN &&
        !takes_messages(str_span(&s->in))) {
        refuse_literal(s);
        return false;
    }
    if (bytes > LITERAL_MAX_AFTER_LOGIN) {
        if (!worker_reserve(s->worker, bytes)) {
            if (s->frame.synchronising) {
                tagged(s, " NO [LIMIT] This server holds too many messages now; try again in a moment.\r\n");
                forget_input(s);
            } else {
                session_bye(s, "[LIMIT] This server holds too many messages now.");
            }
            return false;
        }
        s->reserved += bytes;
        str_reserve(&s->in, (size_t)bytes);
    }
    return true;
}

/* Moves what the connection holds into s->in, no more than a command may be. */
static bool take_input(struct session *s)
{
    struct span input = conn_input(s->conn);
    size_t room = s->in.max - s->in.len;
    size_t n = input.n < room ? input.n : room;
    if (n > 0)
        str_add(&s->in, input.p, n);
    conn_consume(s->conn, n);
    return n > 0;
}

/* A line for the running command (DONE, a SASL answer). */
static bool feed_line(struct session *s)
{
    const char *lf = s->in.len ? memchr(s->in.data, '\n', s->in.len) : NULL;
    if (!lf) {
        if (s->in.len > LINE_MAX_TOKEN)
            session_bye(s, "That line is too long.");
        return false;
    }
    size_t n = (size_t)(lf - s->in.data) + 1;
    char *copy = xmemdup(s->in.data, n);
    str_drop_front(&s->in, n);
    s->frame = (struct imap_frame){0};
    struct span line = {copy, n - 1};
    if (line.n > 0 && line.p[line.n - 1] == '\r')
        line.n--;
    command_line(s, line); /* copied by it */
    xfree(&copy);
    return true;
}

/* One step; false when nothing more can be done with what is there. */
static bool step(struct session *s)
{
    if (s->command)
        return s->command->on_line ? feed_line(s) : false;
    struct imap_frame_limits limits = limits_of(s);
    bool was_announced = s->frame.literals > 0;
    uint64_t before = s->frame.literal_bytes;
    enum imap_frame_status status = imap_frame_next(&s->frame, str_span(&s->in), &limits);
    if (status != IMAP_FRAME_LITERAL_TOO_LONG && (was_announced || s->frame.literals > 0) &&
        s->frame.literal_bytes != before && !admit_literal(s))
        return !s->closing && s->in.len > 0;
    switch (status) {
    case IMAP_FRAME_MORE:
        return false;
    case IMAP_FRAME_CONTINUE:
        str_puts(&s->out, "+ Ready.\r\n");
        conn_write_take(s->conn, &s->out);
        return true;
    case IMAP_FRAME_LINE_TOO_LONG:
        session_bye(s, "That line is too long.");
        return false;
    case IMAP_FRAME_LITERAL_TOO_LONG:
        refuse_literal(s);
        return false;
    case IMAP_FRAME_COMPLETE:
        command_begin(s, (struct span){s->in.data, s->frame.length});
        return true;
    }
    return false;
}

/* Runs until a job has the session, the peer must say more, or it ends. */
void session_input(struct session *s)
{
    if (s->in.max < limits_of(s).total_max)
        s->in.max = (size_t)limits_of(s).total_max + 1;
    while (!s->closing && !s->in_job && (!s->command || s->command->on_line)) {
        if (s->in.len > 0 && step(s))
            continue;
        if (s->closing || s->in_job || !take_input(s))
            break;
    }
    if (!s->in_job && !s->command && s->in.len == 0 && !s->closing)
        forget_input(s);
}
