/* zstd (level 1), with one context a thread: making one costs more than packing a small message. */
#include "lib/store/blob.h"

#include <pthread.h>
#include <zstd.h>

enum { LEVEL = 1 };

struct contexts {
    ZSTD_CCtx *in;
    ZSTD_DCtx *out;
};
static pthread_key_t slot;
static pthread_once_t once = PTHREAD_ONCE_INIT;

static void free_contexts(void *arg)
{
    struct contexts *c = arg;
    ZSTD_freeCCtx(c->in);
    ZSTD_freeDCtx(c->out);
    xfree(&c);
}

static void make_slot(void)
{
    must(pthread_key_create(&slot, free_contexts) == 0);
}

static struct contexts *mine(void)
{
    pthread_once(&once, make_slot);
    struct contexts *c = pthread_getspecific(slot);
    if (c)
        return c;
    c = xcalloc(1, sizeof(*c));
    c->in = ZSTD_createCCtx();
    c->out = ZSTD_createDCtx();
    if (!c->in || !c->out)
        fatal("out of memory (zstd)");
    pthread_setspecific(slot, c);
    return c;
}

bool pack(struct str *out, struct span clear)
{
    size_t bound = ZSTD_compressBound(clear.n);
    if (!str_reserve(out, bound))
        return false;
    size_t n = ZSTD_compressCCtx(mine()->in, out->data + out->len, bound, clear.p, clear.n, LEVEL);
    if (ZSTD_isError(n))
        return false;
    out->len += n;
    out->data[out->len] = '\0';
    return true;
}

bool unpack(struct str *out, struct span packed, size_t max)
{
    unsigned long long size = ZSTD_getFrameContentSize(packed.p, packed.n);
    if (size > max || !str_reserve(out, (size_t)size)) /* the two error values are huge */
        return false;
    size_t n = ZSTD_decompressDCtx(mine()->out, out->data + out->len, (size_t)size, packed.p, packed.n);
    if (ZSTD_isError(n) || n != size)
        return false;
    out->len += n;
    out->data[out->len] = '\0';
    return true;
}
