/* multipart/form-data as browsers send it (RFC 7578, RFC 2046 5.1.1). A file's bytes are never copied: its value is a view
 * into the body.
 */
#include "webmail-cgi/fields.h"

#include "lib/base/text.h"

static bool boundary_char(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           span_find(SPAN_LIT("'()+_,-./:=?"), (struct span){&c, 1}) >= 0;
}

bool multipart_boundary(struct span type, struct span *boundary)
{
    if (!span_starts_nocase(type, "multipart/form-data"))
        return false;
    ptrdiff_t at = span_find(type, SPAN_LIT("boundary="));
    if (at < 0)
        return false;
    struct span rest = {type.p + at + 9, type.n - (size_t)at - 9}, value;
    if (rest.n > 0 && rest.p[0] == '"') {
        rest = (struct span){rest.p + 1, rest.n - 1};
        if (span_find(rest, SPAN_LIT("\"")) < 0 || !span_cut(&rest, '"', &value))
            return false;
    } else if (!span_cut(&rest, ';', &value)) {
        return false;
    }
    value = span_trim(value);
    for (size_t i = 0; i < value.n; i++)
        if (!boundary_char(value.p[i]))
            return false;
    *boundary = value;
    return value.n >= 1 && value.n <= 70; /* RFC 2046 5.1.1 */
}

/* A parameter of Content-Disposition: name="…". Browsers write a quote in it as %22, never as a quoted pair. */
static bool disposition_parameter(struct span line, const char *name, struct span *value)
{
    struct str built;
    str_init(&built, 32);
    str_addf(&built, "; %s=\"", name);
    ptrdiff_t at = span_find(line, str_span(&built));
    size_t skip = built.len;
    str_free(&built);
    if (at < 0)
        return false;
    struct span rest = {line.p + at + skip, line.n - (size_t)at - skip};
    return span_find(rest, SPAN_LIT("\"")) >= 0 && span_cut(&rest, '"', value);
}

/* Browsers write CR, LF and " of a name as %0D, %0A, %22 and leave other % alone: undo just those. */
static struct span unescape_name(struct arena *arena, struct span in)
{
    char *to = arena_alloc(arena, in.n + 1);
    size_t n = 0;
    for (size_t i = 0; to && i < in.n; i++) {
        struct span escape = {in.p + i, 3};
        if (in.n - i >= 3 && span_is(escape, "%22")) {
            to[n++] = '"';
            i += 2;
        } else if (in.n - i >= 3 && (span_is_nocase(escape, "%0D") || span_is_nocase(escape, "%0A"))) {
            i += 2;
        } else {
            to[n++] = in.p[i];
        }
    }
    return (struct span){to, n};
}

static bool part_header(struct arena *arena, struct span header, struct field *field)
{
    struct span line, value;
    bool named = false;
    while (header.n > 0 && span_cut(&header, '\n', &line)) {
        line = span_trim(line);
        if (span_starts_nocase(line, "Content-Type:")) {
            field->content_type = span_trim((struct span){line.p + 13, line.n - 13});
        } else if (span_starts_nocase(line, "Content-Disposition:")) {
            named = disposition_parameter(line, "name", &value) && value.n <= FIELD_NAME_MAX;
            if (named)
                field->name = unescape_name(arena, value);
            field->is_file = disposition_parameter(line, "filename", &value);
            if (field->is_file)
                field->file_name = unescape_name(arena, value);
        }
    }
    return named && utf8_valid(field->name) && utf8_valid(field->file_name);
}

/* One part: header, empty line, bytes. */
static bool parse_part(struct arena *arena, struct span part, struct field *field)
{
    ptrdiff_t blank = span_find(part, SPAN_LIT("\r\n\r\n"));
    if (blank < 0 || blank > PART_HEADER_MAX)
        return false;
    if (!part_header(arena, (struct span){part.p, (size_t)blank}, field))
        return false;
    field->value = (struct span){part.p + blank + 4, part.n - (size_t)blank - 4};
    bool text_ok = utf8_valid(field->value) && span_find(field->value, (struct span){"", 1}) < 0;
    return field->is_file || text_ok;
}

enum fields_status fields_multipart(struct arena *arena, struct span boundary, struct span body, field_list *out)
{
    struct str line;
    str_init(&line, 128);
    str_addf(&line, "\r\n--%.*s", (int)boundary.n, boundary.p);
    struct span between = str_span(&line);
    struct span first = {between.p + 2, between.n - 2};
    enum fields_status status = FIELDS_BAD;
    if (body.n < first.n || !span_eq((struct span){body.p, first.n}, first))
        goto end;
    body = (struct span){body.p + first.n, body.n - first.n};
    while (body.n >= 2 && body.p[0] == '\r' && body.p[1] == '\n') {
        struct span rest = {body.p + 2, body.n - 2};
        ptrdiff_t at = span_find(rest, between);
        struct field field = {0};
        if (at < 0 || !parse_part(arena, (struct span){rest.p, (size_t)at}, &field))
            goto end;
        if (out->len == FIELDS_MAX) {
            status = FIELDS_TOO_MANY;
            goto end;
        }
        vec_push(out, field);
        body = (struct span){rest.p + at + between.n, rest.n - (size_t)at - between.n};
    }
    if (body.n >= 2 && body.p[0] == '-' && body.p[1] == '-')
        status = FIELDS_OK;
end:
    str_free(&line);
    return status;
}
