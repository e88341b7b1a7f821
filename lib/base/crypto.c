#include "lib/base/crypto.h"

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/kdf.h>
#include <openssl/params.h>
#include <openssl/rand.h>
#include <pthread.h>
#include <sodium.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>

/* Algorithms are looked up once a process (a look-up costs more than the digest of a short text). */
static struct {
    EVP_MD *sha1, *sha256;
    EVP_CIPHER *gcm;
    EVP_KDF *hkdf;
} algorithms;
static pthread_once_t looked_up = PTHREAD_ONCE_INIT;

static void look_up(void)
{
    algorithms.sha1 = EVP_MD_fetch(NULL, "SHA1", NULL);
    algorithms.sha256 = EVP_MD_fetch(NULL, "SHA256", NULL);
    algorithms.gcm = EVP_CIPHER_fetch(NULL, "AES-256-GCM", NULL);
    algorithms.hkdf = EVP_KDF_fetch(NULL, "HKDF", NULL);
    if (!algorithms.sha1 || !algorithms.sha256 || !algorithms.gcm || !algorithms.hkdf)
        fatal("OpenSSL lacks SHA1, SHA256, AES-256-GCM or HKDF");
    if (sodium_init() < 0)
        fatal("libsodium does not start");
}

void crypto_setup(void)
{
    pthread_once(&looked_up, look_up);
}

static void check(int ok, const char *what)
{
    if (ok != 1)
        fatal("%s failed in OpenSSL: %s", what, ERR_reason_error_string(ERR_peek_last_error()));
}

const char *crypto_library(void)
{
    return OpenSSL_version(OPENSSL_VERSION);
}

void crypto_random(void *out, size_t n)
{
    must(n <= INT32_MAX);
    check(RAND_bytes(out, (int)n), "random bytes");
}

void crypto_wipe(void *p, size_t n)
{
    OPENSSL_cleanse(p, n);
}

bool crypto_no_core(void)
{
    static const struct rlimit none = {0, 0};
    return setrlimit(RLIMIT_CORE, &none) == 0 && prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) == 0;
}

bool crypto_equal(const void *a, const void *b, size_t n)
{
    return CRYPTO_memcmp(a, b, n) == 0;
}

void sha256(uint8_t out[SHA256_BYTES], struct span in)
{
    crypto_setup();
    check(EVP_Digest(in.p, in.n, out, NULL, algorithms.sha256, NULL), "SHA-256");
}

void sha1(uint8_t out[20], struct span in)
{
    crypto_setup();
    check(EVP_Digest(in.p, in.n, out, NULL, algorithms.sha1, NULL), "SHA-1");
}

void hmac_sha256(uint8_t out[SHA256_BYTES], const struct key *key, struct span in)
{
    crypto_setup();
    unsigned length = SHA256_BYTES;
    if (!HMAC(algorithms.sha256, key->b, KEY_BYTES, (const uint8_t *)in.p, in.n, out, &length))
        fatal("HMAC-SHA-256 failed in OpenSSL");
}

static OSSL_PARAM octets(const char *name, struct span value)
{
    void *bytes = (void *)(uintptr_t)(value.n ? value.p : ""); /* OSSL_PARAM has no const; it is only read */
    return OSSL_PARAM_construct_octet_string(name, bytes, value.n);
}

void hkdf_sha256(struct key *out, struct span secret, struct span salt, struct span info)
{
    crypto_setup();
    char digest[] = "SHA256";
    OSSL_PARAM parameters[] = {OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST, digest, 0),
                               octets(OSSL_KDF_PARAM_KEY, secret), octets(OSSL_KDF_PARAM_SALT, salt),
                               octets(OSSL_KDF_PARAM_INFO, info), OSSL_PARAM_construct_end()};
    EVP_KDF_CTX *context = EVP_KDF_CTX_new(algorithms.hkdf);
    if (!context)
        fatal("out of memory (HKDF)");
    check(EVP_KDF_derive(context, out->b, KEY_BYTES, parameters), "HKDF");
    EVP_KDF_CTX_free(context);
}

static EVP_CIPHER_CTX *gcm_context(void)
{
    crypto_setup();
    EVP_CIPHER_CTX *context = EVP_CIPHER_CTX_new();
    if (!context)
        fatal("out of memory (AES-GCM)");
    return context;
}

bool gcm_seal(struct str *out, const struct key *key, struct span aad, struct span plain)
{
    if (plain.n > INT32_MAX || aad.n > INT32_MAX || !str_reserve(out, plain.n + GCM_NONCE_BYTES + GCM_TAG_BYTES))
        return false;
    uint8_t *nonce = (uint8_t *)out->data + out->len, *text = nonce + GCM_NONCE_BYTES, *tag = text + plain.n;
    int n = 0;
    crypto_random(nonce, GCM_NONCE_BYTES);
    EVP_CIPHER_CTX *context = gcm_context();
    check(EVP_EncryptInit_ex2(context, algorithms.gcm, key->b, nonce, NULL), "AES-GCM");
    if (aad.n)
        check(EVP_EncryptUpdate(context, NULL, &n, (const uint8_t *)aad.p, (int)aad.n), "AES-GCM");
    if (plain.n)
        check(EVP_EncryptUpdate(context, text, &n, (const uint8_t *)plain.p, (int)plain.n), "AES-GCM");
    check(EVP_EncryptFinal_ex(context, tag, &n), "AES-GCM");
    check(EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_GET_TAG, GCM_TAG_BYTES, tag), "AES-GCM");
    EVP_CIPHER_CTX_free(context);
    out->len += GCM_NONCE_BYTES + plain.n + GCM_TAG_BYTES;
    out->data[out->len] = '\0';
    return true;
}

struct gcm_opener {
    EVP_CIPHER_CTX *context;
    struct key key; /* whose schedule the context holds */
    bool keyed;
};

static void choose_key(struct gcm_opener *o, const struct key *key, const uint8_t *nonce)
{
    bool same = o->keyed && crypto_equal(o->key.b, key->b, KEY_BYTES);
    check(same ? EVP_DecryptInit_ex2(o->context, NULL, NULL, nonce, NULL)
               : EVP_DecryptInit_ex2(o->context, algorithms.gcm, key->b, nonce, NULL),
          "AES-GCM");
    o->key = *key;
    o->keyed = true;
}

bool gcm_opener_open(struct gcm_opener *o, struct str *out, const struct key *key, struct span aad, struct span sealed)
{
    if (sealed.n < GCM_NONCE_BYTES + GCM_TAG_BYTES || sealed.n > INT32_MAX || aad.n > INT32_MAX)
        return false;
    size_t length = sealed.n - GCM_NONCE_BYTES - GCM_TAG_BYTES;
    if (!str_reserve(out, length))
        return false;
    const uint8_t *nonce = (const uint8_t *)sealed.p, *text = nonce + GCM_NONCE_BYTES;
    uint8_t *to = (uint8_t *)out->data + out->len, tag[GCM_TAG_BYTES], none[GCM_TAG_BYTES];
    memcpy(tag, text + length, sizeof tag);
    int n = 0;
    choose_key(o, key, nonce);
    check(EVP_CIPHER_CTX_ctrl(o->context, EVP_CTRL_AEAD_SET_TAG, GCM_TAG_BYTES, tag), "AES-GCM");
    bool ok = !aad.n || EVP_DecryptUpdate(o->context, NULL, &n, (const uint8_t *)aad.p, (int)aad.n) == 1;
    ok = ok && (!length || EVP_DecryptUpdate(o->context, to, &n, text, (int)length) == 1);
    ok = ok && EVP_DecryptFinal_ex(o->context, none, &n) == 1;
    if (ok)
        out->len += length;
    else {
        ERR_clear_error();
        crypto_wipe(to, length); /* bytes that did not authenticate are nobody's */
    }
    out->data[out->len] = '\0';
    return ok;
}

struct gcm_opener *gcm_opener_new(void)
{
    struct gcm_opener *o = xcalloc(1, sizeof(*o));
    o->context = gcm_context();
    return o;
}

void gcm_opener_destroy(struct gcm_opener **o)
{
    if (!*o)
        return;
    EVP_CIPHER_CTX_free((*o)->context);
    crypto_wipe(*o, sizeof(**o));
    xfree(o);
}

bool gcm_open(struct str *out, const struct key *key, struct span aad, struct span sealed)
{
    struct gcm_opener o = {.context = gcm_context()};
    bool ok = gcm_opener_open(&o, out, key, aad, sealed);
    EVP_CIPHER_CTX_free(o.context);
    crypto_wipe(&o, sizeof(o));
    return ok;
}

_Static_assert(SEAL_OVERHEAD == crypto_box_SEALBYTES, "a sealed box is 48 bytes longer");

void key_pair_new(struct key_pair *pair)
{
    crypto_setup();
    if (crypto_box_keypair(pair->public_half.b, pair->private_half.b) != 0)
        fatal("no key pair from libsodium");
}

bool seal_to(struct str *out, const struct key *public_half, struct span plain)
{
    crypto_setup();
    if (plain.n > INT32_MAX || !str_reserve(out, plain.n + SEAL_OVERHEAD))
        return false;
    uint8_t *to = (uint8_t *)out->data + out->len;
    if (crypto_box_seal(to, (const uint8_t *)plain.p, plain.n, public_half->b) != 0)
        return false;
    out->len += plain.n + SEAL_OVERHEAD;
    out->data[out->len] = '\0';
    return true;
}

bool seal_open(struct str *out, const struct key_pair *pair, struct span sealed)
{
    crypto_setup();
    if (sealed.n < SEAL_OVERHEAD || !str_reserve(out, sealed.n - SEAL_OVERHEAD))
        return false;
    uint8_t *to = (uint8_t *)out->data + out->len;
    if (crypto_box_seal_open(to, (const uint8_t *)sealed.p, sealed.n, pair->public_half.b, pair->private_half.b) != 0) {
        out->data[out->len] = '\0';
        return false;
    }
    out->len += sealed.n - SEAL_OVERHEAD;
    out->data[out->len] = '\0';
    return true;
}
