/* caducee dns DOMAIN: the records that make a domain of ours work — mail exchange for the other operators, SRV (RFC 6186, RFC
 * 8314) and autoconfig for mail software — to copy into the zone; --check asks the resolvers whether they are there. */
#include "ctl/command.h"
#include "ctl/table.h"

#include "lib/net/dns.h"
#include "lib/proto/address.h"

#include <stdio.h>
#include <string.h>

static const struct {
    const char *service;
    unsigned port;
} services[] = {{"_submission._tcp", 587}, {"_submissions._tcp", 465}, {"_imap._tcp", 143}, {"_imaps._tcp", 993}};

static const struct table_column columns[] = {{"name", "nom", "name", false},
                                              {"type", "type", "type", false},
                                              {"value", "valeur", "value", false},
                                              {"why", "pour", "for", false}};

static void add(struct table *t, const char *name, const char *type, const char *value, const char *why)
{
    table_cell(t, name);
    table_cell(t, type);
    table_cell(t, value);
    table_cell(t, why);
}

/* The host of https://host:port/path. */
static struct span host_of(const char *url)
{
    const char *at = strstr(url, "://");
    at = at ? at + 3 : url;
    return (struct span){at, strcspn(at, ":/")};
}

static void print_records(struct invocation *i, const char *domain)
{
    struct table t;
    const char *host = i->conf->general_hostname;
    struct span web = host_of(i->conf->webmail_base_url);
    table_init(&t, columns, COUNT(columns));
    char *name = xasprintf("%s.", domain), *value = xasprintf("10 %s.", host);
    add(&t, name, "MX", value, LANG(i, "les autres opérateurs", "the other operators"));
    xfree(&name);
    xfree(&value);
    for (size_t n = 0; n < COUNT(services); n++) {
        name = xasprintf("%s.%s.", services[n].service, domain);
        value = xasprintf("0 1 %u %s.", services[n].port, host);
        add(&t, name, "SRV", value, LANG(i, "les logiciels de messagerie", "mail software"));
        xfree(&name);
        xfree(&value);
    }
    name = xasprintf("autoconfig.%s.", domain);
    value = xasprintf("%.*s.", (int)web.n, web.n ? web.p : "");
    add(&t, name, "CNAME", web.n ? value : "?",
        LANG(i, "la configuration automatique (certificat public)", "automatic configuration (public certificate)"));
    xfree(&name);
    xfree(&value);
    table_print(i, &t);
}

struct looking {
    struct loop *loop;
    const char *host;
    bool found;
    enum dns_status status;
    struct str seen;
};

static void on_answer(const struct dns_mx_answer *answer, void *arg)
{
    struct looking *l = arg;
    l->status = answer->status;
    for (size_t n = 0; n < answer->count; n++) {
        l->found = l->found || domain_equal(span_of(answer->mx[n].host), span_of(l->host));
        str_addf(&l->seen, "%s%u %s", l->seen.len ? ", " : "", answer->mx[n].preference, answer->mx[n].host);
    }
    loop_stop(l->loop);
}

static void too_late(void *arg)
{
    struct looking *l = arg;
    l->status = DNS_TEMPORARY;
    loop_stop(l->loop);
}

static int check(struct invocation *i, const char *domain)
{
    enum { PATIENCE_MS = 10000 };
    struct looking l = {.loop = loop_new(), .host = i->conf->general_hostname, .status = DNS_TEMPORARY};
    struct timer *timer = timer_new(l.loop, too_late, &l);
    struct dns *dns = dns_new(l.loop, i->conf->dns_resolvers);
    str_init(&l.seen, 4096);
    timer_arm(timer, PATIENCE_MS);
    dns_mx(dns, domain, on_answer, &l);
    loop_run(l.loop);
    int status = STATUS_OK;
    if (l.status == DNS_TEMPORARY)
        status = fail(i, STATUS_UNAVAILABLE, "%s : %s", domain,
                      LANG(i, "les résolveurs ne répondent pas", "the resolvers do not answer"));
    else if (!l.found)
        status = fail(i, STATUS_NO, LANG(i, "MX de %s : %s ; %s est attendu", "MX of %s: %s; %s is expected"), domain,
                      l.seen.len ? l.seen.data : "-", l.host);
    dns_destroy(&dns);
    timer_destroy(&timer);
    loop_destroy(&l.loop);
    str_free(&l.seen);
    return status;
}

int command_dns(struct invocation *i)
{
    bool checks = take_flag(i, "--check");
    const char *word = take_word(i);
    struct str domain;
    str_init(&domain, ADDRESS_DOMAIN_MAX);
    if (!word || !words_end(i) || !domain_normalise(&domain, span_of(word))) {
        str_free(&domain);
        return usage(i, "un domaine à nous", "a domain of ours");
    }
    print_records(i, domain.data);
    int status = checks ? check(i, domain.data) : STATUS_OK;
    str_free(&domain);
    return status;
}
