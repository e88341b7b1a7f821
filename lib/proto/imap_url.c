/* IMAP URLs. See imap_url.h. */
#include "lib/proto/imap_url.h"

#include "lib/base/num.h"
#include "lib/base/text.h"

static int hex_digit(char c)
{
    return c >= '0' && c <= '9'   ? c - '0'
           : c >= 'a' && c <= 'f' ? c - 'a' + 10
           : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                  : -1;
}

static bool percent_decode(struct arena *arena, struct span text, struct span *out)
{
    char *decoded = arena_alloc(arena, text.n + 1);
    size_t n = 0;
    if (!decoded)
        return false;
    for (size_t i = 0; i < text.n; i++) {
        char c = text.p[i];
        if (c == '%') {
            int high = i + 2 < text.n ? hex_digit(text.p[i + 1]) : -1;
            int low = high >= 0 ? hex_digit(text.p[i + 2]) : -1;
            if (low < 0)
                return false;
            c = (char)(high * 16 + low);
            i += 2;
        }
        if (c == '\0' || c == '\r' || c == '\n')
            return false;
        decoded[n++] = c;
    }
    *out = (struct span){decoded, n};
    return true;
}

/* The place of `name` in any case; -1. */
static ptrdiff_t find_nocase(struct span text, struct span name)
{
    for (size_t i = 0; i + name.n <= text.n; i++) {
        if (span_eq_nocase((struct span){text.p + i, name.n}, name))
            return (ptrdiff_t)i;
    }
    return -1;
}

static struct span from(struct span text, size_t at)
{
    return (struct span){text.p + at, text.n - at};
}

/* Cuts "…;NAME=value" in two; false: it is not there. */
static bool cut_at(struct span *text, struct span name, struct span *value)
{
    ptrdiff_t at = find_nocase(*text, name);
    if (at < 0)
        return false;
    *value = from(*text, (size_t)at + name.n);
    text->n = (size_t)at;
    return true;
}

static bool number(struct span text, uint32_t *out)
{
    uint64_t value;
    if (!num_u64(text, UINT32_MAX, &value) || value == 0)
        return false;
    *out = (uint32_t)value;
    return true;
}

/* "1024" or "1024.500" */
static bool parse_partial(struct span text, struct imap_url *url)
{
    struct span offset = text;
    url->partial = true;
    url->length = UINT64_MAX;
    if (span_cut(&text, '.', &offset) && text.n > 0 && (!num_u64(text, INT64_MAX, &url->length) || url->length == 0))
        return false;
    return num_u64(offset, INT64_MAX, &url->offset);
}

/* "mailbox;UIDVALIDITY=n" */
static bool parse_mailbox(struct span text, struct arena *arena, struct imap_url *url)
{
    struct span validity;
    if (cut_at(&text, SPAN_LIT(";UIDVALIDITY="), &validity) && !number(validity, &url->uidvalidity))
        return false;
    return text.n > 0 && percent_decode(arena, text, &url->mailbox) && utf8_valid(url->mailbox);
}

bool imap_url_parse(struct span text, struct arena *arena, struct imap_url *url)
{
    struct span uid, section, partial, scheme = SPAN_LIT("imap://");
    *url = (struct imap_url){0};
    if (text.n > scheme.n && span_eq_nocase((struct span){text.p, scheme.n}, scheme)) {
        text = from(text, scheme.n);
        ptrdiff_t slash = span_find(text, SPAN_LIT("/"));
        if (slash <= 0)
            return false;
        url->host = (struct span){text.p, (size_t)slash};
        text = from(text, (size_t)slash);
    }
    if (text.n > 0 && text.p[0] == '/')
        text = from(text, 1);
    else if (url->host.p)
        return false;
    if (find_nocase(text, SPAN_LIT(";URLAUTH=")) >= 0 || find_nocase(text, SPAN_LIT(";EXPIRE=")) >= 0)
        return false;
    if (cut_at(&text, SPAN_LIT("/;PARTIAL="), &partial) && !parse_partial(partial, url))
        return false;
    if (cut_at(&text, SPAN_LIT("/;SECTION="), &section) && !percent_decode(arena, section, &url->section))
        return false;
    if (!cut_at(&text, SPAN_LIT(";UID="), &uid) || !number(uid, &url->uid))
        return false;
    if (text.n == 0)
        return true; /* of the selected mailbox */
    if (text.p[text.n - 1] == '/')
        text.n--;
    return text.n == 0 || parse_mailbox(text, arena, url);
}
