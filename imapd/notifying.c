/* Events of mailboxes. See notifying.h. */
#include "imapd/notifying.h"

#include "imapd/reply.h"
#include "imapd/status_items.h"

#include <stdlib.h>
#include <string.h>

static void forget_known(struct notifying *n)
{
    vec_each (&n->known, folder)
        xfree(&folder->name);
    n->known.len = 0;
}

void notifying_free(struct notifying **notifying)
{
    struct notifying *n = *notifying;
    if (!n)
        return;
    vec_each (&n->groups, group)
        scope_free(&group->scope);
    vec_free(&n->groups);
    forget_known(n);
    vec_free(&n->known);
    annotation_marks_free(&n->marks);
    xfree(&n->fetch);
    xfree(notifying);
}

bool notifying_selected(const struct session *s, unsigned events)
{
    return !s->notify || (s->notify->selected && (s->notify->selected_events & events));
}

bool notifying_expunges(const struct session *s)
{
    return s->idle || !s->notify || (s->notify->selected && !s->notify->delayed);
}

/* RFC 5465 6: several groups may name a mailbox, and each adds its events; NONE ends what comes behind it. */
static unsigned events_of(const struct notifying *n, const struct access *access, const struct folder *folder,
                          struct span full)
{
    unsigned events = 0;
    vec_each (&n->groups, group) {
        if (!scope_holds(&group->scope, access, folder, full))
            continue;
        if (group->events == 0)
            break;
        events |= group->events;
    }
    return events;
}

int notifying_by_id(const void *a, const void *b)
{
    const struct known_folder *x = a, *y = b;
    if (x->bal_id != y->bal_id)
        return x->bal_id < y->bal_id ? -1 : 1;
    return x->id < y->id ? -1 : x->id > y->id;
}

/* One look: what is there now, beside what was. */
struct looking {
    struct session *s;
    struct notifying *n;
    bool first, status;
    known_folders now;
    annotation_marks marks;
    enum store_status status_of_marks;
};

static void say_list(struct session *s, const char *attributes, struct span name, const char *old)
{
    str_puts(&s->out, "* LIST (");
    str_puts(&s->out, attributes);
    str_puts(&s->out, ") \"/\" ");
    imap_write_mailbox(&s->out, name, session_utf8(s));
    if (old) {
        str_puts(&s->out, " (\"OLDNAME\" (");
        imap_write_mailbox(&s->out, span_of(old), session_utf8(s));
        str_puts(&s->out, "))");
    }
    str_puts(&s->out, "\r\n");
}

static const struct known_folder *known_of(const struct notifying *n, const struct known_folder *folder)
{
    return n->known.len == 0 ? NULL : bsearch(folder, n->known.items, n->known.len, sizeof(*folder), notifying_by_id);
}

static void compare(struct looking *q, struct access *access, const struct folder *folder,
                    const struct known_folder *now, unsigned events)
{
    struct session *s = q->s;
    const struct known_folder *was = known_of(q->n, now);
    struct span full = span_of(now->name);
    bool selected = s->view && s->view->folder_id == now->id && s->view->access == access;
    bool renamed = was && strcmp(was->name, now->name) != 0;
    if ((events & EVENT_MAILBOX_NAME) && !q->first && (!was || renamed))
        say_list(s, folder->subscribed ? "\\Subscribed" : "", full, renamed ? was->name : NULL);
    else if ((events & EVENT_MAILBOX_NAME) && was && was->children != now->children) /* 5.4: the direct parent too */
        say_list(s, now->children ? "\\HasChildren" : "\\HasNoChildren", full, NULL);
    else if ((events & EVENT_SUBSCRIPTION) && was && was->subscribed != now->subscribed)
        say_list(s, folder->subscribed ? "\\Subscribed" : "", full, NULL);
    bool counts = was ? was->uidnext != now->uidnext || was->messages != now->messages : now->messages > 0;
    bool flags = was && (events & EVENT_FLAG_CHANGE) && was->modseq != now->modseq;
    bool told = q->first ? q->status : counts || flags;
    if ((events & EVENT_MESSAGES) && !selected && !folder->no_select && told)
        status_write(s, access, full, folder,
                     status_items_of_events(session_enabled(s, ENABLED_CONDSTORE) ||
                                            (q->first && (events & EVENT_FLAG_CHANGE))));
}

static int by_name(const void *a, const void *b)
{
    return strcmp((*(const struct folder *const *)a)->name, (*(const struct folder *const *)b)->name);
}

/* How many folders stand directly below each, in the order of `folders`. The caller frees. */
static uint32_t *count_children(const folder_list *folders)
{
    uint32_t *counts = xcalloc(folders->len + 1, sizeof(*counts));
    const struct folder **sorted = xcalloc(folders->len + 1, sizeof(*sorted)), **parent;
    struct folder *wanted = xcalloc(1, sizeof(*wanted));
    for (size_t i = 0; i < folders->len; i++)
        sorted[i] = &folders->items[i];
    qsort(sorted, folders->len, sizeof(sorted[0]), by_name);
    vec_each (folders, folder) {
        const char *slash = strrchr(folder->name, '/');
        if (!slash)
            continue;
        memcpy(wanted->name, folder->name, (size_t)(slash - folder->name));
        wanted->name[slash - folder->name] = '\0';
        parent = bsearch(&(const struct folder *){wanted}, sorted, folders->len, sizeof(sorted[0]), by_name);
        if (parent)
            counts[*parent - folders->items]++;
    }
    xfree(&wanted);
    xfree(&sorted);
    return counts;
}

static void visit(struct session *s, struct access *access, const folder_list *folders, void *arg)
{
    struct looking *q = arg;
    uint32_t *children = count_children(folders);
    vec_each (folders, folder) {
        struct str full;
        str_init(&full, 2048);
        access_full_name(access, folder->name, &full);
        unsigned events = events_of(q->n, access, folder, str_span(&full));
        if (events) {
            struct known_folder now = {.bal_id = access->bal.id,
                                       .id = folder->id,
                                       .name = xstrndup(full.data, full.len),
                                       .events = events,
                                       .subscribed = folder->subscribed,
                                       .uidnext = folder->uidnext,
                                       .messages = folder->messages,
                                       .children = children[folder - folders->items],
                                       .modseq = folder->highestmodseq};
            compare(q, access, folder, &now, events);
            vec_push(&q->now, now);
        }
        str_free(&full);
    }
    xfree(&children);
    if (q->status_of_marks == STORE_OK && notifying_wants(q->n, EVENT_METADATA))
        q->status_of_marks = notifying_mark(s, access, &q->marks);
}

/* What was there and is no more; a name that a filter no longer matches counts as gone. */
static void say_gone(struct looking *q)
{
    vec_each (&q->n->known, was) {
        bool there = q->now.len > 0 && bsearch(was, q->now.items, q->now.len, sizeof(*was), notifying_by_id);
        if (!there && notifying_wants(q->n, EVENT_MAILBOX_NAME))
            say_list(q->s, "\\NonExistent", span_of(was->name), NULL);
    }
}

/* RFC 5465 5.8: it is more than we keep in mind; the peer must ask again, for less. */
static void overflow(struct session *s)
{
    reply_untagged(s, "OK [NOTIFICATIONOVERFLOW] Too many mailboxes to watch.");
    notifying_free(&s->notify);
}

enum store_status notifying_look(struct session *s, bool status)
{
    struct notifying *n = s->notify;
    struct looking q = {.s = s, .n = n, .first = !n->known_yet, .status = status};
    if (n->groups.len == 0)
        return STORE_OK;
    size_t before = s->out.len;
    enum store_status result = scope_each_bal(s, n->shared, visit, &q);
    if (result == STORE_OK)
        result = q.status_of_marks;
    if (q.now.len > 1)
        qsort(q.now.items, q.now.len, sizeof(q.now.items[0]), notifying_by_id);
    if (result == STORE_OK)
        say_gone(&q);
    else
        str_truncate(&s->out, before);
    if (result == STORE_OK) {
        notifying_metadata(s, &q.now, &q.marks, q.first);
        forget_known(n);
        vec_free(&n->known);
        memcpy(&n->known, &q.now, sizeof(n->known));
        n->known_yet = true;
        if (n->known.len > NOTIFY_FOLDERS_MAX || n->marks.len > NOTIFY_MARKS_MAX)
            overflow(s);
    } else {
        vec_each (&q.now, folder)
            xfree(&folder->name);
        vec_free(&q.now);
        annotation_marks_free(&q.marks);
    }
    return result;
}
