/* METADATA (RFC 5464): GETMETADATA and SETMETADATA, of a mailbox or (named "") of the BAL. /private/ is the person's own,
 * /shared/ everybody's who opens the BAL. In clear by design, as folder names are: not a place for health data. */
#include "imapd/commands.h"
#include "imapd/metadata.h"
#include "imapd/notify.h"
#include "imapd/reply.h"
#include "lib/store/imap.h"

struct metadata {
    struct span name;
    struct access *access;
    struct folder folder; /* id 0: the BAL's own entries */
    struct metadata_options options;
    metadata_entries entries;
    VEC(struct span) values; /* p NULL is NIL */
};

static void metadata_free(struct metadata *m)
{
    vec_free(&m->entries);
    vec_free(&m->values);
}

static enum store_status find(struct session *s, struct metadata *m)
{
    char local[1024];
    m->access = s->own;
    if (m->name.n == 0)
        return STORE_OK;
    enum store_status status = access_find(s, m->name, &m->access, local);
    if (status == STORE_OK)
        status = folder_by_name(s->thread->db, m->access->mailbox, local, &m->folder);
    return status;
}

static bool parse_get(struct command *c, struct metadata *m)
{
    struct imap_reader *r = &c->r;
    if (!imap_sp(r))
        return false;
    if (imap_peek(r, '(') && (!metadata_parse_options(r, &m->options) || !imap_sp(r)))
        return false;
    if (!imap_mailbox(r, &m->name) || !imap_sp(r))
        return false;
    struct imap_reader ahead = *r; /* RFC 5464's examples put options behind the mailbox */
    if (imap_peek(r, '(') && metadata_parse_options(&ahead, &m->options) && imap_sp(&ahead))
        *r = ahead;
    return metadata_parse_entries(r, &m->entries) && imap_at_end(r);
}

enum outcome cmd_getmetadata(struct session *s, struct command *c)
{
    struct metadata m = {.options = {.max_size = UINT64_MAX}};
    uint64_t longest = 0;
    bool ok = parse_get(c, &m);
    enum store_status status = ok ? find(s, &m) : STORE_OK;
    if (ok && status == STORE_OK)
        status = metadata_write(s, m.access, m.folder.id ? &m.folder : NULL, m.name, &m.entries, &m.options, &longest);
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
        if (!metadata_parse_entry(r, &m->entries) || !imap_sp(r))
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
    struct annotation_change changes[METADATA_ENTRIES_MAX];
    for (size_t i = 0; i < m->entries.len; i++) {
        struct span entry = m->entries.items[i], value = m->values.items[i];
        bool shared = span_starts_nocase(entry, "/shared/");
        changes[i] = (struct annotation_change){shared ? 0 : metadata_viewer(s), entry, value};
        if (value.n > ANNOTATION_VALUE_MAX)
            return reply_no(c, "METADATA MAXSIZE 65536", "That value is too long.");
        if (span_is(entry, METADATA_SPECIAL_USE))
            return reply_no(c, "CANNOT", "A use is given when a mailbox is made.");
        if (shared && !(m->access->rights & RIGHT_WRITE))
            return reply_no(c, "NOPERM", "You have no right to annotate this for all.");
    }
    enum store_status status = annotations_set(s->thread->db, m->access->bal.id, m->folder.id, changes, m->entries.len);
    if (status == STORE_OVER_QUOTA)
        return reply_no(c, "METADATA TOOMANY", "There are too many annotations.");
    if (status != STORE_OK)
        return reply_store(c, status);
    notify(s, m->access, m->folder.id);
    return reply_ok(c, NULL, "SETMETADATA completed.");
}

enum outcome cmd_setmetadata(struct session *s, struct command *c)
{
    struct metadata m = {.access = NULL};
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
