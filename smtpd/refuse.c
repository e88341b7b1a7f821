/* Why was this peer refused? Here is the one place where refusals become a reply, a log line and a trace. */
#include "smtpd/session.h"

#include "lib/base/metrics.h"
#include "lib/base/text.h"
#include "lib/store/trace.h"
#include "smtpd/road.h"

#include <stdio.h>
#include <string.h>

/* Replies are ASCII (RFC 5321 4.2 without SMTPUTF8): what is not becomes '?'. */
static void add_ascii(struct str *out, const char *text)
{
    for (const char *p = text; *p && out->len < 480; p++)
        str_putc(out, *p >= 0x20 && *p <= 0x7e ? *p : '?');
}

void verdict_reply(struct str *out, const struct trust_verdict *v)
{
    const char *code = v->temporary ? "451" : v->rule == TRUST_NO_TLS ? "530" : "550";
    str_addf(out, "%s %s ", code, trust_rule_enhanced(v->rule));
    add_ascii(out, trust_rule_sentence_en(v->rule));
    if (v->detail[0]) {
        str_puts(out, ": ");
        add_ascii(out, v->detail);
    }
    str_addf(out, " [%s]", trust_rule_name(v->rule));
}

void refuse_trace(struct job_thread *thread, struct session *s)
{
    const struct refusal *r = &s->refusal;
    const struct road *road = s->worker->road;
    const char *actor;
    enum trace_actor kind = road->actor(s, &actor);
    struct trace trace = {
        .action = road->refuse_action,
        .answer = r->reply,
        .rule = r->rule,
        .session = s->log.id,
        .peer = s->log.peer,
        .actor_kind = kind,
        .actor = actor,
        .person_id = s->grant.person_id,
        .bal_id = r->bal_id,
        .counterpart = s->envelope.sender_domain,
        .direction = road->direction,
        .detail = r->detail,
    };
    if (trace_write(thread->db, &trace) != STORE_OK)
        log_event(LOG_ERROR, &s->log, "trace.lost", LS("rule", r->rule));
}

void refuse_log(struct session *s)
{
    log_event(LOG_WARN, &s->log, "smtp.refused", LS("rule", s->refusal.rule), LS("reply", s->refusal.reply),
              LS("dn", s->verdict.dn));
    metric_add(M_MX_REFUSED, 1);
}

static void refused(struct session *s)
{
    refuse_log(s);
    if (s->envelope.last)
        session_close(s, s->refusal.reply);
    else
        session_reply(s, s->refusal.reply);
    if (s->envelope.over)
        envelope_reset(s);
}

/* Whoever reads a refusal finds its rule: a reply that does not name it yet does so here. */
static void name_rule(char *out, size_t size, const char *reply, const char *rule)
{
    size_t n = strlen(reply);
    if (n > 0 && reply[n - 1] == ']')
        snprintf(out, size, "%s", reply);
    else
        snprintf(out, size, "%s [%s]", reply, rule);
}

void refuse_note(struct session *s, const char *rule, const char *detail, const char *reply)
{
    struct refusal *r = &s->refusal;
    snprintf(r->rule, sizeof(r->rule), "%s", rule);
    snprintf(r->detail, sizeof(r->detail), "%s", detail);
    name_rule(r->reply, sizeof(r->reply), reply, rule);
}

void refuse_for_now(struct session *s, const char *rule, const char *reply)
{
    char named[sizeof(s->refusal.reply)];
    name_rule(named, sizeof(named), reply, rule);
    session_reply(s, named);
}

void refuse(struct session *s, const char *rule, const char *detail, const char *reply)
{
    refuse_note(s, rule, detail, reply);
    session_job(s, refuse_trace, refused);
}

void refuse_verdict(struct session *s, const struct trust_verdict *v)
{
    struct str reply;
    str_init(&reply, 512);
    verdict_reply(&reply, v);
    refuse(s, trust_rule_name(v->rule), v->detail, reply.data);
    str_free(&reply);
}
