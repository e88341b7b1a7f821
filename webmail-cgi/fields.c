/* Queries, urlencoded forms and cookies. Multipart forms: multipart.c. */
#include "webmail-cgi/fields.h"

#include "lib/base/text.h"

#include <string.h>

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return -1;
}

bool percent_decode(struct arena *arena, struct span in, bool plus_is_space, struct span *out)
{
    char *to = arena_alloc(arena, in.n + 1);
    if (!to)
        return false;
    size_t n = 0;
    for (size_t i = 0; i < in.n; i++) {
        char c = in.p[i];
        if (c == '+' && plus_is_space) {
            c = ' ';
        } else if (c == '%') {
            int high = i + 2 < in.n ? hex_digit(in.p[i + 1]) : -1;
            int low = i + 2 < in.n ? hex_digit(in.p[i + 2]) : -1;
            if (high < 0 || low < 0)
                return false;
            c = (char)(high * 16 + low);
            i += 2;
        }
        if (c == '\0')
            return false;
        to[n++] = c;
    }
    *out = (struct span){to, n};
    return utf8_valid(*out);
}

enum fields_status fields_urlencoded(struct arena *arena, struct span in, field_list *out)
{
    struct span pair;
    while (in.n > 0 && span_cut(&in, '&', &pair)) {
        if (pair.n == 0)
            continue;
        if (out->len == FIELDS_MAX)
            return FIELDS_TOO_MANY;
        const char *equals = memchr(pair.p, '=', pair.n);
        size_t name_n = equals ? (size_t)(equals - pair.p) : pair.n;
        struct span raw_name = {pair.p, name_n};
        struct span raw_value = equals ? (struct span){equals + 1, pair.n - name_n - 1} : SPAN_NONE;
        struct field field = {0};
        if (!percent_decode(arena, raw_name, true, &field.name) || field.name.n > FIELD_NAME_MAX ||
            !percent_decode(arena, raw_value, true, &field.value))
            return FIELDS_BAD;
        vec_push(out, field);
    }
    return FIELDS_OK;
}

bool cookie_get(struct span header, const char *name, struct span *value)
{
    struct span wanted = span_of(name), pair;
    if (header.n > COOKIE_HEADER_MAX)
        return false;
    while (header.n > 0 && span_cut(&header, ';', &pair)) {
        pair = span_trim(pair);
        if (pair.n > wanted.n && pair.p[wanted.n] == '=' && span_eq((struct span){pair.p, wanted.n}, wanted)) {
            *value = (struct span){pair.p + wanted.n + 1, pair.n - wanted.n - 1};
            return true;
        }
    }
    return false;
}
