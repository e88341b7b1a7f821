/* LIST and LSUB (RFC 9051 6.3.9, RFC 5258). A BAL's folders are read in one statement, counters included, so that RETURN
 * (STATUS …) costs nothing more. */
#include "imapd/commands.h"
#include "imapd/expunge.h"
#include "imapd/list.h"
#include "imapd/reply.h"
#include "imapd/status_items.h"
#include "lib/proto/imap_match.h"

#include <stdlib.h>
#include <string.h>

/* Folders come in any order; what LIST asks of the tree is answered from the sorted names. */
struct listing {
    struct session *s;
    const struct list_request *request;
    struct access *access;
    folder_list folders;
    VEC(const struct folder *) sorted; /* the same, by name */
};

static bool matches(const struct list_request *request, struct span name)
{
    vec_each (&request->patterns, pattern) {
        if (imap_match(*pattern, name))
            return true;
    }
    return false;
}

static int by_name(const void *a, const void *b)
{
    return strcmp((*(const struct folder *const *)a)->name, (*(const struct folder *const *)b)->name);
}

/* The folders below a name stand together in the sorted list: the place of the first, or of none. */
static size_t first_below(const struct listing *listing, const char *name)
{
    size_t n = strlen(name), low = 0, high = listing->sorted.len;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        const char *other = listing->sorted.items[middle]->name;
        int order = strncmp(other, name, n);
        if (order < 0 || (order == 0 && (unsigned char)other[n] < '/'))
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static bool is_below(const struct listing *listing, size_t at, const char *parent)
{
    size_t n = strlen(parent);
    return at < listing->sorted.len && strncmp(listing->sorted.items[at]->name, parent, n) == 0 &&
           listing->sorted.items[at]->name[n] == '/';
}

static bool has_children(const struct listing *listing, const char *name)
{
    for (size_t at = first_below(listing, name); is_below(listing, at, name); at++) {
        if (listing->sorted.items[at]->id) /* not merely a subscribed name */
            return true;
    }
    return false;
}

/* Do the selection options take it? (RFC 5258 3) */
static bool is_selected(const struct list_request *request, const struct folder *folder)
{
    bool subscribed_only = request->lsub || (request->select & LIST_SUBSCRIBED);
    return (!subscribed_only || folder->subscribed) &&
           (!(request->select & LIST_SPECIAL_USE) || folder->special_use[0]);
}

/* RECURSIVEMATCH: has it a descendant that is selected; and, for a name that is not selected itself, one that does not
 * come in the answer by itself (RFC 5258 3.3, 3.5: CHILDINFO that is redundant is left out)? */
static bool has_selected_child(const struct listing *listing, const struct folder *folder, bool unseen)
{
    struct str full;
    bool found = false;
    str_init(&full, 2048);
    for (size_t at = first_below(listing, folder->name); !found && is_below(listing, at, folder->name); at++) {
        const struct folder *child = listing->sorted.items[at];
        str_clear(&full);
        access_full_name(listing->access, child->name, &full);
        found = is_selected(listing->request, child) && !(unseen && matches(listing->request, str_span(&full)));
    }
    str_free(&full);
    return found;
}

static void write_attributes(struct str *out, const struct listing *listing, const struct folder *folder)
{
    const struct list_request *request = listing->request;
    str_puts(out, has_children(listing, folder->name) ? "\\HasChildren" : "\\HasNoChildren");
    if (folder->no_select)
        str_puts(out, request->extended ? " \\NonExistent \\Noselect" : " \\Noselect");
    if (folder->subscribed && ((request->select | request->want) & LIST_SUBSCRIBED))
        str_puts(out, " \\Subscribed");
    if (folder->special_use[0] && !request->lsub && !listing->access->shared) {
        str_putc(out, ' ');
        str_puts(out, folder->special_use);
    }
}

static void write_line(const struct listing *listing, const struct folder *folder, struct span name, bool child_info)
{
    struct session *s = listing->s;
    str_puts(&s->out, listing->request->lsub ? "* LSUB (" : "* LIST (");
    write_attributes(&s->out, listing, folder);
    str_puts(&s->out, ") \"/\" ");
    imap_write_mailbox(&s->out, name, session_utf8(s));
    if (child_info)
        str_puts(&s->out, listing->request->select & LIST_SPECIAL_USE
                              ? " (\"CHILDINFO\" (\"SUBSCRIBED\" \"SPECIAL-USE\"))"
                              : " (\"CHILDINFO\" (\"SUBSCRIBED\"))");
    str_puts(&s->out, "\r\n");
    if ((listing->request->want & LIST_STATUS) && !folder->no_select)
        status_write(s, listing->access, name, folder, listing->request->status_items);
    if ((listing->request->want & LIST_METADATA) && !folder->no_select) {
        uint64_t longest;
        (void)metadata_write(s, listing->access, folder, name, &listing->request->entries, &listing->request->metadata,
                             &longest); /* away: said by the tagged line's own reads */
    }
    if ((listing->request->want & LIST_MYRIGHTS) && !folder->no_select) {
        str_puts(&s->out, "* MYRIGHTS ");
        imap_write_mailbox(&s->out, name, session_utf8(s));
        str_putc(&s->out, ' ');
        access_write_rights(&s->out, expunge_rights_in(listing->access, folder->special_use));
        str_puts(&s->out, "\r\n");
    }
}

static void consider(const struct listing *listing, const struct folder *folder)
{
    const struct list_request *request = listing->request;
    struct str name;
    bool selected = is_selected(request, folder);
    bool child = (request->select & LIST_RECURSIVE) && has_selected_child(listing, folder, !selected);
    if (!selected && !child)
        return;
    str_init(&name, 2048);
    access_full_name(listing->access, folder->name, &name);
    if (matches(request, str_span(&name)))
        write_line(listing, folder, str_span(&name), child);
    str_free(&name);
}

static enum store_status list_bal(struct session *s, const struct list_request *request, struct access *access)
{
    struct listing listing = {.s = s, .request = request, .access = access};
    enum store_status status = folders_list(s->thread->db, access->mailbox, &listing.folders);
    if (status == STORE_OK && (request->lsub || (request->select & LIST_SUBSCRIBED)))
        status = folders_add_gone(s->thread->db, access->mailbox, &listing.folders);
    vec_each (&listing.folders, folder)
        vec_push(&listing.sorted, folder);
    if (listing.sorted.len > 1)
        qsort(listing.sorted.items, listing.sorted.len, sizeof(listing.sorted.items[0]), by_name);
    vec_each (&listing.folders, folder) {
        if (status == STORE_OK)
            consider(&listing, folder);
    }
    vec_free(&listing.folders);
    vec_free(&listing.sorted);
    return status;
}

/* Could any pattern reach below Partages/? Then the shared BALs are opened; a client that lists "%" does not pay. */
static bool asks_for_shared(const struct list_request *request)
{
    size_t n = sizeof(SHARED_PREFIX);
    vec_each (&request->patterns, pattern) {
        size_t fixed = 0;
        while (fixed < pattern->n && pattern->p[fixed] != '*' && pattern->p[fixed] != '%')
            fixed++;
        bool whole = pattern->n > fixed || fixed == n - 1; /* "Partages" itself is a name too */
        if (fixed >= n ? span_eq((struct span){pattern->p, n}, SPAN_LIT(SHARED_PREFIX "/"))
                       : strncmp(pattern->p, SHARED_PREFIX "/", fixed) == 0 && whole)
            return true;
    }
    return false;
}

/* The folders that stand for nothing but the way to shared BALs. */
static void list_way(struct session *s, const struct list_request *request, struct span name)
{
    if (request->lsub || request->select || !matches(request, name))
        return;
    str_puts(&s->out, "* LIST (\\HasChildren \\Noselect) \"/\" ");
    imap_write_mailbox(&s->out, name, session_utf8(s));
    str_puts(&s->out, "\r\n");
}

static enum store_status list_shared(struct session *s, const struct list_request *request)
{
    if (!asks_for_shared(request))
        return STORE_OK;
    enum store_status status = access_open_all_shared(s);
    if (status != STORE_OK || s->shared.len == 0)
        return status;
    list_way(s, request, SPAN_LIT(SHARED_PREFIX));
    vec_each (&s->shared, access) {
        struct str way;
        str_init(&way, 1024);
        str_addf(&way, SHARED_PREFIX "/%s", (*access)->bal.address);
        list_way(s, request, str_span(&way));
        str_free(&way);
        status = list_bal(s, request, *access);
        if (status != STORE_OK)
            break;
    }
    return status;
}

static enum outcome list(struct session *s, struct command *c, bool lsub)
{
    struct list_request request = {.lsub = lsub};
    enum store_status status = STORE_OK;
    if (!list_parse(&c->r, &request)) {
        list_free(&request);
        return reply_bad(c, "A reference and a pattern are expected.");
    }
    if (!request.extended && request.patterns.items[0].n == 0) { /* RFC 9051 6.3.9: what is the delimiter? */
        reply_untagged(s, lsub ? "LSUB (\\Noselect) \"/\" \"\"" : "LIST (\\Noselect) \"/\" \"\"");
    } else {
        status = list_bal(s, &request, s->own);
        if (status == STORE_OK)
            status = list_shared(s, &request);
    }
    list_free(&request);
    return status == STORE_OK ? reply_ok(c, NULL, "Completed.") : reply_store(c, status);
}

enum outcome cmd_list(struct session *s, struct command *c)
{
    return list(s, c, false);
}

enum outcome cmd_lsub(struct session *s, struct command *c)
{
    return list(s, c, true);
}
