/* Elements of the IMAP grammar. See imap_read.h. */
#include "lib/proto/imap_read.h"

#include "lib/base/num.h"
#include "lib/base/text.h"
#include "lib/proto/imap_utf7.h"

#include <string.h>

void imap_reader_init(struct imap_reader *r, struct span command, struct arena *arena, bool utf8)
{
    if (command.n > 0 && command.p[command.n - 1] == '\n')
        command.n--;
    if (command.n > 0 && command.p[command.n - 1] == '\r')
        command.n--;
    *r = (struct imap_reader){.p = command.p, .end = command.p + command.n, .arena = arena, .utf8 = utf8};
}

bool imap_at_end(const struct imap_reader *r)
{
    return r->p == r->end;
}

bool imap_peek(const struct imap_reader *r, char c)
{
    return r->p < r->end && *r->p == c;
}

bool imap_char(struct imap_reader *r, char c)
{
    if (!imap_peek(r, c))
        return false;
    r->p++;
    return true;
}

bool imap_sp(struct imap_reader *r)
{
    return imap_char(r, ' ');
}

/* RFC 3501 9: atom-specials are ( ) { SP CTL % * " \ ] */
bool imap_is_atom_char(char c)
{
    return (unsigned char)c > 0x20 && (unsigned char)c < 0x7f && c != '(' && c != ')' && c != '{' && c != '%' &&
           c != '*' && c != '"' && c != '\\' && c != ']';
}

static bool is_astring_char(char c)
{
    return imap_is_atom_char(c) || c == ']';
}

static bool is_tag_char(char c)
{
    return is_astring_char(c) && c != '+';
}

static bool is_pattern_char(char c)
{
    return is_astring_char(c) || c == '%' || c == '*';
}

static bool is_set_char(char c)
{
    return (c >= '0' && c <= '9') || c == ':' || c == ',' || c == '*' || c == '$';
}

static bool run_of(struct imap_reader *r, bool (*accepts)(char), struct span *out)
{
    const char *begin = r->p;
    while (r->p < r->end && accepts(*r->p))
        r->p++;
    *out = (struct span){begin, (size_t)(r->p - begin)};
    return out->n > 0;
}

bool imap_tag(struct imap_reader *r, struct span *out)
{
    return run_of(r, is_tag_char, out);
}

bool imap_atom(struct imap_reader *r, struct span *out)
{
    return run_of(r, imap_is_atom_char, out);
}

bool imap_set_text(struct imap_reader *r, struct span *out)
{
    return run_of(r, is_set_char, out);
}

bool imap_word(struct imap_reader *r, const char *word)
{
    struct imap_reader ahead = *r;
    struct span atom;
    if (!imap_atom(&ahead, &atom) || !span_is_nocase(atom, word))
        return false;
    *r = ahead;
    return true;
}

/* A quoted string that holds escapes: the same without them. */
static struct span unescape(struct imap_reader *r, const char *begin, const char *end)
{
    char *copy = arena_alloc(r->arena, (size_t)(end - begin) + 1);
    if (!copy)
        return SPAN_NONE;
    size_t n = 0;
    for (const char *c = begin; c < end; c++) {
        if (*c == '\\')
            c++;
        copy[n++] = *c;
    }
    return (struct span){copy, n};
}

static bool quoted(struct imap_reader *r, struct span *out)
{
    const char *c = r->p + 1, *begin = c;
    bool escaped = false, eight_bit = false;
    for (; c < r->end && *c != '"'; c++) {
        if (*c == '\\') {
            if (++c == r->end || (*c != '"' && *c != '\\'))
                return false;
            escaped = true;
        }
        if (*c == '\r' || *c == '\n' || *c == '\0')
            return false;
        eight_bit = eight_bit || (unsigned char)*c >= 0x80;
    }
    if (c == r->end)
        return false;
    *out = escaped ? unescape(r, begin, c) : (struct span){begin, (size_t)(c - begin)};
    if (escaped && !out->p)
        return false;
    r->p = c + 1;
    return !eight_bit || (r->utf8 && utf8_valid(*out));
}

bool imap_literal(struct imap_reader *r, struct span *out, bool *binary)
{
    const char *c = r->p;
    *binary = c < r->end && *c == '~';
    if (*binary)
        c++;
    if (c == r->end || *c != '{')
        return false;
    const char *digits = ++c;
    while (c < r->end && *c >= '0' && *c <= '9')
        c++;
    uint64_t bytes;
    if (!num_u64((struct span){digits, (size_t)(c - digits)}, UINT32_MAX, &bytes))
        return false;
    if (c < r->end && (*c == '+' || *c == '-'))
        c++;
    if (c == r->end || *c++ != '}')
        return false;
    if (c < r->end && *c == '\r')
        c++;
    if (c == r->end || *c++ != '\n' || bytes > (size_t)(r->end - c))
        return false;
    *out = (struct span){c, (size_t)bytes};
    r->p = c + bytes;
    return *binary || memchr(c, '\0', (size_t)bytes) == NULL; /* RFC 3501 4.3.1: CHAR8 has no NUL */
}

bool imap_string(struct imap_reader *r, struct span *out)
{
    bool binary;
    return imap_peek(r, '"') ? quoted(r, out) : imap_literal(r, out, &binary);
}

bool imap_astring(struct imap_reader *r, struct span *out)
{
    if (imap_peek(r, '"') || imap_peek(r, '{'))
        return imap_string(r, out);
    return run_of(r, is_astring_char, out);
}

bool imap_nstring(struct imap_reader *r, struct span *out, bool *nil)
{
    *nil = imap_word(r, "NIL");
    *out = SPAN_NONE;
    return *nil || imap_string(r, out);
}

static bool digits(struct imap_reader *r, struct span *out)
{
    const char *begin = r->p;
    while (r->p < r->end && *r->p >= '0' && *r->p <= '9')
        r->p++;
    *out = (struct span){begin, (size_t)(r->p - begin)};
    return out->n > 0;
}

bool imap_u32(struct imap_reader *r, uint32_t *out)
{
    struct span text;
    return digits(r, &text) && num_u32(text, UINT32_MAX, out);
}

bool imap_nz_u32(struct imap_reader *r, uint32_t *out)
{
    return imap_u32(r, out) && *out > 0;
}

bool imap_u63(struct imap_reader *r, uint64_t *out)
{
    struct span text;
    return digits(r, &text) && num_u64(text, INT64_MAX, out);
}

bool imap_flag(struct imap_reader *r, struct span *out)
{
    const char *begin = r->p;
    struct span rest;
    (void)imap_char(r, '\\');
    if (!imap_atom(r, &rest))
        return false;
    *out = (struct span){begin, (size_t)(r->p - begin)};
    return true;
}

bool imap_flags_bare(struct imap_reader *r, imap_flag_names *out)
{
    do {
        struct span flag;
        if (out->len == IMAP_FLAGS_IN_LIST_MAX || !imap_flag(r, &flag))
            return false;
        vec_push(out, flag);
    } while (imap_sp(r));
    return true;
}

bool imap_flag_list(struct imap_reader *r, imap_flag_names *out)
{
    if (!imap_char(r, '('))
        return false;
    return imap_char(r, ')') || (imap_flags_bare(r, out) && imap_char(r, ')'));
}

/* From the wire's form to UTF-8; a name holds no control character. */
static bool name_from_wire(struct imap_reader *r, struct span wire, struct span *out)
{
    if (wire.n > IMAP_NAME_MAX)
        return false;
    struct str name;
    str_init(&name, IMAP_NAME_MAX);
    bool ok = r->utf8 ? utf8_valid(wire) && str_add_span(&name, wire) : imap_utf7_decode(&name, wire);
    for (size_t i = 0; ok && i < name.len; i++)
        ok = (unsigned char)name.data[i] >= 0x20 && name.data[i] != 0x7f;
    if (ok)
        *out = name.len > 0 ? arena_span(r->arena, str_span(&name)) : (struct span){"", 0};
    str_free(&name);
    return ok && out->p;
}

/* RFC 3501 5.1: INBOX in any case, and as the first level of a hierarchy. */
static void inbox_upper(struct imap_reader *r, struct span *name)
{
    if (name->n < 5 || !span_eq_nocase((struct span){name->p, 5}, SPAN_LIT("INBOX")) ||
        (name->n > 5 && name->p[5] != '/'))
        return;
    char *copy = arena_strndup(r->arena, name->p, name->n);
    if (!copy)
        return;
    memcpy(copy, "INBOX", 5);
    name->p = copy;
}

bool imap_mailbox(struct imap_reader *r, struct span *out)
{
    struct span wire;
    if (!imap_astring(r, &wire) || !name_from_wire(r, wire, out))
        return false;
    inbox_upper(r, out);
    return true;
}

bool imap_list_pattern(struct imap_reader *r, struct span *out)
{
    struct span wire;
    bool ok = imap_peek(r, '"') || imap_peek(r, '{') ? imap_string(r, &wire) : run_of(r, is_pattern_char, &wire);
    if (!ok || !name_from_wire(r, wire, out))
        return false;
    inbox_upper(r, out);
    return true;
}
