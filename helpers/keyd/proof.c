#include "helpers/keyd/proof.h"

#include "lib/base/num.h"

#include <string.h>

enum { FACTS = KEYD_PROOF_BYTES - SHA256_BYTES }; /* person, binding, expiry, uid and four zero bytes */

void proof_make(uint8_t out[KEYD_PROOF_BYTES], const struct key *key, const struct proof *proof)
{
    memset(out, 0, KEYD_PROOF_BYTES);
    put_u64(out, (uint64_t)proof->person_id);
    put_u64(out + 8, (uint64_t)proof->binding_id);
    put_u64(out + 16, (uint64_t)proof->expires);
    put_u32(out + 24, proof->uid);
    hmac_sha256(out + FACTS, key, (struct span){(const char *)out, FACTS});
}

bool proof_open(struct proof *proof, const struct key *key, struct span shown, uint32_t uid, int64_t now)
{
    uint8_t mac[SHA256_BYTES];
    const uint8_t *p = (const uint8_t *)shown.p;
    if (shown.n != KEYD_PROOF_BYTES)
        return false;
    hmac_sha256(mac, key, (struct span){shown.p, FACTS});
    if (!crypto_equal(mac, p + FACTS, sizeof(mac)))
        return false;
    *proof = (struct proof){.person_id = (int64_t)get_u64(p),
                            .binding_id = (int64_t)get_u64(p + 8),
                            .expires = (int64_t)get_u64(p + 16),
                            .uid = get_u32(p + 24)};
    return proof->uid == uid && proof->expires > now;
}
