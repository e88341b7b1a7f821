/* Mailbox filters. See scope.h. */
#include "imapd/scope.h"

#include <string.h>

static bool add_name(struct imap_reader *r, struct scope *scope)
{
    struct span name;
    if (scope->names.len == SCOPE_NAMES_MAX || !imap_mailbox(r, &name))
        return false;
    vec_push(&scope->names, xstrndup(name.p, name.n));
    return true;
}

/* one-or-more-mailbox */
static bool names(struct imap_reader *r, struct scope *scope)
{
    if (!imap_sp(r))
        return false;
    if (!imap_char(r, '('))
        return add_name(r, scope);
    do {
        if (!add_name(r, scope))
            return false;
    } while (imap_sp(r));
    return imap_char(r, ')');
}

bool scope_parse(struct imap_reader *r, struct scope *scope)
{
    static const char *const kinds[] = {
        [SCOPE_SELECTED] = "selected",       [SCOPE_SELECTED_DELAYED] = "selected-delayed",
        [SCOPE_INBOXES] = "inboxes",         [SCOPE_PERSONAL] = "personal",
        [SCOPE_SUBSCRIBED] = "subscribed",   [SCOPE_SUBTREE] = "subtree",
        [SCOPE_SUBTREE_ONE] = "subtree-one", [SCOPE_MAILBOXES] = "mailboxes"};
    size_t i = 0;
    *scope = (struct scope){0};
    while (i < COUNT(kinds) && !imap_word(r, kinds[i]))
        i++;
    if (i == COUNT(kinds))
        return false;
    scope->kind = (enum scope_kind)i;
    return scope->kind < SCOPE_SUBTREE || names(r, scope);
}

void scope_free(struct scope *scope)
{
    vec_each (&scope->names, name)
        xfree(name);
    vec_free(&scope->names);
}

/* Is `full` the name, or below it, at most `levels` deep? */
static bool is_under(struct span full, struct span name, unsigned levels)
{
    if (full.n < name.n || !span_eq((struct span){full.p, name.n}, name))
        return false;
    struct span rest = {full.p + name.n, full.n - name.n};
    if (rest.n == 0)
        return true;
    if (rest.p[0] != '/')
        return false;
    unsigned deep = 0;
    for (size_t i = 0; i < rest.n; i++)
        deep += rest.p[i] == '/';
    return deep <= levels;
}

bool scope_holds(const struct scope *scope, const struct access *access, const struct folder *folder, struct span full)
{
    switch (scope->kind) {
    case SCOPE_SELECTED:
    case SCOPE_SELECTED_DELAYED:
        return false;
    case SCOPE_INBOXES:
        return !access->shared && strcmp(folder->name, "INBOX") == 0;
    case SCOPE_PERSONAL:
        return !access->shared;
    case SCOPE_SUBSCRIBED:
        return folder->subscribed;
    default:
        break;
    }
    unsigned levels = scope->kind == SCOPE_SUBTREE ? UINT16_MAX : scope->kind == SCOPE_SUBTREE_ONE ? 1 : 0;
    vec_each (&scope->names, name) {
        if (is_under(full, span_of(*name), levels))
            return true;
    }
    return false;
}

bool scope_reaches_shared(const struct scope *scope)
{
    size_t n = sizeof(SHARED_PREFIX) - 1;
    vec_each (&scope->names, name) {
        if (strncmp(*name, SHARED_PREFIX, n) == 0)
            return true;
    }
    return scope->kind == SCOPE_SUBSCRIBED;
}

static enum store_status visit_bal(struct session *s, struct access *access, scope_visit *visit, void *arg)
{
    folder_list folders = {0};
    enum store_status status = folders_list(s->thread->db, access->mailbox, &folders);
    if (status == STORE_OK)
        visit(s, access, &folders, arg);
    vec_free(&folders);
    return status;
}

enum store_status scope_each_bal(struct session *s, bool shared, scope_visit *visit, void *arg)
{
    enum store_status status = visit_bal(s, s->own, visit, arg);
    if (status == STORE_OK && shared)
        status = access_open_all_shared(s);
    for (size_t i = 0; status == STORE_OK && shared && i < s->shared.len; i++)
        status = visit_bal(s, s->shared.items[i], visit, arg);
    return status;
}
