#include "lib/net/x509.h"

#include "lib/base/crypto.h"
#include "lib/base/text.h"
#include "lib/net/x509_parts.h"

#include <openssl/asn1.h>
#include <openssl/bn.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/pkcs7.h>
#include <openssl/x509v3.h>

#include <stdio.h>
#include <string.h>

bool x509_fail(struct str *error, const char *what)
{
    ERR_clear_error();
    if (error)
        str_puts(error, what);
    return false;
}

bool x509_time(const ASN1_TIME *time, int64_t *out)
{
    struct tm tm;
    if (!time || ASN1_TIME_to_tm(time, &tm) != 1)
        return false;
    *out = (int64_t)timegm(&tm);
    return true;
}

void x509_hex(char *out, size_t size, const void *bytes, size_t n)
{
    struct str hex;
    str_init(&hex, size - 1);
    out[0] = 0;
    if (hex_encode(&hex, (struct span){bytes, n}) && hex.len)
        memcpy(out, hex.data, hex.len + 1);
    str_free(&hex);
}

void x509_number(char *out, size_t size, const ASN1_INTEGER *number)
{
    BIGNUM *big = ASN1_INTEGER_to_BN(number, NULL);
    char *hex = big ? BN_bn2hex(big) : NULL;
    out[0] = 0;
    if (hex && strlen(hex) < size)
        memcpy(out, hex, strlen(hex) + 1);
    OPENSSL_free(hex);
    BN_free(big);
}

static bool decode_name(struct dn *out, const X509_NAME *name, struct str *error)
{
    const unsigned char *der = NULL;
    size_t n = 0;
    if (X509_NAME_get0_der(name, &der, &n) != 1)
        return x509_fail(error, "a name that cannot be read");
    return dn_from_der(out, (struct span){(const char *)der, n}, error);
}

X509 *x509_parse(struct span der)
{
    if (der.n == 0 || der.n > X509_DER_MAX)
        return NULL;
    const unsigned char *p = (const unsigned char *)der.p;
    X509 *x = d2i_X509(NULL, &p, (long)der.n);
    if (x && (const char *)p != der.p + der.n) {
        X509_free(x);
        x = NULL;
    }
    ERR_clear_error();
    return x;
}

static void decode_usage(struct certificate *c, X509 *x)
{
    uint32_t flags = X509_get_extension_flags(x);
    c->is_ca = X509_check_ca(x) == 1;
    c->has_key_usage = (flags & EXFLAG_KUSAGE) != 0;
    c->key_usage = c->has_key_usage ? X509_get_key_usage(x) & 0xff : 0xff;
    c->has_extended_usage = (flags & EXFLAG_XKUSAGE) != 0;
    uint32_t eku = c->has_extended_usage ? X509_get_extended_key_usage(x) : 0;
    const uint32_t known = XKU_SSL_SERVER | XKU_SSL_CLIENT | XKU_ANYEKU;
    c->extended_usage = (eku & XKU_SSL_SERVER ? X509_EKU_SERVER : 0u) | (eku & XKU_SSL_CLIENT ? X509_EKU_CLIENT : 0u) |
                        (eku & XKU_ANYEKU ? X509_EKU_ANY : 0u) | (eku & ~known ? X509_EKU_OTHER : 0u);
}

static void decode_key(struct certificate *c, const X509 *x)
{
    EVP_PKEY *key = X509_get0_pubkey(x);
    int type = key ? EVP_PKEY_get_base_id(key) : 0;
    c->key_type = type == EVP_PKEY_RSA || type == EVP_PKEY_RSA_PSS ? X509_KEY_RSA
                  : type == EVP_PKEY_EC                            ? X509_KEY_EC
                                                                   : X509_KEY_OTHER;
    c->key_bits = key ? (unsigned)EVP_PKEY_get_bits(key) : 0;
    unsigned char *spki = NULL;
    int n = i2d_X509_PUBKEY(X509_get_X509_PUBKEY(x), &spki);
    if (n > 0) {
        uint8_t digest[SHA256_BYTES];
        sha256(digest, (struct span){(const char *)spki, (size_t)n});
        x509_hex(c->key_fingerprint, sizeof(c->key_fingerprint), digest, sizeof(digest));
    }
    OPENSSL_free(spki);
}

/* One GeneralName: taken when it is an http(s) URI that fits and holds nothing odd. */
static bool take_url(char out[512], const GENERAL_NAME *name)
{
    if (name->type != GEN_URI)
        return false;
    const ASN1_IA5STRING *uri = name->d.uniformResourceIdentifier;
    struct span text = {(const char *)ASN1_STRING_get0_data(uri), (size_t)ASN1_STRING_length(uri)};
    if (text.n >= 512 || !ascii_printable(text) ||
        !(span_starts_nocase(text, "http://") || span_starts_nocase(text, "https://")))
        return false;
    memcpy(out, text.p, text.n);
    out[text.n] = 0;
    return true;
}

static void decode_ocsp_url(struct certificate *c, const X509 *x)
{
    AUTHORITY_INFO_ACCESS *access = X509_get_ext_d2i(x, NID_info_access, NULL, NULL);
    for (int i = 0; !c->ocsp_url[0] && i < sk_ACCESS_DESCRIPTION_num(access); i++) {
        const ACCESS_DESCRIPTION *one = sk_ACCESS_DESCRIPTION_value(access, i);
        if (OBJ_obj2nid(one->method) == NID_ad_OCSP)
            (void)take_url(c->ocsp_url, one->location);
    }
    AUTHORITY_INFO_ACCESS_free(access);
}

static void decode_crl_url(struct certificate *c, const X509 *x)
{
    CRL_DIST_POINTS *points = X509_get_ext_d2i(x, NID_crl_distribution_points, NULL, NULL);
    for (int i = 0; !c->crl_url[0] && i < sk_DIST_POINT_num(points); i++) {
        const DIST_POINT_NAME *name = sk_DIST_POINT_value(points, i)->distpoint;
        if (!name || name->type != 0)
            continue;
        for (int k = 0; k < sk_GENERAL_NAME_num(name->name.fullname); k++)
            if (take_url(c->crl_url, sk_GENERAL_NAME_value(name->name.fullname, k)))
                break;
    }
    CRL_DIST_POINTS_free(points);
}

static bool decode_into(struct certificate *c, X509 *x, struct span der, struct str *error)
{
    if (!decode_name(&c->subject, X509_get_subject_name(x), error) ||
        !decode_name(&c->issuer, X509_get_issuer_name(x), error))
        return false;
    if (!x509_time(X509_get0_notBefore(x), &c->not_before) || !x509_time(X509_get0_notAfter(x), &c->not_after))
        return x509_fail(error, "dates that cannot be read");
    uint8_t digest[SHA256_BYTES];
    sha256(digest, der);
    x509_hex(c->fingerprint, sizeof(c->fingerprint), digest, sizeof(digest));
    x509_number(c->serial, sizeof(c->serial), X509_get0_serialNumber(x));
    decode_usage(c, x);
    decode_key(c, x);
    decode_crl_url(c, x);
    decode_ocsp_url(c, x);
    const char *cn = dn_first(&c->subject, "2.5.4.3");
    snprintf(c->common_name, sizeof(c->common_name), "%s", cn ? cn : "");
    ERR_clear_error();
    return (X509_get_extension_flags(x) & EXFLAG_INVALID) == 0 || x509_fail(error, "extensions that cannot be read");
}

bool certificate_decode(struct certificate *c, struct span der, struct str *error)
{
    *c = (struct certificate){.key_bits = 0};
    X509 *x = x509_parse(der);
    if (!x)
        return x509_fail(error, "not a DER certificate");
    bool ok = decode_into(c, x, der, error);
    X509_free(x);
    if (!ok)
        certificate_free(c);
    return ok;
}

void certificate_free(struct certificate *c)
{
    dn_free(&c->subject);
    dn_free(&c->issuer);
}

static bool give(const X509 *x, bool (*each)(struct span, void *), void *arg)
{
    unsigned char *der = NULL;
    int n = i2d_X509(x, &der);
    bool ok = n > 0 && each((struct span){(const char *)der, (size_t)n}, arg);
    OPENSSL_free(der);
    return ok;
}

static bool give_pkcs7(PKCS7 *bundle, bool (*each)(struct span, void *), void *arg)
{
    STACK_OF(X509) *all = PKCS7_type_is_signed(bundle) && bundle->d.sign ? bundle->d.sign->cert : NULL;
    bool ok = sk_X509_num(all) > 0;
    for (int i = 0; ok && i < sk_X509_num(all); i++)
        ok = give(sk_X509_value(all, i), each, arg);
    PKCS7_free(bundle);
    return ok;
}

static bool each_pem(BIO *in, bool (*each)(struct span, void *), void *arg)
{
    size_t count = 0;
    bool ok = true;
    char *name, *header;
    unsigned char *data;
    long n;
    while (ok && PEM_read_bio(in, &name, &header, &data, &n) == 1) {
        const unsigned char *p = data;
        if (strcmp(name, PEM_STRING_X509) == 0 || strcmp(name, PEM_STRING_X509_OLD) == 0) {
            X509 *x = d2i_X509(NULL, &p, n);
            ok = x && give(x, each, arg);
            X509_free(x);
            count++;
        } else if (strcmp(name, PEM_STRING_PKCS7) == 0) {
            PKCS7 *bundle = d2i_PKCS7(NULL, &p, n);
            ok = bundle && give_pkcs7(bundle, each, arg);
            count++;
        }
        OPENSSL_free(name);
        OPENSSL_free(header);
        OPENSSL_free(data);
    }
    return ok && count > 0;
}

bool certificates_each(struct span file, bool (*each)(struct span, void *), void *arg, struct str *error)
{
    if (file.n == 0 || file.n > 1024 * 1024)
        return x509_fail(error, "an empty file, or one of more than 1 MiB");
    const unsigned char *p = (const unsigned char *)file.p;
    bool ok = false;
    X509 *x = x509_parse(file);
    PKCS7 *bundle = x ? NULL : d2i_PKCS7(NULL, &p, (long)file.n);
    if (x) {
        ok = give(x, each, arg);
    } else if (bundle) {
        ok = give_pkcs7(bundle, each, arg);
    } else {
        BIO *in = BIO_new_mem_buf(file.p, (int)file.n);
        ok = in && each_pem(in, each, arg);
        BIO_free(in);
    }
    X509_free(x);
    ERR_clear_error();
    return ok || x509_fail(error, "no certificate could be read from it (PEM, DER or PKCS#7 is expected)");
}
