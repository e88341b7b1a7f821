/* Who is it? On mx the operator's certificate, on submission an application's: judged after the handshake so that the peer
 * gets a reply that names the rule. The verdict belongs to the TLS session; it is made again when the trust snapshot has
 * changed (which is asked after every second), and at least once a minute, since certificates and CRLs expire.
 */
#include "smtpd/session.h"

#include "lib/base/clock.h"
#include "lib/net/tally.h"
#include "lib/store/certificates.h"

#include <stdio.h>
#include <string.h>

enum { JUDGE_AGAIN_MS = 60000 };

static void set_rule(struct trust_verdict *v, enum trust_rule rule, bool temporary, const char *detail)
{
    *v = (struct trust_verdict){.rule = rule, .temporary = temporary};
    snprintf(v->detail, sizeof(v->detail), "%s", detail);
}

/* Sessions of one DN are counted once, when it is first known to be an operator. */
static bool count_operator(struct session *s)
{
    if (s->counted_operator)
        return true;
    if (!tally_enter(s->worker->operator_kind, s->verdict.dn, s->worker->limits.per_operator))
        return false;
    s->counted_operator = true;
    s->operator_key = xstrdup(s->verdict.dn);
    return true;
}

static void judge(struct session *s)
{
    struct tls_peer peer;
    struct trust_verdict *v = &s->verdict;
    bool mx = s->worker->role == ROLE_MX;
    const struct trust_snapshot *snapshot = worker_snapshot(s->worker);
    if (!conn_tls_peer(s->conn, &peer))
        set_rule(v, TRUST_NO_TLS, false, "Must issue STARTTLS first");
    else if (!snapshot)
        set_rule(v, TRUST_SNAPSHOT_MISSING, true, "Trust data is not loaded");
    else
        trust_judge_certificate(snapshot, mx ? TRUST_PROFILE_OPERATOR : TRUST_PROFILE_APPLICATION, peer.chain,
                                peer.count, wall_s(), v);
    if (v->rule == TRUST_OK)
        certificate_note(peer.chain[0]);
    s->judged = true;
    s->judged_ms = clock_ms();
    s->judged_generation = snapshot ? trust_generation(snapshot) : 0;
    enum log_level level = v->rule == TRUST_OK ? LOG_INFO : LOG_WARN;
    log_event(level, &s->log, mx ? "mx.judged" : "submission.judged", LS("rule", trust_rule_name(v->rule)),
              LS("dn", v->dn), LS("serial", v->serial), LS("operator", v->operator_name));
}

const struct trust_verdict *identify_peer(struct session *s)
{
    const struct trust_snapshot *snapshot = worker_snapshot(s->worker);
    uint64_t generation = snapshot ? trust_generation(snapshot) : 0;
    if (!s->judged || !conn_is_tls(s->conn) || generation != s->judged_generation ||
        clock_ms() - s->judged_ms > JUDGE_AGAIN_MS)
        judge(s);
    return s->verdict.rule == TRUST_OK ? NULL : &s->verdict;
}

bool identify_within_limits(struct session *s)
{
    return s->worker->role != ROLE_MX || count_operator(s);
}
