#include "lib/net/x509_cms.h"

#include "lib/net/x509.h"

#include <limits.h>
#include <openssl/cms.h>
#include <openssl/err.h>
#include <openssl/pem.h>

static bool failed(struct str *error, const char *what)
{
    unsigned long code = ERR_get_error();
    str_addf(error, "%s: %s", what, code ? ERR_reason_error_string(code) : "refused");
    ERR_clear_error();
    return false;
}

static BIO *bio_over(struct span bytes)
{
    return bytes.n <= INT_MAX ? BIO_new_mem_buf(bytes.p, (int)bytes.n) : NULL;
}

/* The first certificate of the file. */
static bool first(struct span der, void *arg)
{
    X509 **certificate = arg;
    const unsigned char *p = (const unsigned char *)der.p;
    if (!*certificate)
        *certificate = d2i_X509(NULL, &p, (long)der.n);
    return true;
}

static bool write_der(struct str *out, CMS_ContentInfo *cms, struct str *error)
{
    unsigned char *der = NULL;
    int length = i2d_CMS_ContentInfo(cms, &der);
    bool good = length > 0 && str_add(out, der, (size_t)length);
    OPENSSL_free(der);
    return good ? true : failed(error, "CMS");
}

bool cms_seal(struct str *out, struct span certificate, struct span plain, struct str *error)
{
    X509 *x509 = NULL;
    if (!certificates_each(certificate, first, &x509, error) || !x509) {
        X509_free(x509);
        return failed(error, "certificate");
    }
    STACK_OF(X509) *to = sk_X509_new_null();
    BIO *in = bio_over(plain);
    bool good = to && in && sk_X509_push(to, x509) > 0;
    CMS_ContentInfo *cms = good ? CMS_encrypt(to, in, EVP_aes_256_gcm(), CMS_BINARY) : NULL;
    good = cms ? write_der(out, cms, error) : failed(error, "CMS");
    CMS_ContentInfo_free(cms);
    BIO_free(in);
    sk_X509_free(to);
    X509_free(x509);
    return good;
}

bool cms_open(struct str *out, struct span private_key, struct span der, struct str *error)
{
    const unsigned char *p = (const unsigned char *)der.p;
    BIO *key_text = bio_over(private_key), *plain = BIO_new(BIO_s_mem());
    EVP_PKEY *key = key_text ? PEM_read_bio_PrivateKey(key_text, NULL, NULL, NULL) : NULL;
    CMS_ContentInfo *cms = der.n <= LONG_MAX ? d2i_CMS_ContentInfo(NULL, &p, (long)der.n) : NULL;
    char *bytes = NULL;
    bool good = key && cms && plain && CMS_decrypt(cms, key, NULL, NULL, plain, CMS_BINARY) == 1;
    long length = good ? BIO_get_mem_data(plain, &bytes) : 0;
    good = good && str_add(out, bytes, (size_t)length);
    if (!good)
        failed(error, key ? "CMS" : "private key");
    CMS_ContentInfo_free(cms);
    EVP_PKEY_free(key);
    BIO_free(key_text);
    BIO_free(plain);
    return good;
}
