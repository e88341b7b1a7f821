/* IMAP COMPRESS=DEFLATE (RFC 4978): raw deflate both ways, a small window (our side is 40 KiB, not 256), and expansion
 * bounded by what fits in the connection's buffer: a bomb waits compressed.
 */
#include "lib/net/conn_private.h"

#include <zlib.h>

enum { WINDOW_BITS = -12, MEMORY_LEVEL = 5, RAW_MAX = 1 << 20, STEP = 8192 };

struct deflate {
    z_stream out, in;
    struct str raw; /* came, not yet expanded */
    bool dirty;     /* something was compressed since the last flush */
};

struct deflate *deflate_new(void)
{
    struct deflate *d = xcalloc(1, sizeof *d);
    /* the peer may use the whole 32 KiB window */
    if (deflateInit2(&d->out, Z_BEST_SPEED, Z_DEFLATED, WINDOW_BITS, MEMORY_LEVEL, Z_DEFAULT_STRATEGY) != Z_OK ||
        inflateInit2(&d->in, -MAX_WBITS) != Z_OK)
        fatal("out of memory (deflate)");
    str_init(&d->raw, RAW_MAX);
    return d;
}

void deflate_free(struct deflate **d)
{
    if (!*d)
        return;
    deflateEnd(&(*d)->out);
    inflateEnd(&(*d)->in);
    str_free(&(*d)->raw);
    xfree(d);
}

static void run_out(struct deflate *d, struct str *out, int flush)
{
    do {
        must(str_reserve(out, STEP));
        d->out.next_out = (Bytef *)out->data + out->len;
        d->out.avail_out = STEP;
        int result = deflate(&d->out, flush);
        must(result == Z_OK || result == Z_BUF_ERROR);
        out->len += STEP - d->out.avail_out;
        out->data[out->len] = '\0';
    } while (d->out.avail_out == 0);
}

void deflate_compress(struct deflate *d, struct str *out, struct span plain)
{
    while (plain.n) {
        size_t n = plain.n < (1u << 30) ? plain.n : 1u << 30;
        d->out.next_in = (Bytef *)(uintptr_t)plain.p; /* zlib only reads it */
        d->out.avail_in = (uInt)n;
        run_out(d, out, Z_NO_FLUSH);
        plain.p += n;
        plain.n -= n;
    }
    d->dirty = true;
}

void deflate_flush(struct deflate *d, struct str *out)
{
    if (!d->dirty)
        return;
    d->out.avail_in = 0;
    run_out(d, out, Z_SYNC_FLUSH);
    d->dirty = false;
}

bool deflate_expand(struct deflate *d, struct span raw, struct str *out, size_t room, bool *more)
{
    if (!str_add_span(&d->raw, raw))
        return false;
    d->in.next_in = (Bytef *)d->raw.data;
    d->in.avail_in = (uInt)d->raw.len;
    int result = Z_OK;
    while (room && result == Z_OK) {
        size_t n = room < STEP ? room : STEP;
        must(str_reserve(out, n));
        d->in.next_out = (Bytef *)out->data + out->len;
        d->in.avail_out = (uInt)n;
        result = inflate(&d->in, Z_SYNC_FLUSH);
        size_t made = n - d->in.avail_out;
        out->len += made;
        out->data[out->len] = '\0';
        room -= made;
        if (made < n)
            break; /* it wants more input */
    }
    str_drop_front(&d->raw, d->raw.len - d->in.avail_in);
    *more = room == 0;
    return result == Z_OK || result == Z_BUF_ERROR;
}
