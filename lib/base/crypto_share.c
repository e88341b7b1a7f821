/* Shamir's secret sharing over GF(2^8): the one place of libgfshare. */
#include "lib/base/crypto.h"

#include <libgfshare.h>

static void fill_random(unsigned char *out, unsigned int bytes)
{
    crypto_random(out, bytes);
}

bool key_split(const struct key *key, unsigned k, unsigned n, struct key_share *out)
{
    unsigned char numbers[SHARES_MAX];
    if (k < 1 || k > n || n > SHARES_MAX)
        return false;
    for (unsigned i = 0; i < n; i++)
        numbers[i] = (unsigned char)(i + 1);
    gfshare_fill_rand = fill_random;
    gfshare_ctx *context = gfshare_ctx_init_enc(numbers, n, (unsigned char)k, KEY_BYTES);
    if (!context)
        return false;
    struct key secret = *key; /* the library takes it without const */
    gfshare_ctx_enc_setsecret(context, secret.b);
    for (unsigned i = 0; i < n; i++) {
        out[i].number = numbers[i];
        gfshare_ctx_enc_getshare(context, (unsigned char)i, out[i].value.b);
    }
    gfshare_ctx_free(context);
    crypto_wipe(&secret, sizeof(secret));
    return true;
}

bool key_join(struct key *out, const struct key_share *shares, unsigned count)
{
    unsigned char numbers[SHARES_MAX];
    if (count < 1 || count > SHARES_MAX)
        return false;
    for (unsigned i = 0; i < count; i++) {
        numbers[i] = shares[i].number;
        for (unsigned j = 0; j < i; j++)
            if (numbers[j] == numbers[i] || numbers[i] == 0)
                return false; /* the same share twice adds nothing */
    }
    gfshare_fill_rand = fill_random; /* its free() wipes with it */
    gfshare_ctx *context = gfshare_ctx_init_dec(numbers, count, KEY_BYTES);
    if (!context)
        return false;
    for (unsigned i = 0; i < count; i++) {
        struct key value = shares[i].value;
        gfshare_ctx_dec_giveshare(context, (unsigned char)i, value.b);
        crypto_wipe(&value, sizeof(value));
    }
    gfshare_ctx_dec_extract(context, out->b);
    gfshare_ctx_free(context);
    return true;
}
