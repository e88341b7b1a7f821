/* Who is in the trust space, decided in one place. PURE: no socket, no database, no clock — an immutable snapshot
 * (whitelist, CAs, CRLs, our own domains) that store loads, a certificate chain, and the time, give a verdict with a
 * reason. The same function answers mx, relay, submission, imapd and `caducee trust explain`.
 * X.509 itself is OpenSSL's, touched in lib/net/x509.h only; trust sees decoded certificates (struct certificate).
 */
#ifndef CADUCEE_TRUST_TRUST_H
#define CADUCEE_TRUST_TRUST_H

#include "lib/base/arena.h"
#include "lib/proto/dn.h"

struct trust_snapshot;

enum trust_rule {
    TRUST_OK,
    /* permanent: the peer is not what the trust space asks for (550 5.7.x) */
    TRUST_NO_TLS, /* 530 5.7.0 */
    TRUST_NO_CERTIFICATE,
    TRUST_CHAIN, /* does not verify up to the health CA (other CA, broken signature, wrong branch) */
    TRUST_NOT_YET_VALID,
    TRUST_EXPIRED,
    TRUST_REVOKED,
    TRUST_PROFILE, /* key usage, EKU, key size, issued by the application CA where a server's is asked */
    TRUST_DN_NOT_LISTED,
    TRUST_DOMAIN_NOT_LISTED,
    TRUST_DOMAIN_OTHER_DN, /* listed, but not under this DN */
    TRUST_OUR_DOMAIN,      /* a domain of ours under a DN that is not ours */
    TRUST_HEADER_FROM,     /* header From:/Sender: of ours, or patient.mssante.fr under another's DN */
    TRUST_NOT_BOUND,       /* application certificate: no binding to that BAL */
    TRUST_BINDING_EXPIRED,
    /* passing: ours to mend (451 4.7.x) */
    TRUST_WHITELIST_UNAVAILABLE,
    TRUST_CRL_UNAVAILABLE,
    TRUST_CRL_EXPIRED,
    TRUST_SNAPSHOT_MISSING,
    TRUST_RULE_COUNT
};

struct trust_verdict {
    enum trust_rule rule;
    bool temporary;
    char dn[1024]; /* the subject in display form, sanitized */
    char issuer[1024];
    char serial[64];         /* hex */
    char fingerprint[65];    /* SHA-256 of the DER, hex */
    char dn_key[65];         /* SHA-256 of the subject's canonical form, hex: what DNs are compared by; "" none */
    char operator_name[256]; /* the whitelist's description for that DN, "" unknown */
    char detail[512];        /* in English, for the reply and the trace: what was found, what was expected */
};

/* The name of a rule in logs and traces ("crl.expired"), its SMTP reply and its sentence in French for people. */
const char *trust_rule_name(enum trust_rule);
bool trust_rule_temporary(enum trust_rule);
const char *trust_rule_enhanced(enum trust_rule); /* "5.7.1" */
const char *trust_rule_sentence_en(enum trust_rule);
const char *trust_rule_sentence_fr(enum trust_rule);

enum trust_profile { TRUST_PROFILE_OPERATOR, TRUST_PROFILE_APPLICATION, TRUST_PROFILE_PERSON };

/* Judges a chain (leaf first, DER). Called once a TLS session, and again when the snapshot's generation has changed or
 * the session is resumed. For an operator the DN must stand on the whitelist; for an application and a person only chain,
 * dates, revocation and profile are judged here (whose it is: keyd). */
void trust_judge_certificate(const struct trust_snapshot *, enum trust_profile, const struct span *chain, size_t count,
                             int64_t now, struct trust_verdict *out);
/* MAIL FROM under that DN; `domain` is what follows the last @, ASCII or UTF-8; empty for the null sender. */
void trust_judge_sender(const struct trust_snapshot *, const struct trust_verdict *peer, struct span domain,
                        struct trust_verdict *out);
/* Outward: may we send to this domain at all? Then: is this server one of that domain's? */
void trust_judge_recipient_domain(const struct trust_snapshot *, struct span domain, struct trust_verdict *out);
void trust_judge_server(const struct trust_snapshot *, struct span recipient_domain, const struct span *chain,
                        size_t count, int64_t now, struct trust_verdict *out);
/* Header From:/Sender: of an inbound message: each address of each field. `mark` is set where a listed domain that is
 * not the peer's, or one of no operator, stands there: accepted, marked, shown. */
void trust_judge_header_from(const struct trust_snapshot *, const struct trust_verdict *peer, struct span domain,
                             bool *mark, struct trust_verdict *out);

bool trust_is_ours(const struct trust_snapshot *, struct span domain);
bool trust_is_listed(const struct trust_snapshot *, struct span domain);
uint64_t trust_generation(const struct trust_snapshot *);
/* Our domains as A-labels in lower case, sorted; lives as long as the snapshot is held. */
size_t trust_own_domains(const struct trust_snapshot *, const char *const **out);
size_t trust_entry_count(const struct trust_snapshot *);
/* The key that dn_key and database rows hold for a name: 64 hex digits. */
void trust_dn_key(char out[65], const struct dn *);

/* Building (store does it; tests too). The snapshot is reference-counted: readers take it, keep it for a session's step,
 * give it back; the loader swaps the current one atomically. */
struct trust_builder;
struct trust_builder *trust_builder_new(uint64_t generation);
void trust_builder_add_entry(struct trust_builder *, struct span domain, const struct dn *, struct span description);
bool trust_builder_add_ca(struct trust_builder *, struct span der, bool issues_servers, bool issues_applications,
                          struct str *error);
void trust_builder_ca_issues_persons(struct trust_builder *); /* the CA just added */
bool trust_builder_add_crl(struct trust_builder *, struct span der, int64_t extended_until, struct str *error);
void trust_builder_add_own_domain(struct trust_builder *, struct span domain);
void trust_builder_set_own_dn(struct trust_builder *, const struct dn *); /* several calls: several certificates */
/* What an OCSP answer has said, by the certificate's SHA-256 (hex), and when. A "good" adds nothing: the CRL stays the
 * ground; a "revoked" stays until its responder says otherwise. */
void trust_builder_add_revoked(struct trust_builder *, struct span fingerprint, int64_t answered);
void trust_builder_require_client_eku(struct trust_builder *, bool required);
struct trust_snapshot *trust_builder_finish(struct trust_builder **);
struct trust_snapshot *trust_hold(struct trust_snapshot *);
void trust_release(struct trust_snapshot **);

#endif
