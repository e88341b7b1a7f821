#include "lib/proto/mime_subject.h"

#include "lib/proto/charset.h"

enum { BASE_MAX = 2048 }; /* a key needs no more; taking tags off is quadratic */

static struct span squeezed(struct str *buffer, struct span in)
{
    bool space = false;
    for (size_t i = 0; i < in.n; i++) {
        bool white = in.p[i] == ' ' || in.p[i] == '\t' || in.p[i] == '\r' || in.p[i] == '\n';
        if (!white) {
            if (space && buffer->len)
                str_putc(buffer, ' ');
            str_putc(buffer, in.p[i]);
        }
        space = white;
    }
    return str_span(buffer);
}

static struct span behind(struct span in, size_t at)
{
    while (at < in.n && in.p[at] == ' ')
        at++;
    return (struct span){in.p + at, in.n - at};
}

/* subj-blob = "[" *BLOBCHAR "]" *WSP; the bytes it has, 0 = none. */
static size_t blob(struct span in)
{
    if (!in.n || in.p[0] != '[')
        return 0;
    for (size_t i = 1; i < in.n && in.p[i] != '['; i++)
        if (in.p[i] == ']')
            return in.n - behind(in, i + 1).n;
    return 0;
}

/* subj-refwd = ("re" / ("fw" ["d"])) *WSP [subj-blob] ":" */
static size_t reply_mark(struct span in)
{
    size_t word = span_starts_nocase(in, "re")    ? 2
                  : span_starts_nocase(in, "fwd") ? 3
                  : span_starts_nocase(in, "fw")  ? 2
                                                  : 0;
    if (!word)
        return 0;
    struct span rest = behind(in, word);
    rest = behind(rest, blob(rest));
    return rest.n && rest.p[0] == ':' ? in.n - behind(rest, 1).n : 0;
}

/* subj-leader: any blobs, then a mark; else nothing. */
static size_t leader(struct span in)
{
    size_t skip = 0, one;
    while ((one = blob((struct span){in.p + skip, in.n - skip})) > 0)
        skip += one;
    one = reply_mark((struct span){in.p + skip, in.n - skip});
    return one ? skip + one : 0;
}

static bool take_trailer(struct span *in, bool *is_reply)
{
    size_t n = in->n;
    while (in->n && in->p[in->n - 1] == ' ')
        in->n--;
    if (in->n >= 5 && span_is_nocase((struct span){in->p + in->n - 5, 5}, "(fwd)")) {
        in->n -= 5;
        *is_reply = true;
        return true;
    }
    return in->n != n;
}

static bool take_leader(struct span *in, bool *is_reply)
{
    size_t mark = leader(*in);
    if (mark) {
        *is_reply = true;
        *in = (struct span){in->p + mark, in->n - mark};
        return true;
    }
    size_t tag = blob(*in);
    if (!tag || tag == in->n)
        return false;
    *in = (struct span){in->p + tag, in->n - tag};
    return true;
}

static bool take_wrapper(struct span *in, bool *is_reply)
{
    if (in->n < 6 || !span_starts_nocase(*in, "[fwd:") || in->p[in->n - 1] != ']')
        return false;
    *in = behind((struct span){in->p, in->n - 1}, 5);
    *is_reply = true;
    return true;
}

void mime_base_subject(struct str *out, struct span subject, bool *is_reply)
{
    struct str buffer;
    subject = utf8_prefix(subject, BASE_MAX);
    str_init(&buffer, subject.n + 1);
    struct span rest = squeezed(&buffer, subject);
    *is_reply = false;
    do {
        while (take_trailer(&rest, is_reply))
            ;
        while (take_leader(&rest, is_reply))
            ;
    } while (take_wrapper(&rest, is_reply));
    charset_fold(out, span_trim(rest));
    str_free(&buffer);
}
