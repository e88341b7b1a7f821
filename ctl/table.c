#include "ctl/table.h"

#include "lib/base/json.h"
#include "lib/base/num.h"
#include "lib/base/text.h"

#include <stdio.h>
#include <string.h>

enum { COLUMNS_MAX = 24, WIDTH_MAX = 72 };

void table_init(struct table *t, const struct table_column *columns, size_t count)
{
    must(count > 0 && count <= COLUMNS_MAX);
    *t = (struct table){.columns = columns, .column_count = count};
}

void table_cell(struct table *t, const char *text)
{
    vec_push(&t->cells, text ? xstrdup(text) : NULL);
}

void table_number(struct table *t, int64_t value)
{
    vec_push(&t->cells, xasprintf("%lld", (long long)value));
}

void table_date(struct table *t, int64_t wall)
{
    struct str text;
    str_init(&text, 64);
    show_date(&text, wall);
    vec_push(&t->cells, wall ? xstrdup(text.data) : NULL);
    str_free(&text);
}

static size_t width_of(const char *text)
{
    size_t width = 0;
    for (; text && *text; text++)
        width += ((uint8_t)*text & 0xc0) != 0x80;
    return width;
}

static void pad(struct str *out, const char *text, size_t width, bool right)
{
    size_t have = width_of(text);
    for (size_t n = have; right && n < width; n++)
        str_putc(out, ' ');
    str_puts(out, text);
    for (size_t n = have; !right && n < width; n++)
        str_putc(out, ' ');
}

/* What strangers wrote (names, DNs) must not move a terminal's cursor. */
static char *shown(const char *cell)
{
    struct str out;
    str_init(&out, 1 << 20);
    text_sanitize(&out, span_of(cell));
    str_puts(&out, "");
    return out.data ? str_steal(&out) : xstrdup("");
}

static void json_cell(struct str *out, const struct table_column *column, const char *cell)
{
    int64_t number;
    if (cell && column->number && num_i64(span_of(cell), &number))
        json_put_i64(out, column->key, number);
    else
        json_put(out, column->key, cell);
}

static void json_row(struct str *out, const struct table *t, size_t row)
{
    json_open(out, '{');
    for (size_t c = 0; c < t->column_count; c++)
        json_cell(out, &t->columns[c], t->cells.items[row * t->column_count + c]);
    json_close(out, '}');
}

static void finish(struct table *t)
{
    vec_each (&t->cells, cell)
        xfree(cell);
    vec_free(&t->cells);
}

static void measure(const struct invocation *i, const struct table *t, size_t widths[COLUMNS_MAX])
{
    for (size_t c = 0; c < t->column_count; c++)
        widths[c] = width_of(LANG(i, t->columns[c].fr, t->columns[c].en));
    for (size_t n = 0; n < t->cells.len; n++) {
        size_t width = width_of(t->cells.items[n] ? t->cells.items[n] : "-");
        size_t *most = &widths[n % t->column_count];
        if (width > *most)
            *most = width < WIDTH_MAX ? width : WIDTH_MAX;
    }
}

static void print_text(struct invocation *i, const struct table *t)
{
    size_t widths[COLUMNS_MAX];
    measure(i, t, widths);
    for (size_t c = 0; c < t->column_count; c++) {
        pad(&i->out, LANG(i, t->columns[c].fr, t->columns[c].en), c + 1 < t->column_count ? widths[c] : 0,
            t->columns[c].number);
        str_puts(&i->out, c + 1 < t->column_count ? "  " : "\n");
    }
    for (size_t n = 0; n < t->cells.len; n++) {
        size_t c = n % t->column_count;
        bool last = c + 1 == t->column_count;
        char *cell = shown(t->cells.items[n] ? t->cells.items[n] : "-");
        pad(&i->out, cell, last ? 0 : widths[c], t->columns[c].number);
        str_puts(&i->out, last ? "\n" : "  ");
        xfree(&cell);
    }
}

void table_print(struct invocation *i, struct table *t)
{
    if (i->json) {
        json_open(&i->out, '[');
        for (size_t row = 0; row * t->column_count < t->cells.len; row++)
            json_row(&i->out, t, row);
        json_close(&i->out, ']');
        str_putc(&i->out, '\n');
    } else {
        print_text(i, t);
    }
    finish(t);
}

void table_print_one(struct invocation *i, struct table *t)
{
    size_t widest = 0;
    if (i->json) {
        json_row(&i->out, t, 0);
        str_putc(&i->out, '\n');
        finish(t);
        return;
    }
    for (size_t c = 0; c < t->column_count; c++) {
        size_t width = width_of(LANG(i, t->columns[c].fr, t->columns[c].en));
        widest = width > widest ? width : widest;
    }
    for (size_t c = 0; c < t->column_count; c++) {
        char *cell = shown(t->cells.items[c] ? t->cells.items[c] : "-");
        pad(&i->out, LANG(i, t->columns[c].fr, t->columns[c].en), widest, false);
        str_addf(&i->out, "  %s\n", cell);
        xfree(&cell);
    }
    finish(t);
}
