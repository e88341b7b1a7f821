/* IMAP responses. See imap_write.h. */
#include "lib/proto/imap_write.h"

#include "lib/base/text.h"
#include "lib/proto/imap_read.h"
#include "lib/proto/imap_utf7.h"

#include <string.h>

char *imap_put_u64(char *at, uint64_t value)
{
    char digits[IMAP_U64_BYTES], *first = digits + sizeof(digits);
    do {
        *--first = (char)('0' + value % 10);
        value /= 10;
    } while (value > 0);
    size_t n = (size_t)(digits + sizeof(digits) - first);
    memcpy(at, first, n);
    return at + n;
}

void imap_write_u64(struct str *out, uint64_t value)
{
    char digits[IMAP_U64_BYTES];
    str_add(out, digits, (size_t)(imap_put_u64(digits, value) - digits));
}

void imap_write_literal_head(struct str *out, uint64_t bytes, bool literal8)
{
    char head[IMAP_U64_BYTES + 5], *at = head;
    if (literal8)
        *at++ = '~';
    *at++ = '{';
    at = imap_put_u64(at, bytes);
    memcpy(at, "}\r\n", 3);
    str_add(out, head, (size_t)(at + 3 - head));
}

static bool can_be_quoted(struct span text, bool utf8)
{
    bool eight_bit = false;
    if (text.n > 1000)
        return false;
    for (size_t i = 0; i < text.n; i++) {
        unsigned char c = (unsigned char)text.p[i];
        if (c == '\r' || c == '\n' || c == '\0')
            return false;
        eight_bit = eight_bit || c >= 0x80;
    }
    return !eight_bit || (utf8 && utf8_valid(text));
}

void imap_write_string(struct str *out, struct span text, bool utf8)
{
    if (!can_be_quoted(text, utf8)) {
        imap_write_literal_head(out, text.n, false);
        str_add_span(out, text);
        return;
    }
    str_putc(out, '"');
    for (size_t i = 0; i < text.n; i++) {
        if (text.p[i] == '"' || text.p[i] == '\\')
            str_putc(out, '\\');
        str_putc(out, text.p[i]);
    }
    str_putc(out, '"');
}

void imap_write_astring(struct str *out, struct span text, bool utf8)
{
    bool atom = text.n > 0 && !span_is_nocase(text, "NIL");
    for (size_t i = 0; atom && i < text.n; i++)
        atom = imap_is_atom_char(text.p[i]) || text.p[i] == ']';
    if (atom)
        str_add_span(out, text);
    else
        imap_write_string(out, text, utf8);
}

void imap_write_nstring(struct str *out, struct span text, bool utf8)
{
    if (text.p)
        imap_write_string(out, text, utf8);
    else
        str_puts(out, "NIL");
}

void imap_write_mailbox(struct str *out, struct span name, bool utf8)
{
    struct str wire;
    if (utf8) {
        imap_write_astring(out, name, true);
        return;
    }
    str_init(&wire, 4 * name.n + 16);
    if (imap_utf7_encode(&wire, name))
        imap_write_astring(out, str_span(&wire), false);
    else
        str_puts(out, "\"\"");
    str_free(&wire);
}

void imap_write_flags(struct str *out, uint64_t flags, char *const *keywords, size_t keyword_count)
{
    static const char *const system_flags[] = {"\\Seen", "\\Answered", "\\Flagged", "\\Deleted", "\\Draft", "\\Recent"};
    bool first = true;
    for (uint64_t left = flags; left != 0; left &= left - 1) {
        unsigned bit = (unsigned)__builtin_ctzll(left);
        if (bit >= COUNT(system_flags) && bit - COUNT(system_flags) >= keyword_count)
            break;
        const char *name = bit < COUNT(system_flags) ? system_flags[bit] : keywords[bit - COUNT(system_flags)];
        if (!first)
            str_putc(out, ' ');
        str_puts(out, name);
        first = false;
    }
}
