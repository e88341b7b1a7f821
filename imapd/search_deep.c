/* TEXT, BODY and HEADER of messages whose stored text is not whole (longer than 1 MiB, or parse could not read them): their
 * bytes are read again, in pieces, decoded and compared as they pass. HTML and charsets that keep a state are taken a part
 * at a time: no more than a message may hold. Where the pieces meet, the end of the one before is kept, as long as the
 * longest text that is looked for.
 */
#include "imapd/search.h"

#include "lib/base/text.h"
#include "lib/proto/charset.h"
#include "lib/proto/mime_decode.h"
#include "lib/proto/mime_text.h"

#include <string.h>

enum { PIECE = 256 << 10, LINE_MAX_KEPT = 1 << 20, HEADER_MAX = 4 << 20, TEXT_MAX_BYTES = 1 << 30 };

struct deep {
    struct session *session;
    struct searching *g;
    const struct message_facts *facts;
    VEC(struct imap_key *) keys;
    size_t longest;              /* needle */
    struct str folded[2];        /* plain and fuzzy; what is left of the piece before stands in front */
    struct str raw, bytes, utf8; /* a piece on its way */
};

static void collect(struct deep *d, struct imap_key *key)
{
    for (; key; key = key->next) {
        if (key->key == KEY_TEXT || key->key == KEY_BODY || key->key == KEY_HEADER) {
            key->found = key->key != KEY_HEADER && key->text.n == 0; /* the empty text is everywhere */
            vec_push(&d->keys, key);
            d->longest = key->text.n > d->longest ? key->text.n : d->longest;
        }
        collect(d, key->child);
    }
}

/* Another part begins: nothing is found across the two. */
static void part_ends(struct deep *d)
{
    str_clear(&d->folded[0]);
    str_clear(&d->folded[1]);
}

static void keep_tail(struct str *folded, size_t longest)
{
    if (folded->len > longest)
        str_drop_front(folded, folded->len - longest);
}

static void compare(struct deep *d, struct span utf8, bool body)
{
    (void)charset_fold(&d->folded[0], utf8);
    (void)charset_fold_bare(&d->folded[1], utf8);
    vec_each (&d->keys, at) {
        struct imap_key *key = *at;
        const struct str *hay = &d->folded[key->fuzzy];
        if (!key->found && (key->key == KEY_TEXT || (key->key == KEY_BODY && body)))
            key->found = hay->len > 0 && memmem(hay->data, hay->len, key->text.p, key->text.n) != NULL;
    }
    keep_tail(&d->folded[0], d->longest);
    keep_tail(&d->folded[1], d->longest);
}

static enum store_status read_range(struct deep *d, uint64_t begin, uint64_t bytes)
{
    return bytes == 0 ? STORE_OK
                      : message_read(d->session->thread->db, d->g->view->access->mailbox, d->facts->blob_id, begin,
                                     bytes, &d->raw);
}

/* Fields as people read them, a line each; HEADER's keys look at the message's own alone. */
static enum store_status header(struct deep *d, uint64_t begin, uint64_t end, bool own)
{
    struct span whole, name, value;
    str_clear(&d->raw);
    enum store_status status = read_range(d, begin, end - begin < HEADER_MAX ? end - begin : HEADER_MAX);
    struct span rest = str_span(&d->raw);
    while (status == STORE_OK && summary_next_header(&rest, &whole, &name, &value)) {
        str_clear(&d->utf8);
        mime_words_decode(&d->utf8, name);
        str_puts(&d->utf8, ": ");
        mime_words_decode(&d->utf8, value);
        str_putc(&d->utf8, '\n');
        compare(d, str_span(&d->utf8), !own);
        vec_each (&d->keys, key) {
            if (own && (*key)->key == KEY_HEADER && !(*key)->found)
                (*key)->found = search_has_header(&d->g->context, str_span(&d->utf8), *key);
        }
    }
    part_ends(d);
    return status;
}

static bool keeps_state(const struct summary_part *part)
{
    static const char *const names[] = {"utf-16", "utf-32", "utf-7", "iso-2022", "hz", "ucs"};
    for (size_t i = 0; i < COUNT(names); i++) {
        if (span_starts_nocase(part->charset, names[i]))
            return true;
    }
    return span_is(part->type, "text/html");
}

/* How much of what was read may be decoded now: whole lines, or whole groups of four of base64. */
static size_t decodable(const struct str *raw, enum part_encoding encoding, bool last)
{
    if (last)
        return raw->len;
    if (encoding != ENCODING_BASE64) {
        const char *lf = memrchr(raw->data, '\n', raw->len);
        return lf ? (size_t)(lf - raw->data) + 1 : raw->len > LINE_MAX_KEPT ? raw->len - 3 : 0;
    }
    size_t n = 0, end = 0;
    for (size_t i = 0; i < raw->len; i++) {
        bool counts = base64_value(raw->data[i], "+/") >= 0 || raw->data[i] == '=';
        n += counts;
        if (counts && n % 4 == 0)
            end = i + 1;
    }
    return end;
}

/* The same for characters: to the end of a line, else of a character. */
static size_t convertible(const struct str *bytes, bool last)
{
    const char *lf = bytes->len ? memrchr(bytes->data, '\n', bytes->len) : NULL;
    if (last || bytes->len == 0)
        return bytes->len;
    return lf ? (size_t)(lf - bytes->data) + 1 : utf8_prefix(str_span(bytes), bytes->len - 1).n;
}

static void convert(struct deep *d, const struct summary_part *part, bool last)
{
    struct str words;
    size_t n = convertible(&d->bytes, last);
    str_clear(&d->utf8);
    (void)charset_to_utf8(&d->utf8, part->charset, (struct span){d->bytes.data, n});
    str_drop_front(&d->bytes, n);
    if (!span_is(part->type, "text/html")) {
        compare(d, str_span(&d->utf8), true);
        return;
    }
    str_init(&words, TEXT_MAX_BYTES);
    mime_html_words(&words, str_span(&d->utf8));
    compare(d, str_span(&words), true);
    str_free(&words);
}

static enum store_status text(struct deep *d, const struct summary_part *part)
{
    uint64_t at = (uint64_t)d->facts->head_size + part->body_begin, end = at + part->body_end - part->body_begin;
    uint64_t piece = keeps_state(part) ? end - at : PIECE;
    enum store_status status = STORE_OK;
    str_clear(&d->raw);
    str_clear(&d->bytes);
    while (at < end && status == STORE_OK) {
        uint64_t n = end - at < piece ? end - at : piece;
        size_t before = d->raw.len;
        status = read_range(d, at, n);
        if (status == STORE_OK && d->raw.len - before != n)
            status = STORE_DAMAGED;
        at += n;
        if (status != STORE_OK)
            break;
        n = decodable(&d->raw, part->encoding, at == end);
        (void)mime_decode(&d->bytes, part->encoding, (struct span){d->raw.data, (size_t)n});
        str_drop_front(&d->raw, (size_t)n);
        convert(d, part, at == end);
    }
    part_ends(d);
    return status;
}

/* What parse could not read is one opaque part: its header, and then its bytes as they are. */
static enum store_status opaque(struct deep *d)
{
    uint64_t size = d->facts->size;
    str_clear(&d->raw);
    enum store_status status = read_range(d, 0, size < HEADER_MAX ? size : HEADER_MAX);
    ptrdiff_t empty = span_find(str_span(&d->raw), SPAN_LIT("\r\n\r\n"));
    uint64_t body = empty < 0 ? size : (uint64_t)empty + 4;
    if (status == STORE_OK)
        status = header(d, 0, body, true);
    struct summary_part part = {.body_begin = 0, .body_end = (uint32_t)(size - body), .encoding = ENCODING_8BIT};
    struct message_facts facts = *d->facts;
    facts.head_size = (uint32_t)body;
    d->facts = &facts;
    return status == STORE_OK ? text(d, &part) : status;
}

static enum store_status look(struct deep *d)
{
    struct summary_view view;
    struct summary_parts parts;
    struct summary_part part, parent;
    if ((d->facts->summary_flags & SUMMARY_BROKEN) || !summary_open(&view, d->facts->structure))
        return opaque(d);
    enum store_status status = STORE_OK;
    summary_parts_begin(&view, &parts);
    while (status == STORE_OK && summary_parts_next(&parts, &part)) {
        uint64_t head = d->facts->head_size;
        bool inside = part.index > 0 && part.kind != PART_MULTIPART && summary_part_at(&view, part.parent, &parent) &&
                      parent.kind == PART_MESSAGE;
        if (part.index == 0)
            status = header(d, 0, head + part.header_end, true);
        else if (inside)
            status = header(d, head + part.header_begin, head + part.header_end, false);
        if (status == STORE_OK && part.kind == PART_LEAF && span_starts_nocase(part.type, "text/"))
            status = text(d, &part);
    }
    return status;
}

enum store_status search_deep(struct session *s, struct searching *g, const struct message_facts *facts)
{
    struct deep d = {.session = s, .g = g, .facts = facts};
    collect(&d, g->program.root);
    struct str *const all[] = {&d.folded[0], &d.folded[1], &d.raw, &d.bytes, &d.utf8};
    for (size_t i = 0; i < COUNT(all); i++)
        str_init(all[i], TEXT_MAX_BYTES);
    enum store_status status = look(&d);
    for (size_t i = 0; i < COUNT(all); i++)
        str_free(all[i]);
    vec_free(&d.keys);
    return status;
}
