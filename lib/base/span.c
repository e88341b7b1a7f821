/* Views of bytes: comparing and cutting. Declared in base.h. */
#include "lib/base/base.h"

#include <string.h>

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

struct span span_of(const char *text)
{
    return text ? (struct span){text, strlen(text)} : SPAN_NONE;
}

bool span_eq(struct span a, struct span b)
{
    return a.n == b.n && (a.n == 0 || memcmp(a.p, b.p, a.n) == 0);
}

bool span_eq_nocase(struct span a, struct span b)
{
    if (a.n != b.n)
        return false;
    for (size_t i = 0; i < a.n; i++)
        if (lower(a.p[i]) != lower(b.p[i]))
            return false;
    return true;
}

bool span_is(struct span s, const char *literal)
{
    return span_eq(s, span_of(literal));
}

bool span_is_nocase(struct span s, const char *literal)
{
    return span_eq_nocase(s, span_of(literal));
}

bool span_starts_nocase(struct span s, const char *prefix)
{
    struct span head = span_of(prefix);
    return s.n >= head.n && span_eq_nocase((struct span){s.p, head.n}, head);
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

struct span span_trim(struct span s)
{
    while (s.n && is_blank(s.p[0]))
        s.p++, s.n--;
    while (s.n && is_blank(s.p[s.n - 1]))
        s.n--;
    return s;
}

bool span_cut(struct span *rest, char separator, struct span *head)
{
    if (rest->n == 0)
        return false;
    const char *at = memchr(rest->p, separator, rest->n);
    if (!at) {
        *head = *rest;
        *rest = (struct span){rest->p + rest->n, 0};
        return true;
    }
    *head = (struct span){rest->p, (size_t)(at - rest->p)};
    *rest = (struct span){at + 1, rest->n - head->n - 1};
    return true;
}

ptrdiff_t span_find(struct span haystack, struct span needle)
{
    if (needle.n == 0)
        return 0;
    if (haystack.n < needle.n)
        return -1;
    const char *at = memmem(haystack.p, haystack.n, needle.p, needle.n);
    return at ? at - haystack.p : -1;
}
