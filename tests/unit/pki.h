/* Certificates for one test: a root, an issuing CA, and leaves under it, made in memory (P-256) and written as PEM files in
 * a temporary folder. The sandbox has the large, true-to-life one; this is for unit tests of TLS and X.509.
 */
#ifndef CADUCEE_TESTS_UNIT_PKI_H
#define CADUCEE_TESTS_UNIT_PKI_H

#include "lib/base/base.h"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <stdlib.h>

struct pki_pair {
    X509 *certificate;
    EVP_PKEY *key;
};

static inline struct pki_pair pki_make(const char *name, const struct pki_pair *issuer, bool is_ca)
{
    static long serial;
    struct pki_pair made = {X509_new(), EVP_EC_gen("P-256")};
    X509_set_version(made.certificate, X509_VERSION_3);
    ASN1_INTEGER_set(X509_get_serialNumber(made.certificate), ++serial);
    X509_gmtime_adj(X509_getm_notBefore(made.certificate), -3600);
    X509_gmtime_adj(X509_getm_notAfter(made.certificate), 86400);
    X509_NAME *subject = X509_get_subject_name(made.certificate);
    X509_NAME_add_entry_by_txt(subject, "C", MBSTRING_ASC, (const unsigned char *)"FR", -1, -1, 0);
    X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_UTF8, (const unsigned char *)name, -1, -1, 0);
    X509_set_issuer_name(made.certificate, issuer ? X509_get_subject_name(issuer->certificate) : subject);
    X509_set_pubkey(made.certificate, made.key);
    X509_EXTENSION *basic =
        X509V3_EXT_conf_nid(NULL, NULL, NID_basic_constraints, is_ca ? "critical,CA:TRUE" : "critical,CA:FALSE");
    X509_add_ext(made.certificate, basic, -1);
    X509_EXTENSION_free(basic);
    must(X509_sign(made.certificate, issuer ? issuer->key : made.key, EVP_sha256()) > 0);
    return made;
}

static inline void pki_free(struct pki_pair *pair)
{
    X509_free(pair->certificate);
    EVP_PKEY_free(pair->key);
}

/* <folder>/<name>.pem: the certificate and the `count` certificates behind it; <folder>/<name>.key: its key. */
static inline void pki_write(const char *folder, const char *name, const struct pki_pair *leaf,
                             const struct pki_pair *behind, size_t count)
{
    char *path = xasprintf("%s/%s.pem", folder, name);
    FILE *f = fopen(path, "w");
    must(f && PEM_write_X509(f, leaf->certificate) == 1);
    for (size_t i = 0; i < count; i++)
        must(PEM_write_X509(f, behind[i].certificate) == 1);
    fclose(f);
    xfree(&path);
    path = xasprintf("%s/%s.key", folder, name);
    f = fopen(path, "w");
    must(f && PEM_write_PrivateKey(f, leaf->key, NULL, NULL, 0, NULL, NULL) == 1);
    fclose(f);
    xfree(&path);
}

#endif
