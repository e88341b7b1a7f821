/* X.509 (OpenSSL): certificates decoded once, chains verified up to the CAs an operator installed by hand, revocation by
 * the CRLs we hold. Dates, revocation and profile are told apart and judged by lib/trust, in its order, with its words;
 * here is only what OpenSSL must say. Nothing here asks the network, and the system's CA store is never read
 * (ECO.1.1.10).
 */
#ifndef CADUCEE_NET_X509_H
#define CADUCEE_NET_X509_H

#include "lib/proto/dn.h"

enum { X509_DER_MAX = 64 * 1024, X509_CRL_MAX = 32 * 1024 * 1024 };

enum x509_key_usage { /* RFC 5280 4.2.1.3, the bits' own values */
                      X509_USE_DIGITAL_SIGNATURE = 0x80,
                      X509_USE_KEY_ENCIPHERMENT = 0x20,
                      X509_USE_CERT_SIGN = 0x04,
                      X509_USE_CRL_SIGN = 0x02
};
enum x509_extended_usage { X509_EKU_SERVER = 1, X509_EKU_CLIENT = 2, X509_EKU_ANY = 4, X509_EKU_OTHER = 8 };
enum x509_key_type { X509_KEY_RSA, X509_KEY_EC, X509_KEY_OTHER };

struct certificate {
    struct dn subject, issuer;
    char serial[64];          /* hex, upper case */
    char fingerprint[65];     /* SHA-256 of the DER, hex, lower case */
    char key_fingerprint[65]; /* SHA-256 of the subjectPublicKeyInfo: the same key under a new certificate */
    int64_t not_before, not_after;
    bool has_key_usage, has_extended_usage, is_ca;
    unsigned key_usage, extended_usage;
    enum x509_key_type key_type;
    unsigned key_bits;
    char ocsp_url[512];    /* where its issuer answers OCSP (authority information access), "" none */
    char crl_url[512];     /* the first http(s) CRL distribution point, "" none: where its issuer's CRL is */
    char common_name[256]; /* for people */
};

bool certificate_decode(struct certificate *, struct span der, struct str *error) MUST_USE;
void certificate_free(struct certificate *);
/* A file's certificates, PEM (all of it), DER (one) or PKCS#7: each call of `each` gets one DER. False on bad input. */
bool certificates_each(struct span file, bool (*each)(struct span der, void *), void *arg, struct str *error) MUST_USE;
/* DER of a CRL that came as DER or PEM. */
bool crl_to_der(struct str *der, struct span file, struct str *error) MUST_USE;

struct crl_facts {
    struct dn issuer;
    int64_t this_update, next_update; /* next_update 0: absent (never accepted) */
    uint64_t entries;
    char number[64]; /* hex; "" absent */
};
bool crl_decode(struct crl_facts *, struct span der, struct str *error) MUST_USE;
void crl_facts_free(struct crl_facts *);

/* OCSP (RFC 6960, profile of RFC 5019: SHA-1 CertID, no nonce, fresh by its dates). Who asks is the fetcher. */
enum { X509_OCSP_MAX = 64 * 1024 };
enum x509_ocsp_status { X509_OCSP_GOOD, X509_OCSP_REVOKED, X509_OCSP_UNKNOWN };
struct ocsp_facts {
    enum x509_ocsp_status status;
    int64_t this_update, next_update; /* next_update 0: absent */
};
bool ocsp_question(struct str *der, struct span leaf, struct span issuer, struct str *error) MUST_USE;
/* True: about this certificate, signed by its issuer or by a responder that the issuer has named (id-kp-OCSPSigning), and
 * within its dates at `now`. */
bool ocsp_read(struct ocsp_facts *, struct span answer, struct span leaf, struct span issuer, int64_t now,
               struct str *error) MUST_USE;
/* Whether `issuer` signed `leaf`: name and signature. */
bool certificate_issued_by(struct span leaf, struct span issuer) MUST_USE;

/* The CAs and CRLs of one snapshot. Filled by one thread, then only read, by any. */
struct x509_store;
struct x509_store *x509_store_new(void);
void x509_store_destroy(struct x509_store **);
/* Returns the CA's index, or -1: not a CA certificate, or undecodable. */
int x509_store_add_ca(struct x509_store *, struct span der, struct str *error) MUST_USE;
/* Signature checked here against the CA of its issuer, which must be in the store before. Of two CRLs of one CA the
 * younger stays. `extended_until` prolongs nextUpdate (0: not). */
bool x509_store_add_crl(struct x509_store *, struct span der, int64_t extended_until, struct str *error) MUST_USE;

enum x509_revocation {
    REVOCATION_GOOD,
    REVOCATION_REVOKED,
    REVOCATION_CRL_MISSING,
    REVOCATION_CRL_EXPIRED,
    REVOCATION_CRL_NOT_YET
};
struct x509_path {
    bool verified;     /* signatures, names and constraints, up to an installed CA; dates are not looked at */
    bool weak;         /* it would, were its key or digest not too weak (OpenSSL's level 2) */
    int issuing_ca;    /* index of the CA that issued the leaf */
    bool ca_valid_now; /* every CA of the path is within its dates */
    enum x509_revocation revocation; /* the worst of the path: REVOKED before the CRL's own troubles */
    char detail[256];                /* why not, in English, without anything secret */
};
/* The leaf must be issued by an installed CA: certificates that the peer sends beside it are not needed and not read. */
void x509_judge(const struct x509_store *, struct span leaf_der, int64_t now, struct x509_path *out);

#endif
