/* The client of caducee-keyd, the only holder of the master private keys. It hands out ONE BAL's private key for ONE
 * proven session, and verifies tokens itself. Blocking with a deadline: called by jobs.
 */
#ifndef CADUCEE_AUTH_KEYD_H
#define CADUCEE_AUTH_KEYD_H

#include "lib/base/crypto.h"

struct keyd_client;
struct certificate;

enum { KEYD_PROOF_BYTES = 64, KEYD_TOKEN_MAX = 16 << 10 };

enum keyd_outcome {
    KEYD_OK,
    KEYD_REFUSED,    /* `reason` says which rule, for the trace and (in general words) the peer */
    KEYD_TEMPORARY,  /* unknown kid, JWKS being fetched, database away */
    KEYD_UNAVAILABLE /* keyd is gone */
};

enum keyd_role {
    KEYD_ROLE_OWNER /* titulaire */,
    KEYD_ROLE_READER /* lecteur */,
    KEYD_ROLE_MEMBER /* membre */,
    KEYD_ROLE_MANAGER /* gestionnaire */,
    KEYD_ROLE_CERTIFICATE
};

struct keyd_grant {
    int64_t bal_id, person_id; /* person 0 for a certificate */
    int64_t certificate_id;    /* binding row, 0 for a person */
    enum keyd_role role;
    bool may_send;
    struct key_pair key; /* the BAL's; wipe it. All zero when only identity was asked (submission) */
    char bal_address[321];
    char person_name[256]; /* or the certificate's subject */
    char reason[512];
    uint8_t proof[KEYD_PROOF_BYTES]; /* keyd's own MAC over who this session is: keyd_shared() shows it again */
};

struct keyd_client *keyd_client_new(const char *socket_path);
void keyd_client_destroy(struct keyd_client **);

/* By client certificate: the TLS worker's word (it has judged the chain), bound BALs only. `bal_address` "" = the only
 * one bound; when there are several, KEYD_REFUSED and `reason` lists them. `want_key` false: submission needs no key. */
enum keyd_outcome keyd_by_certificate(struct keyd_client *, struct span leaf_der, struct span issuer_der,
                                      struct span bal_address, bool want_key, const char *session, const char *peer,
                                      struct keyd_grant *);
/* By PSC access token (at most 16 KiB), verified by keyd. */
enum keyd_outcome keyd_by_token(struct keyd_client *, struct span token, struct span bal_address, bool want_key,
                                const char *session, const char *peer,
                                struct span client_certificate_der /* cnf; may be none */, struct keyd_grant *);
/* A further BAL of the person or certificate of a proven session (Partages/…): proven by the grant's `proof`. */
enum keyd_outcome keyd_shared(struct keyd_client *, const struct keyd_grant *proven, int64_t bal_id,
                              struct keyd_grant *);
/* SETACL, and the webmail's page of a shared BAL: the person of a proven session, who must be gestionnaire or titulaire of
 * that BAL, shares it or ends a share. KEYD_REFUSED: `reason` is the rule, "share.whom" when nobody or nothing to end is
 * meant (nobody changes their own share, or the titulaire's).
 */
struct keyd_sharing {
    int64_t bal_id;
    struct span whom; /* a national id, the address of somebody's own BAL, or "person:NUMBER" as GETACL says it */
    const char *role; /* "lecteur" (never sends), "membre", "gestionnaire"; NULL: the share ends */
    bool may_send;
    int64_t until; /* wall seconds; 0: a year from now */
};
enum keyd_outcome keyd_share(struct keyd_client *, const struct keyd_grant *proven, const struct keyd_sharing *,
                             const char *session, const char *peer, char reason[512]);
/* The same person binds an application's certificate (which trust has judged) to that BAL: it reads and flags, and sends
 * from an APP BAL only. `mandate` NULL: it is the structure's own; a mandate has an end. KEYD_REFUSED "bind.none": there is
 * no such binding to detach. */
enum keyd_outcome keyd_bind(struct keyd_client *, const struct keyd_grant *proven, int64_t bal_id,
                            const struct certificate *, const char *mandate, int64_t until, const char *session,
                            const char *peer, char reason[512]);
enum keyd_outcome keyd_unbind(struct keyd_client *, const struct keyd_grant *proven, int64_t bal_id, int64_t binding_id,
                              const char *session, const char *peer, char reason[512]);
/* The webmail: keyd verifies the ID token and inserts the session row itself; later the session's secret opens BALs. */
enum keyd_outcome keyd_web_login(struct keyd_client *, struct span id_token, const char *nonce,
                                 struct span session_hash, const char *peer, int64_t *person_id, char reason[512]);
/* The same by a personal certificate that trust has judged: administration alone, no BAL ever opens for such a session. */
enum keyd_outcome keyd_web_certificate(struct keyd_client *, const struct certificate *, struct span session_hash,
                                       const char *peer, int64_t *person_id, char reason[512]);
enum keyd_outcome keyd_by_web_session(struct keyd_client *, struct span session_secret, int64_t bal_id,
                                      struct keyd_grant *);
/* What two roles alone get: relay the queue's key pair, the sealer the key of the traces' seals (its `public_half` is
 * nothing). Wipe it. */
enum keyd_outcome keyd_queue_key(struct keyd_client *, struct key_pair *);
enum keyd_outcome keyd_seal_key(struct keyd_client *, struct key *);

#endif
