/* Any bytes as a certificate, a bundle (PEM, PKCS#7), a CRL of a CA that is installed, an OCSP answer about a peer, and as a
 * peer's leaf before a store. */
#include "lib/base/file.h"
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

static struct str ca, peer;

static void prepare(void)
{
    if (ca.len)
        return;
    str_init(&ca, X509_DER_MAX);
    str_init(&peer, X509_DER_MAX);
    must(file_read(&ca, "tests/data/trust/ca-servers.der", NULL) &&
         file_read(&peer, "tests/data/trust/peer.der", NULL));
}

static void answer(struct span in)
{
    struct ocsp_facts facts;
    must(!ocsp_read(&facts, in, str_span(&peer), str_span(&ca), 1780272000, NULL) || facts.this_update != 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    prepare();
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
    must(x509_store_add_ca(store, str_span(&ca), NULL) == 0);
    (void)!x509_store_add_ca(store, in, NULL);
    (void)!x509_store_add_crl(store, in, 0, NULL);
    x509_judge(store, in, 1780272000, &path);
    must(!path.verified || path.issuing_ca >= 0);
    x509_judge(store, str_span(&peer), 1780272000, &path); /* with that CRL, when it was one */
    x509_store_destroy(&store);
    answer(in);
    str_free(&der);
    return 0;
}
