/* Certificates of others that we have admitted or bound, and what their CAs' OCSP responders say about them. The fetcher
 * asks (never a handshake); the trust snapshot carries what is revoked.
 */
#ifndef CADUCEE_STORE_CERTIFICATES_H
#define CADUCEE_STORE_CERTIFICATES_H

#include "lib/base/vec.h"
#include "lib/net/x509.h"
#include "lib/store/db.h"

/* An admitted peer's leaf, noted in memory: the next snapshot_load() of this process tells the database, once a
 * certificate. Waits for nothing; thread-safe. */
void certificate_note(struct span leaf_der);
/* What snapshot_load() does with the notes. */
enum store_status certificates_tell(struct db *);
/* At once: a certificate that is being bound. */
enum store_status certificate_add(struct db *, struct span leaf_der);
/* Forgets those past their end. */
enum store_status certificates_forget(struct db *);

struct known_certificate {
    char fingerprint[65]; /* SHA-256, hex */
    uint8_t der[8192];
    size_t bytes;
};
typedef VEC(struct known_certificate) known_list;
/* Certificates about which nothing was asked for `interval_s`; at most `most`. vec_free() it. */
enum store_status ocsp_due(struct db *, uint64_t interval_s, size_t most, known_list *out);

struct ocsp_issuer {
    char subject[1024], url[512]; /* url "": as the certificate says */
    struct str der;
};
typedef VEC(struct ocsp_issuer) ocsp_issuer_list;
enum store_status ocsp_issuers(struct db *, ocsp_issuer_list *out);
void ocsp_issuers_free(ocsp_issuer_list *);

/* Keeps an answer; NULL: there was none that counts, the one held stays and is asked for again after the interval.
 * `changed`: it became revoked, or is no more; every process's snapshot then follows within a second. */
enum store_status ocsp_put(struct db *, const char *fingerprint, const struct ocsp_facts *, bool *changed);

#endif
