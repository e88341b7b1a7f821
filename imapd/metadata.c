/* Annotations, read and written. See metadata.h. */
#include "imapd/metadata.h"

#include "imapd/reply.h"
#include "lib/base/text.h"
#include "lib/store/imap.h"

int64_t metadata_viewer(const struct session *s)
{
    return s->grant.person_id ? s->grant.person_id : -s->grant.certificate_id;
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

static struct span lower(struct arena *arena, struct span entry)
{
    char *copy = arena_strndup(arena, entry.p, entry.n);
    for (size_t i = 0; copy && i < entry.n; i++) {
        if (copy[i] >= 'A' && copy[i] <= 'Z')
            copy[i] = (char)(copy[i] + 32);
    }
    return copy ? (struct span){copy, entry.n} : SPAN_NONE;
}

bool metadata_parse_options(struct imap_reader *r, struct metadata_options *m)
{
    if (!imap_char(r, '('))
        return false;
    do {
        if (imap_word(r, "MAXSIZE")) {
            if (!imap_sp(r) || !imap_u63(r, &m->max_size))
                return false;
        } else if (imap_word(r, "DEPTH") && imap_sp(r)) {
            if (imap_word(r, "infinity"))
                m->depth = METADATA_INFINITY;
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

static bool parse_entry(struct imap_reader *r, metadata_entries *entries, bool may_be_root)
{
    struct span entry;
    if (entries->len == METADATA_ENTRIES_MAX || !imap_astring(r, &entry))
        return false;
    bool root = span_is_nocase(entry, "/private") || span_is_nocase(entry, "/shared");
    if (!valid_entry(entry) && !(root && may_be_root))
        return false;
    vec_push(entries, lower(r->arena, entry));
    return true;
}

bool metadata_parse_entry(struct imap_reader *r, metadata_entries *entries)
{
    return parse_entry(r, entries, false);
}

/* What DEPTH descends from may be the whole of a scope: it has no value of its own. */

bool metadata_parse_entries(struct imap_reader *r, metadata_entries *entries)
{
    if (!imap_char(r, '('))
        return parse_entry(r, entries, true);
    do {
        if (!parse_entry(r, entries, true))
            return false;
    } while (imap_sp(r));
    return imap_char(r, ')');
}

/* Is `entry` asked for: itself, or below an asked one within the depth? */
static bool asked(const metadata_entries *entries, int depth, struct span entry)
{
    vec_each (entries, want) {
        if (span_eq(*want, entry))
            return true;
        if (depth == 0 || entry.n <= want->n + 1 || entry.p[want->n] != '/' ||
            !span_eq((struct span){entry.p, want->n}, *want))
            continue;
        struct span below = {entry.p + want->n + 1, entry.n - want->n - 1};
        if (depth == METADATA_INFINITY || span_find(below, SPAN_LIT("/")) < 0)
            return true;
    }
    return false;
}

static void write_entry(struct session *s, struct span full_name, const char *entry, struct span value, bool first)
{
    if (first) {
        str_puts(&s->out, "* METADATA ");
        imap_write_mailbox(&s->out, full_name, session_utf8(s));
        str_puts(&s->out, " (");
    } else {
        str_putc(&s->out, ' ');
    }
    str_puts(&s->out, entry);
    str_putc(&s->out, ' ');
    imap_write_string(&s->out, value, session_utf8(s));
}

enum store_status metadata_write(struct session *s, const struct access *access, const struct folder *folder,
                                 struct span full_name, const metadata_entries *entries,
                                 const struct metadata_options *options, uint64_t *longest)
{
    annotation_list list = {0};
    bool any = false;
    enum store_status status =
        annotations_of(s->thread->db, access->bal.id, folder ? folder->id : 0, metadata_viewer(s), &list);
    *longest = 0;
    if (folder && folder->special_use[0] && !access->shared && status == STORE_OK &&
        asked(entries, options->depth, SPAN_LIT(METADATA_SPECIAL_USE))) {
        write_entry(s, full_name, METADATA_SPECIAL_USE, span_of(folder->special_use), true);
        any = true;
    }
    vec_each (&list, one) {
        if (status != STORE_OK || !asked(entries, options->depth, span_of(one->entry)))
            continue;
        if (one->value_bytes > options->max_size) {
            *longest = one->value_bytes > *longest ? one->value_bytes : *longest;
            continue;
        }
        write_entry(s, full_name, one->entry, (struct span){one->value, one->value_bytes}, !any);
        any = true;
    }
    if (any)
        str_puts(&s->out, ")\r\n");
    annotation_list_free(&list);
    return status;
}
