/* Inside of a snapshot. Private to lib/trust: others ask trust.h's questions. */
#ifndef CADUCEE_TRUST_SNAPSHOT_H
#define CADUCEE_TRUST_SNAPSHOT_H

#include "lib/base/crypto.h"
#include "lib/base/vec.h"
#include "lib/net/x509.h"
#include "lib/trust/trust.h"

#include <stdatomic.h>

typedef struct {
    uint8_t b[SHA256_BYTES];
} dn_digest;

struct listed_dn {
    dn_digest digest;
    char *description; /* the first one given for it */
};
struct listed_domain {
    char *name;        /* A-labels, lower case */
    VEC(uint32_t) dns; /* indexes of listed_dn */
};
struct ca_use {
    bool servers, applications, persons;
};
struct revoked {
    char fingerprint[65];
    int64_t answered;
};
/* Open addressing, indexes + 1 into a list, 0 = free; a power of two at least twice as large as what it holds. */
struct index {
    uint32_t *slots;
    size_t mask, used;
};

struct trust_snapshot {
    atomic_uint references;
    uint64_t generation;
    VEC(struct listed_dn) dns;
    VEC(struct listed_domain) domains;
    struct index by_dn, by_domain;
    size_t entries;
    VEC(char *) own_domains;
    VEC(dn_digest) own_dns;
    VEC(struct ca_use) ca_uses;  /* by index in `x509` */
    VEC(struct revoked) revoked; /* by OCSP; few */
    struct x509_store *x509;
    bool client_eku_required;
};

void digest_of(dn_digest *, const struct dn *);
const struct listed_dn *snapshot_dn(const struct trust_snapshot *, const dn_digest *);
/* `domain` in any case, U-labels or A-labels. */
const struct listed_domain *snapshot_domain(const struct trust_snapshot *, struct span domain);
/* NULL: no OCSP answer calls it revoked. */
const struct revoked *snapshot_revoked(const struct trust_snapshot *, const char *fingerprint);
bool snapshot_is_own_dn(const struct trust_snapshot *, const dn_digest *);

#endif
