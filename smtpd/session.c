#include "smtpd/session.h"

#include "lib/base/clock.h"
#include "lib/net/tally.h"
#include "smtpd/commands.h"

#include <string.h>

static const char *const state_names[] = {"command", "skip", "data", "bdat", "auth", "job", "closing"};

/* The only place where the state changes. A session that is closing never comes back. */
void session_move(struct session *s, enum session_state to)
{
    if (s->state == SESSION_CLOSING && to != SESSION_CLOSING)
        panic("session %s: %s to %s", s->log.id, state_names[s->state], state_names[to]);
    if (to != s->state) {
        bool bulk = to == SESSION_DATA || to == SESSION_BDAT;
        struct conn_limits limits = {.input_max = bulk ? INPUT_BYTES_DATA : INPUT_BYTES,
                                     .idle_ms = s->worker->limits.idle_ms,
                                     .total_ms = s->worker->limits.session_ms,
                                     .output_max = OUTPUT_BYTES};
        if (bulk || s->state == SESSION_DATA || s->state == SESSION_BDAT)
            conn_set_limits(s->conn, &limits);
    }
    s->state = to;
}

void session_reply(struct session *s, const char *line)
{
    conn_write(s->conn, span_of(line));
    conn_write(s->conn, SPAN_LIT("\r\n"));
    if (line[0] == '5')
        s->errors++;
}

void session_replyf(struct session *s, const char *format, ...)
{
    struct str line;
    va_list arguments;
    str_init(&line, 2048);
    va_start(arguments, format);
    str_vaddf(&line, format, arguments);
    va_end(arguments);
    session_reply(s, line.data);
    str_free(&line);
}

void session_close(struct session *s, const char *last_reply)
{
    if (last_reply)
        session_reply(s, last_reply);
    session_move(s, SESSION_CLOSING);
    conn_close(s->conn);
}

void session_free(struct session *s)
{
    struct worker *worker = s->worker;
    envelope_reset(s);
    if (s->counted_address)
        tally_leave(worker->address_kind, s->log.peer);
    if (s->counted_operator)
        tally_leave(worker->operator_kind, s->operator_key);
    xfree(&s->operator_key);
    str_free(&s->envelope.message);
    str_free(&s->rcpt_key);
    sasl_exchange_free(&s->sasl);
    str_wipe(&s->auth_answer);
    str_free(&s->auth_challenge);
    xfree(&s);
    worker_session_ended(worker);
}

static void job_run(void *thread, void *arg)
{
    struct session *s = arg;
    s->job_run(thread, s);
}

static void job_done(void *arg)
{
    struct session *s = arg;
    trust_release(&s->job_snapshot);
    session_back(s);
    s->job_done(s);
    session_input(s);
}

void session_away(struct session *s)
{
    must(s->state != SESSION_JOB);
    session_move(s, SESSION_JOB);
    conn_hold(s->conn);
}

void session_back(struct session *s)
{
    session_move(s, SESSION_COMMAND);
    conn_release(s->conn);
}

void session_job(struct session *s, void (*run)(struct job_thread *, struct session *), void (*done)(struct session *))
{
    s->job_run = run;
    s->job_done = done;
    s->job_snapshot = keeper_snapshot(s->worker->keeper) ? trust_hold(keeper_snapshot(s->worker->keeper)) : NULL;
    session_away(s);
    jobs_submit(s->worker->jobs, job_run, job_done, s);
}

/* A PSC token in AUTH's initial response passes 2 KiB (RFC 4954 4). */
static bool is_auth(const struct session *s, struct span input)
{
    return s->worker->role == ROLE_SUBMISSION && span_starts_nocase(input, "AUTH ");
}

const char auth_too_long[] = "500 5.5.6 Authentication exchange line is too long"; /* RFC 4954 4 */

/* One line of a command, if it is there. */
static bool take_line(struct session *s)
{
    struct span line, input = conn_input(s->conn);
    size_t used;
    char copy[AUTH_LINE_MAX];
    bool auth = is_auth(s, input);
    switch (smtp_line(input, auth ? AUTH_LINE_MAX : COMMAND_LINE_MAX, &line, &used)) {
    case SMTP_LINE_MORE:
        return false;
    case SMTP_LINE_TOO_LONG:
        session_reply(s, auth ? auth_too_long : "500 5.5.2 Line too long");
        session_move(s, SESSION_SKIP);
        s->skipped = 0;
        return true;
    case SMTP_LINE_BARE:
        conn_consume(s->conn, used);
        session_reply(s, "500 5.5.2 Bare CR, bare LF or NUL in a command");
        return true;
    case SMTP_LINE_OK:
        break;
    }
    memcpy(copy, line.p, line.n); /* handlers may consume or discard the input */
    line.p = copy;
    conn_consume(s->conn, used);
    command_run(s, line);
    if (line.n > COMMAND_LINE_MAX) /* it held a token */
        explicit_bzero(copy, sizeof(copy));
    return true;
}

static bool skip_line(struct session *s)
{
    struct span input = conn_input(s->conn);
    const char *lf = input.n > 0 ? memchr(input.p, '\n', input.n) : NULL;
    size_t n = lf ? (size_t)(lf - input.p) + 1 : input.n;
    conn_consume(s->conn, n);
    s->skipped += n;
    if (lf)
        session_move(s, SESSION_COMMAND);
    else if (s->skipped > SKIP_BYTES_MAX)
        session_close(s, "421 4.7.0 Line without end");
    return lf != NULL;
}

static bool step(struct session *s)
{
    switch (s->state) {
    case SESSION_COMMAND:
        return take_line(s);
    case SESSION_SKIP:
        return skip_line(s);
    case SESSION_DATA:
    case SESSION_BDAT:
        return content_input(s);
    case SESSION_AUTH:
        return command_auth_line(s);
    case SESSION_JOB:
    case SESSION_CLOSING:
        return false;
    }
    return false;
}

/* Asked before each step, too: many refusals come from a job, behind which nothing waits to be read. */
static void end_after_errors(struct session *s)
{
    if (s->errors <= s->worker->limits.errors || s->state == SESSION_JOB || s->state == SESSION_CLOSING)
        return;
    log_event(LOG_WARN, &s->log, "smtp.errors", LU("errors", s->errors));
    session_close(s, "421 4.7.0 Too many errors");
}

void session_input(struct session *s)
{
    do
        end_after_errors(s);
    while (step(s));
}
