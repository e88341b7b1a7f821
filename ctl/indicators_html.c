/* The self-contained report: one HTML file, no script, its plots in SVG with the same figures as text beside them. */
#include "ctl/indicators.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PLOT_WIDTH = 880, PLOT_HEIGHT = 240, PLOT_LEFT = 56, PLOT_BOTTOM = 28, BAR_GAP = 2 };

static const char STYLE[] =
    ":root{color-scheme:light dark;font:16px/1.5 system-ui,sans-serif}body{margin:2rem auto;max-width:60rem;padding:0 "
    "1rem}"
    "h1{font-size:1.6rem}h2{font-size:1.15rem;margin-top:2.5rem}table{border-collapse:collapse;font-size:.85rem;width:"
    "100%}"
    "th,td{padding:.3rem .5rem;border-bottom:1px solid #8885;text-align:left}td.n,th.n{text-align:right;"
    "font-variant-numeric:tabular-nums}.scroll{overflow-x:auto}svg{max-width:100%;height:auto}svg "
    "text{fill:currentColor;"
    "font-size:12px}.a{fill:#0b57d0}.b{fill:#e8710a}.axis{stroke:currentColor;opacity:.35}dl{display:flex;flex-wrap:"
    "wrap;gap:2rem}"
    "dt{opacity:.7;font-size:.85rem}dd{margin:0;font-size:1.7rem}.key "
    "span{display:inline-block;width:.8rem;height:.8rem;"
    "margin:0 .4rem 0 1rem}@media print{body{max-width:none}}";

static void escape(struct str *out, const char *text)
{
    for (; *text; text++) {
        switch (*text) {
        case '<':
            str_puts(out, "&lt;");
            break;
        case '>':
            str_puts(out, "&gt;");
            break;
        case '&':
            str_puts(out, "&amp;");
            break;
        case '"':
            str_puts(out, "&quot;");
            break;
        default:
            str_putc(out, *text);
        }
    }
}

static double number(const struct listing *l, size_t row, size_t column)
{
    const char *cell = l->cells.items[row * l->columns + column];
    return cell ? strtod(cell, NULL) : 0;
}

static double total(const struct listing *l, size_t column)
{
    double sum = 0;
    for (size_t row = 0; l->columns && row < l->cells.len / l->columns; row++)
        sum += number(l, row, column);
    return sum;
}

static size_t column_named(enum listing_kind kind, const char *key)
{
    struct span rest = span_of(listing_columns(kind)), item, name;
    for (size_t n = 0; span_cut(&rest, '|', &item); n++)
        if (span_cut(&item, ':', &name) && span_is(name, key))
            return n;
    panic("no indicator %s", key);
}

static bool is_number(enum listing_kind kind, size_t column)
{
    struct span rest = span_of(listing_columns(kind)), item = SPAN_NONE;
    for (size_t n = 0; n <= column; n++)
        if (!span_cut(&rest, '|', &item))
            return false;
    return item.n > 2 && item.p[item.n - 1] == 'n' && item.p[item.n - 2] == ':';
}

static void table(struct invocation *i, struct str *out, const struct listing *l, enum listing_kind kind)
{
    str_puts(out, "<div class=scroll><table><thead><tr>");
    for (size_t c = 0; c < l->columns; c++) {
        str_puts(out, is_number(kind, c) ? "<th scope=col class=n>" : "<th scope=col>");
        escape(out, indicators_column(i, kind, c, true));
        str_puts(out, "</th>");
    }
    str_puts(out, "</tr></thead><tbody>");
    for (size_t r = 0; l->columns && r < l->cells.len / l->columns; r++) {
        str_puts(out, "<tr>");
        for (size_t c = 0; c < l->columns; c++) {
            str_puts(out, is_number(kind, c) ? "<td class=n>" : "<td>");
            escape(out, indicators_cell(l, kind, r, c, true));
            str_puts(out, "</td>");
        }
        str_puts(out, "</tr>");
    }
    str_puts(out, "</tbody></table></div>");
}

static void bar(struct str *out, const char *class, double x, double width, double value, double most)
{
    if (value >= 1 && value < INDICATORS_MASKED_BELOW) /* a masked count is drawn as the least that is shown */
        value = INDICATORS_MASKED_BELOW;
    double height = most > 0 ? value / most * (PLOT_HEIGHT - PLOT_BOTTOM - 10) : 0;
    str_addf(out, "<rect class=%s x=%.1f y=%.1f width=%.1f height=%.1f />", class, x,
             PLOT_HEIGHT - PLOT_BOTTOM - height, width, height);
}

/* Two bars a day: sent, received. */
static void plot_days(struct invocation *i, struct str *out, const struct listing *days)
{
    size_t count = days->columns ? days->cells.len / days->columns : 0;
    double most = INDICATORS_MASKED_BELOW;
    for (size_t d = 0; d < count; d++)
        for (size_t c = 1; c <= 2; c++)
            most = number(days, d, c) > most ? number(days, d, c) : most;
    str_addf(out,
             "<p class=key><span class=a style=\"background:#0b57d0\"></span>%s<span class=b "
             "style=\"background:#e8710a\"></span>%s</p>",
             LANG(i, "envoyés", "sent"), LANG(i, "reçus", "received"));
    str_addf(out, "<svg viewBox=\"0 0 %d %d\" role=img aria-label=\"%s\">", PLOT_WIDTH, PLOT_HEIGHT,
             LANG(i, "messages par jour", "messages a day"));
    str_addf(out, "<line class=axis x1=%d y1=%d x2=%d y2=%d /><text x=4 y=16>%.0f</text><text x=4 y=%d>0</text>",
             PLOT_LEFT, PLOT_HEIGHT - PLOT_BOTTOM, PLOT_WIDTH, PLOT_HEIGHT - PLOT_BOTTOM, most,
             PLOT_HEIGHT - PLOT_BOTTOM);
    double slot = count ? (double)(PLOT_WIDTH - PLOT_LEFT) / (double)count : 0;
    for (size_t d = 0; d < count; d++) {
        double x = PLOT_LEFT + (double)d * slot, width = slot / 2 - BAR_GAP;
        const char *day = days->cells.items[d * days->columns];
        bar(out, "a", x, width, number(days, d, 1), most);
        bar(out, "b", x + width, width, number(days, d, 2), most);
        if (d % 5 == 0 && day && strlen(day) == 10)
            str_addf(out, "<text x=%.1f y=%d>%s</text>", x, PLOT_HEIGHT - 8, day + 8);
    }
    str_puts(out, "</svg>");
}

static void figure(struct str *out, const char *title, double value)
{
    str_addf(out, "<div><dt>%s</dt><dd>", title);
    if (value >= 1 && value < INDICATORS_MASKED_BELOW)
        str_puts(out, "&lt;5");
    else
        str_addf(out, "%.0f", value);
    str_puts(out, "</dd></div>");
}

static void section(struct invocation *i, struct str *out, const char *title, const struct listing *l,
                    enum listing_kind kind)
{
    str_addf(out, "<h2>%s</h2>", title);
    table(i, out, l, kind);
}

void indicators_html(struct invocation *i, const struct indicators *in, struct str *out)
{
    const struct listing *l = &in->counts;
    str_addf(out,
             "<!doctype html><html lang=%s><meta charset=utf-8><meta name=viewport "
             "content=\"width=device-width\"><title>%s %.7s</title><style>%s</style>",
             i->french ? "fr" : "en", LANG(i, "Indicateurs MSSanté", "MSSanté indicators"), in->month, STYLE);
    str_addf(out, "<h1>%s %.7s", LANG(i, "Indicateurs MSSanté,", "MSSanté indicators,"), in->month);
    if (in->structure) {
        str_puts(out, " — ");
        escape(out, in->structure);
    }
    str_puts(out, "</h1><dl>");
    figure(out, LANG(i, "BAL ouvertes", "BALs open"), total(l, column_named(LISTING_indicators, "open")));
    figure(out, LANG(i, "BAL actives", "BALs active"), total(l, column_named(LISTING_indicators, "active")));
    figure(out, LANG(i, "messages envoyés", "messages sent"), total(l, column_named(LISTING_indicators, "sent")));
    figure(out, LANG(i, "messages reçus", "messages received"), total(l, column_named(LISTING_indicators, "received")));
    figure(out, LANG(i, "avec CDA", "with a CDA"), total(l, column_named(LISTING_indicators, "with_cda")));
    figure(out, LANG(i, "avec INS qualifiée", "with a qualified INS"),
           total(l, column_named(LISTING_indicators, "with_ins")));
    str_addf(out, "</dl><h2>%s</h2>", LANG(i, "Par jour", "By day"));
    plot_days(i, out, &in->days);
    section(i, out, LANG(i, "Par structure, domaine et type", "By structure, domain and kind"), l, LISTING_indicators);
    section(i, out, LANG(i, "Principaux correspondants", "Main partners"), &in->partners, LISTING_indicator_partners);
    section(i, out, LANG(i, "Produits", "Products"), &in->products, LISTING_indicator_products);
    str_addf(out, "<p><small>%s</small></p></html>\n",
             LANG(i, "Les nombres de 1 à 4 sont masqués.", "Counts from 1 to 4 are masked."));
}
