#include "smtpd/relay_client_private.h"

#include "lib/base/clock.h"
#include "lib/base/num.h"
#include "lib/proto/smtp_command.h"
#include "lib/store/certificates.h"

#include <stdio.h>
#include <string.h>

enum { SESSION_MS = 3600000 };

static void fail(struct relay_client *c, const char *rule, const char *reply)
{
    if (c->state == CLIENT_GONE)
        return;
    c->state = CLIENT_GONE;
    if (!c->failure.rule[0]) {
        snprintf(c->failure.rule, sizeof(c->failure.rule), "%s", rule);
        snprintf(c->failure.reply, sizeof(c->failure.reply), "%s", reply);
    }
    conn_abort(c->conn);
}

/* The first message under way is answered. */
static void done(struct relay_client *c)
{
    const struct relay_mail *mail = c->flying[0].mail;
    c->count--;
    memmove(c->flying, c->flying + 1, c->count * sizeof(c->flying[0]));
    if (c->count == 0)
        c->state = CLIENT_READY;
    if (c->owner)
        c->events->on_done(c, mail, c->owner);
}

static bool has(const struct smtp_reply *reply, const char *keyword)
{
    struct span parameters;
    return smtp_reply_keyword(reply, keyword, &parameters);
}

static void read_offer(struct relay_client *c, const struct smtp_reply *reply)
{
    struct span size;
    c->pipelining = has(reply, "PIPELINING");
    c->chunking = has(reply, "CHUNKING");
    c->eight_bit = has(reply, "8BITMIME");
    c->smtputf8 = has(reply, "SMTPUTF8");
    c->dsn = has(reply, "DSN");
    c->size_max = 0;
    if (smtp_reply_keyword(reply, "SIZE", &size) && !num_u64(size, UINT64_MAX, &c->size_max))
        c->size_max = 0;
}

static bool judge_server(struct relay_client *c)
{
    struct tls_peer peer = {.count = 0};
    const struct trust_snapshot *snapshot = c->snapshot(c->snapshot_arg);
    if (!snapshot || !conn_tls_peer(c->conn, &peer)) {
        fail(c, "snapshot.missing", "trust data is not loaded");
        return false;
    }
    trust_judge_server(snapshot, span_of(c->domain), peer.chain, peer.count, wall_s(), &c->verdict);
    c->judged_generation = trust_generation(snapshot);
    snprintf(c->failure.dn, sizeof(c->failure.dn), "%s", c->verdict.dn);
    if (c->verdict.rule == TRUST_OK) {
        certificate_note(peer.chain[0]);
        return true;
    }
    c->failure.trust = true;
    char words[512];
    snprintf(words, sizeof(words), "%s: %.400s", trust_rule_sentence_en(c->verdict.rule), c->verdict.detail);
    fail(c, trust_rule_name(c->verdict.rule), words);
    return false;
}

/* The envelope is through: the content goes to those who were accepted, or nothing does. */
static void after_envelope(struct relay_client *c)
{
    const struct flying *f = &c->flying[0];
    if (f->accepted == 0) {
        client_say(c, "RSET");
        c->state = CLIENT_RSET;
    } else if (c->chunking) {
        client_say_chunk(c, f->mail);
        c->state = CLIENT_BODY;
    } else {
        client_say(c, "DATA");
        c->state = CLIENT_DATA;
    }
}

static void take_envelope_reply(struct flying *f, const struct smtp_reply *reply)
{
    struct relay_mail *m = f->mail;
    size_t number = f->replies++;
    if (number == 0 && reply->code / 100 != 2) {
        for (size_t i = 0; i < m->count; i++)
            client_set_result(&m->recipients[i], reply);
        f->mail_refused = true;
    } else if (number > 0 && !f->mail_refused) {
        struct relay_recipient *r = &m->recipients[number - 1];
        r->accepted = reply->code / 100 == 2;
        f->accepted += r->accepted;
        if (!r->accepted)
            client_set_result(r, reply);
    }
}

static void on_envelope_reply(struct relay_client *c, const struct smtp_reply *reply)
{
    struct flying *f = &c->flying[0];
    struct relay_mail *m = f->mail;
    if (f->reset) {
        f->reset = false;
        return;
    }
    take_envelope_reply(f, reply);
    if (f->replies > m->count || (f->mail_refused && !c->pipelining))
        after_envelope(c);
    else if (!c->pipelining)
        client_say_rcpt(c, &m->recipients[f->replies - 1]);
}

/* Only recipients that RCPT accepted are decided by the content's reply; without one they are not delivered. */
static void on_content_reply(struct relay_client *c, const struct smtp_reply *reply)
{
    struct relay_mail *m = c->flying[0].mail;
    for (size_t i = 0; i < m->count; i++)
        if (m->recipients[i].accepted)
            client_set_result(&m->recipients[i], reply);
    bool taken = reply->code / 100 == 2;
    if (!taken && c->state == CLIENT_BODY && c->chunking) { /* after DATA nothing is left (RFC 5321 4.1.1.4) */
        client_say(c, "RSET");
        c->state = CLIENT_RSET;
        return;
    }
    c->unclean = !taken;
    done(c);
}

/* Only 354 asks for the content (RFC 5321 4.3.2): a 250 here has taken nothing, and must not pass for a delivery. */
static void on_data_reply(struct relay_client *c, const struct smtp_reply *reply)
{
    if (reply->code == 354)
        client_say_body(c);
    else if (reply->code / 100 >= 4)
        on_content_reply(c, reply);
    else
        fail(c, "peer", "their server's answer to DATA is out of order");
}

static void on_flight_reply(struct relay_client *c, const struct smtp_reply *reply)
{
    struct flying *f = &c->flying[0];
    if (f->reset)
        f->reset = false;
    else if (f->replies <= f->mail->count)
        take_envelope_reply(f, reply);
    else
        on_content_reply(c, reply);
}

static void on_greeting(struct relay_client *c, const struct smtp_reply *reply)
{
    char words[512];
    if (reply->code == 220) {
        client_say_ehlo(c);
        c->state = CLIENT_EHLO_CLEAR;
        return;
    }
    client_keep_reply(words, reply);
    fail(c, "peer", words);
}

static void on_clear_offer(struct relay_client *c, const struct smtp_reply *reply)
{
    if (reply->code != 250 || !has(reply, "STARTTLS")) {
        c->failure.trust = true;
        fail(c, "tls.not_offered", "their server does not offer STARTTLS");
        return;
    }
    client_say(c, "STARTTLS");
    c->state = CLIENT_STARTTLS;
}

static void on_starttls_reply(struct relay_client *c, const struct smtp_reply *reply)
{
    char words[512];
    if (reply->code == 220) {
        c->state = CLIENT_TLS;
        conn_discard_input(c->conn);
        conn_start_tls_client(c->conn, c->tls, c->host);
        return;
    }
    client_keep_reply(words, reply);
    fail(c, "peer", words);
}

static void on_offer(struct relay_client *c, const struct smtp_reply *reply)
{
    char words[512];
    if (reply->code == 250) {
        read_offer(c, reply);
        c->state = CLIENT_READY;
        if (c->owner)
            c->events->on_ready(c, c->owner);
        return;
    }
    client_keep_reply(words, reply);
    fail(c, "peer", words);
}

static void on_reply(struct relay_client *c, const struct smtp_reply *reply)
{
    char words[512];
    switch (c->state) {
    case CLIENT_GREETING:
        on_greeting(c, reply);
        return;
    case CLIENT_EHLO_CLEAR:
        on_clear_offer(c, reply);
        return;
    case CLIENT_STARTTLS:
        on_starttls_reply(c, reply);
        return;
    case CLIENT_EHLO:
        on_offer(c, reply);
        return;
    case CLIENT_FLIGHT:
        on_flight_reply(c, reply);
        return;
    case CLIENT_ENVELOPE:
        on_envelope_reply(c, reply);
        return;
    case CLIENT_DATA:
        on_data_reply(c, reply);
        return;
    case CLIENT_BODY:
        on_content_reply(c, reply);
        return;
    case CLIENT_RSET:
        done(c);
        return;
    case CLIENT_READY: /* "421 closing" while idle, or nonsense */
    case CLIENT_TLS:
    case CLIENT_GONE:
        client_keep_reply(words, reply);
        fail(c, "peer", words);
    }
}

static void on_input(struct conn *conn, void *owner)
{
    struct relay_client *c = owner;
    struct smtp_reply reply;
    while (c->state != CLIENT_GONE && c->state != CLIENT_TLS) {
        ptrdiff_t n = smtp_reply_parse(conn_input(conn), &reply);
        if (n == 0)
            return;
        if (n < 0) {
            fail(c, "peer", "their server's answer is no SMTP reply");
            return;
        }
        on_reply(c, &reply);
        if (c->state != CLIENT_GONE && c->state != CLIENT_TLS)
            conn_consume(conn, (size_t)n);
    }
}

static void on_drained(struct conn *conn UNUSED, void *owner UNUSED)
{
}

static void on_tls(struct conn *conn UNUSED, void *owner)
{
    struct relay_client *c = owner;
    if (!judge_server(c))
        return;
    c->state = CLIENT_EHLO;
    client_say_ehlo(c);
}

static void on_closed(struct conn *conn UNUSED, enum conn_end end, void *owner)
{
    static const char *const words[] = {
        [CONN_PEER_CLOSED] = "their server closed the connection", [CONN_LOCAL_CLOSED] = "closed",
        [CONN_IDLE] = "their server does not answer in time",      [CONN_TOTAL_TIME] = "the session took too long",
        [CONN_TLS_FAILED] = "TLS could not be established",        [CONN_ERROR] = "their server cannot be reached"};
    static const char *const rules[] = {
        [CONN_PEER_CLOSED] = "peer",   [CONN_LOCAL_CLOSED] = "closed",   [CONN_IDLE] = "timeout",
        [CONN_TOTAL_TIME] = "timeout", [CONN_TLS_FAILED] = "tls.failed", [CONN_ERROR] = "connect"};
    struct relay_client *c = owner;
    if (!c->failure.rule[0]) {
        snprintf(c->failure.rule, sizeof(c->failure.rule), "%s", rules[end]);
        snprintf(c->failure.reply, sizeof(c->failure.reply), "%s", words[end]);
        c->failure.trust = end == CONN_TLS_FAILED;
    }
    c->state = CLIENT_GONE;
    if (c->place)
        *c->place = NULL;
    if (c->owner)
        c->events->on_failed(c, c->owner);
    xfree(&c);
}

struct relay_client *relay_client_open(struct loop *loop, const char *address, uint16_t port, const char *host,
                                       const char *helo, const char *domain, struct tls_context *tls, uint64_t idle_ms,
                                       const struct trust_snapshot *(*snapshot)(void *), void *snapshot_arg,
                                       const struct relay_client_events *events, void *owner, struct str *error)
{
    static const struct conn_events conn_events = {on_input, on_drained, on_tls, on_closed};
    const struct conn_limits limits = {
        .input_max = SMTP_REPLY_BYTES_MAX * 2, .idle_ms = idle_ms, .total_ms = SESSION_MS};
    struct conn *conn = conn_connect(loop, address, port, NULL, error);
    if (!conn)
        return NULL;
    struct relay_client *c = xcalloc(1, sizeof(*c));
    *c = (struct relay_client){
        .conn = conn, .tls = tls, .snapshot = snapshot, .snapshot_arg = snapshot_arg, .events = events, .owner = owner};
    snprintf(c->host, sizeof(c->host), "%s", host);
    snprintf(c->helo, sizeof(c->helo), "%s", helo);
    snprintf(c->domain, sizeof(c->domain), "%s", domain);
    conn_set(conn, &conn_events, &limits, c);
    return c;
}

void relay_client_park(struct relay_client *c, struct relay_client **place)
{
    c->owner = NULL;
    c->place = place;
    *place = c;
}

void relay_client_own(struct relay_client *c, void *owner)
{
    c->owner = owner;
    if (c->place)
        *c->place = NULL;
    c->place = NULL;
}

static bool is_eight_bit(struct span body)
{
    for (size_t i = 0; i < body.n; i++)
        if ((unsigned char)body.p[i] >= 0x80)
            return true;
    return false;
}

struct lack {
    unsigned code;
    const char *enhanced, *words;
};
/* Why their server could not take it; NULL: it can. */
static const struct lack *lack_of(const struct relay_client *c, const struct relay_mail *m)
{
    static const struct lack size = {552, "5.3.4", "larger than their server takes"},
                             utf8 = {550, "5.6.7", "their server does not know SMTPUTF8"},
                             eight = {550, "5.6.3", "their server does not know 8BITMIME"};
    if (c->size_max > 0 && m->body.n > c->size_max)
        return &size;
    if (m->smtputf8 && !c->smtputf8)
        return &utf8;
    return !c->eight_bit && is_eight_bit(m->body) ? &eight : NULL;
}

/* A short message to a server that takes it whole. */
static bool goes_whole(const struct relay_client *c, const struct relay_mail *mail)
{
    return c->pipelining && c->chunking && mail->body.n <= RELAY_FLIGHT_BYTES;
}

bool relay_client_has_room(const struct relay_client *c, const struct relay_mail *mail)
{
    return c->state == CLIENT_READY ||
           (c->state == CLIENT_FLIGHT && c->count < RELAY_FLIGHT && goes_whole(c, mail) && !lack_of(c, mail));
}

static void send_whole(struct relay_client *c, struct flying *f)
{
    f->reset = c->count > 1 || c->unclean;
    c->unclean = false;
    c->state = CLIENT_FLIGHT;
    if (f->reset)
        client_say(c, "RSET");
    client_say_mail(c, f->mail);
    for (size_t i = 0; i < f->mail->count; i++)
        client_say_rcpt(c, &f->mail->recipients[i]);
    client_say_chunk(c, f->mail);
}

static void send_in_turns(struct relay_client *c, struct flying *f)
{
    f->reset = c->unclean; /* after a flight: PIPELINING is there */
    c->unclean = false;
    c->state = CLIENT_ENVELOPE;
    if (f->reset)
        client_say(c, "RSET");
    client_say_mail(c, f->mail);
    for (size_t i = 0; i < f->mail->count && c->pipelining; i++)
        client_say_rcpt(c, &f->mail->recipients[i]);
}

void relay_client_send(struct relay_client *c, struct relay_mail *mail)
{
    const struct trust_snapshot *snapshot = c->snapshot(c->snapshot_arg);
    const struct lack *lack = lack_of(c, mail);
    must(relay_client_has_room(c, mail));
    struct flying *f = &c->flying[c->count++];
    *f = (struct flying){.mail = mail};
    /* A connection that was good may not be any more: the list or a CRL has moved since. */
    if (snapshot && trust_generation(snapshot) != c->judged_generation && !judge_server(c))
        return;
    if (lack) {
        client_refuse_all(mail, lack->code, lack->enhanced, lack->words);
        done(c);
    } else if (goes_whole(c, mail)) {
        send_whole(c, f);
    } else {
        send_in_turns(c, f);
    }
}

void relay_client_quit(struct relay_client **client)
{
    struct relay_client *c = *client;
    *client = NULL;
    if (!c)
        return;
    c->owner = NULL;
    c->place = NULL;
    if (c->state == CLIENT_READY)
        client_say(c, "QUIT");
    c->state = CLIENT_GONE;
    conn_close(c->conn);
}

const struct relay_failure *relay_client_failure(const struct relay_client *c)
{
    return &c->failure;
}

const char *relay_client_host(const struct relay_client *c)
{
    return c->host;
}

const char *relay_client_dn(const struct relay_client *c)
{
    return c->verdict.dn;
}

bool relay_client_has_dsn(const struct relay_client *c)
{
    return c->dsn;
}
