/* AUTH (RFC 4954): EXTERNAL, OAUTHBEARER and XOAUTH2 through lib/auth; keyd verifies tokens. No password mechanism. The
 * client's answers may be tokens: they are wiped when the exchange ends, and are in no log.
 */
#include "smtpd/commands.h"

#include "lib/base/metrics.h"
#include "lib/base/text.h"
#include "lib/net/tally.h"
#include "smtpd/road.h"

#include <stdio.h>
#include <string.h>

static void forget_answers(struct session *s)
{
    str_wipe(&s->auth_answer);
    str_init_secret(&s->auth_answer, AUTH_LINE_MAX);
}

static void end_exchange(struct session *s)
{
    sasl_exchange_free(&s->sasl);
    forget_answers(s);
    str_free(&s->auth_challenge);
    str_init(&s->auth_challenge, AUTH_LINE_MAX);
}

static void step_run(struct job_thread *thread, struct session *s)
{
    str_clear(&s->auth_challenge);
    s->auth_outcome = sasl_exchange_step(s->sasl, thread->keyd, s->auth_has_answer, str_span(&s->auth_answer),
                                         &s->auth_challenge, &s->grant);
    if (s->auth_outcome != SASL_DONE)
        return;
    enum store_status status = bal_by_id(thread->db, s->grant.bal_id, &s->bal);
    if (status == STORE_OK && s->bal.state != BAL_OPEN && s->bal.state != BAL_WAITING)
        s->auth_outcome = SASL_REFUSED;
    else if (status != STORE_OK)
        s->auth_outcome = SASL_TEMPORARY;
}

static void send_challenge(struct session *s)
{
    struct str line;
    str_init(&line, 2 * AUTH_LINE_MAX);
    str_puts(&line, "334 ");
    base64_encode(&line, str_span(&s->auth_challenge));
    session_reply(s, line.data);
    str_free(&line);
    forget_answers(s);
    session_move(s, SESSION_AUTH);
}

static void authenticated(struct session *s)
{
    const char *actor;
    s->authenticated = true;
    road_submission.actor(s, &actor);
    if (!s->counted_operator && tally_enter(s->worker->operator_kind, s->bal.address, s->worker->limits.per_operator)) {
        s->counted_operator = true;
        s->operator_key = xstrdup(s->bal.address);
    }
    log_event(LOG_INFO, &s->log, "submission.authenticated", LS("mechanism", s->mechanism), LU("bal", s->bal.id),
              LU("person", s->grant.person_id), LU("binding", s->grant.certificate_id));
    metric_add(M_SUBMISSION_LOGINS, 1);
    if (!s->counted_operator)
        session_close(s, "421 4.7.0 Too many connections of this mailbox");
    else
        session_reply(s, "235 2.7.0 Authentication succeeded");
}

static void step_done(struct session *s)
{
    switch (s->auth_outcome) {
    case SASL_CONTINUE:
        send_challenge(s);
        return;
    case SASL_DONE:
        authenticated(s);
        break;
    case SASL_REFUSED:
        metric_add(M_SUBMISSION_LOGINS_REFUSED, 1);
        s->errors += 2;
        refuse(s, "auth.refused", s->grant.reason, "535 5.7.8 Authentication credentials invalid");
        break;
    case SASL_TEMPORARY:
        session_reply(s, "454 4.7.0 Temporary authentication failure");
        break;
    case SASL_BAD:
        session_reply(s, "501 5.5.2 Cannot read this answer");
        break;
    }
    end_exchange(s);
}

static void step(struct session *s, struct span answer, bool has_answer)
{
    s->auth_has_answer = has_answer;
    if (has_answer && !base64_decode(&s->auth_answer, answer)) {
        end_exchange(s);
        session_reply(s, "501 5.5.2 Not base64");
        return;
    }
    session_job(s, step_run, step_done);
}

/* EXTERNAL stands on the client's certificate: an application's, judged as mx judges an operator's. */
static bool certificate_holds(struct session *s, struct tls_peer *peer)
{
    return conn_tls_peer(s->conn, peer) && peer->count > 0 && !identify_peer(s);
}

const char *auth_mechanisms(struct session *s)
{
    struct tls_peer peer;
    return sasl_mechanisms(certificate_holds(s, &peer));
}

void command_auth(struct session *s, struct span argument)
{
    struct span mechanism, initial;
    struct tls_peer peer = {.count = 0};
    const char *error = smtp_parse_auth(argument, &mechanism, &initial);
    if (!error && s->authenticated)
        error = "503 5.5.1 Authenticated already";
    if (!error && envelope_open(s))
        error = "503 5.5.1 AUTH inside a mail transaction";
    if (error) {
        session_reply(s, error);
        return;
    }
    if (!certificate_holds(s, &peer))
        peer.count = 0;
    end_exchange(s);
    snprintf(s->mechanism, sizeof(s->mechanism), "%.*s", (int)mechanism.n, mechanism.p);
    s->sasl = sasl_exchange_new(mechanism, &(struct sasl_peer){.service = "smtp",
                                                               .chain = peer.chain,
                                                               .chain_count = peer.count,
                                                               .session = s->log.id,
                                                               .peer = s->log.peer,
                                                               .discovery_url = s->worker->conf->psc_discovery});
    if (s->sasl)
        step(s, initial, initial.p != NULL);
    else
        session_reply(s, "504 5.5.4 Mechanism is not offered");
}

bool command_auth_line(struct session *s)
{
    struct span line, input = conn_input(s->conn);
    size_t used;
    switch (smtp_line(input, AUTH_LINE_MAX, &line, &used)) {
    case SMTP_LINE_MORE:
        return false;
    case SMTP_LINE_TOO_LONG:
        end_exchange(s);
        session_close(s, auth_too_long);
        return true;
    case SMTP_LINE_BARE:
        end_exchange(s);
        session_close(s, "500 5.5.2 Bare CR, bare LF or NUL in an AUTH exchange");
        return true;
    case SMTP_LINE_OK:
        break;
    }
    session_move(s, SESSION_COMMAND);
    if (span_is(line, "*")) {
        end_exchange(s);
        session_reply(s, "501 5.7.0 Authentication cancelled");
        conn_consume(s->conn, used);
        return true;
    }
    str_clear(&s->auth_answer);
    bool empty = line.n == 0;
    if (empty || base64_decode(&s->auth_answer, line)) {
        s->auth_has_answer = true;
        conn_consume(s->conn, used);
        session_job(s, step_run, step_done);
    } else {
        conn_consume(s->conn, used);
        end_exchange(s);
        session_reply(s, "501 5.5.2 Not base64");
    }
    return true;
}
