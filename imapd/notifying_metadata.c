/* Events of annotations (RFC 5465 5.6, 5.7): which entries are new, other than they were, or gone. Their names are told, not
 * their values (RFC 5464 4.4.2). See notifying.h. */
#include "imapd/metadata.h"
#include "imapd/notifying.h"
#include "imapd/reply.h"

#include <stdlib.h>
#include <string.h>

bool notifying_wants(const struct notifying *n, unsigned events)
{
    vec_each (&n->groups, group) {
        if (group->events & events)
            return true;
    }
    return false;
}

enum store_status notifying_mark(struct session *s, const struct access *access, annotation_marks *now)
{
    size_t room = now->len > NOTIFY_MARKS_MAX ? 0 : NOTIFY_MARKS_MAX + 1 - now->len; /* one more: it overflows */
    return annotations_mark(s->thread->db, access->bal.id, metadata_viewer(s), room, now);
}

static int by_place(const void *a, const void *b)
{
    const struct annotation_mark *x = a, *y = b;
    if (x->bal_id != y->bal_id)
        return x->bal_id < y->bal_id ? -1 : 1;
    if (x->folder_id != y->folder_id)
        return x->folder_id < y->folder_id ? -1 : 1;
    return strcmp(x->entry, y->entry);
}

static void tell(struct session *s, const known_folders *folders, const struct annotation_mark *mark)
{
    struct span name = SPAN_LIT("");
    if (mark->folder_id == 0) { /* GETMETADATA "" is of the own BAL alone */
        if (mark->bal_id != s->own->bal.id || !notifying_wants(s->notify, EVENT_SERVER_METADATA))
            return;
    } else {
        struct known_folder wanted = {.bal_id = mark->bal_id, .id = mark->folder_id};
        const struct known_folder *folder =
            folders->len == 0 ? NULL : bsearch(&wanted, folders->items, folders->len, sizeof(wanted), notifying_by_id);
        if (!folder || !(folder->events & EVENT_MAILBOX_METADATA))
            return;
        name = span_of(folder->name);
    }
    str_puts(&s->out, "* METADATA ");
    imap_write_mailbox(&s->out, name, session_utf8(s));
    str_addf(&s->out, " %s\r\n", mark->entry);
}

void notifying_metadata(struct session *s, const known_folders *folders, annotation_marks *now, bool first)
{
    annotation_marks *was = &s->notify->marks;
    size_t old = 0, new = 0;
    if (now->len > 1)
        qsort(now->items, now->len, sizeof(now->items[0]), by_place);
    while (!first && (old < was->len || new < now->len)) { /* both sorted: side by side */
        int order = old == was->len ? 1 : new == now->len ? -1 : by_place(&was->items[old], &now->items[new]);
        if (order < 0)
            tell(s, folders, &was->items[old]);
        else if (order > 0 || was->items[old].hash != now->items[new].hash)
            tell(s, folders, &now->items[new]);
        old += order <= 0;
        new += order >= 0;
    }
    annotation_marks_free(was);
    *was = *now;
    *now = (annotation_marks){0};
}
