/* What an answer of DNS holds for us: read strictly, with the smallest TTL of the records used. Private to lib/net; fuzzed. */
#ifndef CADUCEE_NET_DNS_ANSWER_H
#define CADUCEE_NET_DNS_ANSWER_H

#include "lib/base/vec.h"
#include "lib/net/dns.h"

enum { DNS_TYPE_A = 1, DNS_TYPE_CNAME = 5, DNS_TYPE_MX = 15, DNS_TYPE_AAAA = 28, DNS_RECORDS_MAX = 64 };

struct dns_text_address {
    char text[46];
};

struct dns_records {
    enum dns_status status;
    uint32_t ttl; /* seconds */
    VEC(struct dns_mx) mx;
    VEC(struct dns_text_address) addresses;
};

/* Fills what answers a question of that type (records behind a CNAME included; those that fit no form are passed over);
 * status becomes DNS_NO_DATA when there is none and DNS_TEMPORARY when the packet is nonsense. */
void dns_records_parse(struct dns_records *, const unsigned char *packet, int length, int type);
void dns_records_copy(struct dns_records *to, const struct dns_records *from);
void dns_records_free(struct dns_records *);

#endif
