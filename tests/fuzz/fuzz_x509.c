/* Any bytes as a certificate, a bundle (PEM, PKCS#7) or a CRL, and as a peer's leaf before a store. */
#include "lib/net/x509.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static bool ignore(struct span der, void *arg)
{
    struct certificate c;
    (void)arg;
    if (certificate_decode(&c, der, NULL))
        certificate_free(&c);
    return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    struct span in = {(const char *)data, n};
    struct crl_facts facts;
    struct str der;
    struct x509_path path;
    str_init(&der, 1 << 20);
    (void)certificates_each(in, ignore, NULL, NULL);
    (void)ignore(in, NULL);
    if (crl_to_der(&der, in, NULL) && crl_decode(&facts, str_span(&der), NULL))
        crl_facts_free(&facts);
    struct x509_store *store = x509_store_new();
    (void)!x509_store_add_ca(store, in, NULL);
    (void)!x509_store_add_crl(store, in, 0, NULL);
    x509_judge(store, in, 1780272000, &path);
    must(!path.verified || path.issuing_ca >= 0);
    x509_store_destroy(&store);
    str_free(&der);
    return 0;
}
