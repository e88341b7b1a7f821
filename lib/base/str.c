#include "lib/base/str.h"

#include <stdio.h>
#include <string.h>

enum { FIRST_CAPACITY = 64, LARGE_CAPACITY = 1 << 20 };

static char nothing[1]; /* what an empty string's data points to before its first byte; never written */

void str_init(struct str *s, size_t max)
{
    must(max > 0 && max < SIZE_MAX / 4);
    *s = (struct str){.data = nothing, .max = max};
}

void str_init_secret(struct str *s, size_t max)
{
    str_init(s, max);
    s->secret = true;
}

void str_free(struct str *s)
{
    if (s->capacity && s->secret)
        explicit_bzero(s->data, s->capacity);
    if (s->capacity)
        xfree(&s->data);
    s->data = nothing;
    s->len = s->capacity = 0;
    s->overflow = false;
}

void str_clear(struct str *s)
{
    s->len = 0;
    s->overflow = false;
    if (s->capacity)
        s->data[0] = '\0';
}

void str_wipe(struct str *s)
{
    if (s->capacity)
        explicit_bzero(s->data, s->capacity);
    str_free(s);
}

/* realloc() may move the bytes and leave the old ones to whoever allocates next. */
static char *grow_secret(struct str *s, size_t capacity)
{
    char *fresh = xmalloc(capacity);
    memcpy(fresh, s->data, s->len);
    if (s->capacity) {
        explicit_bzero(s->data, s->capacity);
        xfree(&s->data);
    }
    return fresh;
}

bool str_reserve(struct str *s, size_t more)
{
    if (s->overflow || more > s->max || s->len > s->max - more) {
        s->overflow = true;
        return false;
    }
    size_t needed = s->len + more + 1;
    if (needed <= s->capacity)
        return true;
    /* Doubled while small; by half once large, where realloc() moves pages and not bytes. */
    size_t grown = !s->capacity                   ? FIRST_CAPACITY
                   : s->capacity < LARGE_CAPACITY ? s->capacity * 2
                                                  : s->capacity + s->capacity / 2;
    if (grown < needed)
        grown = needed;
    if (grown > s->max + 1)
        grown = s->max + 1;
    s->data = s->secret ? grow_secret(s, grown) : xrealloc(s->capacity ? s->data : NULL, grown);
    s->capacity = grown;
    s->data[s->len] = '\0';
    return true;
}

bool str_add(struct str *s, const void *bytes, size_t n)
{
    if (!str_reserve(s, n))
        return false;
    if (n)
        memcpy(s->data + s->len, bytes, n);
    s->len += n;
    s->data[s->len] = '\0';
    return true;
}

bool str_add_span(struct str *s, struct span span)
{
    return str_add(s, span.p, span.n);
}

bool str_puts(struct str *s, const char *text)
{
    return str_add(s, text, strlen(text));
}

bool str_putc(struct str *s, char c)
{
    return str_add(s, &c, 1);
}

bool str_vaddf(struct str *s, const char *format, va_list arguments)
{
    char small[256];
    va_list again;
    va_copy(again, arguments);
    int n = vsnprintf(small, sizeof small, format, arguments);
    must(n >= 0);
    bool fits = true;
    if ((size_t)n < sizeof small) {
        fits = str_add(s, small, (size_t)n);
    } else if (str_reserve(s, (size_t)n)) {
        vsnprintf(s->data + s->len, (size_t)n + 1, format, again);
        s->len += (size_t)n;
    } else {
        fits = false;
    }
    if (s->secret)
        explicit_bzero(small, sizeof small);
    va_end(again);
    return fits;
}

bool str_addf(struct str *s, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    bool fits = str_vaddf(s, format, arguments);
    va_end(arguments);
    return fits;
}

void str_drop_front(struct str *s, size_t n)
{
    must(n <= s->len);
    if (n == 0)
        return;
    s->len -= n;
    memmove(s->data, s->data + n, s->len + 1);
}

void str_truncate(struct str *s, size_t n)
{
    must(n <= s->len);
    s->len = n;
    if (s->capacity)
        s->data[n] = '\0';
}

struct span str_span(const struct str *s)
{
    return (struct span){s->data, s->len};
}

char *str_steal(struct str *s)
{
    char *data = s->capacity ? s->data : xstrdup("");
    size_t max = s->max;
    *s = (struct str){.data = nothing, .max = max, .secret = s->secret};
    return data;
}
