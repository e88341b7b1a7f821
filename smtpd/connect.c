/* A peer comes and goes: counted, greeted, put under TLS, let go. */
#include "smtpd/session.h"

#include "lib/base/metrics.h"
#include "lib/net/tally.h"

#include <stdio.h>

static void on_input(struct conn *conn UNUSED, void *owner)
{
    session_input(owner);
}

static void on_drained(struct conn *conn UNUSED, void *owner UNUSED)
{
}

static void greet(struct session *s)
{
    session_replyf(s, "220 %s ESMTP", s->worker->conf->general_hostname);
}

static void on_tls(struct conn *conn, void *owner)
{
    struct session *s = owner;
    struct tls_peer peer;
    s->judged = false;
    if (conn_tls_peer(conn, &peer)) {
        snprintf(s->tls_protocol, sizeof(s->tls_protocol), "%s", peer.protocol);
        snprintf(s->tls_cipher, sizeof(s->tls_cipher), "%s", peer.cipher);
        log_event(LOG_INFO, &s->log, "smtp.tls", LS("protocol", peer.protocol), LS("cipher", peer.cipher),
                  LU("certificates", peer.count), LU("resumed", peer.resumed));
    }
    if (s->implicit_tls && !s->greeted) {
        s->greeted = true;
        greet(s);
    }
}

static const char *const end_names[] = {
    [CONN_PEER_CLOSED] = "peer",      [CONN_LOCAL_CLOSED] = "us",       [CONN_IDLE] = "idle",
    [CONN_TOTAL_TIME] = "total_time", [CONN_TLS_FAILED] = "tls_failed", [CONN_ERROR] = "error"};

static void on_closed(struct conn *conn UNUSED, enum conn_end end, void *owner)
{
    struct session *s = owner;
    log_event(LOG_INFO, &s->log, "smtp.closed", LS("by", end_names[end]), LU("messages", s->messages),
              LU("errors", s->errors));
    session_free(s);
}

static const struct conn_events events = {on_input, on_drained, on_tls, on_closed};

static struct session *session_new(struct worker *worker, struct conn *conn)
{
    struct session *s = xcalloc(1, sizeof(*s));
    s->worker = worker;
    s->conn = conn;
    log_new_id(&s->log);
    snprintf(s->log.peer, sizeof(s->log.peer), "%s", conn_peer_address(conn));
    str_init(&s->envelope.message, (size_t)worker->conf->smtpd_message_size + INPUT_BYTES_DATA);
    str_init(&s->rcpt_key, ADDRESS_MAX);
    str_init(&s->auth_answer, AUTH_LINE_MAX);
    str_init(&s->auth_challenge, AUTH_LINE_MAX);
    worker->sessions++;
    metric_set(M_SESSIONS_OPEN, worker->sessions);
    return s;
}

static void *accept_with(struct conn *conn, struct worker *worker, bool implicit_tls)
{
    struct session *s = session_new(worker, conn);
    struct conn_limits limits = {INPUT_BYTES, worker->limits.idle_ms, worker->limits.session_ms, OUTPUT_BYTES};
    conn_set(conn, &events, &limits, s);
    log_event(LOG_INFO, &s->log, "smtp.connected");
    s->implicit_tls = implicit_tls;
    s->counted_address = tally_enter(worker->address_kind, s->log.peer, worker->limits.per_address);
    if (!s->counted_address || worker->sessions > worker->limits.connections) {
        log_event(LOG_WARN, &s->log, "smtp.too_many", LU("sessions", worker->sessions));
        session_close(s, "421 4.7.0 Too many connections, try again later");
    } else if (implicit_tls) {
        conn_start_tls_server(conn, worker->tls);
    } else {
        greet(s);
    }
    return s;
}

void *connect_accept(struct conn *conn, void *worker)
{
    return accept_with(conn, worker, false);
}

void *connect_accept_tls(struct conn *conn, void *worker)
{
    return accept_with(conn, worker, true);
}
