/* The life of a session: made, moved from state to state, woken, ended. */
#include "imapd/session.h"

#include "imapd/commands.h"
#include "imapd/context.h"
#include "imapd/notifying.h"
#include "imapd/reply.h"
#include "imapd/worker.h"
#include "lib/base/clock.h"
#include "lib/base/metrics.h"
#include "lib/base/log.h"

#include <stdio.h>

static void greet(struct session *s)
{
    session_set_state(s, STATE_LOGIN);
    str_puts(&s->out, "* OK [CAPABILITY ");
    reply_capability(s, &s->out);
    str_puts(&s->out, "] ");
    str_puts(&s->out, s->worker->conf->general_hostname);
    str_puts(&s->out, " Caducee IMAP ready.\r\n");
    conn_write_take(s->conn, &s->out);
}

struct session *session_new(struct worker *worker, struct conn *conn, bool implicit_tls)
{
    struct session *s = xcalloc(1, sizeof(*s));
    s->worker = worker;
    s->conn = conn;
    s->serial = ++worker->last_serial;
    s->opened_ms = clock_ms();
    str_init(&s->in, LINE_MAX_BEFORE_LOGIN);
    str_init(&s->out, OUT_MAX);
    log_new_id(&s->log);
    (void)snprintf(s->log.peer, sizeof(s->log.peer), "%s", conn_peer_address(conn));
    s->next = worker->sessions;
    if (s->next)
        s->next->previous = s;
    worker->sessions = s;
    worker->session_count++;
    struct conn_limits limits = {
        .input_max = 65536, .idle_ms = worker->conf->imapd_login_timeout * 1000, .output_max = 2 * SLICE_BYTES};
    conn_set(conn, &session_events, &limits, s);
    log_event(LOG_INFO, &s->log, "imap.opened", LU("tls", implicit_tls));
    if (implicit_tls)
        conn_start_tls_server(conn, worker->tls); /* greeted from on_tls */
    else
        greet(s);
    return s;
}

/* The handshake is over: with implicit TLS the greeting follows, after STARTTLS nothing does. */
static void on_tls(struct conn *conn, void *owner)
{
    struct session *s = owner;
    struct tls_peer peer;
    s->tls = true;
    if (conn_tls_peer(conn, &peer))
        session_keep_certificate(s, &peer);
    conn_forget_chain(conn);
    if (s->state == STATE_GREETING)
        greet(s);
    conn_resume_input(conn);
}

void session_set_state(struct session *s, enum session_state to)
{
    static const unsigned allowed[] = {
        [STATE_GREETING] = 1u << STATE_LOGIN | 1u << STATE_LOGOUT,
        [STATE_LOGIN] = 1u << STATE_AUTHENTICATED | 1u << STATE_LOGOUT,
        [STATE_AUTHENTICATED] = 1u << STATE_SELECTED | 1u << STATE_LOGOUT | 1u << STATE_LOGIN /* UNAUTHENTICATE */,
        [STATE_SELECTED] = 1u << STATE_AUTHENTICATED | 1u << STATE_LOGOUT | 1u << STATE_LOGIN,
        [STATE_LOGOUT] = 0,
    };
    if (to == s->state)
        return;
    if (!(allowed[s->state] >> to & 1))
        panic("session state %d to %d", (int)s->state, (int)to);
    s->state = to;
}

bool session_enabled(const struct session *s, unsigned bits)
{
    return (s->enabled & bits) != 0;
}

void session_enable_condstore(struct session *s)
{
    if (session_enabled(s, ENABLED_CONDSTORE))
        return;
    s->enabled |= ENABLED_CONDSTORE;
    if (s->state == STATE_SELECTED && s->view)
        reply_highest(s, s->view->expunge_from);
}

bool session_uidonly(const struct session *s)
{
    return session_enabled(s, ENABLED_UIDONLY);
}

bool session_utf8(const struct session *s)
{
    return session_enabled(s, ENABLED_REV2 | ENABLED_UTF8);
}

/* A job may hold the session: only what the loop has of it is looked at. */
bool session_concerned(const struct session *s, int64_t bal_id, int64_t folder_id)
{
    if (s->selected_bal == bal_id && (folder_id == 0 || s->selected_folder == folder_id))
        return true;
    if (!s->watches || s->in_job || !s->own)
        return s->watches && s->in_job;
    bool ours = s->own->bal.id == bal_id;
    vec_each (&s->shared, access)
        ours = ours || (*access)->bal.id == bal_id;
    return ours;
}

void session_wake(struct session *s)
{
    s->woken = true;
    if (command_may_poll(s))
        command_poll(s);
}

/* Ends from our side: "* BYE …", after what is being sent. */
void session_bye(struct session *s, const char *text)
{
    if (s->closing || !s->conn)
        return;
    s->closing = true;
    conn_pause_input(s->conn);
    if (s->in_job)
        return; /* the job's end sees `closing` */
    str_puts(&s->out, "* BYE ");
    str_puts(&s->out, text);
    str_puts(&s->out, "\r\n");
    conn_write_take(s->conn, &s->out);
    conn_close(s->conn);
}

static void on_closed(struct conn *conn UNUSED, enum conn_end end, void *owner)
{
    static const char *const why[] = {
        [CONN_PEER_CLOSED] = "peer", [CONN_LOCAL_CLOSED] = "logout", [CONN_IDLE] = "idle",
        [CONN_TOTAL_TIME] = "time",  [CONN_TLS_FAILED] = "tls",      [CONN_ERROR] = "error"};
    struct session *s = owner;
    s->conn = NULL;
    s->closing = true;
    log_event(LOG_INFO, &s->log, "imap.closed", LS("why", why[end]), LU("seconds", (clock_ms() - s->opened_ms) / 1000));
    if (!s->in_job)
        session_destroy(s);
}

static void on_drained(struct conn *conn UNUSED, void *owner)
{
    struct session *s = owner;
    if (!s->in_job && s->command && !s->command->on_line && !s->closing)
        command_resume(s);
}

static void on_input(struct conn *conn UNUSED, void *owner)
{
    session_input(owner);
}

const struct conn_events session_events = {
    .on_input = on_input, .on_drained = on_drained, .on_tls = on_tls, .on_closed = on_closed};

void session_leave(struct session *s)
{
    contexts_free(s);
    view_free(&s->view);
    s->saved.len = 0;
    s->saved_any = false;
}

void session_forget(struct session *s)
{
    session_leave(s);
    notifying_free(&s->notify);
    access_free(&s->own);
    vec_each (&s->shared, access)
        access_free(access);
    vec_free(&s->shared);
    vec_free(&s->saved);
    s->enabled = 0;
    crypto_wipe(&s->grant, sizeof(s->grant));
    xfree(&s->actor);
}

void session_destroy(struct session *s)
{
    must(!s->in_job);
    if (s->command)
        command_free(s);
    session_forget(s);
    client_certificate_free(&s->client);
    trust_release(&s->trust);
    worker_release(s->worker, s->reserved);
    str_free(&s->in);
    str_free(&s->out);
    worker_forget(s->worker, s);
    xfree(&s);
}
