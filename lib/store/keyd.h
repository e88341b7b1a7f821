/* What keyd asks of the database: who may open which BAL, and the wrapped keys. No other program has the grants. */
#ifndef CADUCEE_STORE_KEYD_H
#define CADUCEE_STORE_KEYD_H

#include "lib/base/vec.h"
#include "lib/store/bal.h"

enum { WRAPPED_MAX = 256, RIGHTS_MAX = 1000 };

/* One way of one person or certificate into one BAL, with all that decides whether it holds now. */
struct right {
    struct bal bal;
    int64_t person_id, binding_id; /* one of them 0 */
    char role[16];                 /* "titulaire", "lecteur", "membre", "gestionnaire"; "" for a certificate */
    bool may_send, in_dates, contract_in_force;
    uint8_t key_sha256[32]; /* certificate: the public key last seen; zero = none yet */
    int64_t not_after;      /* and that certificate's end, wall seconds; 0 = none yet */
    int64_t epoch_id;
    uint8_t wrapped[WRAPPED_MAX];
    size_t wrapped_bytes; /* 0: the BAL's key has been destroyed */
};
typedef VEC(struct right) right_list;

/* Names are canonical (proto/dn.h). */
enum store_status rights_of_certificate(struct db *, struct span issuer, struct span subject, right_list *out);
/* The same as caducee_admin, without the keys: wrapped_bytes only says whether there is one. */
enum store_status rights_to_explain(struct db *, struct span issuer, struct span subject, right_list *out);
/* bal_id 0: all. */
enum store_status rights_of_person(struct db *, int64_t person_id, int64_t bal_id, right_list *out);
enum store_status certificate_seen(struct db *, int64_t binding_id, const uint8_t key_sha256[32], int64_t not_after);
enum store_status bal_opened(struct db *, int64_t bal_id); /* waiting → open */

/* A share of a BAL, given, changed, or ended (role NULL), in one transaction with its trace; a lecteur never sends.
 * STORE_NOT_FOUND: nobody is meant, or the titulaire, or who asks. */
struct share_order {
    int64_t bal_id;
    const char *whom; /* a national id, the address of somebody's own BAL, or person:NUMBER */
    const char *role;
    bool may_send;
    int64_t until;      /* wall seconds; 0: a year from now */
    int64_t granted_by; /* person */
};
struct trace;
enum store_status share_change(struct db *, const struct share_order *, const struct trace *);

struct person_names {
    int64_t person_id;
    char name[256]; /* "Dr Élodie MARTIN" */
};
/* Any of the ids; a merged person is followed to the one it became. STORE_CONFLICT: they are several persons'. */
enum store_status person_by_ids(struct db *, const struct span *national_ids, size_t count, struct person_names *out);

enum store_status epoch_publish(struct db *, int64_t epoch_id, const struct key *public_half, bool retire_others);
enum store_status queue_key_publish(struct db *, const struct key *public_half);

/* Pro Santé Connect's documents as the fetcher brought them; `out` is cleared first. */
enum store_status oidc_document(struct db *, const char *name, struct str *out, int64_t *fetched);
enum store_status jwks_ask(struct db *); /* an unknown kid: fetched again, at most once a minute whoever asks */

struct keyd_session {
    int64_t person_id;
    bool locked, over;   /* over: revoked or expired */
    bool by_certificate; /* administration only */
    struct person_names person;
};
enum store_status keyd_session_add(struct db *, struct span session_hash, int64_t person_id, struct span subject,
                                   int64_t expires, const char *peer, bool by_certificate);
/* The operator to whom a personal certificate is bound, with a role now; canonical names. STORE_NOT_FOUND: nobody's;
 * STORE_REFUSED: a session of theirs by certificate locked (or was left for `lock_after_s`), and Pro Santé Connect has not
 * proven them since: no handshake can ask whether the person is still there. */
enum store_status operator_by_certificate(struct db *, struct span issuer, struct span subject, struct span key_sha256,
                                          int64_t lock_after_s, struct person_names *out);
enum store_status keyd_session_by_hash(struct db *, struct span session_hash, struct keyd_session *out);

#endif
