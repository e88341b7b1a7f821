/* Digests, random bytes, AES-256-GCM, HMAC (OpenSSL) and sealed boxes (libsodium): the one place for ciphers.
 * Keys are wiped by their owners with crypto_wipe(). Functions that return bool give false only for input that does not
 * authenticate or does not fit; a library failure is fatal().
 */
#ifndef CADUCEE_BASE_CRYPTO_H
#define CADUCEE_BASE_CRYPTO_H

#include "lib/base/str.h"

enum { KEY_BYTES = 32, GCM_NONCE_BYTES = 12, GCM_TAG_BYTES = 16, SHA256_BYTES = 32, SEAL_OVERHEAD = 48 };

struct key {
    uint8_t b[KEY_BYTES];
};
struct key_pair { /* X25519 */
    struct key public_half, private_half;
};

void crypto_setup(void);          /* looks algorithms up; a worker calls it before seccomp, everybody else need not */
const char *crypto_library(void); /* "OpenSSL 3.0.17 1 Jul 2025" */
void crypto_random(void *out, size_t);
void crypto_wipe(void *, size_t);
bool crypto_no_core(
    void) MUST_USE; /* this process leaves no core dump, and nobody of its user reads its memory (ptrace, /proc) */
bool crypto_equal(const void *, const void *, size_t); /* constant time */
void sha256(uint8_t out[SHA256_BYTES], struct span);
void sha1(uint8_t out[20], struct span); /* XDM's METADATA only: IHE ITI 4.2.3.2.8 asks for it */
void hmac_sha256(uint8_t out[SHA256_BYTES], const struct key *, struct span);
void hkdf_sha256(struct key *out, struct span secret, struct span salt, struct span info);

/* out gets nonce (random) || ciphertext || tag: plain.n + 28 bytes. `aad` binds it to its place (table, BAL, id, field). */
bool gcm_seal(struct str *out, const struct key *, struct span aad, struct span plain);
bool gcm_open(struct str *out, const struct key *, struct span aad, struct span sealed) MUST_USE;
/* Many under few keys: the cipher's state, and the schedule of the key that came last, are kept from one to the next. The
 * holder destroys it when the batch is over; the schedule is wiped then. */
struct gcm_opener *gcm_opener_new(void);
void gcm_opener_destroy(struct gcm_opener **);
bool gcm_opener_open(struct gcm_opener *, struct str *out, const struct key *, struct span aad,
                     struct span sealed) MUST_USE;

void key_pair_new(struct key_pair *);
bool seal_to(struct str *out, const struct key *public_half, struct span plain); /* plain.n + 48 bytes */
bool seal_open(struct str *out, const struct key_pair *, struct span sealed) MUST_USE;

/* A key cut into shares of which any k give it back and k - 1 say nothing (Shamir; libgfshare). Numbers are 1 to n. */
enum { SHARES_MAX = 16 };
struct key_share {
    uint8_t number;
    struct key value;
};
bool key_split(const struct key *, unsigned k, unsigned n,
               struct key_share *out) MUST_USE; /* 1 <= k <= n <= SHARES_MAX */
bool key_join(struct key *out, const struct key_share *,
              unsigned count) MUST_USE; /* a wrong or missing share: another key */

#endif
