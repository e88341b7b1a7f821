/* Session tickets (RFC 5077, RFC 8446 4.6.1): the keys that a daemon's processes share, and the part of the peer's chain that
 * OpenSSL's ticket leaves out. Declared in tls.h.
 */
#include "lib/net/tls.h"

#include "lib/base/clock.h"
#include "lib/base/crypto.h"
#include "lib/net/tls_private.h"

#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

enum { GENERATIONS = 3, NAME_BYTES = 16, CHAIN_IN_TICKET_MAX = 16 * 1024 };

struct ticket_key {
    uint8_t name[NAME_BYTES], cipher[32], mac[32];
};

/* The supervisor alone writes; `version` is odd while it does (a sequence lock), workers copy and look again. */
struct shared_keys {
    _Atomic uint32_t version;
    struct ticket_key keys[GENERATIONS]; /* the newest first; all zero: not yet made */
};

static struct shared_keys *shared;

int tickets_create(void)
{
    int fd = memfd_create("caducee-tickets", MFD_CLOEXEC);
    if (fd < 0 || ftruncate(fd, sizeof(struct shared_keys)) < 0)
        fatal("no shared memory for ticket keys: %m");
    tickets_attach(fd);
    tickets_rotate();
    return fd;
}

void tickets_attach(int fd)
{
    void *page = mmap(NULL, sizeof(struct shared_keys), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (page == MAP_FAILED)
        fatal("ticket keys cannot be mapped: %m");
    shared = page;
}

void tickets_rotate(void)
{
    must(shared);
    struct ticket_key fresh;
    crypto_random(&fresh, sizeof fresh);
    atomic_fetch_add(&shared->version, 1);
    memmove(&shared->keys[1], &shared->keys[0], sizeof shared->keys - sizeof shared->keys[0]);
    shared->keys[0] = fresh;
    atomic_fetch_add(&shared->version, 1);
    crypto_wipe(&fresh, sizeof fresh);
}

static void copy_keys(struct ticket_key out[GENERATIONS])
{
    uint32_t before, after;
    do {
        before = atomic_load(&shared->version);
        memcpy(out, shared->keys, sizeof shared->keys);
        atomic_thread_fence(memory_order_acquire);
        after = atomic_load(&shared->version);
    } while (before != after || before % 2);
}

static bool set_up(EVP_CIPHER_CTX *cipher, EVP_MAC_CTX *mac, const struct ticket_key *key, unsigned char *iv,
                   bool sealing)
{
    char digest[] = "SHA256";
    uint8_t mac_key[sizeof key->mac];
    memcpy(mac_key, key->mac, sizeof mac_key);
    OSSL_PARAM parameters[] = {OSSL_PARAM_construct_octet_string(OSSL_MAC_PARAM_KEY, mac_key, sizeof mac_key),
                               OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest, 0),
                               OSSL_PARAM_construct_end()};
    bool ok = EVP_MAC_CTX_set_params(mac, parameters) == 1 &&
              EVP_CipherInit_ex(cipher, EVP_aes_256_cbc(), NULL, key->cipher, iv, sealing) == 1;
    crypto_wipe(mac_key, sizeof mac_key);
    return ok;
}

/* OpenSSL's contract: 1 = go on, 2 = good but old (a new ticket is sent), 0 = unknown (a full handshake), -1 = failure. */
static int choose_key(SSL *ssl, unsigned char *name, unsigned char *iv, EVP_CIPHER_CTX *cipher, EVP_MAC_CTX *mac,
                      int sealing)
{
    struct ticket_key keys[GENERATIONS];
    static const uint8_t unmade[NAME_BYTES];
    int result = sealing ? -1 : 0;
    bool once = SSL_version(ssl) >= TLS1_3_VERSION; /* RFC 8446 C.4: a client uses a ticket once; it gets the next */
    copy_keys(keys);
    if (sealing) {
        memcpy(name, keys[0].name, NAME_BYTES);
        crypto_random(iv, (size_t)EVP_CIPHER_get_iv_length(EVP_aes_256_cbc()));
        result = set_up(cipher, mac, &keys[0], iv, true) ? 1 : -1;
    }
    for (size_t i = 0; !sealing && i < GENERATIONS; i++)
        if (memcmp(name, keys[i].name, NAME_BYTES) == 0 && memcmp(name, unmade, NAME_BYTES) != 0) {
            result = !set_up(cipher, mac, &keys[i], iv, false) ? -1 : i == 0 && !once ? 1 : 2;
            break;
        }
    crypto_wipe(keys, sizeof keys);
    return result;
}

/* A ticket keeps the peer's leaf. The certificates behind it ride along, so that a resumed session is judged on what the
 * full one was judged on. */
static int put_chain(SSL *ssl, void *arg UNUSED)
{
    X509 *leaf = SSL_get0_peer_certificate(ssl);
    STACK_OF(X509) *sent = SSL_get_peer_cert_chain(ssl);
    SSL_SESSION *session = SSL_get_session(ssl);
    if (!leaf || !session || sk_X509_num(sent) <= 0)
        return 1;
    struct str der;
    str_init(&der, CHAIN_IN_TICKET_MAX);
    for (int i = 0; i < sk_X509_num(sent); i++) {
        unsigned char *one = NULL;
        if (X509_cmp(sk_X509_value(sent, i), leaf) == 0)
            continue;
        int n = i2d_X509(sk_X509_value(sent, i), &one);
        if (n > 0)
            str_add(&der, one, (size_t)n);
        OPENSSL_free(one);
    }
    int go_on = !der.overflow && SSL_SESSION_set1_ticket_appdata(session, der.data, der.len) == 1;
    str_free(&der);
    return go_on;
}

static SSL_TICKET_RETURN take_chain(SSL *ssl UNUSED, SSL_SESSION *session UNUSED, const unsigned char *name UNUSED,
                                    size_t name_length UNUSED, SSL_TICKET_STATUS status, void *arg UNUSED)
{
    switch (status) {
    case SSL_TICKET_SUCCESS:
        return SSL_TICKET_RETURN_USE;
    case SSL_TICKET_SUCCESS_RENEW:
        return SSL_TICKET_RETURN_USE_RENEW;
    case SSL_TICKET_EMPTY:
    case SSL_TICKET_NO_DECRYPT:
    default:
        return SSL_TICKET_RETURN_IGNORE_RENEW;
    }
}

void tickets_use(SSL_CTX *context)
{
    if (shared && SSL_CTX_set_tlsext_ticket_key_evp_cb(context, choose_key) != 1)
        fatal("OpenSSL refuses ticket keys");
    if (SSL_CTX_set_session_ticket_cb(context, put_chain, take_chain, NULL) != 1)
        fatal("OpenSSL refuses ticket callbacks");
}
