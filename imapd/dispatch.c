/* From a framed command to its handler and back: the row, the law, the job, the tagged line. */
#include "imapd/commands.h"
#include "imapd/notifying.h"
#include "imapd/reply.h"
#include "imapd/tidy.h"
#include "imapd/worker.h"
#include "lib/base/clock.h"

#include <string.h>

static const struct command_row rows[] = {
#define L                                     IN_LOGIN
#define A                                     (IN_AUTHENTICATED | IN_SELECTED)
#define S                                     IN_SELECTED
#define INLINE                                ROW_INLINE
#define BY_UID                                ROW_BY_UID
#define UID_ONLY                              ROW_UID_ONLY
#define KEEP_NUMBERS                          ROW_KEEP_NUMBERS
#define LIGHT                                 ROW_LIGHT
#define QUIET                                 ROW_QUIET
#define NO_NUMBERS                            ROW_NO_NUMBERS
#define COMMAND(name, handler, states, flags) {#name, handler, (states), (flags)},
#include "imapd/commands.def"
#undef COMMAND
#undef L
#undef A
#undef S
#undef INLINE
#undef BY_UID
#undef UID_ONLY
#undef KEEP_NUMBERS
#undef LIGHT
#undef QUIET
#undef NO_NUMBERS
};

const struct command_row *command_find(struct span name)
{
    for (size_t i = 0; i < COUNT(rows); i++) {
        if (span_is_nocase(name, rows[i].name))
            return &rows[i];
    }
    return NULL;
}

void command_free(struct session *s)
{
    struct command *c = s->command;
    if (!c)
        return;
    if (c->cursor && c->cursor_free)
        c->cursor_free(c->cursor);
    if (c->arena)
        arena_destroy(&c->arena);
    str_free(&c->bytes);
    xfree(&s->command);
    worker_release(s->worker, s->reserved);
    s->reserved = 0;
}

/* Takes the command's bytes out of s->in without copying a large one; what was pipelined behind it stays. */
static struct command *take_command(struct session *s, size_t length)
{
    struct command *c = xcalloc(1, sizeof(*c));
    struct str rest;
    str_init(&rest, s->in.max);
    if (s->in.len > length)
        str_add(&rest, s->in.data + length, s->in.len - length);
    str_truncate(&s->in, length);
    c->bytes = s->in;
    s->in = rest;
    s->frame = (struct imap_frame){0};
    c->arena = arena_new(8 << 20);
    imap_reader_init(&c->r, str_span(&c->bytes), c->arena, session_utf8(s));
    return c;
}

static unsigned state_bit(const struct session *s)
{
    return s->state == STATE_LOGIN ? IN_LOGIN : s->state == STATE_AUTHENTICATED ? IN_AUTHENTICATED : IN_SELECTED;
}

/* Finds the row and says whether it may run now; the refusal is kept in the command. */
static bool may_run(struct session *s, struct command *c)
{
    struct span name;
    if (!imap_tag(&c->r, &c->tag) || !imap_sp(&c->r) || !imap_atom(&c->r, &name)) {
        if (c->tag.n == 0 || c->tag.n > 1000)
            c->tag = SPAN_LIT("*");
        reply_bad(c, "A tag and a command are expected.");
        return false;
    }
    if (span_is_nocase(name, "UID") && imap_sp(&c->r)) {
        c->uid = true;
        if (!imap_atom(&c->r, &name)) {
            reply_bad(c, "UID what?");
            return false;
        }
    }
    c->row = command_find(name);
    if (!c->row || (c->uid && !(c->row->flags & ROW_BY_UID))) {
        reply_bad(c, "Unknown command.");
        return false;
    }
    if (session_uidonly(s) && (c->row->flags & ROW_BY_UID) && !(c->row->flags & ROW_NO_NUMBERS) && !c->uid) {
        (void)reply_uids_required(c);
        return false;
    }
    if (!(c->row->states & state_bit(s))) {
        reply_bad(c, s->state == STATE_LOGIN           ? "Authenticate first."
                     : s->state == STATE_AUTHENTICATED ? "Select a mailbox first."
                                                       : "Not now.");
        return false;
    }
    return true;
}

/* Others' changes, then the tagged line. In a job, unless the row is INLINE. With NOTIFY, what others do to the selected
 * folder is told by itself only if it was asked for; NOOP, CHECK and what removes messages tell it in any case. */
/* RFC 7162 3.2.7, 3.2.9; MOVE and REPLACE too: what the tagged OK says once all that changed has been told. */
static void say_highest(struct session *s, struct command *c)
{
    if (!c->removed || c->status[0] != 'O' || !session_enabled(s, ENABLED_QRESYNC))
        return;
    if (c->code)
        reply_highest(s, s->view->modseq);
    else
        c->code = arena_printf(c->arena, "HIGHESTMODSEQ %llu", (unsigned long long)s->view->modseq);
}

/* With QRESYNC no MODSEQ is told that is younger than something still untold (RFC 7162 3.2): no look is left out. */
static bool is_due(const struct session *s, const struct command *c, unsigned flags)
{
    bool careful = (flags & ROW_KEEP_NUMBERS) && session_enabled(s, ENABLED_QRESYNC);
    if (!(flags & ROW_LIGHT))
        return true;
    return (c->woken || careful || s->contexts.len > 0 || clock_ms() - s->synced_ms > 1000) &&
           notifying_selected(s, EVENT_MESSAGES);
}

static void conclude(struct session *s, struct command *c)
{
    unsigned flags = c->row ? c->row->flags : ROW_INLINE;
    if (s->view && s->thread && !(flags & (ROW_QUIET | ROW_INLINE)) && !c->no_sync && is_due(s, c, flags)) {
        bool may_expunge = !c->no_expunge && (c->uid || !(flags & ROW_KEEP_NUMBERS));
        enum store_status status = session_sync(s, may_expunge);
        bool away = status == STORE_UNAVAILABLE;
        if (status == STORE_OK && !s->view->gone)
            say_highest(s, c);
        if (away && c->row->run == cmd_noop && c->status[0] == 'O') /* what others did was all that was asked for */
            reply_store(c, STORE_UNAVAILABLE);
    }
    if (s->notify && s->thread && c->woken && c->row->run != cmd_notify)
        (void)notifying_look(s, false); /* away: told at the next look */
    reply_tagged(s, c);
}

/* (loop) After the tagged line has been handed to the connection. */
static void after_command(struct session *s, bool bad)
{
    bool entered = s->command->row && s->command->row->run == cmd_authenticate && s->state == STATE_AUTHENTICATED;
    command_free(s);
    s->idle = false;
    if (s->wants_tidying && s->view)
        tidy_begin(s->worker, &s->view->access->bal, s->view->folder_id);
    s->wants_tidying = false;
    if (entered) {
        conn_set_low_water(s->conn, SLICE_BYTES / 2);
        conn_set_limits(s->conn, &(struct conn_limits){.input_max = 65536,
                                                       .idle_ms = s->worker->conf->imapd_idle_timeout * 1000,
                                                       .output_max = 2 * SLICE_BYTES});
    }
    s->bad_commands = bad ? s->bad_commands + 1 : 0;
    if (s->start_tls) {
        s->start_tls = false;
        conn_discard_input(s->conn); /* nothing sent in clear counts after it (RFC 9051 6.2.1) */
        str_clear(&s->in);
        conn_start_tls_server(s->conn, s->worker->tls);
    }
    if (s->start_deflate) {
        s->start_deflate = false;
        conn_start_deflate(s->conn);
    }
    if (s->state == STATE_LOGOUT) {
        s->closing = true;
        conn_close(s->conn);
    } else if (s->state == STATE_LOGIN && s->bad_commands >= BAD_COMMANDS_MAX) {
        session_bye(s, "Too many errors.");
    }
}

static void job_run(void *thread, void *arg)
{
    struct session *s = arg;
    struct command *c = s->command;
    s->thread = thread;
    c->outcome = c->line.p ? c->on_line(s, c, c->line) : c->row->run(s, c);
    c->line = SPAN_NONE;
    if (c->outcome == CMD_DONE)
        conclude(s, c);
    s->thread = NULL;
}

static void submit(struct session *s, void (*run)(void *, void *), void (*done)(void *))
{
    s->in_job = true;
    if (s->state == STATE_LOGIN && !s->trust && s->worker->trust)
        s->trust = trust_hold(s->worker->trust);
    if (s->command) {
        s->command->woken = s->woken;
        s->woken = false;
    }
    jobs_submit(s->worker->jobs, run, done, s);
}

/* What every job's end has in common; false when the session is over. */
static bool back_in_loop(struct session *s)
{
    s->in_job = false;
    s->selected_bal = s->view ? s->view->access->bal.id : 0;
    s->selected_folder = s->view ? s->view->folder_id : 0;
    s->watches = s->notify != NULL;
    trust_release(&s->trust);
    if (!s->conn) {
        session_destroy(s);
        return false;
    }
    if (s->out.overflow || s->broken) { /* one response passed OUT_MAX: the stream cannot be kept in step */
        conn_abort(s->conn);
        return false;
    }
    if (s->closing) {
        s->closing = false;
        session_bye(s, "This session is over; please come again.");
        return false;
    }
    if (s->out.len > 0)
        conn_write_take(s->conn, &s->out);
    return true;
}

bool command_may_poll(const struct session *s)
{
    return !s->in_job && s->conn && !s->closing && (s->idle || (s->watches && !s->command && s->in.len == 0));
}

/* (loop) What the peer has said already comes first, then news that came meanwhile. */
static void input_then_poll(struct session *s)
{
    session_input(s);
    if (s->woken && command_may_poll(s))
        command_poll(s);
}

static void job_done(void *arg)
{
    struct session *s = arg;
    if (!back_in_loop(s))
        return;
    if (s->command->outcome == CMD_DONE) {
        after_command(s, s->command->status[0] == 'B');
        input_then_poll(s);
    } else if (s->command->outcome == CMD_LINE) {
        input_then_poll(s);
    } else if (conn_pending_output(s->conn) < SLICE_BYTES) {
        command_resume(s);
    } /* else on_drained resumes */
}

void command_begin(struct session *s, struct span bytes)
{
    struct command *c = s->command = take_command(s, bytes.n);
    if (!may_run(s, c)) {
        reply_tagged(s, c);
    } else if (c->row->flags & ROW_INLINE) {
        c->row->run(s, c);
        reply_tagged(s, c);
    } else {
        submit(s, job_run, job_done);
        return;
    }
    conn_write_take(s->conn, &s->out);
    after_command(s, c->status[0] == 'B');
}

void command_line(struct session *s, struct span line)
{
    if (!s->command->arena)
        s->command->arena = arena_new(1 << 20);
    struct span kept = arena_span(s->command->arena, line);
    s->command->line = kept.p ? kept : (struct span){"", 0};
    submit(s, job_run, job_done);
}

void command_resume(struct session *s)
{
    submit(s, job_run, job_done);
}

static void poll_run(void *thread, void *arg)
{
    struct session *s = arg;
    s->thread = thread;
    if (s->view && notifying_selected(s, EVENT_MESSAGES))
        (void)session_sync(s, notifying_expunges(s)); /* away: told at the next command, or at the next look */
    if (s->notify)
        (void)notifying_look(s, false);
    s->synced_ms = clock_ms();
    s->thread = NULL;
}

static void poll_done(void *arg)
{
    struct session *s = arg;
    if (!back_in_loop(s))
        return;
    input_then_poll(s);
}

void command_poll(struct session *s)
{
    s->woken = false;
    submit(s, poll_run, poll_done);
}
