/* Certificates that peers show again and again: a practice's software opens hundreds of sessions with one certificate, and
 * OpenSSL keeps what it has parsed of it (6 KiB of small pieces) for as long as each session lasts. Equal ones are made one. */
#include "lib/net/tls_private.h"

#include <openssl/x509.h>
#include <string.h>

enum { SLOTS = 64, DIGEST_BYTES = 32 };

static _Thread_local struct shared {
    unsigned char digest[DIGEST_BYTES];
    X509 *certificate;
} slots[SLOTS];

/* The one seen before, or this one; NULL: leave it as it is. */
static X509 *shared(X509 *certificate)
{
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned int n = 0;
    if (X509_digest(certificate, EVP_sha256(), digest, &n) != 1 || n != DIGEST_BYTES)
        return NULL;
    struct shared *slot = &slots[digest[0] % SLOTS];
    if (slot->certificate && !memcmp(slot->digest, digest, DIGEST_BYTES))
        return slot->certificate;
    X509_free(slot->certificate);
    memcpy(slot->digest, digest, DIGEST_BYTES);
    X509_up_ref(certificate);
    slot->certificate = certificate;
    return certificate;
}

void tls_share_certificates(X509_STORE_CTX *store)
{
    STACK_OF(X509) *shown = X509_STORE_CTX_get0_untrusted(store); /* what the session will keep */
    for (int i = 0; shown && i < sk_X509_num(shown); i++) {
        X509 *own = sk_X509_value(shown, i), *one = shared(own);
        if (!one || one == own)
            continue;
        X509_up_ref(one);
        (void)sk_X509_set(shown, i, one);
        if (i == 0)
            X509_STORE_CTX_set_cert(store, one);
        X509_free(own);
    }
}
