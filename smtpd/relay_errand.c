/* One claim's life. Its letters are read ahead, sent in order, and handed over to be settled; go_on() is called whenever
 * something has changed, and does what can be done now.
 */
#include "smtpd/relay.h"

#include "lib/base/clock.h"
#include "lib/base/num.h"
#include "lib/proto/address.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

static void connect_next(struct errand *);
static void go_on(struct errand *);

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
    relay_domain_end(d, clock_ms());
    forget(r, e);
    vec_free(&e->letters);
    vec_free(&e->flying);
    vec_free(&e->servers);
    vec_free(&e->addresses);
    xfree(&e);
    relay_claim_soon(r);
}

void errand_leases(const struct errand *e, struct queue_claim *out)
{
    snprintf(out->domain, sizeof(out->domain), "%s", e->name);
    vec_each (&e->letters, l) {
        if (!*l)
            continue;
        struct queue_message copy = (*l)->message;
        memset(&copy.recipients, 0, sizeof(copy.recipients));
        vec_each (&(*l)->message.recipients, q)
            vec_push(&copy.recipients, *q);
        vec_push(&out->messages, copy);
    }
}

/* Its fate is known: the letter is the settlement's from here on. */
static void end_letter(struct errand *e, struct letter *l)
{
    for (size_t i = 0; i < e->letters.len; i++)
        if (e->letters.items[i] == l)
            e->letters.items[i] = NULL;
    relay_settle_soon(e->relay, l);
}

/* Nobody took it: all its recipients wait, with the reason. */
static void defer_letter(struct errand *e, struct letter *l)
{
    l->failure = e->failure;
    l->permanent = e->permanent;
    end_letter(e, l);
}

struct loading {
    struct errand *errand;
    VEC(struct letter *) letters;
};

static void load_run(void *thread, void *arg)
{
    struct loading *x = arg;
    relay_load(thread, x->letters.items, x->letters.len);
}

static void loaded(void *arg)
{
    struct loading *x = arg;
    struct errand *e = x->errand;
    e->loaded += x->letters.len;
    e->loading = false;
    vec_free(&x->letters);
    xfree(&x);
    go_on(e);
}

/* Half a load ahead of the connection. */
static void load_ahead(struct errand *e)
{
    if (!e->loading && e->loaded < e->next)
        e->loaded = e->next; /* those were deferred unread */
    if (e->loading || e->loaded >= e->letters.len || e->loaded > e->next + RELAY_LOAD_MESSAGES / 2)
        return;
    struct loading *x = xcalloc(1, sizeof(*x));
    x->errand = e;
    uint64_t bytes = 0;
    for (size_t i = e->loaded; i < e->letters.len && x->letters.len < RELAY_LOAD_MESSAGES; i++) {
        bytes += e->letters.items[i]->message.bytes;
        if (x->letters.len > 0 && bytes > RELAY_LOAD_BYTES)
            break;
        vec_push(&x->letters, e->letters.items[i]);
    }
    e->loading = true;
    jobs_submit(e->relay->jobs, load_run, loaded, x);
}

static void store_failed(struct letter *l)
{
    snprintf(l->failure.rule, sizeof(l->failure.rule), "store");
    snprintf(l->failure.reply, sizeof(l->failure.reply), "%s", store_status_name(l->status));
}

static void local_run(void *thread, void *arg)
{
    struct letter *l = arg;
    relay_load(thread, &l, 1);
    if (l->status == STORE_OK && !l->withdrawn)
        relay_deliver_local(thread, l);
    else if (l->status != STORE_OK)
        store_failed(l);
    relay_settle(thread, l->relay, &l, 1);
}

/* Domains of ours: one after the other, each in a job of its own. */
static void local_done(void *arg)
{
    struct letter *l = arg;
    struct errand *e = l->errand;
    e->letters.items[e->next++] = NULL;
    e->loading = false;
    letter_free(&l);
    go_on(e);
}

static void go_on_locally(struct errand *e)
{
    if (e->loading || e->next >= e->letters.len)
        return;
    struct letter *l = e->letters.items[e->next];
    struct trust_snapshot *snapshot = keeper_snapshot(e->relay->keeper);
    l->errand = e;
    l->is_local = true;
    l->snapshot = snapshot ? trust_hold(snapshot) : NULL;
    e->loading = true;
    jobs_submit(e->relay->jobs, local_run, local_done, l);
}

/* Another domain of ours is another certificate, hence another connection. */
static bool has_identity(struct errand *e, const struct letter *l)
{
    if (l->identity == e->identity)
        return true;
    if (e->flying.len > 0 || e->connecting)
        return false;
    relay_client_quit(&e->client);
    e->identity = l->identity;
    e->from_idle = false;
    if (e->resolved && !e->permanent) {
        e->next_server = e->next_address = e->addresses.len = 0;
        e->exhausted = false;
    }
    return true;
}

static void send_letter(struct errand *e, struct letter *l)
{
    vec_push(&e->flying, l);
    snprintf(l->host, sizeof(l->host), "%s", relay_client_host(e->client));
    snprintf(l->dn, sizeof(l->dn), "%s", relay_client_dn(e->client));
    l->peer_has_dsn = relay_client_has_dsn(e->client);
    relay_client_send(e->client, &l->mail);
}

/* The next letter, if its time has come; false: something must happen first. */
static bool next_letter(struct errand *e)
{
    struct letter *l = e->next < e->letters.len ? e->letters.items[e->next] : NULL;
    if (e->next >= e->letters.len || (l && !has_identity(e, l)))
        return false;
    if (l && e->exhausted) {
        if (e->loading && e->next >= e->loaded)
            return false; /* a job has it */
        defer_letter(e, l);
    } else if (l && e->next >= e->loaded) {
        if (!e->client && !e->connecting)
            connect_next(e);
        return false;
    } else if (l && l->status != STORE_OK) {
        store_failed(l);
        end_letter(e, l);
    } else if (l && l->withdrawn) {
        end_letter(e, l); /* those who do not oppose wait for the next try, without the others */
    } else if (l && !e->client) {
        if (!e->connecting)
            connect_next(e);
        return e->exhausted;
    } else if (l) {
        if (!relay_client_has_room(e->client, &l->mail))
            return false;
        e->next++;
        send_letter(e, l);
        return true;
    }
    e->next++;
    return true;
}

/* Called from inside itself (a callback of a callback), it goes round once more instead. */
static void go_on(struct errand *e)
{
    e->again = true;
    if (e->going)
        return;
    e->going = true;
    while (e->again) {
        e->again = false;
        if (e->is_local)
            go_on_locally(e);
        else
            while (next_letter(e))
                ;
        if (e->client && !e->is_local)
            load_ahead(e);
    }
    e->going = false;
    if (e->next >= e->letters.len && e->flying.len == 0 && !e->loading && !e->connecting)
        finish(e);
}

static void on_ready(struct relay_client *client, void *owner)
{
    struct errand *e = owner;
    e->client = client;
    e->connecting = false;
    relay_domain_opened(e->domain, e->relay->conf->relay_connections_per_domain);
    log_event(LOG_INFO, &e->log, "relay.connected", LS("domain", e->name), LS("host", relay_client_host(client)),
              LS("dn", relay_client_dn(client)));
    go_on(e);
}

static void on_done(struct relay_client *client UNUSED, const struct relay_mail *mail, void *owner)
{
    struct errand *e = owner;
    struct letter *l = mail->letter;
    must(e->flying.len > 0 && e->flying.items[0] == l);
    memmove(e->flying.items, e->flying.items + 1, (e->flying.len - 1) * sizeof(struct letter *));
    e->flying.len--;
    e->answered = true;
    end_letter(e, l);
    go_on(e);
}

static bool any_reply(const struct errand *e)
{
    if (e->answered)
        return true;
    vec_each (&e->flying, l)
        vec_each (&(*l)->recipients, r)
            if (r->code)
                return true;
    return false;
}

/* The idle connection had gone before we used it: back to where they were, for the next one. */
static void take_back(struct errand *e)
{
    for (size_t i = 0; e->flying.len > 0 && i < e->letters.len; i++)
        if (e->letters.items[i] == e->flying.items[0]) {
            e->next = i;
            break;
        }
    e->flying.len = 0;
}

static void on_failed(struct relay_client *client, void *owner)
{
    struct errand *e = owner;
    bool stale = e->from_idle && !any_reply(e), between = e->client && e->flying.len == 0;
    e->client = NULL;
    e->connecting = e->from_idle = false;
    e->failure = *relay_client_failure(client);
    log_event(LOG_WARN, &e->log, "relay.failed", LS("domain", e->name), LS("host", relay_client_host(client)),
              LS("rule", e->failure.rule), LS("reply", e->failure.reply), LS("dn", e->failure.dn));
    if (stale) {
        take_back(e);
    } else if (!between) {
        relay_domain_failed(e->domain);
        vec_each (&e->flying, l)
            defer_letter(e, *l);
        e->flying.len = 0;
    }
    go_on(e);
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
                                    r->conf->general_hostname, e->name, r->identities.items[e->identity].tls,
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
        set_failure(e, RELAY_NULL_MX, "their domain takes no mail (null MX)", false);
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
        if (!domain_equal(span_of(pair->key), span_of(e->name)))
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
    e->connecting = open_next_address(e);
    if (e->connecting)
        return;
    if (!e->resolved && take_route(e)) {
        connect_next(e);
    } else if (!e->resolved) {
        e->connecting = true;
        dns_mx(e->relay->dns, e->name, on_servers, e);
    } else if (e->next_server < e->servers.len) {
        e->connecting = true;
        find_addresses(e, e->servers.items[e->next_server++].host);
    } else {
        e->exhausted = true;
        go_on(e);
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
    e->is_local = trust_is_ours(snapshot, span_of(e->name));
    if (e->is_local)
        return;
    trust_judge_recipient_domain(snapshot, span_of(e->name), &verdict);
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
    snprintf(e->name, sizeof(e->name), "%s", claim->domain);
    vec_each (&claim->messages, m)
        vec_push(&e->letters, letter_new(r, e->name, m));
    vec_free(&claim->messages);
    e->port = (uint16_t)r->conf->relay_port;
    log_new_id(&e->log);
    relay_domain_begin(domain, clock_ms());
    vec_push(&r->errands, e);
    judge_domain(e);
    if (domain->idle && !e->exhausted && !e->is_local) {
        e->client = domain->idle;
        e->identity = domain->idle_identity;
        relay_client_own(e->client, e);
        e->from_idle = true;
    }
    go_on(e);
}
