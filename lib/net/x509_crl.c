#include "lib/net/x509_parts.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

X509_CRL *x509_parse_crl(struct span der)
{
    if (der.n == 0 || der.n > X509_CRL_MAX)
        return NULL;
    const unsigned char *p = (const unsigned char *)der.p;
    X509_CRL *crl = d2i_X509_CRL(NULL, &p, (long)der.n);
    if (crl && (const char *)p != der.p + der.n) {
        X509_CRL_free(crl);
        crl = NULL;
    }
    ERR_clear_error();
    return crl;
}

bool crl_to_der(struct str *out, struct span file, struct str *error)
{
    if (file.n == 0 || file.n > X509_CRL_MAX)
        return x509_fail(error, "an empty file, or one of more than 32 MiB");
    X509_CRL *crl = x509_parse_crl(file);
    if (!crl) {
        BIO *in = BIO_new_mem_buf(file.p, (int)file.n);
        crl = in ? PEM_read_bio_X509_CRL(in, NULL, NULL, NULL) : NULL;
        BIO_free(in);
    }
    unsigned char *der = NULL;
    int n = crl ? i2d_X509_CRL(crl, &der) : -1;
    bool ok = n > 0 && str_add(out, der, (size_t)n);
    OPENSSL_free(der);
    X509_CRL_free(crl);
    return ok || x509_fail(error, "not a CRL (DER or PEM is expected)");
}

static bool decode_into(struct crl_facts *facts, X509_CRL *crl, struct str *error)
{
    const unsigned char *name = NULL;
    size_t n = 0;
    if (X509_NAME_get0_der(X509_CRL_get_issuer(crl), &name, &n) != 1 ||
        !dn_from_der(&facts->issuer, (struct span){(const char *)name, n}, error))
        return x509_fail(error, ": issuer of the CRL");
    if (!x509_time(X509_CRL_get0_lastUpdate(crl), &facts->this_update))
        return x509_fail(error, "thisUpdate cannot be read");
    /* RFC 5280 5.1.2.5: nextUpdate must be there; without it nothing would ever be too old. */
    if (!x509_time(X509_CRL_get0_nextUpdate(crl), &facts->next_update) || facts->next_update == 0)
        return x509_fail(error, "nextUpdate is missing or cannot be read");
    int entries = sk_X509_REVOKED_num(X509_CRL_get_REVOKED(crl));
    facts->entries = entries > 0 ? (uint64_t)entries : 0;
    ASN1_INTEGER *number = X509_CRL_get_ext_d2i(crl, NID_crl_number, NULL, NULL);
    if (number)
        x509_number(facts->number, sizeof(facts->number), number);
    ASN1_INTEGER_free(number);
    ERR_clear_error();
    return true;
}

bool crl_decode(struct crl_facts *facts, struct span der, struct str *error)
{
    *facts = (struct crl_facts){.entries = 0};
    X509_CRL *crl = x509_parse_crl(der);
    if (!crl)
        return x509_fail(error, "not a DER CRL");
    bool ok = decode_into(facts, crl, error);
    X509_CRL_free(crl);
    if (!ok)
        crl_facts_free(facts);
    return ok;
}

void crl_facts_free(struct crl_facts *facts)
{
    dn_free(&facts->issuer);
}
