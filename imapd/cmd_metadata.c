/* METADATA (RFC 5464): GETMETADATA and SETMETADATA, of a mailbox or (named "") of the BAL. /private/ is the person's own,
 * /shared/ everybody's who opens the BAL. In clear by design, as folder names are: not a place for health data. */
#include "imapd/commands.h"
#include "imapd/reply.h"
#include "lib/base/text.h"
#include "lib/store/imap.h"

enum { DEPTH_INFINITY = -1, ENTRIES_MAX = 100 };

struct metadata {
    struct span name;
    struct access *access;
    int64_t folder_id;
    uint64_t max_size;
    int depth;
    VEC(struct span) entries, values; /* values: p NULL is NIL */
};

static void metadata_free(struct metadata *m)
{
    vec_free(&m->entries);
    vec_free(&m->values);
}

static int64_t viewer_of(const struct session *s)
{
    return s->grant.person_id ? s->grant.person_id : -s->grant.certificate_id;
}

static enum store_status find(struct session *s, struct metadata *m)
{
    struct folder folder;
    char local[1024];
    m->access = s->own;
    if (m->name.n == 0)
        return STORE_OK;
    enum store_status status = access_find(s, m->name, &m->access, local);
    if (status == STORE_OK)
        status = folder_by_name(s->thread->db, m->access->mailbox, local, &folder);
    m->folder_id = status == STORE_OK ? folder.id : 0;
    return status;
}

/* RFC 5464 4.2.1: "/private/…" or "/shared/…", no "//", no wildcard, no trailing slash; compared without case. */
static bool valid_entry(struct span entry)
{
    bool scope = span_starts_nocase(entry, "/private/") || span_starts_nocase(entry, "/shared/");
    if (!scope || entry.n > ANNOTATION_NAME_MAX || entry.p[entry.n - 1] == '/' || !ascii_printable(entry))
        return false;
    for (size_t i = 0; i < entry.n; i++) {
        if (entry.p[i] == '*' || entry.p[i] == '%' || (entry.p[i] == '/' && i + 1 < entry.n && entry.p[i + 1] == '/'))
            return false;
    }
    return true;
}

static struct span lower(struct command *c, struct span entry)
{
    char *copy = arena_strndup(c->arena, entry.p, entry.n);
    for (size_t i = 0; copy && i < entry.n; i++) {
        if (copy[i] >= 'A' && copy[i] <= 'Z')
            copy[i] = (char)(copy[i] + 32);
    }
    return copy ? (struct span){copy, entry.n} : SPAN_NONE;
}

static bool parse_options(struct imap_reader *r, struct metadata *m)
{
    if (!imap_char(r, '('))
        return false;
    do {
        if (imap_word(r, "MAXSIZE")) {
            if (!imap_sp(r) || !imap_u63(r, &m->max_size))
                return false;
        } else if (imap_word(r, "DEPTH") && imap_sp(r)) {
            if (imap_word(r, "infinity"))
                m->depth = DEPTH_INFINITY;
            else if (imap_word(r, "1"))
                m->depth = 1;
            else if (!imap_word(r, "0"))
                return false;
        } else {
            return false;
        }
    } while (imap_sp(r));
    return imap_char(r, ')');
}

static bool parse_entry(struct command *c, struct metadata *m)
{
    struct span entry;
    if (m->entries.len == ENTRIES_MAX || !imap_astring(&c->r, &entry) || !valid_entry(entry))
        return false;
    vec_push(&m->entries, lower(c, entry));
    return true;
}

static bool parse_entries(struct command *c, struct metadata *m)
{
    if (!imap_char(&c->r, '('))
        return parse_entry(c, m);
    do {
        if (!parse_entry(c, m))
            return false;
    } while (imap_sp(&c->r));
    return imap_char(&c->r, ')');
}

static bool parse_get(struct command *c, struct metadata *m)
{
    struct imap_reader *r = &c->r;
    if (!imap_sp(r))
        return false;
    if (imap_peek(r, '(') && (!parse_options(r, m) || !imap_sp(r)))
        return false;
    if (!imap_mailbox(r, &m->name) || !imap_sp(r))
        return false;
    struct imap_reader ahead = *r; /* RFC 5464's examples put options behind the mailbox */
    if (imap_peek(r, '(') && parse_options(&ahead, m) && imap_sp(&ahead))
        *r = ahead;
    return parse_entries(c, m) && imap_at_end(r);
}

/* Is `entry` asked for: itself, or below an asked one within the depth? */
static bool asked(const struct metadata *m, struct span entry)
{
    vec_each (&m->entries, want) {
        if (span_eq(*want, entry))
            return true;
        if (m->depth == 0 || entry.n <= want->n + 1 || entry.p[want->n] != '/' ||
            !span_eq((struct span){entry.p, want->n}, *want))
            continue;
        struct span below = {entry.p + want->n + 1, entry.n - want->n - 1};
        if (m->depth == DEPTH_INFINITY || span_find(below, SPAN_LIT("/")) < 0)
            return true;
    }
    return false;
}

static uint64_t write_entries(struct session *s, const struct metadata *m, const annotation_list *list)
{
    uint64_t longest = 0;
    bool any = false;
    vec_each (list, one) {
        if (!asked(m, span_of(one->entry)))
            continue;
        if (one->value_bytes > m->max_size) {
            longest = one->value_bytes > longest ? one->value_bytes : longest;
            continue;
        }
        if (!any) {
            str_puts(&s->out, "* METADATA ");
            imap_write_mailbox(&s->out, m->name, session_utf8(s));
            str_puts(&s->out, " (");
        } else {
            str_putc(&s->out, ' ');
        }
        any = true;
        str_puts(&s->out, one->entry);
        str_putc(&s->out, ' ');
        imap_write_string(&s->out, (struct span){one->value, one->value_bytes}, session_utf8(s));
    }
    if (any)
        str_puts(&s->out, ")\r\n");
    return longest;
}

enum outcome cmd_getmetadata(struct session *s, struct command *c)
{
    struct metadata m = {.max_size = UINT64_MAX};
    annotation_list list = {0};
    uint64_t longest = 0;
    bool ok = parse_get(c, &m);
    enum store_status status = ok ? find(s, &m) : STORE_OK;
    if (ok && status == STORE_OK)
        status = annotations_of(s->thread->db, m.access->bal.id, m.folder_id, viewer_of(s), &list);
    if (ok && status == STORE_OK)
        longest = write_entries(s, &m, &list);
    annotation_list_free(&list);
    metadata_free(&m);
    if (!ok)
        return reply_bad(c, "A mailbox and entries are expected.");
    if (status != STORE_OK)
        return reply_store(c, status);
    if (longest == 0)
        return reply_ok(c, NULL, "GETMETADATA completed.");
    return reply_ok(c, arena_printf(c->arena, "METADATA LONGENTRIES %llu", (unsigned long long)longest),
                    "GETMETADATA completed.");
}

static bool parse_set(struct command *c, struct metadata *m)
{
    struct imap_reader *r = &c->r;
    struct span value;
    bool nil, binary;
    if (!imap_sp(r) || !imap_mailbox(r, &m->name) || !imap_sp(r) || !imap_char(r, '('))
        return false;
    do {
        if (!parse_entry(c, m) || !imap_sp(r))
            return false;
        nil = false;
        if (imap_peek(r, '~') ? !imap_literal(r, &value, &binary) : !imap_nstring(r, &value, &nil))
            return false;
        vec_push(&m->values, nil ? SPAN_NONE : value.p ? value : (struct span){"", 0});
    } while (imap_sp(r));
    return imap_char(r, ')') && imap_at_end(r);
}

static enum outcome set_all(struct session *s, struct command *c, const struct metadata *m)
{
    for (size_t i = 0; i < m->entries.len; i++) {
        struct span entry = m->entries.items[i], value = m->values.items[i];
        bool shared = span_starts_nocase(entry, "/shared/");
        if (value.n > ANNOTATION_VALUE_MAX)
            return reply_no(c, "METADATA MAXSIZE 65536", "That value is too long.");
        if (shared && !(m->access->rights & RIGHT_WRITE))
            return reply_no(c, "NOPERM", "You have no right to annotate this for all.");
        enum store_status status =
            annotation_set(s->thread->db, m->access->bal.id, m->folder_id, shared ? 0 : viewer_of(s), entry, value);
        if (status == STORE_OVER_QUOTA)
            return reply_no(c, "METADATA TOOMANY", "There are too many annotations.");
        if (status != STORE_OK)
            return reply_store(c, status);
    }
    return reply_ok(c, NULL, "SETMETADATA completed.");
}

enum outcome cmd_setmetadata(struct session *s, struct command *c)
{
    struct metadata m = {.depth = 0};
    enum outcome outcome;
    if (!parse_set(c, &m)) {
        outcome = reply_bad(c, "A mailbox, entries and values are expected.");
    } else {
        enum store_status status = find(s, &m);
        outcome = status == STORE_OK ? set_all(s, c, &m) : reply_store(c, status);
    }
    metadata_free(&m);
    return outcome;
}
