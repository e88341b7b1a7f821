/* NOTIFY (RFC 5465 3.1): its grammar, and which events go together. */
#include "imapd/commands.h"
#include "imapd/notifying.h"
#include "imapd/reply.h"
#include "imapd/worker.h"
#include "lib/proto/imap_fetch.h"

static const char bad_event[] =
    "BADEVENT (MessageNew MessageExpunge FlagChange MailboxName SubscriptionChange MailboxMetadataChange "
    "ServerMetadataChange)"; /* those that there are */

struct parsing {
    struct notifying *n;
    bool bad_event, too_dear, status;
};

/* "MessageNew (UID ENVELOPE)": for the selected mailbox only; header fields may be asked for, bodies are too dear. */
static bool message_new(struct imap_reader *r, struct parsing *p, bool selected)
{
    struct imap_fetch items = {0};
    struct imap_reader ahead = *r;
    if (!imap_sp(&ahead) || !imap_peek(&ahead, '('))
        return true;
    const char *begin = ahead.p;
    bool ok = imap_fetch_parse(&ahead, &items) && selected;
    vec_each (&items.bodies, body) {
        enum imap_section_kind kind = body->section.kind;
        if (!body->peek || body->form != BODY_TEXT || kind == SECTION_ALL || kind == SECTION_TEXT)
            p->too_dear = true;
    }
    imap_fetch_free(&items);
    if (ok) {
        xfree(&p->n->fetch);
        p->n->fetch = xstrndup(begin, (size_t)(ahead.p - begin));
        *r = ahead;
    }
    return ok;
}

static bool one_event(struct imap_reader *r, struct parsing *p, bool selected, unsigned *events)
{
    static const struct {
        const char *name;
        unsigned bit;
    } known[] = {{"MessageNew", EVENT_MESSAGE_NEW},
                 {"MessageExpunge", EVENT_MESSAGE_EXPUNGE},
                 {"FlagChange", EVENT_FLAG_CHANGE},
                 {"MailboxName", EVENT_MAILBOX_NAME},
                 {"SubscriptionChange", EVENT_SUBSCRIPTION},
                 {"MailboxMetadataChange", EVENT_MAILBOX_METADATA},
                 {"ServerMetadataChange", EVENT_SERVER_METADATA}};
    struct span other;
    for (size_t i = 0; i < COUNT(known); i++) {
        if (imap_word(r, known[i].name)) {
            *events |= known[i].bit;
            return known[i].bit != EVENT_MESSAGE_NEW || message_new(r, p, selected);
        }
    }
    p->bad_event = imap_atom(r, &other); /* RFC 5465 3.1: NO [BADEVENT (those that there are)] */
    return p->bad_event;
}

/* RFC 5465 5: new and expunged messages come together, and flags not without them. */
static bool coherent(unsigned events)
{
    unsigned both = events & (EVENT_MESSAGE_NEW | EVENT_MESSAGE_EXPUNGE);
    return (both == 0 || both == (EVENT_MESSAGE_NEW | EVENT_MESSAGE_EXPUNGE)) &&
           (both != 0 || !(events & EVENT_FLAG_CHANGE));
}

static bool events(struct imap_reader *r, struct parsing *p, bool selected, unsigned *out)
{
    *out = 0;
    if (imap_word(r, "NONE"))
        return true;
    if (!imap_char(r, '('))
        return false;
    do {
        if (!one_event(r, p, selected, out))
            return false;
    } while (imap_sp(r));
    bool of_messages = !(*out & ~(unsigned)EVENT_MESSAGES); /* the selected one has no others (RFC 5465 6.1) */
    return imap_char(r, ')') && coherent(*out) && (!selected || of_messages);
}

/* "(mailboxes INBOX (MessageNew MessageExpunge))" */
static bool group(struct imap_reader *r, struct parsing *p)
{
    struct notify_group one = {0};
    struct notifying *n = p->n;
    bool ok = n->groups.len < NOTIFY_GROUPS_MAX && imap_char(r, '(') && scope_parse(r, &one.scope);
    bool selected = ok && one.scope.kind <= SCOPE_SELECTED_DELAYED;
    ok = ok && imap_sp(r) && events(r, p, selected, &one.events) && imap_char(r, ')');
    if (!ok || selected) {
        if (ok && n->selected)
            ok = false; /* once */
        n->selected = n->selected || selected;
        n->delayed = n->delayed || one.scope.kind == SCOPE_SELECTED_DELAYED;
        n->selected_events |= selected ? one.events : 0;
        scope_free(&one.scope);
        return ok;
    }
    n->shared = n->shared || scope_reaches_shared(&one.scope);
    vec_push(&n->groups, one);
    return true;
}

static bool parse(struct imap_reader *r, struct parsing *p)
{
    if (!imap_sp(r))
        return false;
    if (imap_word(r, "NONE"))
        return imap_at_end(r);
    if (!imap_word(r, "SET") || !imap_sp(r))
        return false;
    p->status = imap_word(r, "STATUS");
    if (p->status && !imap_sp(r))
        return false;
    do {
        if (!group(r, p))
            return false;
    } while (imap_sp(r));
    return imap_at_end(r);
}

enum outcome cmd_notify(struct session *s, struct command *c)
{
    struct parsing p = {.n = xcalloc(1, sizeof(*p.n))};
    bool ok = s->worker->all_extensions && parse(&c->r, &p);
    if (p.bad_event || !ok || p.too_dear) {
        notifying_free(&p.n);
        return p.bad_event  ? reply_no(c, bad_event, "There is no such event.")
               : p.too_dear ? reply_no(c, "CANNOT", "Bodies are fetched, not notified.")
                            : reply_bad(c, "What is to be told is not clear.");
    }
    notifying_free(&s->notify);
    s->notify = p.n;
    enum store_status status = STORE_OK;
    if (s->view && s->notify->selected) /* RFC 5465 3.1: what is due is told before the OK */
        status = session_sync(s, true);
    if (status == STORE_OK)
        status = notifying_look(s, p.status);
    return status == STORE_OK ? reply_ok(c, NULL, "NOTIFY completed.") : reply_store(c, status);
}
