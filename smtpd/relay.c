#include "smtpd/relay.h"

#include "lib/base/clock.h"
#include "lib/base/metrics.h"
#include "lib/proto/address.h"
#include "lib/store/alarms.h"
#include "smtpd/worker.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { FOLD_MS = 5000, POLL_MS = 500, IDLE_MS = 30000, DRAIN_MS = 60000, JOB_THREADS = 4 };

static VEC(struct relay_identity) prepared; /* made in prepare, before seccomp */

static void add_identity(struct span domain, const char *certificate, const char *key)
{
    struct relay_identity one = {.domain = ""};
    struct str error, name;
    str_init(&error, 1024);
    str_init(&name, ADDRESS_DOMAIN_MAX);
    if (domain.n > 0 && !domain_normalise(&name, domain))
        fatal("[tls.domains] %.*s: not a domain name", (int)domain.n, domain.p);
    snprintf(one.domain, sizeof(one.domain), "%s", name.data ? name.data : "");
    one.tls = tls_client_new(certificate, key, &error);
    if (!one.tls)
        fatal("TLS: %s", error.data);
    vec_push(&prepared, one);
    str_free(&error);
    str_free(&name);
}

int relay_prepare(struct worker_context *context)
{
    const struct conf *conf = context->conf;
    struct arena *arena = arena_new(0);
    struct tls_pair pair;
    domain_prepare();
    worker_take_hash_key(conf);
    add_identity(SPAN_NONE, conf->tls_certificate, conf->tls_private_key);
    vec_each (&conf->tls_domains, line) {
        if (!tls_pair_read(arena, line->value, &pair))
            fatal("[tls.domains] %s: expected the paths of a certificate and of its key", line->key);
        add_identity(span_of(line->key), pair.certificate_file, pair.key_file);
    }
    arena_destroy(&arena);
    return 0;
}

size_t relay_identity_of(const struct relay *r, const char *domain)
{
    for (size_t i = 1; i < r->identities.len; i++)
        if (strcmp(r->identities.items[i].domain, domain) == 0)
            return i;
    return 0;
}

struct db *relay_db(void *thread)
{
    return ((struct relay_thread *)thread)->db;
}

static void *thread_start(void *arg)
{
    struct relay *r = arg;
    struct relay_thread *thread = xcalloc(1, sizeof(*thread));
    char *parse = xasprintf("%s/smtpd-parse.sock", r->conf->general_run_folder);
    char *keyd = xasprintf("%s/keyd.sock", r->conf->general_run_folder);
    thread->db = db_new(r->conf, "caducee_relay", "relay");
    thread->parse = parse_client_new(parse);
    thread->keyd = keyd_client_new(keyd);
    xfree(&parse);
    xfree(&keyd);
    return thread;
}

static void thread_end(void *state)
{
    struct relay_thread *thread = state;
    db_destroy(&thread->db);
    parse_client_destroy(&thread->parse);
    keyd_client_destroy(&thread->keyd);
    queue_opener_destroy(&thread->queue_key);
    xfree(&thread);
}

/* Connections nobody used for a while are said goodbye to, domains nobody writes to are forgotten later. */
static void tidy(struct relay *r)
{
    uint64_t now = clock_ms();
    vec_each (&r->domains.all, d)
        if ((*d)->idle && (r->draining || now - (*d)->idle_since > IDLE_MS))
            relay_client_quit(&(*d)->idle);
    relay_domains_forget(&r->domains, now);
}

/* One claim at a time; `busy` are the domains that have as many errands as they may. */
struct claiming {
    struct relay *relay;
    VEC(const char *) busy;
    struct queue_claim claim;
    struct queue_cursor cursor;
    bool fold; /* the counts of what waits, too */
    enum store_status status;
};

static void claim_run(void *thread, void *arg)
{
    struct claiming *c = arg;
    bool held = false;
    c->status = STORE_OK;
    if (!c->relay->placed)
        c->status = queue_check_place(relay_db(thread), c->relay->conf->relay_hold_after_promotion, &held);
    if (held)
        log_event(LOG_ERROR, NULL, "relay.held_after_restore");
    if (c->fold && queue_fold(relay_db(thread)) == STORE_OK)
        (void)alarm_clear_quiet(relay_db(thread), "relay.damaged", "", c->relay->conf->relay_retry_most * 2);
    if (c->status == STORE_OK)
        c->status = queue_claim_domain(relay_db(thread), c->relay->name, (unsigned)c->relay->conf->relay_lease,
                                       RELAY_CLAIM_MESSAGES, c->busy.items, c->busy.len, &c->claim, &c->cursor);
}

static void claim_done(void *arg)
{
    struct claiming *c = arg;
    struct relay *r = c->relay;
    r->claiming = false;
    r->placed = c->status == STORE_OK || c->status == STORE_NOT_FOUND;
    r->cursor = c->cursor;
    if (c->status == STORE_OK && c->claim.messages.len > 0) {
        errand_start(r, relay_domain_of(&r->domains, c->claim.domain, clock_ms()), &c->claim);
        relay_claim_soon(r);
    } else if (c->status == STORE_NOT_FOUND && c->cursor.more) {
        relay_claim_soon(r);
    } else if (c->status != STORE_NOT_FOUND && c->status != STORE_OK) {
        log_event(LOG_WARN, NULL, "relay.no_claim", LS("status", store_status_name(c->status)));
    }
    for (size_t i = 0; i < c->busy.len; i++)
        free((void *)(uintptr_t)c->busy.items[i]);
    vec_free(&c->busy);
    queue_claim_free(&c->claim);
    xfree(&c);
}

static void claim(void *arg)
{
    struct relay *r = arg;
    timer_arm(r->claim_timer, POLL_MS);
    tidy(r);
    if (r->claiming || r->draining || r->errands.len >= r->conf->relay_connections)
        return;
    struct claiming *c = xcalloc(1, sizeof(*c));
    c->relay = r;
    c->cursor = r->cursor;
    c->fold = clock_ms() - r->folded > FOLD_MS;
    r->folded = c->fold ? clock_ms() : r->folded;
    vec_each (&r->domains.all, d)
        if ((*d)->running >= (*d)->allowed)
            vec_push(&c->busy, xstrdup((*d)->name));
    r->claiming = true;
    jobs_submit(r->jobs, claim_run, claim_done, c);
}

/* A lease is renewed while its errand lives, on a copy of the claim: the errand may end while the job runs. */
struct renewal {
    struct relay *relay;
    struct queue_claim claim;
};

static void renew_run(void *thread, void *arg)
{
    struct renewal *x = arg;
    if (queue_renew(relay_db(thread), x->relay->name, &x->claim, (unsigned)x->relay->conf->relay_lease) != STORE_OK)
        log_event(LOG_WARN, NULL, "relay.not_renewed", LS("domain", x->claim.domain));
}

static void renew_done(void *arg)
{
    struct renewal *x = arg;
    queue_claim_free(&x->claim);
    xfree(&x);
}

static void renew_errand(struct relay *r, const struct errand *e)
{
    struct renewal *x = xcalloc(1, sizeof(*x));
    x->relay = r;
    errand_leases(e, &x->claim);
    jobs_submit(r->jobs, renew_run, renew_done, x);
}

static void renew(void *arg)
{
    struct relay *r = arg;
    timer_arm(r->renew_timer, r->conf->relay_lease * 1000 / 3);
    vec_each (&r->errands, e)
        renew_errand(r, *e);
}

void relay_claim_soon(struct relay *r)
{
    if (r->draining && r->errands.len == 0 && r->ended.len == 0 && r->settling == 0)
        loop_stop(r->loop);
    else
        timer_arm(r->claim_timer, 0);
}

static void drain_over(void *arg)
{
    loop_stop(((struct relay *)arg)->loop);
}

static void on_stop(int fd UNUSED, void *arg)
{
    struct relay *r = arg;
    watch_destroy(&r->stop);
    r->draining = true;
    timer_arm(r->drain, DRAIN_MS);
    tidy(r);
    relay_claim_soon(r);
}

int relay_run(struct worker_context *context)
{
    struct relay *r = xcalloc(1, sizeof(*r));
    r->conf = context->conf;
    snprintf(r->name, sizeof(r->name), "%.60s/%d.%u", r->conf->general_hostname, (int)getpid(), context->index);
    r->wake_path = xasprintf("%s/notifier.sock", r->conf->general_run_folder);
    r->loop = loop_new();
    vec_each (&prepared, one)
        vec_push(&r->identities, *one);
    vec_free(&prepared);
    r->keys = delivery_keys_new();
    r->dns = dns_new(r->loop, r->conf->dns_resolvers);
    r->jobs = jobs_new(r->loop, JOB_THREADS, thread_start, thread_end, r);
    r->keeper = keeper_new(r->loop, r->jobs, relay_db, NULL, NULL);
    r->claim_timer = timer_new(r->loop, claim, r);
    r->renew_timer = timer_new(r->loop, renew, r);
    r->settle_timer = timer_new(r->loop, relay_settle_now, r);
    r->drain = timer_new(r->loop, drain_over, r);
    timer_arm(r->renew_timer, r->conf->relay_lease * 1000 / 3);
    r->stop = watch_new(r->loop, context->stop_fd, on_stop, r);
    relay_claim_soon(r);
    loop_run(r->loop);
    jobs_destroy(&r->jobs);
    timer_destroy(&r->claim_timer);
    timer_destroy(&r->renew_timer);
    timer_destroy(&r->settle_timer);
    timer_destroy(&r->drain);
    keeper_destroy(&r->keeper);
    dns_destroy(&r->dns);
    delivery_keys_destroy(&r->keys);
    relay_domains_free(&r->domains);
    vec_each (&r->identities, one)
        tls_context_destroy(&one->tls);
    vec_free(&r->identities);
    xfree(&r->wake_path);
    return 0;
}
