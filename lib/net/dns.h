/* DNS through c-ares, in the loop, from configured resolvers. Answers are cached for their TTL (at most an hour). */
#ifndef CADUCEE_NET_DNS_H
#define CADUCEE_NET_DNS_H

#include "lib/net/loop.h"

struct dns;
enum dns_status { DNS_OK, DNS_NO_DATA, DNS_NO_NAME, DNS_TEMPORARY };
struct dns_mx {
    char host[256];
    uint16_t preference;
};
struct dns_mx_answer {
    enum dns_status status;
    bool null_mx; /* RFC 7505 */
    const struct dns_mx
        *mx; /* sorted by preference, equal ones shuffled; an A/AAAA-only domain is its own MX (RFC 5321 5.1) */
    size_t count;
};
struct dns_address_answer {
    enum dns_status status;
    const char (*addresses)[46];
    size_t count;
};
struct dns *dns_new(struct loop *, const char *resolvers /* "127.0.0.1:5353 …"; "" = resolv.conf */);
void dns_mx(struct dns *, const char *domain, void (*done)(const struct dns_mx_answer *, void *), void *arg);
void dns_addresses(struct dns *, const char *host, void (*done)(const struct dns_address_answer *, void *), void *arg);
void dns_destroy(struct dns **);

#endif
