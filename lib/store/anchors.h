/* Trust anchors, installed by hand with their fingerprint and never fetched, and their revocation lists, which are. */
#ifndef CADUCEE_STORE_ANCHORS_H
#define CADUCEE_STORE_ANCHORS_H

#include "lib/base/vec.h"
#include "lib/net/x509.h"
#include "lib/store/db.h"

struct anchor {
    struct span der;
    bool issues_servers, issues_applications, issues_persons;
    const char *environment; /* "test", "production" */
    const char *crl_url;     /* NULL: none */
    const char *ocsp_url;    /* NULL: as its certificates say */
    const char *installed_by;
};
/* Idempotent; uses add up. STORE_INVALID: not a CA certificate (words in error). */
enum store_status anchor_add(struct db *, const struct anchor *, struct str *error);
/* Production and test never mix: true when a CA of the other environment is installed. anchor_add() refuses it
 * (STORE_CONFLICT), and who starts on it ends. */
enum store_status anchors_foreign(struct db *, const char *environment, bool *foreign);
/* Where a CA's CRL is, as a certificate that it issued says (its CRL distribution point); kept when none was given. */
enum store_status anchor_learn_url(struct db *, const struct certificate *issued);
enum store_status anchor_remove(struct db *, const char *sha256_hex);

struct crl_result {
    char ca[1024]; /* subject of the CA whose list it is */
    int64_t next_update;
    uint64_t entries;
    bool newer; /* than what was held */
};
/* STORE_INVALID: not a CRL, partial, or signed by no installed CA; already past its nextUpdate: STORE_CONFLICT. */
enum store_status crl_import(struct db *, struct span file, const char *etag, int64_t now, struct crl_result *,
                             struct str *error);
/* `ca`: fingerprint in hex, or a part of the subject. At most 72 hours (design: Failure). */
enum store_status crl_extend(struct db *, const char *ca, unsigned hours, const char *why);

struct crl_source {
    uint8_t sha256[32];
    char subject[1024], url[1024], etag[256];
    int64_t next_update, fetched, extended_until; /* 0: none */
    bool held;
};
typedef VEC(struct crl_source) crl_source_list;
enum store_status crl_sources(struct db *, crl_source_list *out); /* vec_free() it */

#endif
