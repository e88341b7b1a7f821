#include "webmail-cgi/outgoing.h"

#include "lib/base/clock.h"
#include "lib/base/crypto.h"
#include "lib/base/text.h"

#include <string.h>

enum { WORD_BYTES = 42, LINE_COLUMNS = 76, BASE64_LINE = 57 };

static bool plain(struct span value)
{
    return ascii_printable(value) && span_find(value, SPAN_LIT("=?")) < 0;
}

/* A whole number of characters a word (RFC 2047 5). */
static size_t word_end(struct span value)
{
    size_t n = value.n < WORD_BYTES ? value.n : WORD_BYTES;
    while (n < value.n && n > 0 && ((unsigned char)value.p[n] & 0xc0) == 0x80)
        n--;
    return n;
}

static void encoded_words(struct str *out, struct span value)
{
    bool first = true;
    while (value.n > 0) {
        size_t n = word_end(value);
        str_puts(out, first ? "=?UTF-8?B?" : "\r\n =?UTF-8?B?");
        base64_encode(out, (struct span){value.p, n ? n : value.n});
        str_puts(out, "?=");
        value = n ? (struct span){value.p + n, value.n - n} : SPAN_NONE;
        first = false;
    }
}

void outgoing_header_text(struct str *out, size_t column, struct span value)
{
    struct span word;
    if (!plain(value)) {
        struct str clean;
        str_init(&clean, value.n * 3 + 8);
        text_sanitize(&clean, value);
        encoded_words(out, str_span(&clean));
        str_free(&clean);
        return;
    }
    bool first = true;
    while (value.n > 0 && span_cut(&value, ' ', &word)) {
        if (!first && column + 1 + word.n > LINE_COLUMNS) {
            str_puts(out, "\r\n ");
            column = 1;
        } else if (!first) {
            str_putc(out, ' ');
            column++;
        }
        str_add_span(out, word);
        column += word.n;
        first = false;
    }
}

static bool is_atoms(struct span name)
{
    for (size_t i = 0; i < name.n; i++) {
        char c = name.p[i];
        bool ok = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == ' ' || c == '-' ||
                  c == '_' || c == '\'';
        if (!ok)
            return false;
    }
    return true;
}

static void write_address(struct str *out, const struct outgoing_address *a)
{
    if (a->name.n > 0 && !plain(a->name)) {
        outgoing_header_text(out, 0, a->name);
        str_putc(out, ' ');
    } else if (a->name.n > 0) {
        bool quoted = !is_atoms(a->name);
        if (quoted)
            str_putc(out, '"');
        for (size_t i = 0; i < a->name.n; i++) {
            if (a->name.p[i] == '"' || a->name.p[i] == '\\')
                str_putc(out, '\\');
            str_putc(out, a->name.p[i]);
        }
        str_puts(out, quoted ? "\" " : " ");
    }
    str_putc(out, '<');
    str_add_span(out, a->address);
    str_putc(out, '>');
}

static void address_field(struct str *out, const char *name, const outgoing_addresses *list)
{
    if (list->len == 0)
        return;
    str_puts(out, name);
    str_puts(out, ": ");
    for (size_t i = 0; i < list->len; i++) {
        if (i > 0)
            str_puts(out, ",\r\n ");
        write_address(out, &list->items[i]);
    }
    str_puts(out, "\r\n");
}

static void field(struct str *out, const char *name, struct span value)
{
    if (value.n == 0)
        return;
    str_puts(out, name);
    str_puts(out, ": ");
    outgoing_header_text(out, strlen(name) + 2, value);
    str_puts(out, "\r\n");
}

/* A file is never held whole: it is read, encoded and spooled a step at a time. */
static void write_base64(struct spool *out, struct span bytes)
{
    enum { LINES = 1024 };
    struct str step;
    str_init(&step, LINES * (LINE_COLUMNS + 2) + 8);
    for (size_t line = 1; bytes.n > 0; line++) {
        struct span taken = {bytes.p, bytes.n < BASE64_LINE ? bytes.n : BASE64_LINE};
        base64_encode(&step, taken);
        str_puts(&step, "\r\n");
        bytes = (struct span){bytes.p + taken.n, bytes.n - taken.n};
        if (line % LINES == 0 || bytes.n == 0) {
            size_t read = (line - 1) % LINES * BASE64_LINE + taken.n;
            spool_add(out, str_span(&step));
            spool_passed((struct span){taken.p + taken.n - read, read});
            str_clear(&step);
        }
    }
    str_wipe(&step);
}

/* RFC 2045 6.7, for text: lines end CRLF, at most 76 characters, no blank at a line's end. */
static void write_quoted_printable(struct str *out, struct span text)
{
    size_t column = 0;
    for (size_t i = 0; i < text.n; i++) {
        unsigned char c = (unsigned char)text.p[i];
        bool ends = i + 1 == text.n || text.p[i + 1] == '\n' || text.p[i + 1] == '\r';
        if (c == '\r')
            continue;
        if (c == '\n') {
            str_puts(out, "\r\n");
            column = 0;
            continue;
        }
        bool literal = (c > 0x20 && c < 0x7f && c != '=') || ((c == ' ' || c == '\t') && !ends);
        if (column == 0 && c == '.')
            literal = false; /* some relays eat a line's first dot */
        if (column + (literal ? 1 : 3) > LINE_COLUMNS - 1) {
            str_puts(out, "=\r\n");
            column = 0;
        }
        str_addf(out, literal ? "%c" : "=%02X", c);
        column += literal ? 1 : 3;
    }
    str_puts(out, "\r\n");
}

static void flush(struct spool *whole, struct str *out)
{
    if (out->overflow)
        whole->overflow = true;
    spool_add(whole, str_span(out));
    str_clear(out);
}

static void text_part(struct str *out, struct span text)
{
    str_puts(out, "Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n");
    write_quoted_printable(out, text);
}

static bool media_type_ok(struct span type)
{
    size_t slashes = 0;
    for (size_t i = 0; i < type.n; i++) {
        char c = type.p[i];
        slashes += c == '/';
        bool ok = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '/' || c == '.' ||
                  c == '-' || c == '+';
        if (!ok)
            return false;
    }
    return slashes == 1 && type.n < 100 && !span_starts_nocase(type, "multipart/") &&
           !span_starts_nocase(type, "message/");
}

/* RFC 2231 for the name; a plain one too, for readers that know no other. */
static void file_name(struct str *out, const char *parameter, struct span name)
{
    str_addf(out, ";\r\n %s*=UTF-8''", parameter);
    for (size_t i = 0; i < name.n; i++) {
        unsigned char c = (unsigned char)name.p[i];
        bool ok = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' || c == '.' ||
                  c == '_';
        str_addf(out, ok ? "%c" : "%%%02X", c);
    }
}

static void file_part(struct spool *whole, struct str *out, const struct outgoing_file *file)
{
    str_puts(out, "Content-Type: ");
    str_add_span(out, media_type_ok(file->type) ? file->type : SPAN_LIT("application/octet-stream"));
    file_name(out, "name", file->name);
    str_puts(out, "\r\nContent-Transfer-Encoding: base64\r\nContent-Disposition: attachment");
    file_name(out, "filename", file->name);
    str_puts(out, "\r\n\r\n");
    flush(whole, out);
    write_base64(whole, file->bytes);
}

static void body(struct spool *whole, struct str *out, const struct outgoing *m)
{
    uint8_t random[12];
    struct str boundary;
    if (m->files.len == 0) {
        text_part(out, m->text);
        return;
    }
    crypto_random(random, sizeof(random));
    str_init(&boundary, 64);
    str_puts(&boundary, "=_");
    base64url_encode(&boundary, (struct span){(const char *)random, sizeof(random)});
    str_addf(out, "Content-Type: multipart/mixed; boundary=\"%s\"\r\n\r\n--%s\r\n", boundary.data, boundary.data);
    text_part(out, m->text);
    vec_each (&m->files, file) {
        str_addf(out, "--%s\r\n", boundary.data);
        file_part(whole, out, file);
    }
    str_addf(out, "--%s--\r\n", boundary.data);
    str_free(&boundary);
}

static void header(struct str *out, const struct outgoing *m)
{
    const outgoing_addresses from = {(struct outgoing_address *)&m->from, 1, 1};
    str_puts(out, "Date: ");
    clock_rfc5322(out, m->date);
    str_puts(out, "\r\n");
    address_field(out, "From", &from);
    address_field(out, "To", &m->to);
    address_field(out, "Cc", &m->cc);
    address_field(out, "Bcc", &m->bcc);
    field(out, "Subject", m->subject);
    field(out, "Message-ID", m->message_id);
    field(out, "In-Reply-To", m->in_reply_to);
    field(out, "References", m->references);
    if (m->read_receipt)
        address_field(out, "Disposition-Notification-To", &from);
    if (m->product && m->product[0])
        field(out, "X-MSS-NIL", span_of(m->product));
    if (m->cda_codes.n > 0) {
        field(out, "X-MSS-CODECDA", m->cda_codes);
        str_puts(out, m->ins_qualified ? "X-MSS-INS: O\r\n" : "X-MSS-INS: N\r\n");
    }
    if (m->ends_exchange)
        str_puts(out, "X-MSS-MES: FIN\r\n");
    str_puts(out, "MIME-Version: 1.0\r\n");
}

void outgoing_write(struct spool *whole, const struct outgoing *m)
{
    struct str out;
    str_init(&out, whole->max);
    header(&out, m);
    body(whole, &out, m);
    flush(whole, &out);
    str_wipe(&out);
}

void outgoing_free(struct outgoing *m)
{
    vec_free(&m->to);
    vec_free(&m->cc);
    vec_free(&m->bcc);
    vec_free(&m->files);
}

/* An address as our forms take it: one '@', no blank, quote or bracket; submission judges it again. */
static bool address_ok(struct span a)
{
    ptrdiff_t at = span_find(a, SPAN_LIT("@"));
    if (at <= 0 || (size_t)at + 1 >= a.n || a.n > 320)
        return false;
    for (size_t i = 0; i < a.n; i++) {
        unsigned char c = (unsigned char)a.p[i];
        bool second_at = c == '@' && i != (size_t)at;
        if (c <= 0x20 || c == 0x7f || second_at || strchr("<>()[]\\,;:\"", c))
            return false;
    }
    return true;
}

static bool one_address(struct span typed, struct outgoing_address *out)
{
    ptrdiff_t open = span_find(typed, SPAN_LIT("<"));
    if (open < 0) {
        *out = (struct outgoing_address){.address = typed};
        return address_ok(typed);
    }
    struct span rest = {typed.p + open + 1, typed.n - (size_t)open - 1}, address;
    if (span_find(rest, SPAN_LIT(">")) < 0 || !span_cut(&rest, '>', &address) || span_trim(rest).n > 0)
        return false;
    struct span name = span_trim((struct span){typed.p, (size_t)open});
    if (name.n >= 2 && name.p[0] == '"' && name.p[name.n - 1] == '"')
        name = (struct span){name.p + 1, name.n - 2};
    *out = (struct outgoing_address){.name = name, .address = span_trim(address)};
    return address_ok(out->address);
}

/* Cut at commas and semicolons, but not inside quotes: "MARTIN, Claire" <c@d>. */
static bool next_address(struct span *rest, struct span *one)
{
    bool quoted = false;
    size_t i = 0;
    if (rest->n == 0)
        return false;
    while (i < rest->n && (quoted || (rest->p[i] != ',' && rest->p[i] != ';'))) {
        quoted = quoted != (rest->p[i] == '"');
        i++;
    }
    *one = span_trim((struct span){rest->p, i});
    *rest = i < rest->n ? (struct span){rest->p + i + 1, rest->n - i - 1} : SPAN_NONE;
    return true;
}

bool outgoing_read_addresses(struct span typed, outgoing_addresses *out, struct span *bad)
{
    struct span one;
    while (next_address(&typed, &one)) {
        struct outgoing_address address;
        if (one.n == 0)
            continue;
        if (!one_address(one, &address)) {
            *bad = one;
            return false;
        }
        vec_push(out, address);
    }
    return true;
}
