/* ESEARCH (MULTISEARCH, RFC 7377): one search over several mailboxes, answered mailbox by mailbox, always by UID. A
 * mailbox where nothing is found is not answered for. The program is read anew for each: what it is resolved to ("*",
 * keywords) is that mailbox's. */
#include "imapd/commands.h"
#include "imapd/context.h"
#include "imapd/limit.h"
#include "imapd/reply.h"
#include "imapd/scope.h"
#include "imapd/search.h"
#include "imapd/worker.h"

struct target {
    struct access *access;
    int64_t folder_id;
    char *full_name;
};
struct multisearch {
    scope_list scopes;
    struct imap_reader program; /* where it begins */
    VEC(struct target) targets;
    size_t at;
    bool running; /* search and view are those of targets[at] */
    struct searching search;
    struct view *view; /* the selected one, or `own_view` */
    struct view *own_view;
    struct arena *arena;
};

static void end_one(struct multisearch *m)
{
    if (m->running)
        searching_free(&m->search);
    m->running = false;
    view_free(&m->own_view);
    if (m->arena)
        arena_destroy(&m->arena);
}

static void cursor_free(void *arg)
{
    struct multisearch *m = arg;
    end_one(m);
    vec_each (&m->scopes, scope)
        scope_free(scope);
    vec_free(&m->scopes);
    vec_each (&m->targets, target)
        xfree(&target->full_name);
    vec_free(&m->targets);
    xfree(&m);
}

static void visit(struct session *s UNUSED, struct access *access, const folder_list *folders, void *arg)
{
    struct multisearch *m = arg;
    vec_each (folders, folder) {
        struct str full;
        bool wanted = false;
        str_init(&full, 2048);
        access_full_name(access, folder->name, &full);
        vec_each (&m->scopes, scope)
            wanted = wanted || scope_holds(scope, access, folder, str_span(&full));
        if (wanted && !folder->no_select && (access->rights & RIGHT_READ))
            vec_push(&m->targets, (struct target){access, folder->id, xstrndup(full.data, full.len)});
        str_free(&full);
    }
}

/* Once each, whatever filters it matches; the selected one first when it is named. */
static enum store_status find_targets(struct session *s, struct multisearch *m)
{
    bool selected = m->scopes.len == 0, others = false, shared = false;
    vec_each (&m->scopes, scope) {
        selected = selected || scope->kind == SCOPE_SELECTED;
        others = others || scope->kind != SCOPE_SELECTED;
        shared = shared || scope_reaches_shared(scope);
    }
    enum store_status status = others ? scope_each_bal(s, shared, visit, m) : STORE_OK;
    if (!selected || !s->view || status != STORE_OK)
        return status;
    vec_each (&m->targets, target) {
        if (target->folder_id == s->view->folder_id && target->access == s->view->access)
            return STORE_OK;
    }
    struct str full;
    str_init(&full, 2048);
    access_full_name(s->view->access, s->view->name, &full);
    vec_push(&m->targets, (struct target){s->view->access, s->view->folder_id, xstrndup(full.data, full.len)});
    str_free(&full);
    return STORE_OK;
}

static bool only_selected(const struct multisearch *m)
{
    return m->scopes.len == 0 || (m->scopes.len == 1 && m->scopes.items[0].kind == SCOPE_SELECTED);
}

/* Message numbers and "$" mean something in the selected mailbox alone. */
static bool names_numbers(const struct imap_key *key)
{
    for (; key; key = key->next) {
        if (key->key == KEY_SEQUENCE || key->key == KEY_SAVED || names_numbers(key->child))
            return true;
    }
    return false;
}

static bool read_program(struct multisearch *m)
{
    struct imap_reader r = m->program;
    m->arena = arena_new(8 << 20);
    r.arena = m->arena;
    m->search = (struct searching){.arena = m->arena};
    m->running = true;
    if (!imap_search_parse(&r, &m->search.program))
        return false;
    m->search.program.extended = true;
    if (m->search.program.returns == 0)
        m->search.program.returns = RETURN_ALL;
    return true;
}

static enum store_status begin_one(struct session *s, struct multisearch *m)
{
    const struct target *target = &m->targets.items[m->at];
    struct folder folder;
    m->view = s->view;
    if (!s->view || s->view->access != target->access || s->view->folder_id != target->folder_id) {
        enum store_status status = folder_by_id(s->thread->db, target->access->mailbox, target->folder_id, &folder);
        if (status != STORE_OK)
            return status;
        m->view = m->own_view = view_new(target->access, &folder, true);
        status = folder_keywords(s->thread->db, target->access->mailbox, folder.id, &m->own_view->keywords);
        if (status != STORE_OK)
            return status;
    }
    if (!m->running && !read_program(m))
        return STORE_INVALID;
    m->search.view = m->view;
    m->search.mailbox = span_of(target->full_name);
    return STORE_OK;
}

static enum outcome go_on(struct session *s, struct command *c, struct multisearch *m)
{
    bool more = false;
    for (; m->at < m->targets.len; m->at++) {
        enum store_status status = m->view ? STORE_OK : begin_one(s, m);
        if (status == STORE_OK)
            status = searching_go(s, c, &m->search, &more);
        if (status == STORE_OK && more)
            return CMD_MORE;
        if (status == STORE_OK && m->search.found.len > 0) /* none for a mailbox without any (RFC 7377 2.1) */
            search_reply_extended(s, c, &m->search);
        end_one(m);
        m->view = NULL;
        if (status != STORE_OK && status != STORE_NOT_FOUND) /* deleted meanwhile: it holds nothing */
            return reply_store(c, status);
    }
    return reply_ok(c, c->cut_at ? limit_refusal(s, c) : NULL, "ESEARCH completed.");
}

/* "IN (personal subtree (a b))" */
static bool parse_source(struct imap_reader *r, struct multisearch *m)
{
    if (!imap_word(r, "IN"))
        return true;
    if (!imap_sp(r) || !imap_char(r, '('))
        return false;
    do {
        struct scope scope;
        bool ok = scope_parse(r, &scope) && scope.kind != SCOPE_SELECTED_DELAYED;
        vec_push(&m->scopes, scope);
        if (!ok)
            return false;
    } while (imap_sp(r));
    return imap_char(r, ')') && imap_sp(r);
}

enum outcome cmd_esearch(struct session *s, struct command *c)
{
    struct multisearch *m = c->cursor;
    if (m)
        return go_on(s, c, m);
    m = c->cursor = xcalloc(1, sizeof(*m));
    c->cursor_free = cursor_free;
    if (!s->worker->all_extensions)
        return reply_bad(c, "ESEARCH is not offered here.");
    if (!imap_sp(&c->r) || !parse_source(&c->r, m))
        return reply_bad(c, "Where to search is not clear.");
    m->program = c->r;
    if (!read_program(m)) {
        return search_reply_parse(s, c, &m->search.program, "That is not a search program.");
    }
    if (m->search.program.uses_numbers && session_uidonly(s))
        return reply_uids_required(c);
    if (only_selected(m) && !s->view)
        return reply_bad(c, "Select a mailbox first.");
    if (!only_selected(m) && ((m->search.program.returns & RETURN_SAVE) || names_numbers(m->search.program.root)))
        return reply_bad(c, "Numbers and SAVE are the selected mailbox's."); /* RFC 7377 2.1, 2.2 */
    if (m->search.program.returns & RETURN_UPDATE) { /* the selected mailbox alone (2.2), where SEARCH keeps it */
        if (!s->view)
            return reply_bad(c, "Select a mailbox first.");
        context_refuse(s, c->tag, "Only SEARCH is kept.");
    }
    enum store_status status = find_targets(s, m);
    return status == STORE_OK ? go_on(s, c, m) : reply_store(c, status);
}
