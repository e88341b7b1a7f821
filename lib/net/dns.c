/* The only place of c-ares: its sockets in our loop, its answers in a cache. */
#include "lib/net/dns.h"

#include "lib/base/clock.h"
#include "lib/base/crypto.h"
#include "lib/base/vec.h"
#include "lib/net/dns_answer.h"
#include "lib/net/loop_private.h"

#include <ares.h>
#include <pthread.h>
#include <string.h>
#include <strings.h>

enum {
    QUERY_TIMEOUT_MS = 3000,
    QUERY_TRIES = 3,
    TTL_MAX_S = 3600,
    TTL_NEGATIVE_S = 60,
    CACHE_MAX = 4096,
    TICK_MS = 500
};

struct question {
    char name[256];
    int type; /* T_MX, T_A, T_AAAA */
};

struct cached {
    struct question question;
    uint64_t until_ms;
    struct dns_records records;
};

struct waiting {
    struct dns *dns;
    struct question question;
    void (*done)(struct dns *, const struct dns_records *, void *);
    void *arg;
};

struct socket_event {
    struct dns *dns;
    ares_socket_t fd;
    struct event *event;
};

struct dns {
    struct loop *loop;
    ares_channel channel;
    VEC(struct socket_event *) sockets;
    VEC(struct cached) cache;
    struct timer *tick;
};

static void on_tick(void *arg)
{
    struct dns *dns = arg;
    ares_process_fd(dns->channel, ARES_SOCKET_BAD, ARES_SOCKET_BAD);
    if (dns->sockets.len)
        timer_arm(dns->tick, TICK_MS);
}

static void on_socket(evutil_socket_t fd, short what, void *arg)
{
    struct dns *dns = ((struct socket_event *)arg)->dns;
    ares_process_fd(dns->channel, what & EV_READ ? fd : ARES_SOCKET_BAD, what & EV_WRITE ? fd : ARES_SOCKET_BAD);
}

static void forget_socket(struct dns *dns, size_t i)
{
    struct socket_event *s = dns->sockets.items[i];
    event_free(s->event);
    xfree(&s);
    dns->sockets.items[i] = dns->sockets.items[--dns->sockets.len];
}

static void on_socket_state(void *arg, ares_socket_t fd, int readable, int writable)
{
    struct dns *dns = arg;
    for (size_t i = 0; i < dns->sockets.len; i++)
        if (dns->sockets.items[i]->fd == fd) {
            forget_socket(dns, i);
            break;
        }
    if (!readable && !writable)
        return;
    struct socket_event *s = xmalloc(sizeof *s);
    short what = (short)(EV_PERSIST | (readable ? EV_READ : 0) | (writable ? EV_WRITE : 0));
    *s = (struct socket_event){dns, fd, event_new(loop_base(dns->loop), fd, what, on_socket, s)};
    if (!s->event || event_add(s->event, NULL) != 0)
        fatal("a resolver's socket cannot be watched");
    vec_push(&dns->sockets, s);
    timer_arm(dns->tick, TICK_MS);
}

static pthread_once_t started = PTHREAD_ONCE_INIT;

static void start(void)
{
    if (ares_library_init(ARES_LIB_INIT_ALL) != ARES_SUCCESS)
        fatal("c-ares does not start");
}

static void set_resolvers(struct dns *dns, const char *resolvers)
{
    struct str csv;
    struct span rest = span_of(resolvers), one;
    str_init(&csv, 4096);
    while (span_cut(&rest, ' ', &one))
        if (one.n) {
            str_puts(&csv, csv.len ? "," : "");
            str_add_span(&csv, one);
        }
    int result = csv.len ? ares_set_servers_ports_csv(dns->channel, csv.data) : ARES_SUCCESS;
    if (result != ARES_SUCCESS)
        fatal("resolvers \"%s\": %s, expected \"127.0.0.1:53 …\"", resolvers, ares_strerror(result));
    str_free(&csv);
}

struct dns *dns_new(struct loop *loop, const char *resolvers)
{
    struct dns *dns = xcalloc(1, sizeof *dns);
    struct ares_options options = {.timeout = QUERY_TIMEOUT_MS,
                                   .tries = QUERY_TRIES,
                                   .sock_state_cb = on_socket_state,
                                   .sock_state_cb_data = dns,
                                   .flags = ARES_FLAG_NOSEARCH | ARES_FLAG_NOALIASES};
    pthread_once(&started, start);
    dns->loop = loop;
    dns->tick = timer_new(loop, on_tick, dns);
    int result = ares_init_options(&dns->channel, &options,
                                   ARES_OPT_TIMEOUTMS | ARES_OPT_TRIES | ARES_OPT_SOCK_STATE_CB | ARES_OPT_FLAGS);
    if (result != ARES_SUCCESS)
        fatal("no resolver: %s", ares_strerror(result));
    set_resolvers(dns, resolvers);
    return dns;
}

void dns_destroy(struct dns **dns)
{
    if (!*dns)
        return;
    ares_destroy((*dns)->channel); /* whoever waits is told DNS_TEMPORARY */
    while ((*dns)->sockets.len)
        forget_socket(*dns, (*dns)->sockets.len - 1);
    vec_free(&(*dns)->sockets);
    vec_each (&(*dns)->cache, c)
        dns_records_free(&c->records);
    vec_free(&(*dns)->cache);
    timer_destroy(&(*dns)->tick);
    xfree(dns);
}

static struct cached *find_cached(struct dns *dns, const struct question *q)
{
    uint64_t now = clock_ms();
    for (size_t i = 0; i < dns->cache.len;) {
        struct cached *c = &dns->cache.items[i];
        if (c->until_ms <= now) {
            dns_records_free(&c->records);
            *c = dns->cache.items[--dns->cache.len];
            continue;
        }
        if (c->question.type == q->type && strcasecmp(c->question.name, q->name) == 0)
            return c;
        i++;
    }
    return NULL;
}

static void keep(struct dns *dns, const struct question *q, const struct dns_records *records)
{
    if (records->status == DNS_TEMPORARY || dns->cache.len >= CACHE_MAX)
        return;
    uint32_t ttl = records->status == DNS_OK ? records->ttl : TTL_NEGATIVE_S;
    ttl = ttl > TTL_MAX_S ? TTL_MAX_S : ttl;
    struct cached c = {.question = *q, .until_ms = clock_ms() + (uint64_t)ttl * 1000};
    dns_records_copy(&c.records, records);
    vec_push(&dns->cache, c);
}

static enum dns_status status_of(int ares_status)
{
    switch (ares_status) {
    case ARES_SUCCESS:
        return DNS_OK;
    case ARES_ENODATA:
        return DNS_NO_DATA;
    case ARES_ENOTFOUND:
    case ARES_EBADNAME:
        return DNS_NO_NAME;
    default:
        return DNS_TEMPORARY;
    }
}

static void on_answer(void *arg, int status, int timeouts UNUSED, unsigned char *bytes, int length)
{
    struct waiting *w = arg;
    struct dns_records records = {.status = status_of(status)};
    if (status == ARES_SUCCESS)
        dns_records_parse(&records, bytes, length, w->question.type);
    if (status != ARES_EDESTRUCTION)
        keep(w->dns, &w->question, &records);
    w->done(w->dns, &records, w->arg);
    dns_records_free(&records);
    xfree(&w);
}

static void answer_from_cache(void *arg)
{
    struct waiting *w = arg;
    struct cached *c = find_cached(w->dns, &w->question);
    if (!c) { /* its time ran out between the turns */
        ares_query(w->dns->channel, w->question.name, 1, w->question.type, on_answer, w);
        return;
    }
    struct dns_records copy;
    dns_records_copy(&copy, &c->records); /* `done` may ask again and move the cache */
    w->done(w->dns, &copy, w->arg);
    dns_records_free(&copy);
    xfree(&w);
}

static void ask(struct dns *dns, const char *name, int type,
                void (*done)(struct dns *, const struct dns_records *, void *), void *arg)
{
    struct waiting *w = xcalloc(1, sizeof *w);
    *w = (struct waiting){.dns = dns, .done = done, .arg = arg, .question.type = type};
    size_t n = strlen(name);
    if (n < sizeof w->question.name)
        memcpy(w->question.name, name, n + 1);
    if (find_cached(dns, &w->question))
        loop_post(dns->loop, answer_from_cache, w); /* never from inside the call */
    else
        ares_query(dns->channel, w->question.name, 1, type, on_answer, w);
}

/* --- addresses: A and AAAA, both asked at once --- */

struct address_request {
    void (*done)(const struct dns_address_answer *, void *);
    void *arg;
    unsigned waiting;
    struct dns_records both;
    bool temporary, exists;
};

static void on_addresses(struct dns *dns UNUSED, const struct dns_records *records, void *arg)
{
    struct address_request *r = arg;
    vec_each (&records->addresses, a)
        vec_push(&r->both.addresses, *a);
    r->temporary |= records->status == DNS_TEMPORARY;
    r->exists |= records->status != DNS_NO_NAME;
    if (--r->waiting)
        return;
    struct dns_address_answer answer = {.addresses = (const char(*)[46])r->both.addresses.items,
                                        .count = r->both.addresses.len};
    answer.status = answer.count ? DNS_OK : r->temporary ? DNS_TEMPORARY : r->exists ? DNS_NO_DATA : DNS_NO_NAME;
    r->done(&answer, r->arg);
    dns_records_free(&r->both);
    xfree(&r);
}

void dns_addresses(struct dns *dns, const char *host, void (*done)(const struct dns_address_answer *, void *),
                   void *arg)
{
    struct address_request *r = xcalloc(1, sizeof *r);
    *r = (struct address_request){.done = done, .arg = arg, .waiting = 2};
    ask(dns, host, DNS_TYPE_AAAA, on_addresses, r);
    ask(dns, host, DNS_TYPE_A, on_addresses, r);
}

/* --- MX --- */

struct mx_request {
    struct dns *dns;
    void (*done)(const struct dns_mx_answer *, void *);
    void *arg;
    char domain[256];
};

static int by_preference(const void *a, const void *b)
{
    const struct dns_mx *x = a, *y = b;
    return x->preference < y->preference ? -1 : x->preference > y->preference;
}

/* RFC 5321 5.1: lowest preference first, those of equal preference in random order. */
static void order(struct dns_mx *mx, size_t count)
{
    for (size_t i = count; i > 1; i--) {
        uint32_t random;
        crypto_random(&random, sizeof random);
        struct dns_mx swap = mx[i - 1];
        mx[i - 1] = mx[random % i];
        mx[random % i] = swap;
    }
    for (size_t i = 1; i < count; i++) /* stable, so that the shuffle stays */
        for (size_t j = i; j && by_preference(&mx[j - 1], &mx[j]) > 0; j--) {
            struct dns_mx swap = mx[j];
            mx[j] = mx[j - 1];
            mx[j - 1] = swap;
        }
}

static void finish_mx(struct mx_request *r, const struct dns_mx_answer *answer)
{
    r->done(answer, r->arg);
    xfree(&r);
}

/* RFC 5321 5.1: without an MX, the domain is its own with preference 0, when it has an address. */
static void on_implicit(const struct dns_address_answer *addresses, void *arg)
{
    struct mx_request *r = arg;
    struct dns_mx self = {.preference = 0};
    memcpy(self.host, r->domain, sizeof self.host);
    struct dns_mx_answer answer = {.status = addresses->status};
    if (addresses->status == DNS_OK) {
        answer.mx = &self;
        answer.count = 1;
    }
    finish_mx(r, &answer);
}

static void on_mx(struct dns *dns, const struct dns_records *records, void *arg)
{
    struct mx_request *r = arg;
    struct dns_mx_answer answer = {.status = records->status};
    if (records->status == DNS_NO_DATA || (records->status == DNS_OK && records->mx.len == 0)) {
        dns_addresses(dns, r->domain, on_implicit, r);
        return;
    }
    /* RFC 7505: one record whose host is the root says "no mail here" */
    answer.null_mx = records->mx.len == 1 && records->mx.items[0].host[0] == '\0';
    if (records->status == DNS_OK && !answer.null_mx) {
        order(records->mx.items, records->mx.len);
        answer.mx = records->mx.items;
        answer.count = records->mx.len;
    }
    finish_mx(r, &answer);
}

void dns_mx(struct dns *dns, const char *domain, void (*done)(const struct dns_mx_answer *, void *), void *arg)
{
    struct mx_request *r = xcalloc(1, sizeof *r);
    *r = (struct mx_request){.dns = dns, .done = done, .arg = arg};
    size_t n = strlen(domain);
    if (n < sizeof r->domain)
        memcpy(r->domain, domain, n + 1);
    ask(dns, r->domain, DNS_TYPE_MX, on_mx, r);
}
