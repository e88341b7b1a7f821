/* multipart/form-data as browsers send it (RFC 7578, RFC 2046 5.1.1), read as it comes: a file's bytes go into a spool, and
 * what is held at any moment is one part's header or one piece of the body.
 */
#include "webmail-cgi/multipart.h"

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

void multipart_begin(struct multipart *m, struct arena *arena, struct span boundary, struct spool *files,
                     field_list *out)
{
    *m = (struct multipart){.arena = arena, .files = files, .out = out, .state = MULTIPART_FIRST};
    str_init(&m->between, 128);
    str_addf(&m->between, "\r\n--%.*s", (int)boundary.n, boundary.p);
    str_init(&m->held, MULTIPART_PIECE + PART_HEADER_MAX + 256);
    str_init(&m->text, MULTIPART_TEXT_MAX);
}

static bool fail(struct multipart *m, enum fields_status why)
{
    m->state = MULTIPART_FAILED;
    m->status = why;
    return false;
}

static struct span held_from(const struct multipart *m, size_t begin, size_t end)
{
    return (struct span){m->held.data + begin, end - begin};
}

/* Each of the steps below takes what it can of the bytes held; false: it wants more of them, or the form is broken. */
static bool take_first(struct multipart *m)
{
    size_t n = m->between.len - 2; /* a form's first line has no line end before it */
    if (m->held.len < n)
        return false;
    if (!span_eq(held_from(m, 0, n), (struct span){m->between.data + 2, n}))
        return fail(m, FIELDS_BAD);
    str_drop_front(&m->held, n);
    m->state = MULTIPART_AFTER;
    return true;
}

static bool take_after(struct multipart *m)
{
    if (m->held.len < 2)
        return false;
    struct span two = held_from(m, 0, 2);
    bool more = span_is(two, "\r\n");
    if (!more && !span_is(two, "--"))
        return fail(m, FIELDS_BAD);
    m->state = more ? MULTIPART_HEADER : MULTIPART_DONE;
    str_drop_front(&m->held, 2);
    return true;
}

static bool take_header(struct multipart *m)
{
    ptrdiff_t blank = span_find(str_span(&m->held), SPAN_LIT("\r\n\r\n"));
    if (blank < 0 && m->held.len <= PART_HEADER_MAX)
        return false;
    struct span header = held_from(m, 0, blank < 0 ? 0 : (size_t)blank);
    struct field *f = &m->field;
    *f = (struct field){0};
    if (blank < 0 || blank > PART_HEADER_MAX || span_find(header, str_span(&m->between)) >= 0 ||
        !part_header(m->arena, arena_span(m->arena, header), f))
        return fail(m, FIELDS_BAD);
    if (m->out->len == FIELDS_MAX)
        return fail(m, FIELDS_TOO_MANY);
    str_drop_front(&m->held, (size_t)blank + 4);
    m->file_begin = m->files->len;
    m->text_begin = m->text.len;
    m->state = MULTIPART_VALUE;
    return true;
}

static bool take_bytes(struct multipart *m, size_t n)
{
    struct span bytes = held_from(m, 0, n);
    bool room = m->field.is_file ? spool_add(m->files, bytes) : str_add_span(&m->text, bytes);
    str_drop_front(&m->held, n);
    return room || fail(m, FIELDS_TOO_MANY);
}

static bool end_value(struct multipart *m)
{
    struct field *f = &m->field;
    if (f->is_file) {
        f->value.n = m->files->len - m->file_begin; /* where it lies is told at the end */
    } else {
        f->value = arena_span(m->arena, (struct span){m->text.data + m->text_begin, m->text.len - m->text_begin});
        if (!utf8_valid(f->value) || span_find(f->value, (struct span){"", 1}) >= 0)
            return fail(m, FIELDS_BAD);
    }
    vec_push(m->out, *f);
    m->state = MULTIPART_AFTER;
    return true;
}

static bool take_value(struct multipart *m)
{
    ptrdiff_t at = span_find(str_span(&m->held), str_span(&m->between));
    if (at < 0) {
        /* its last bytes may be the beginning of a boundary */
        if (m->held.len >= m->between.len)
            (void)take_bytes(m, m->held.len - m->between.len + 1);
        return false;
    }
    if (!take_bytes(m, (size_t)at))
        return false;
    str_drop_front(&m->held, m->between.len);
    return end_value(m);
}

static bool take(struct multipart *m)
{
    switch (m->state) {
    case MULTIPART_FIRST:
        return take_first(m);
    case MULTIPART_AFTER:
        return take_after(m);
    case MULTIPART_HEADER:
        return take_header(m);
    case MULTIPART_VALUE:
        return take_value(m);
    case MULTIPART_DONE: /* an epilogue is nobody's */
        str_clear(&m->held);
        return false;
    case MULTIPART_FAILED:
        break;
    }
    return false;
}

bool multipart_feed(struct multipart *m, struct span bytes)
{
    while (bytes.n > 0 && m->state != MULTIPART_FAILED) {
        struct span piece = {bytes.p, bytes.n < MULTIPART_PIECE ? bytes.n : MULTIPART_PIECE};
        must(str_add_span(&m->held, piece));
        while (take(m))
            ;
        bytes = (struct span){bytes.p + piece.n, bytes.n - piece.n};
    }
    return m->state != MULTIPART_FAILED;
}

/* Files follow one another in the spool, in the order of their fields. */
static void place_files(struct multipart *m)
{
    struct span all = spool_span(m->files);
    size_t at = 0;
    vec_each (m->out, f)
        if (f->is_file) {
            f->value.p = all.p + at;
            at += f->value.n;
        }
}

enum fields_status multipart_end(struct multipart *m)
{
    enum fields_status status = m->state == MULTIPART_DONE     ? FIELDS_OK
                                : m->state == MULTIPART_FAILED ? m->status
                                                               : FIELDS_BAD;
    if (status == FIELDS_OK)
        place_files(m);
    if (status == FIELDS_OK && m->files->overflow)
        status = FIELDS_TOO_MANY;
    str_free(&m->between);
    str_wipe(&m->held);
    str_wipe(&m->text);
    return status;
}
