/* The national whitelist (liste blanche): XML, namespace https://listeblanche.mssante.fr/schema, one <Domaine> an entry. PURE:
 * bytes in, entries out. No entities, no DTD, no network, at most 32 MiB. A document that is not well-formed, of another
 * namespace or without a date is refused whole; an entry that cannot be used is skipped, counted and named.
 *
 * When the document is signed, the signature is verified first and entries are read from the node it covers
 * (whitelist_signature.h); what is pinned is the signer's certificate, never the one inside the document.
 */
#ifndef CADUCEE_PROTO_WHITELIST_H
#define CADUCEE_PROTO_WHITELIST_H

#include "lib/base/vec.h"
#include "lib/proto/dn.h"

enum { WHITELIST_MAX = 32 * 1024 * 1024, WHITELIST_ENTRIES_MAX = 200 * 1000, WHITELIST_SKIPPED_NAMED = 100 };

struct whitelist_entry {
    char *domain;                                        /* A-labels, lower case: what is compared */
    char *domain_text;                                   /* as written */
    char *description, *responsible, *support, *changed; /* "" when absent; at most 4 KiB each */
    char *dn_text;                                       /* as written */
    char *dn;                                            /* canonical (proto/dn.h) */
};
struct whitelist {
    int64_t generated; /* DateDeGeneration, wall seconds */
    bool is_signed;
    VEC(struct whitelist_entry) entries;
    size_t skipped;
    VEC(char *) skipped_why; /* "entry 12, domain x: reason"; the first hundred */
};

struct whitelist_reading {
    struct span signer_pem;  /* the pinned signer's certificates, PEM; empty: none is pinned */
    bool signature_required; /* an unsigned list is refused */
};

/* False: refused, and `error` says why in English. Free in both cases. */
bool whitelist_parse(struct whitelist *, struct span xml, const struct whitelist_reading *, struct str *error) MUST_USE;
void whitelist_free(struct whitelist *);

/* xs:dateTime or xs:date, zone optional (then Europe/Paris is not guessed: UTC). */
bool whitelist_date(struct span text, int64_t *out) MUST_USE;

#endif
