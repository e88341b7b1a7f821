/* Generations of the whitelist in the database: every check of a new one in one place, whoever brings it (the fetcher, or an
 * operator's hand). What is refused changes nothing.
 */
#ifndef CADUCEE_STORE_WHITELISTS_H
#define CADUCEE_STORE_WHITELISTS_H

#include "lib/store/db.h"

struct whitelist_state {
    int64_t generation, generated, imported;
    char source[512], etag[256], signed_by[512], forced_by[128], forced_why[512];
    uint8_t digest[32];
    int64_t entries, skipped;
    int64_t trust_generation;
    bool ever_signed;
};
enum store_status whitelist_state_read(struct db *, struct whitelist_state *); /* STORE_NOT_FOUND: no list yet */

enum whitelist_outcome {
    WHITELIST_TAKEN,
    WHITELIST_SAME,      /* the very list in force */
    WHITELIST_MALFORMED, /* not well-formed, namespace, date, signature: nothing overrides it */
    WHITELIST_OLDER,     /* not newer than the one in force: --force */
    WHITELIST_SMALLER,   /* loses more than it may: --force */
    WHITELIST_FAILED     /* the database: `status` */
};
struct whitelist_offer {
    struct span document;
    const char *source, *etag;          /* etag NULL: none */
    struct span signer_pem;             /* pinned; empty: none */
    bool signature_required;            /* also once a signed list has been accepted */
    unsigned loss_max;                  /* per cent of the entries in force */
    const char *forced_by, *forced_why; /* an operator's name and reason, or NULL */
    bool dry_run;                       /* everything but the change */
    /* out */
    int64_t generation, lost, before;
    size_t entries, skipped;
    bool is_signed;
    struct str words; /* why, in English; what was skipped */
    struct str skipped_why;
    enum store_status status;
};
const char *whitelist_outcome_name(enum whitelist_outcome);
enum whitelist_outcome whitelist_offer(struct db *, struct whitelist_offer *); /* free words, skipped_why */

/* Puts an earlier generation back in force. STORE_NOT_FOUND: no such one. */
enum store_status whitelist_rollback(struct db *, int64_t generation);
/* Our domains that the list in force does not name, one a line; and how often it names that DN. */
enum store_status whitelist_own_missing(struct db *, struct str *domains);
enum store_status whitelist_names_dn(struct db *, const char *canonical_dn, int64_t *times);
/* Forgets lists older than `days`, never the last ten nor the one in force. */
enum store_status whitelist_forget(struct db *, unsigned days);
/* What became of the newest try to fetch it: "200", "304", "refused", "unreachable". */
enum store_status whitelist_fetch_note(struct db *, const char *outcome);

#endif
