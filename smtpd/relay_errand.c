/* One claim's life. Each step names the next; a step that must wait (DNS, a connection, a job) is called back. */
#include "smtpd/relay.h"

#include "lib/base/clock.h"
#include "lib/base/num.h"
#include "lib/proto/address.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

static void connect_next(struct errand *);
static void send_next(struct errand *);

static void set_failure(struct errand *e, const char *rule, const char *words, bool trust)
{
    e->failure = (struct relay_failure){.trust = trust};
    snprintf(e->failure.rule, sizeof(e->failure.rule), "%s", rule);
    snprintf(e->failure.reply, sizeof(e->failure.reply), "%s", words);
}

static void forget(struct relay *r, const struct errand *e)
{
    for (size_t i = 0; i < r->errands.len; i++)
        if (r->errands.items[i] == e) {
            r->errands.items[i] = r->errands.items[--r->errands.len];
            return;
        }
}

/* The end: the connection is kept for the next errand of that domain. */
static void finish(struct errand *e)
{
    struct relay *r = e->relay;
    struct relay_domain *d = e->domain;
    if (e->client && !d->idle && !r->draining) {
        relay_client_park(e->client, &d->idle);
        d->idle_identity = e->identity;
        d->idle_since = clock_ms();
    } else {
        relay_client_quit(&e->client);
    }
    d->running--;
    forget(r, e);
    queue_claim_free(&e->claim);
    vec_free(&e->servers);
    vec_free(&e->addresses);
    vec_free(&e->recipients);
    str_free(&e->body);
    xfree(&e);
    relay_claim_soon(r);
}

static void job(struct errand *e, void (*run)(void *, void *), void (*done)(void *))
{
    struct trust_snapshot *snapshot = keeper_snapshot(e->relay->keeper);
    e->snapshot = snapshot ? trust_hold(snapshot) : NULL;
    e->phase = ERRAND_JOB;
    jobs_submit(e->relay->jobs, run, done, e);
}

static void settle_run(void *thread, void *arg)
{
    relay_settle(thread, arg);
}

static void settled(void *arg)
{
    struct errand *e = arg;
    trust_release(&e->snapshot);
    e->message++;
    send_next(e);
}

/* Recipients of the message under way, without replies yet. */
static void prepare_mail(struct errand *e)
{
    struct queue_message *m = &e->claim.messages.items[e->message];
    e->recipients.len = 0;
    e->host[0] = e->dn[0] = '\0';
    e->withdrawn = false;
    vec_each (&m->recipients, q)
        vec_push(&e->recipients,
                 (struct relay_recipient){.address = q->address, .notify = q->notify, .orcpt = q->orcpt});
    e->mail = (struct relay_mail){.sender = m->sender,
                                  .envid = m->envid,
                                  .ret = m->ret,
                                  .smtputf8 = m->smtputf8,
                                  .recipients = e->recipients.items,
                                  .count = e->recipients.len};
}

static void load_run(void *thread, void *arg)
{
    struct errand *e = arg;
    e->status = relay_load(thread, e);
}

static void loaded(void *arg)
{
    struct errand *e = arg;
    trust_release(&e->snapshot);
    if (e->status != STORE_OK) {
        set_failure(e, "store", store_status_name(e->status), false);
        job(e, settle_run, settled);
    } else if (e->withdrawn) {
        job(e, settle_run, settled); /* those who do not oppose wait for the next try, without the others */
    } else if (!e->client) {
        send_next(e); /* it went away while we read */
    } else {
        e->mail.body = str_span(&e->body);
        e->phase = ERRAND_SENDING;
        snprintf(e->host, sizeof(e->host), "%s", relay_client_host(e->client));
        snprintf(e->dn, sizeof(e->dn), "%s", relay_client_dn(e->client));
        e->peer_has_dsn = relay_client_has_dsn(e->client);
        relay_client_send(e->client, &e->mail);
    }
}

static void local_run(void *thread, void *arg)
{
    struct errand *e = arg;
    e->status = relay_load(thread, e);
    if (e->status == STORE_OK && !e->withdrawn)
        relay_deliver_local(thread, e);
    relay_settle(thread, e);
}

/* Another domain of ours is another certificate, hence another connection. */
static void change_identity(struct errand *e)
{
    size_t wanted = relay_identity_of(e->relay, e->claim.messages.items[e->message].own_domain);
    if (wanted == e->identity)
        return;
    relay_client_quit(&e->client);
    e->identity = wanted;
    e->from_idle = false;
    if (e->resolved && !e->permanent) {
        e->next_server = e->next_address = e->addresses.len = 0;
        e->exhausted = false;
    }
}

/* The next message: sent, or deferred with the reason when nobody can be reached any more. */
static void send_next(struct errand *e)
{
    if (e->message >= e->claim.messages.len) {
        finish(e);
        return;
    }
    prepare_mail(e);
    change_identity(e);
    if (e->is_local)
        job(e, local_run, settled);
    else if (e->client)
        job(e, load_run, loaded);
    else if (e->exhausted)
        job(e, settle_run, settled);
    else
        connect_next(e);
}

static void on_ready(struct relay_client *client, void *owner)
{
    struct errand *e = owner;
    e->client = client;
    if (e->domain->allowed < e->relay->conf->relay_connections_per_domain)
        e->domain->allowed++;
    log_event(LOG_INFO, &e->log, "relay.connected", LS("domain", e->claim.domain),
              LS("host", relay_client_host(client)), LS("dn", relay_client_dn(client)));
    send_next(e);
}

static void on_done(struct relay_client *client UNUSED, void *owner)
{
    struct errand *e = owner;
    e->from_idle = false;
    job(e, settle_run, settled);
}

static bool any_reply(const struct errand *e)
{
    for (size_t i = 0; i < e->recipients.len; i++)
        if (e->recipients.items[i].code)
            return true;
    return false;
}

static void on_failed(struct relay_client *client, void *owner)
{
    struct errand *e = owner;
    bool stale = e->from_idle && !any_reply(e);
    e->client = NULL;
    e->failure = *relay_client_failure(client);
    e->from_idle = false;
    log_event(LOG_WARN, &e->log, "relay.failed", LS("domain", e->claim.domain), LS("host", relay_client_host(client)),
              LS("rule", e->failure.rule), LS("reply", e->failure.reply), LS("dn", e->failure.dn));
    if (e->phase == ERRAND_JOB)
        return;
    if (!stale)
        e->domain->allowed = e->domain->allowed > 1 ? e->domain->allowed / 2 : 1;
    if (e->phase == ERRAND_SENDING && !stale)
        job(e, settle_run, settled);
    else
        connect_next(e);
}

static const struct trust_snapshot *snapshot_of(void *relay)
{
    return keeper_snapshot(((struct relay *)relay)->keeper);
}

static bool open_next_address(struct errand *e)
{
    static const struct relay_client_events events = {on_ready, on_done, on_failed};
    struct relay *r = e->relay;
    struct str error;
    struct relay_client *opening = NULL;
    str_init(&error, 256);
    while (!opening && e->next_address < e->addresses.len) {
        const char *address = e->addresses.items[e->next_address++].text;
        opening = relay_client_open(r->loop, address, e->port, e->servers.items[e->next_server - 1].host,
                                    r->conf->general_hostname, e->claim.domain, r->identities.items[e->identity].tls,
                                    r->conf->relay_timeout * 1000, snapshot_of, r, &events, e, &error);
        if (!opening)
            set_failure(e, "connect", error.data, false);
    }
    str_free(&error);
    return opening != NULL;
}

static void on_addresses(const struct dns_address_answer *answer, void *arg)
{
    struct errand *e = arg;
    e->addresses.len = e->next_address = 0;
    for (size_t i = 0; answer->status == DNS_OK && i < answer->count; i++) {
        struct relay_address a;
        snprintf(a.text, sizeof(a.text), "%s", answer->addresses[i]);
        vec_push(&e->addresses, a);
    }
    if (e->addresses.len == 0)
        set_failure(e, "dns", "the name of their server has no address", false);
    connect_next(e);
}

static void on_servers(const struct dns_mx_answer *answer, void *arg)
{
    struct errand *e = arg;
    e->resolved = true;
    if (answer->status == DNS_OK && answer->null_mx) { /* RFC 7505 4.1 */
        set_failure(e, "dns.null_mx", "their domain takes no mail (null MX)", false);
        e->permanent = true;
    } else if (answer->status != DNS_OK) {
        set_failure(e, "dns", answer->status == DNS_TEMPORARY ? "DNS does not answer" : "no mail server in DNS", false);
    }
    for (size_t i = 0; answer->status == DNS_OK && !answer->null_mx && i < answer->count; i++)
        vec_push(&e->servers, answer->mx[i]);
    connect_next(e);
}

/* A route may name an address: it is not looked up. */
static void find_addresses(struct errand *e, const char *host)
{
    unsigned char binary[sizeof(struct in6_addr)];
    struct relay_address a;
    if (inet_pton(AF_INET, host, binary) != 1 && inet_pton(AF_INET6, host, binary) != 1) {
        dns_addresses(e->relay->dns, host, on_addresses, e);
        return;
    }
    snprintf(a.text, sizeof(a.text), "%.45s", host);
    e->addresses.len = e->next_address = 0;
    vec_push(&e->addresses, a);
    connect_next(e);
}

/* [relay.routes]: "domain = host:port" (or [v6]:port, or a host alone) goes before the MX. */
static bool take_route(struct errand *e)
{
    const struct conf *conf = e->relay->conf;
    for (size_t i = 0; i < conf->relay_routes.len; i++) {
        const struct conf_pair *pair = &conf->relay_routes.items[i];
        struct dns_mx server = {.preference = 0};
        if (!domain_equal(span_of(pair->key), span_of(e->claim.domain)))
            continue;
        struct span host = span_of(pair->value);
        const char *colon = strrchr(pair->value, ':'), *bracket = strrchr(pair->value, ']');
        uint32_t port;
        if (colon && (!bracket || colon > bracket) && num_u32(span_of(colon + 1), 65535, &port)) {
            e->port = (uint16_t)port;
            host.n = (size_t)(colon - pair->value);
        }
        if (host.n > 2 && host.p[0] == '[' && host.p[host.n - 1] == ']')
            host = (struct span){host.p + 1, host.n - 2};
        snprintf(server.host, sizeof(server.host), "%.*s", (int)host.n, host.p);
        vec_push(&e->servers, server);
        e->resolved = true;
        return true;
    }
    return false;
}

/* Each address of each server by preference; all of them failed: what is left is deferred. */
static void connect_next(struct errand *e)
{
    e->phase = ERRAND_CONNECTING;
    if (open_next_address(e))
        return;
    if (!e->resolved && take_route(e)) {
        connect_next(e);
    } else if (!e->resolved) {
        dns_mx(e->relay->dns, e->claim.domain, on_servers, e);
    } else if (e->next_server < e->servers.len) {
        find_addresses(e, e->servers.items[e->next_server++].host);
    } else {
        e->exhausted = true;
        send_next(e);
    }
}

/* Is the domain still in the trust space? Asked at the moment of sending, whatever was true at submission. */
static void judge_domain(struct errand *e)
{
    const struct trust_snapshot *snapshot = keeper_snapshot(e->relay->keeper);
    struct trust_verdict verdict;
    if (!snapshot) {
        set_failure(e, "snapshot.missing", "trust data is not loaded", false);
        e->exhausted = true;
        return;
    }
    e->is_local = trust_is_ours(snapshot, span_of(e->claim.domain));
    if (e->is_local)
        return;
    trust_judge_recipient_domain(snapshot, span_of(e->claim.domain), &verdict);
    if (verdict.rule == TRUST_OK)
        return;
    set_failure(e, trust_rule_name(verdict.rule), trust_rule_sentence_en(verdict.rule), true);
    e->exhausted = true;
}

void errand_start(struct relay *r, struct relay_domain *domain, struct queue_claim *claim)
{
    struct errand *e = xcalloc(1, sizeof(*e));
    e->relay = r;
    e->domain = domain;
    e->claim = *claim;
    *claim = (struct queue_claim){.domain = ""};
    e->port = (uint16_t)r->conf->relay_port;
    log_new_id(&e->log);
    str_init(&e->body, (size_t)r->conf->smtpd_message_size * 2);
    domain->running++;
    vec_push(&r->errands, e);
    judge_domain(e);
    if (domain->idle && !e->exhausted && !e->is_local) {
        e->client = domain->idle;
        e->identity = domain->idle_identity;
        relay_client_own(e->client, e);
        e->from_idle = true;
    }
    send_next(e);
}
