#include "lib/net/x509_request.h"

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509v3.h>

#include <stdio.h>

enum { KEY_BITS = 3072 };

static bool name_put(X509_NAME *name, const char *field, const char *value)
{
    return !value || !*value ||
           X509_NAME_add_entry_by_txt(name, field, MBSTRING_UTF8, (const unsigned char *)value, -1, -1, 0) == 1;
}

/* Most general first, as IGC Santé writes it. */
static bool name_fill(X509_NAME *name, const struct x509_subject *s)
{
    return name_put(name, "C", s->country) && name_put(name, "ST", s->state) && name_put(name, "O", s->organization) &&
           name_put(name, "OU", s->structure_id) && name_put(name, "CN", s->common_name);
}

static bool add_alternative_name(X509_REQ *request, const char *host)
{
    char text[300];
    int n = snprintf(text, sizeof(text), "DNS:%s", host);
    X509_EXTENSION *extension =
        n > 0 && n < (int)sizeof(text) ? X509V3_EXT_conf_nid(NULL, NULL, NID_subject_alt_name, text) : NULL;
    STACK_OF(X509_EXTENSION) *all = sk_X509_EXTENSION_new_null();
    bool good =
        extension && all && sk_X509_EXTENSION_push(all, extension) > 0 && X509_REQ_add_extensions(request, all) == 1;
    sk_X509_EXTENSION_free(all);
    X509_EXTENSION_free(extension);
    return good;
}

static bool take_bio(struct str *out, BIO *bio)
{
    char *bytes = NULL;
    long length = BIO_get_mem_data(bio, &bytes);
    return length > 0 && str_add(out, bytes, (size_t)length);
}

bool x509_request_make(const struct x509_subject *subject, struct str *key_pem, struct str *request_pem,
                       struct str *error)
{
    EVP_PKEY *key = EVP_RSA_gen(KEY_BITS);
    X509_REQ *request = X509_REQ_new();
    BIO *key_bio = BIO_new(BIO_s_secmem()), *request_bio = BIO_new(BIO_s_mem());
    bool good = key && request && key_bio && request_bio && X509_REQ_set_version(request, 0) == 1 &&
                name_fill(X509_REQ_get_subject_name(request), subject) && X509_REQ_set_pubkey(request, key) == 1 &&
                add_alternative_name(request, subject->common_name) && X509_REQ_sign(request, key, EVP_sha256()) > 0 &&
                PEM_write_bio_PKCS8PrivateKey(key_bio, key, NULL, NULL, 0, NULL, NULL) == 1 &&
                PEM_write_bio_X509_REQ(request_bio, request) == 1 && take_bio(key_pem, key_bio) &&
                take_bio(request_pem, request_bio);
    if (!good)
        str_addf(error, "certificate request: %s", ERR_reason_error_string(ERR_get_error()));
    ERR_clear_error();
    BIO_free(key_bio);
    BIO_free(request_bio);
    X509_REQ_free(request);
    EVP_PKEY_free(key);
    return good;
}
