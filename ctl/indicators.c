/* caducee indicators show|export|transmit. */
#include "ctl/indicators.h"
#include "ctl/lists.h"

#include "lib/base/clock.h"
#include "lib/base/crypto.h"
#include "lib/base/json.h"
#include "lib/base/text.h"
#include "lib/net/https.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

enum { REPORT_MAX = 64 << 20, RECEIPT_MAX = 200 /* characters of the receiver's answer */ };

/* "2026-10", or the month before this one: the last whole one. */
static bool read_month(struct invocation *i, char out[11])
{
    const char *text = take_option(i, "--month");
    if (text) {
        struct span month = span_of(text);
        if (month.n == 7 && month.p[4] == '-' && strspn(text, "0123456789-") == 7) {
            snprintf(out, 11, "%.7s-01", text);
            return true;
        }
        fail(i, STATUS_USAGE, LANG(i, "« %s » n'est pas un mois : AAAA-MM", "\"%s\" is no month: YYYY-MM"), text);
        return false;
    }
    time_t now = (time_t)wall_s();
    struct tm tm;
    localtime_r(&now, &tm);
    bool january = tm.tm_mon == 0;
    tm.tm_mon = january ? 11 : tm.tm_mon - 1;
    tm.tm_year -= january;
    tm.tm_mday = 1;
    return strftime(out, 11, "%Y-%m-%d", &tm) == 10;
}

int indicators_read(struct invocation *i, struct indicators *out)
{
    *out = (struct indicators){.structure = take_option(i, "--structure")};
    if (!read_month(i, out->month) || !words_end(i))
        return STATUS_USAGE;
    const struct {
        enum listing_kind kind;
        struct listing *listing;
    } parts[] = {{LISTING_indicators, &out->counts},
                 {LISTING_indicator_partners, &out->partners},
                 {LISTING_indicator_products, &out->products},
                 {LISTING_indicator_days, &out->days}};
    const char *const arguments[] = {out->month, out->structure, i->scoped ? i->operator_name : NULL};
    for (size_t n = 0; n < COUNT(parts); n++) {
        enum store_status status =
            listing_read(invocation_db(i), parts[n].kind, arguments, COUNT(arguments), parts[n].listing);
        if (status != STORE_OK)
            return fail_store(i, status, LANG(i, "indicateurs", "indicators"));
    }
    return STATUS_OK;
}

void indicators_free(struct indicators *indicators)
{
    listing_free(&indicators->counts);
    listing_free(&indicators->partners);
    listing_free(&indicators->products);
    listing_free(&indicators->days);
}

/* The n-th "key:fr:en[:n]" of a listing's columns, cut into its words. */
static size_t column_words(enum listing_kind kind, size_t column, struct span words[4])
{
    struct span rest = span_of(listing_columns(kind)), item = SPAN_NONE;
    for (size_t n = 0; n <= column; n++)
        if (!span_cut(&rest, '|', &item))
            return 0;
    size_t count = 0;
    while (count < 4 && span_cut(&item, ':', &words[count]))
        count++;
    return count;
}

const char *indicators_cell(const struct listing *listing, enum listing_kind kind, size_t row, size_t column,
                            bool masked)
{
    struct span words[4];
    const char *cell = listing->cells.items[row * listing->columns + column];
    bool number = column_words(kind, column, words) == 4;
    if (!cell)
        return number ? "0" : "";
    bool small = number && cell[0] >= '1' && cell[0] < '0' + INDICATORS_MASKED_BELOW && cell[1] == '\0';
    return masked && small ? "<5" : cell;
}

const char *indicators_column(struct invocation *i, enum listing_kind kind, size_t column, bool titles)
{
    static char name[128];
    struct span words[4];
    if (column_words(kind, column, words) < 3)
        return "";
    struct span word = words[titles ? (i->french ? 1 : 2) : 0];
    snprintf(name, sizeof(name), "%.*s", (int)word.n, word.p);
    vec_each (&i->conf->indicators_columns, pair)
        if (!titles && span_is(words[0], pair->key))
            return pair->value;
    return name;
}

/* RFC 4180; a text that a spreadsheet would run as a formula is disarmed. */
static void csv_cell(struct str *out, const char *cell, bool last)
{
    bool formula = strchr("=+-@", *cell) && *cell;
    str_putc(out, '"');
    if (formula)
        str_putc(out, '\'');
    for (const char *p = cell; *p; p++) {
        if (*p == '"')
            str_putc(out, '"');
        str_putc(out, *p);
    }
    str_puts(out, last ? "\"\r\n" : "\";");
}

/* The layout is one, whatever the locale of who runs it. */
static const char *month_column(const struct invocation *i)
{
    vec_each (&i->conf->indicators_columns, pair)
        if (strcmp(pair->key, "month") == 0)
            return pair->value;
    return "month";
}

void indicators_csv(struct invocation *i, const struct indicators *in, struct str *out)
{
    const struct listing *l = &in->counts;
    size_t rows = l->columns ? l->cells.len / l->columns : 0;
    csv_cell(out, month_column(i), false);
    for (size_t c = 0; c < l->columns; c++)
        csv_cell(out, indicators_column(i, LISTING_indicators, c, false), c + 1 == l->columns);
    for (size_t r = 0; r < rows; r++) {
        char month[8];
        snprintf(month, sizeof(month), "%.7s", in->month);
        csv_cell(out, month, false);
        for (size_t c = 0; c < l->columns; c++)
            csv_cell(out, indicators_cell(l, LISTING_indicators, r, c, true), c + 1 == l->columns);
    }
}

static void json_rows(struct invocation *i, struct str *out, const char *key, const struct listing *l,
                      enum listing_kind kind)
{
    json_key(out, key);
    json_open(out, '[');
    for (size_t r = 0; l->columns && r < l->cells.len / l->columns; r++) {
        json_open(out, '{');
        for (size_t c = 0; c < l->columns; c++)
            json_put(out, indicators_column(i, kind, c, false), indicators_cell(l, kind, r, c, true));
        json_close(out, '}');
    }
    json_close(out, ']');
}

void indicators_json(struct invocation *i, const struct indicators *in, struct str *out)
{
    json_open(out, '{');
    json_put_span(out, "month", (struct span){in->month, 7});
    json_put(out, "structure", in->structure);
    json_rows(i, out, "indicators", &in->counts, LISTING_indicators);
    json_rows(i, out, "partners", &in->partners, LISTING_indicator_partners);
    json_rows(i, out, "products", &in->products, LISTING_indicator_products);
    json_rows(i, out, "days", &in->days, LISTING_indicator_days);
    json_close(out, '}');
    str_putc(out, '\n');
}

int command_indicators_show(struct invocation *i)
{
    char month[11];
    const char *structure = take_option(i, "--structure");
    if (!read_month(i, month) || !words_end(i))
        return STATUS_USAGE;
    const char *const arguments[] = {month, structure};
    return list_governed(i, LISTING_indicators, arguments, COUNT(arguments));
}

int command_indicators_export(struct invocation *i)
{
    static const struct {
        const char *name;
        void (*make)(struct invocation *, const struct indicators *, struct str *);
    } forms[] = {{"csv", indicators_csv}, {"json", indicators_json}, {"html", indicators_html}};
    const char *form = take_option(i, "--format"), *path = take_word(i);
    struct indicators in;
    struct str report;
    size_t n = 0;
    while (n < COUNT(forms) && strcmp(forms[n].name, form ? form : "csv") != 0)
        n++;
    if (!path || n == COUNT(forms))
        return usage(i, "FICHIER [--format csv|json|html] [--month AAAA-MM] [--structure S]",
                     "FILE [--format csv|json|html] [--month YYYY-MM] [--structure S]");
    int status = indicators_read(i, &in);
    str_init(&report, REPORT_MAX);
    if (status == STATUS_OK) {
        forms[n].make(i, &in, &report);
        status = write_file(i, path, str_span(&report), 0640);
    }
    if (status == STATUS_OK)
        say(i,
            LANG(i, "%s : %zu octets ; les nombres de 1 à 4 sont masqués",
                 "%s: %zu bytes; counts from 1 to 4 are masked"),
            path, report.len);
    str_free(&report);
    indicators_free(&in);
    return status;
}

/* The first words of an answer, on one line: they stand in a trace. */
static void add_words(struct str *out, struct span text, size_t most)
{
    for (size_t n = 0; n < text.n && n < most; n++)
        str_putc(out, text.p[n] >= ' ' && text.p[n] < 127 ? text.p[n] : ' ');
}

/* -- transmit: what was sent, to whom, with what answer, stands in the traces -- */
static bool post(struct invocation *i, const struct str *report, struct str *receipt)
{
    const char *const headers[] = {"Content-Type: text/csv; charset=utf-8", NULL};
    struct https_answer answer;
    struct https_request request = {.method = "POST",
                                    .url = i->conf->indicators_url,
                                    .ca_file = *i->conf->indicators_ca ? i->conf->indicators_ca : NULL,
                                    .certificate_file = i->conf->tls_certificate,
                                    .key_file = i->conf->tls_private_key,
                                    .headers = headers,
                                    .body = str_span(report),
                                    .timeout_ms = (unsigned)i->conf->indicators_timeout * 1000,
                                    .answer_max = 65536};
    bool good = https_fetch(&request, &answer);
    if (good) {
        str_addf(receipt, "HTTP %ld ", answer.status);
        add_words(receipt, str_span(&answer.body), RECEIPT_MAX);
    } else
        str_add_span(receipt, str_span(&answer.error));
    good = good && answer.status >= 200 && answer.status < 300;
    https_answer_free(&answer);
    return good;
}

static int transmit(struct invocation *i, const struct indicators *in, const char *reference)
{
    struct str report, receipt, digest;
    uint8_t sha[SHA256_BYTES];
    str_init(&report, REPORT_MAX);
    str_init(&receipt, 8192);
    str_init(&digest, 128);
    indicators_csv(i, in, &report);
    sha256(sha, str_span(&report));
    hex_encode(&digest, (struct span){(const char *)sha, sizeof(sha)});
    bool good = true;
    if (reference)
        str_puts(&receipt, reference);
    else
        good = post(i, &report, &receipt);
    struct trace trace = invocation_trace(i, "indicators.transmit");
    char *detail = xasprintf("%.7s sha256=%s %s", in->month, digest.data, receipt.data);
    trace.answer = good ? "OK" : "NO";
    trace.detail = detail;
    trace.bytes = report.len;
    enum store_status traced = trace_write(invocation_db(i), &trace);
    int status = traced != STORE_OK ? fail_store(i, traced, "trace")
                 : good             ? STATUS_OK
                                    : fail(i, STATUS_UNAVAILABLE, "%s", receipt.data);
    if (status == STATUS_OK)
        say(i, LANG(i, "transmis : %s\nreçu tracé : %s", "transmitted: %s\nreceipt traced: %s"), digest.data,
            receipt.data);
    xfree(&detail);
    str_free(&report);
    str_free(&receipt);
    str_free(&digest);
    return status;
}

int command_indicators_transmit(struct invocation *i)
{
    const char *reference = take_option(i, "--by-hand");
    struct indicators in;
    if (!reference && !*i->conf->indicators_url)
        return fail(
            i, STATUS_CONFIGURATION, "%s",
            LANG(i,
                 "[indicators] url est vide : déposez l'export sur le portail de l'ANS, puis notez son numéro de "
                 "dépôt : --by-hand NUMÉRO",
                 "[indicators] url is empty: upload the export at the ANS's portal, then note its number: "
                 "--by-hand NUMBER"));
    int status = indicators_read(i, &in);
    if (status == STATUS_OK)
        status = transmit(i, &in, reference);
    indicators_free(&in);
    return status;
}
