/* The road of a field: lexed into tokens (lex_*), cut at commas into mailboxes (read_list), each read as `name <addr>` or
 * `addr`. Words that people read (names, comments) are looked through for addresses (header_from_words.c).
 */
#include "lib/proto/header_from.h"

#include "lib/proto/header_fields.h"
#include "lib/proto/header_from_words.h"

#include <string.h>

enum token_kind { T_END, T_WORD, T_QUOTED, T_SPECIAL, T_LITERAL };

struct token {
    enum token_kind kind;
    char special;
    bool spaced; /* white space or a comment stood before it */
    struct span text;
};

struct reader {
    struct span rest;
    struct arena *arena;
    struct header_from *out;
    bool sender;
    bool broken; /* of this field */
};

static void add_address(struct reader *r, struct span local, struct span domain, bool shown)
{
    if (r->out->addresses.len >= HEADER_FROM_ADDRESSES_MAX) {
        r->broken = true;
        return;
    }
    char *text = arena_printf(r->arena, "%.*s@%.*s", (int)local.n, local.p, (int)domain.n, domain.p);
    struct span whole = {text, local.n + 1 + domain.n};
    vec_push(&r->out->addresses, (struct header_address){.text = whole,
                                                         .local = {text, local.n},
                                                         .domain = {text + local.n + 1, domain.n},
                                                         .sender = r->sender,
                                                         .shown = shown});
}

static void on_shown(struct span local, struct span domain, void *arg)
{
    add_address(arg, local, domain, true);
}

/* Words for people: an address in them is shown as surely as a real one. */
static void look_through(struct reader *r, struct span words)
{
    header_words_addresses(words, r->arena, on_shown, r);
}

static bool is_special(char c)
{
    return c != '\0' && strchr("()<>[]:;@\\,.\"", c) != NULL;
}

static bool is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* RFC 5322 3.2.2, bounded depth; false: it does not end, or is too deep. */
static bool skip_comment(struct reader *r)
{
    unsigned depth = 0;
    const char *start = r->rest.p;
    for (size_t i = 0; i < r->rest.n; i++) {
        char c = r->rest.p[i];
        if (c == '\\')
            i++;
        else if (c == '(' && ++depth > HEADER_FROM_COMMENT_DEPTH)
            return false;
        else if (c == ')' && --depth == 0) {
            look_through(r, (struct span){start + 1, i - 1});
            r->rest = (struct span){start + i + 1, r->rest.n - i - 1};
            return true;
        }
    }
    return false;
}

static bool skip_space(struct reader *r, bool *spaced)
{
    while (r->rest.n > 0 && (is_space(r->rest.p[0]) || r->rest.p[0] == '(')) {
        *spaced = true;
        if (r->rest.p[0] == '(') {
            if (!skip_comment(r))
                return false;
        } else {
            r->rest = (struct span){r->rest.p + 1, r->rest.n - 1};
        }
    }
    return true;
}

/* A quoted string or a domain literal, its delimiters included. */
static size_t delimited(struct span text, char close)
{
    for (size_t i = 1; i < text.n; i++) {
        if (text.p[i] == '\\')
            i++;
        else if (text.p[i] == close)
            return i + 1;
    }
    return 0;
}

static struct token next_token(struct reader *r)
{
    struct token token = {.kind = T_END};
    if (!skip_space(r, &token.spaced)) {
        r->broken = true;
        return token;
    }
    if (r->rest.n == 0)
        return token;
    char c = r->rest.p[0];
    size_t n = 1;
    if (c == '"' || c == '[') {
        n = delimited(r->rest, c == '"' ? '"' : ']');
        token.kind = c == '"' ? T_QUOTED : T_LITERAL;
    } else if (is_special(c)) {
        token.kind = T_SPECIAL;
        token.special = c;
    } else {
        while (n < r->rest.n && !is_special(r->rest.p[n]) && !is_space(r->rest.p[n]))
            n++;
        token.kind = T_WORD;
    }
    if (n == 0) {
        r->broken = true;
        return (struct token){.kind = T_END};
    }
    token.text = (struct span){r->rest.p, n};
    r->rest = (struct span){r->rest.p + n, r->rest.n - n};
    return token;
}

typedef VEC(struct token) token_list;

static bool is_mark(const struct token *t, char special)
{
    return t->kind == T_SPECIAL && t->special == special;
}

/* addr-spec (RFC 5322 3.4.1, obsolete spacing allowed): local and domain are joined without what stood between. */
static bool read_addr_spec(struct reader *r, const struct token *t, size_t n)
{
    size_t at = n;
    for (size_t i = 0; i < n; i++)
        if (is_mark(&t[i], '@'))
            at = i;
    if (at == 0 || at + 1 >= n)
        return false;
    struct str local, domain;
    str_init(&local, HEADER_FROM_FIELD_MAX);
    str_init(&domain, HEADER_FROM_FIELD_MAX);
    bool ok = true;
    for (size_t i = 0; i < n; i++) {
        bool dot = is_mark(&t[i], '.');
        bool word = t[i].kind == T_WORD || (t[i].kind == T_QUOTED && i < at) || (t[i].kind == T_LITERAL && i == at + 1);
        bool joined = i == 0 || i == at || i == at + 1 || dot || is_mark(&t[i - 1], '.');
        ok = ok && (i == at || dot || (word && joined));
        if (i != at)
            str_add_span(i < at ? &local : &domain, t[i].text);
    }
    if (ok)
        add_address(r, str_span(&local), str_span(&domain), false);
    str_free(&local);
    str_free(&domain);
    return ok;
}

/* Between < and >: a route "@a,@b:" is forgotten (RFC 5322 4.4). `<>` names nobody. */
static bool read_angle(struct reader *r, const struct token *t, size_t n)
{
    if (n > 0 && is_mark(&t[0], '@')) {
        size_t colon = 0;
        while (colon < n && !is_mark(&t[colon], ':'))
            colon++;
        if (colon == n)
            return false;
        t += colon + 1;
        n -= colon + 1;
    }
    return n > 0 && read_addr_spec(r, t, n);
}

/* A display name: its words as people read them, in one line. */
static void read_name(struct reader *r, const struct token *t, size_t n)
{
    struct str words;
    str_init(&words, HEADER_FROM_FIELD_MAX);
    for (size_t i = 0; i < n; i++) {
        if (t[i].spaced)
            str_putc(&words, ' ');
        str_add_span(&words, t[i].text);
    }
    if (words.len > 0)
        look_through(r, (struct span){arena_strndup(r->arena, words.data, words.len), words.len});
    str_free(&words);
}

static void read_mailbox(struct reader *r, const struct token *t, size_t n)
{
    size_t open = 0, close = n;
    if (n == 0)
        return;
    while (open < n && !is_mark(&t[open], '<'))
        open++;
    if (open == n) {
        if (!read_addr_spec(r, t, n))
            r->broken = true;
        return;
    }
    while (close > open && !is_mark(&t[close - 1], '>'))
        close--;
    if (close <= open + 1 || close != n || !read_angle(r, t + open + 1, close - open - 2))
        r->broken = true;
    read_name(r, t, open);
}

/* address-list (RFC 5322 3.4): commas outside < > and the marks of groups cut it into mailboxes. */
static void read_list(struct reader *r)
{
    token_list mailbox = {0};
    bool angle = false, group = false;
    struct token t;
    do {
        t = next_token(r);
        bool cut = t.kind == T_END || (!angle && is_mark(&t, ',')) || (group && !angle && is_mark(&t, ';'));
        if (is_mark(&t, '<'))
            angle = true;
        if (is_mark(&t, '>'))
            angle = false;
        if (!angle && !group && is_mark(&t, ':')) {
            group = true;
            read_name(r, mailbox.items, mailbox.len);
            mailbox.len = 0;
        } else if (cut) {
            read_mailbox(r, mailbox.items, mailbox.len);
            mailbox.len = 0;
            group = group && !is_mark(&t, ';');
        } else {
            vec_push(&mailbox, t);
        }
    } while (t.kind != T_END);
    if (group)
        r->broken = true;
    vec_free(&mailbox);
}

/* A first line that begins with white space, or a name with strange bytes: a reader may still take it for From. */
static bool looks_like_from(struct span line)
{
    line = span_trim(line);
    return span_starts_nocase(line, "from") || span_starts_nocase(line, "sender");
}

void header_from_scan(struct span message, struct arena *arena, struct header_from *out)
{
    struct header_field field;
    struct span rest = message;
    *out = (struct header_from){.unreadable = false};
    while (header_next(&rest, &field)) {
        bool from = span_is_nocase(field.name, "From"), sender = span_is_nocase(field.name, "Sender");
        if (field.name.n == 0 && looks_like_from(field.whole))
            out->unreadable = true;
        if (!from && !sender)
            continue;
        struct reader r = {.rest = field.body, .arena = arena, .out = out, .sender = sender};
        out->from_fields += from;
        out->sender_fields += sender;
        size_t before = out->addresses.len;
        if (field.body.n > HEADER_FROM_FIELD_MAX)
            r.broken = true;
        else
            read_list(&r);
        bool found = false;
        for (size_t i = before; i < out->addresses.len; i++)
            found = found || !out->addresses.items[i].shown;
        out->unreadable = out->unreadable || r.broken || (from && !found);
    }
}
