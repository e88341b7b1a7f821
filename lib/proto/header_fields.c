#include "lib/proto/header_fields.h"

#include <string.h>

static size_t line_length(struct span rest)
{
    const char *lf = rest.n > 0 ? memchr(rest.p, '\n', rest.n) : NULL;
    return lf ? (size_t)(lf - rest.p) + 1 : rest.n;
}

static bool is_blank(struct span rest)
{
    return rest.n == 0 || rest.p[0] == '\n' || (rest.n >= 2 && rest.p[0] == '\r' && rest.p[1] == '\n');
}

/* A name is printable ASCII without colon (RFC 5322 2.2); spaces before the colon are the obsolete syntax (4.5.8). */
static struct span field_name(struct span line)
{
    const char *colon = line.n > 0 ? memchr(line.p, ':', line.n) : NULL;
    if (!colon)
        return SPAN_NONE;
    struct span name = {line.p, (size_t)(colon - line.p)};
    while (name.n > 0 && (name.p[name.n - 1] == ' ' || name.p[name.n - 1] == '\t'))
        name.n--;
    for (size_t i = 0; i < name.n; i++)
        if ((unsigned char)name.p[i] <= 0x20 || (unsigned char)name.p[i] >= 0x7f)
            return SPAN_NONE;
    return name;
}

bool header_next(struct span *rest, struct header_field *out)
{
    if (is_blank(*rest))
        return false;
    size_t n = line_length(*rest);
    struct span first = {rest->p, n};
    while (n < rest->n && (rest->p[n] == ' ' || rest->p[n] == '\t'))
        n += line_length((struct span){rest->p + n, rest->n - n});
    *out = (struct header_field){.whole = {rest->p, n}, .name = field_name(first)};
    if (out->name.n > 0) {
        const char *colon = memchr(first.p, ':', first.n);
        out->body = (struct span){colon + 1, n - (size_t)(colon + 1 - first.p)};
    }
    *rest = (struct span){rest->p + n, rest->n - n};
    return true;
}

size_t header_length(struct span message)
{
    struct span rest = message;
    struct header_field field;
    while (header_next(&rest, &field))
        ;
    return message.n - rest.n;
}

bool header_find(struct span message, const char *name, struct header_field *out)
{
    struct span rest = message;
    while (header_next(&rest, out))
        if (span_is_nocase(out->name, name))
            return true;
    return false;
}

size_t header_count(struct span message, const char *name)
{
    struct span rest = message;
    struct header_field field;
    size_t count = 0;
    while (header_next(&rest, &field))
        count += span_is_nocase(field.name, name);
    return count;
}

void header_unfold(struct str *out, struct span body)
{
    body = span_trim(body);
    for (size_t i = 0; i < body.n; i++)
        if (body.p[i] != '\r' && body.p[i] != '\n')
            str_putc(out, body.p[i]);
}

/* Past comments and white space; 0 left when a comment does not end. */
static struct span skip_cfws(struct span text)
{
    unsigned depth = 0;
    while (text.n > 0) {
        char c = text.p[0];
        size_t step = 1;
        if (c == '(')
            depth++;
        else if (c == ')' && depth > 0)
            depth--;
        else if (c == '\\' && depth > 0 && text.n > 1)
            step = 2;
        else if (depth == 0 && !strchr(" \t\r\n", c))
            return text;
        else if (depth == 0 && c == '\0')
            return text;
        text = (struct span){text.p + step, text.n - step};
    }
    return text;
}

static bool claims_our_name(struct span body, const char *our_name)
{
    struct span text = skip_cfws(body);
    if (text.n > 0 && text.p[0] == '"')
        text = (struct span){text.p + 1, text.n - 1};
    size_t n = 0;
    while (n < text.n && !strchr(" \t\r\n;(\"", text.p[n]))
        n++;
    if (n > 0 && text.p[n - 1] == '.')
        n--;
    return span_is_nocase((struct span){text.p, n}, our_name);
}

size_t header_remove_authentication_results(char *message, size_t length, const char *our_name)
{
    struct span rest = {message, length};
    struct header_field field;
    while (header_next(&rest, &field)) {
        if (!span_is_nocase(field.name, "Authentication-Results") || !claims_our_name(field.body, our_name))
            continue;
        size_t at = (size_t)(field.whole.p - message), gone = field.whole.n;
        memmove(message + at, message + at + gone, length - at - gone);
        length -= gone;
        rest = (struct span){message + at, length - at};
    }
    return length;
}
