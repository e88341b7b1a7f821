#include "webmail-cgi/records.h"

#include "lib/base/text.h"

enum { US = 31, RS = 30 };

bool record_next(struct span *rest, struct record *out)
{
    struct span line, field;
    *out = (struct record){0};
    if (rest->n == 0 || !span_cut(rest, RS, &line))
        return false;
    for (size_t i = 0; i < RECORD_FIELDS && line.n > 0 && span_cut(&line, US, &field); i++)
        out->field[i] = field;
    return true;
}

bool record_find(struct span text, struct span id, struct record *out)
{
    while (record_next(&text, out))
        if (span_eq(out->field[0], id))
            return true;
    return false;
}

/* A separator inside a field would be two records: it becomes a space. */
static void write_field(struct str *out, struct span field)
{
    for (size_t i = 0; i < field.n; i++)
        str_putc(out, field.p[i] == US || field.p[i] == RS ? ' ' : field.p[i]);
    str_putc(out, US);
}

static void write_record(struct str *out, const struct record *r)
{
    for (size_t i = 0; i < RECORD_FIELDS; i++)
        write_field(out, r->field[i]);
    str_putc(out, RS);
}

/* Rewrites the text; `with` NULL takes the record of that id out. */
static bool rewrite(struct str *text, struct span id, const struct record *with, size_t *count)
{
    struct str fresh;
    struct span rest = str_span(text);
    struct record r;
    bool found = false;
    str_init(&fresh, text->max);
    *count = 0;
    while (record_next(&rest, &r)) {
        bool it = span_eq(r.field[0], id);
        found = found || it;
        if (it && !with)
            continue;
        write_record(&fresh, it ? with : &r);
        ++*count;
    }
    if (with && !found) {
        write_record(&fresh, with);
        ++*count;
    }
    bool fits = !fresh.overflow;
    str_clear(text);
    str_add_span(text, str_span(&fresh));
    str_wipe(&fresh);
    return fits && (found || with);
}

bool record_put(struct str *text, const struct record *r, size_t max)
{
    size_t count;
    return rewrite(text, r->field[0], r, &count) && count <= max;
}

bool record_remove(struct str *text, struct span id)
{
    size_t count;
    return rewrite(text, id, NULL, &count);
}
