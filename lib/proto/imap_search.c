/* Search programs. See imap_search.h. */
#include "lib/proto/imap_search.h"

#include "lib/base/num.h"
#include "lib/base/text.h"
#include "lib/proto/imap_date.h"

enum argument { A_NONE, A_TEXT, A_DATE, A_NUMBER, A_KEYWORD, A_HEADER, A_UIDS, A_ONE, A_TWO, A_MODSEQ, A_ID };

/* The bits are those of store's enum flag_bit, which proto may not include; test_imap_search holds them equal. */
enum { BIT_SEEN = 1, BIT_ANSWERED = 2, BIT_FLAGGED = 4, BIT_DELETED = 8, BIT_DRAFT = 16, BIT_RECENT = 32 };

static const struct key_row {
    const char *name;
    enum search_key key;
    enum argument argument;
    uint64_t bit;
} key_rows[] = {
    {"ALL", KEY_ALL, A_NONE, 0},
    {"ANSWERED", KEY_FLAG, A_NONE, BIT_ANSWERED},
    {"BCC", KEY_BCC, A_TEXT, 0},
    {"BEFORE", KEY_BEFORE, A_DATE, 0},
    {"BODY", KEY_BODY, A_TEXT, 0},
    {"CC", KEY_CC, A_TEXT, 0},
    {"DELETED", KEY_FLAG, A_NONE, BIT_DELETED},
    {"DRAFT", KEY_FLAG, A_NONE, BIT_DRAFT},
    {"EMAILID", KEY_EMAILID, A_ID, 0},
    {"FLAGGED", KEY_FLAG, A_NONE, BIT_FLAGGED},
    {"FROM", KEY_FROM, A_TEXT, 0},
    {"FUZZY", KEY_FUZZY, A_ONE, 0},
    {"HEADER", KEY_HEADER, A_HEADER, 0},
    {"KEYWORD", KEY_KEYWORD, A_KEYWORD, 0},
    {"LARGER", KEY_LARGER, A_NUMBER, 0},
    {"MODSEQ", KEY_MODSEQ, A_MODSEQ, 0},
    {"NEW", KEY_NEW, A_NONE, 0},
    {"NOT", KEY_NOT, A_ONE, 0},
    {"OLD", KEY_NOFLAG, A_NONE, BIT_RECENT},
    {"OLDER", KEY_OLDER, A_NUMBER, 0},
    {"ON", KEY_ON, A_DATE, 0},
    {"OR", KEY_OR, A_TWO, 0},
    {"RECENT", KEY_FLAG, A_NONE, BIT_RECENT},
    {"SAVEDATESUPPORTED", KEY_SAVEDATESUPPORTED, A_NONE, 0},
    {"SAVEDBEFORE", KEY_SAVEDBEFORE, A_DATE, 0},
    {"SAVEDON", KEY_SAVEDON, A_DATE, 0},
    {"SAVEDSINCE", KEY_SAVEDSINCE, A_DATE, 0},
    {"SEEN", KEY_FLAG, A_NONE, BIT_SEEN},
    {"SENTBEFORE", KEY_SENTBEFORE, A_DATE, 0},
    {"SENTON", KEY_SENTON, A_DATE, 0},
    {"SENTSINCE", KEY_SENTSINCE, A_DATE, 0},
    {"SINCE", KEY_SINCE, A_DATE, 0},
    {"SMALLER", KEY_SMALLER, A_NUMBER, 0},
    {"SUBJECT", KEY_SUBJECT, A_TEXT, 0},
    {"TEXT", KEY_TEXT, A_TEXT, 0},
    {"THREADID", KEY_THREADID, A_ID, 0},
    {"TO", KEY_TO, A_TEXT, 0},
    {"UID", KEY_UID, A_UIDS, 0},
    {"UNANSWERED", KEY_NOFLAG, A_NONE, BIT_ANSWERED},
    {"UNDELETED", KEY_NOFLAG, A_NONE, BIT_DELETED},
    {"UNDRAFT", KEY_NOFLAG, A_NONE, BIT_DRAFT},
    {"UNFLAGGED", KEY_NOFLAG, A_NONE, BIT_FLAGGED},
    {"UNKEYWORD", KEY_UNKEYWORD, A_KEYWORD, 0},
    {"UNSEEN", KEY_NOFLAG, A_NONE, BIT_SEEN},
    {"YOUNGER", KEY_YOUNGER, A_NUMBER, 0},
};

static bool parse_key(struct imap_reader *, struct imap_search *, unsigned depth, struct imap_key **);

static struct imap_key *new_key(struct imap_reader *r, struct imap_search *search, enum search_key key)
{
    struct imap_key *node = search->keys < SEARCH_KEYS_MAX ? arena_new_of(r->arena, struct imap_key) : NULL;
    if (node) {
        node->key = key;
        search->keys++;
    }
    return node;
}

/* The text in UTF-8. ISO-8859-1 is mapped here; UTF-8 and US-ASCII are checked. */
static bool text_argument(struct imap_reader *r, const struct imap_search *search, struct span *out)
{
    struct imap_reader tolerant = *r;
    struct span given;
    tolerant.utf8 = true; /* a quoted string may be 8-bit here when CHARSET says so */
    if (!imap_astring(&tolerant, &given))
        return false;
    *r = (struct imap_reader){tolerant.p, r->end, r->arena, r->utf8};
    *out = given;
    if (!span_is_nocase(search->charset, "ISO-8859-1"))
        return utf8_valid(given);
    struct str utf8;
    str_init(&utf8, 2 * given.n + 1);
    for (size_t i = 0; i < given.n; i++)
        utf8_put(&utf8, (unsigned char)given.p[i]);
    *out = arena_span(r->arena, str_span(&utf8));
    str_free(&utf8);
    return out->p || given.n == 0;
}

static bool date_argument(struct imap_reader *r, int32_t *days)
{
    struct span text;
    bool ok = imap_peek(r, '"') ? imap_string(r, &text) : imap_atom(r, &text);
    return ok && imap_date_parse(text, days);
}

static bool set_argument(struct imap_reader *r, struct imap_key *node)
{
    struct span text;
    if (!imap_set_text(r, &text))
        return false;
    if (span_is(text, "$")) { /* RFC 5182 2.1 */
        node->key = KEY_SAVED;
        return true;
    }
    return imap_set_parse(text, &node->set);
}

/* MODSEQ ["/flags/…" ("all"|"priv"|"shared")] value (RFC 7162 3.1.5): one mod-sequence a message here, so that the entry
 * name is read and not used. */
static bool modseq_argument(struct imap_reader *r, struct imap_search *search, struct imap_key *node)
{
    struct span entry;
    search->uses_modseq = true;
    if (imap_peek(r, '"') && (!imap_string(r, &entry) || !imap_sp(r) ||
                              !(imap_word(r, "all") || imap_word(r, "priv") || imap_word(r, "shared")) || !imap_sp(r)))
        return false;
    return imap_u63(r, &node->number);
}

static bool children(struct imap_reader *r, struct imap_search *search, struct imap_key *node, unsigned depth,
                     unsigned count)
{
    struct imap_key **last = &node->child;
    for (unsigned i = 0; i < count; i++) {
        if ((i > 0 && !imap_sp(r)) || !parse_key(r, search, depth + 1, last))
            return false;
        last = &(*last)->next;
    }
    return true;
}

static bool arguments(struct imap_reader *r, struct imap_search *search, const struct key_row *row,
                      struct imap_key *node, unsigned depth)
{
    uint32_t number;
    if (row->argument != A_NONE && !imap_sp(r))
        return false;
    switch (row->argument) {
    case A_NONE:
        node->number = row->bit;
        return true;
    case A_TEXT:
        return text_argument(r, search, &node->text);
    case A_HEADER:
        return imap_astring(r, &node->field) && imap_sp(r) && text_argument(r, search, &node->text);
    case A_DATE:
        return date_argument(r, &node->days);
    case A_NUMBER:
        if (row->key == KEY_LARGER || row->key == KEY_SMALLER)
            return imap_u63(r, &node->number);
        if (!imap_nz_u32(r, &number)) /* RFC 5032 3 */
            return false;
        node->number = number;
        return true;
    case A_KEYWORD:
        return imap_atom(r, &node->text);
    case A_ID:
        return imap_astring(r, &node->text);
    case A_UIDS:
        return set_argument(r, node);
    case A_MODSEQ:
        return modseq_argument(r, search, node);
    case A_ONE:
        return children(r, search, node, depth, 1);
    case A_TWO:
        return children(r, search, node, depth, 2);
    }
    return false;
}

static bool named_key(struct imap_reader *r, struct imap_search *search, unsigned depth, struct imap_key **out)
{
    struct span name;
    if (!imap_atom(r, &name))
        return false;
    for (size_t i = 0; i < COUNT(key_rows); i++) {
        if (!span_is_nocase(name, key_rows[i].name))
            continue;
        *out = new_key(r, search, key_rows[i].key);
        return *out && arguments(r, search, &key_rows[i], *out, depth);
    }
    return false;
}

static bool parse_group(struct imap_reader *r, struct imap_search *search, unsigned depth, struct imap_key *group)
{
    struct imap_key **last = &group->child;
    do {
        if (!parse_key(r, search, depth, last))
            return false;
        last = &(*last)->next;
    } while (imap_sp(r));
    return true;
}

static bool parse_key(struct imap_reader *r, struct imap_search *search, unsigned depth, struct imap_key **out)
{
    if (depth > SEARCH_DEPTH_MAX)
        return false;
    if (imap_char(r, '(')) {
        *out = new_key(r, search, KEY_AND);
        return *out && parse_group(r, search, depth + 1, *out) && imap_char(r, ')');
    }
    if (r->p < r->end && ((*r->p >= '0' && *r->p <= '9') || *r->p == '*' || *r->p == '$')) {
        search->uses_numbers |= *r->p != '$';
        *out = new_key(r, search, KEY_SEQUENCE);
        return *out && set_argument(r, *out);
    }
    return named_key(r, search, depth, out);
}

static bool partial_bound(struct imap_reader *r, int64_t *out)
{
    bool negative = imap_char(r, '-');
    uint32_t number;
    if (!imap_nz_u32(r, &number))
        return false;
    *out = negative ? -(int64_t)number : (int64_t)number;
    return true;
}

bool imap_partial_range(struct imap_reader *r, int64_t *from, int64_t *to)
{
    return partial_bound(r, from) && imap_char(r, ':') && partial_bound(r, to) && (*from > 0) == (*to > 0);
}

bool imap_search_returns(struct imap_reader *r, struct imap_search *search)
{
    static const struct {
        const char *name;
        unsigned bit;
    } options[] = {{"MIN", RETURN_MIN},
                   {"MAX", RETURN_MAX},
                   {"ALL", RETURN_ALL},
                   {"COUNT", RETURN_COUNT},
                   {"SAVE", RETURN_SAVE},
                   {"PARTIAL", RETURN_PARTIAL},
                   {"RELEVANCY", RETURN_RELEVANCY},
                   {"UPDATE", RETURN_UPDATE},
                   {"CONTEXT", RETURN_CONTEXT}};
    search->extended = true;
    if (!imap_sp(r) || !imap_char(r, '('))
        return false;
    while (!imap_char(r, ')')) {
        size_t i = 0;
        if (search->returns && !imap_sp(r))
            return false;
        while (i < COUNT(options) && !imap_word(r, options[i].name))
            i++;
        if (i == COUNT(options) || (options[i].bit == RETURN_PARTIAL &&
                                    !(imap_sp(r) && imap_partial_range(r, &search->partial_from, &search->partial_to))))
            return false;
        if (options[i].bit & search->returns & (RETURN_PARTIAL | RETURN_ALL))
            return false; /* RFC 9394 3.1: one of one of them */
        search->returns |= options[i].bit;
    }
    if ((search->returns & ~(unsigned)(RETURN_UPDATE | RETURN_CONTEXT)) == 0)
        search->returns |= RETURN_ALL; /* RFC 4731 3.1: "()" is ALL */
    if ((search->returns & RETURN_PARTIAL) && (search->returns & RETURN_ALL))
        return false; /* RFC 9394 3.1 */
    return true;
}

bool imap_search_charset(struct imap_search *search, struct span name)
{
    search->charset = name;
    search->unknown_charset =
        !span_is_nocase(name, "UTF-8") && !span_is_nocase(name, "US-ASCII") && !span_is_nocase(name, "ISO-8859-1");
    return !search->unknown_charset;
}

bool imap_search_keys(struct imap_reader *r, struct imap_search *search)
{
    search->root = new_key(r, search, KEY_AND);
    return search->root && parse_group(r, search, 0, search->root) && imap_at_end(r);
}

bool imap_search_parse(struct imap_reader *r, struct imap_search *search)
{
    struct span charset;
    if (imap_word(r, "RETURN") && (!imap_search_returns(r, search) || !imap_sp(r)))
        return false;
    if (imap_word(r, "CHARSET")) {
        if (!imap_sp(r) || !imap_astring(r, &charset) || !imap_sp(r))
            return false;
        if (!imap_search_charset(search, charset))
            return false;
    }
    return imap_search_keys(r, search);
}

static void free_keys(struct imap_key *node)
{
    for (; node; node = node->next) {
        vec_free(&node->set);
        free_keys(node->child);
    }
}

void imap_search_free(struct imap_search *search)
{
    free_keys(search->root);
    search->root = NULL;
}
