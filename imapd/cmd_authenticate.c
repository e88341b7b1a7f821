/* AUTHENTICATE (RFC 9051 6.2.2, SASL-IR: RFC 4959). The mechanisms are lib/auth's; what is said here is IMAP's part:
 * base64, continuations, the client certificate's verdict, the BAL that is opened, and the trace. */
#include "imapd/commands.h"
#include "imapd/reply.h"
#include "imapd/traces.h"
#include "imapd/worker.h"
#include "lib/auth/sasl.h"
#include "lib/base/clock.h"
#include "lib/base/log.h"
#include "lib/base/text.h"

static void exchange_free(void *arg)
{
    struct sasl_exchange *exchange = arg;
    sasl_exchange_free(&exchange);
}

static enum outcome refused(struct session *s, struct command *c, const char *code, const char *rule, const char *text)
{
    log_event(LOG_WARN, &s->log, "imap.login.refused", LS("rule", rule), LS("why", text));
    crypto_wipe(&s->grant.key, sizeof(s->grant.key));
    return reply_no(c, code, arena_strdup(c->arena, text));
}

/* keyd's reason is the rule, and behind a colon what goes with it: for right.choose the BALs among which to choose. */
static enum outcome refused_by_keyd(struct session *s, struct command *c)
{
    struct span detail = span_of(s->grant.reason), rule = SPAN_LIT("auth.refused");
    (void)span_cut(&detail, ':', &rule);
    const char *name = arena_strndup(c->arena, rule.p, rule.n);
    if (span_is(rule, "right.choose"))
        return refused(s, c, "AUTHENTICATIONFAILED", name,
                       arena_printf(c->arena, "Several BALs are bound to this certificate; name one of:%.*s",
                                    (int)detail.n, detail.p));
    return refused(s, c, "AUTHENTICATIONFAILED", name,
                   arena_printf(c->arena, "Authentication failed (%s).", name ? name : "auth"));
}

static const char *capability_code(struct session *s, struct command *c)
{
    struct str code;
    str_init(&code, 4096);
    str_puts(&code, "CAPABILITY ");
    reply_capability(s, &code);
    char *text = arena_strndup(c->arena, code.data, code.len);
    str_free(&code);
    return text;
}

/* The grant is there: opens the BAL. */
static enum outcome enter(struct session *s, struct command *c)
{
    struct bal bal;
    enum store_status status = bal_by_id(s->thread->db, s->grant.bal_id, &bal);
    if (status == STORE_UNAVAILABLE)
        return reply_store(c, status);
    if (status != STORE_OK || (bal.state != BAL_OPEN && bal.state != BAL_SUSPENDED))
        return refused(s, c, "AUTHORIZATIONFAILED", "bal.state", "This BAL is not open.");
    s->actor = xstrdup(s->grant.person_name); /* or the certificate's subject */
    if (s->client)
        client_certificate_trim(s->client);
    s->own = access_new(&bal, &s->grant, false);
    s->authenticated_ms = clock_ms();
    session_set_state(s, STATE_AUTHENTICATED);
    /* keyd has traced the opening, in the transaction that let it happen: no second row, no second commit */
    log_event(LOG_INFO, &s->log, "imap.login", LI("bal", bal.id), LI("person", s->grant.person_id),
              LS("cipher", s->tls ? "tls" : "none"));
    return reply_ok(c, capability_code(s, c), "Welcome.");
}

static enum outcome on_answer(struct session *, struct command *, struct span line);

static enum outcome challenge(struct session *s, struct command *c, const struct str *raw)
{
    str_puts(&s->out, "+ ");
    base64_encode(&s->out, str_span(raw));
    str_puts(&s->out, "\r\n");
    c->on_line = on_answer;
    return CMD_LINE;
}

static enum outcome step(struct session *s, struct command *c, bool has_answer, struct span answer)
{
    struct str raw;
    enum outcome outcome = CMD_DONE;
    str_init(&raw, 8192);
    switch (sasl_exchange_step(c->cursor, s->thread->keyd, has_answer, answer, &raw, &s->grant)) {
    case SASL_CONTINUE:
        outcome = challenge(s, c, &raw);
        break;
    case SASL_DONE:
        outcome = enter(s, c);
        break;
    case SASL_REFUSED:
        outcome = refused_by_keyd(s, c);
        break;
    case SASL_TEMPORARY:
        outcome = reply_no(c, "UNAVAILABLE", "Authentication is away; try again in a moment.");
        break;
    case SASL_BAD:
        outcome = reply_bad(c, "That is not what the mechanism asks for.");
        break;
    }
    str_free(&raw);
    return outcome;
}

/* "=" is the empty initial response (RFC 4959 3); anything else is strict base64. */
static enum outcome decoded_step(struct session *s, struct command *c, struct span text)
{
    struct str answer;
    str_init_secret(&answer, LINE_MAX_TOKEN);
    bool ok = span_is(text, "=") || text.n == 0 || base64_decode(&answer, text);
    enum outcome outcome = ok ? step(s, c, true, answer.len ? str_span(&answer) : (struct span){"", 0})
                              : reply_bad(c, "That is not base64.");
    str_wipe(&answer);
    return outcome;
}

static enum outcome on_answer(struct session *s, struct command *c, struct span line)
{
    c->on_line = NULL;
    if (span_is(line, "*"))
        return reply_bad(c, "Cancelled.");
    return decoded_step(s, c, line);
}

static bool initial(struct imap_reader *r, struct span *text)
{
    *text = (struct span){r->p, (size_t)(r->end - r->p)};
    return text->n > 0;
}

/* Refused before keyd was asked: traced here. */
static enum outcome certificate_refused(struct session *s, struct command *c)
{
    const struct trust_verdict *verdict = s->client->verdict;
    if (verdict->temporary)
        return reply_no(c, "UNAVAILABLE", trust_rule_sentence_en(verdict->rule));
    trace_login(s, "NO", trust_rule_name(verdict->rule), verdict->detail);
    return refused(s, c, "AUTHENTICATIONFAILED", trust_rule_name(verdict->rule), trust_rule_sentence_en(verdict->rule));
}

enum outcome cmd_authenticate(struct session *s, struct command *c)
{
    struct span mechanism, text = SPAN_NONE;
    if (!imap_sp(&c->r) || !imap_atom(&c->r, &mechanism) || (imap_sp(&c->r) && !initial(&c->r, &text)))
        return reply_bad(c, "A mechanism is expected.");
    if (!text.p && !imap_at_end(&c->r))
        return reply_bad(c, "A mechanism is expected.");
    if (!s->tls)
        return reply_no(c, "PRIVACYREQUIRED", "Use STARTTLS first.");
    bool trusted = s->client && client_certificate_judge(s->client, s->trust, &s->thread->verdicts);
    if (s->client && !trusted && span_is_nocase(mechanism, "EXTERNAL"))
        return certificate_refused(s, c);
    struct sasl_peer peer = {.service = "imap",
                             .chain = trusted ? s->client->chain : NULL,
                             .chain_count = trusted ? s->client->count : 0,
                             .want_key = true,
                             .session = s->log.id,
                             .peer = s->log.peer,
                             .discovery_url = s->worker->conf->psc_discovery};
    c->cursor = sasl_exchange_new(mechanism, &peer);
    c->cursor_free = exchange_free;
    if (!c->cursor)
        return reply_no(c, "CANNOT", "That mechanism is not offered here.");
    return text.p ? decoded_step(s, c, text) : step(s, c, false, SPAN_NONE);
}
