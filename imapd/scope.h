/* Which mailboxes a command means: filter-mailboxes of NOTIFY (RFC 5465 6) and of ESEARCH … IN (RFC 7377 2). */
#ifndef CADUCEE_IMAPD_SCOPE_H
#define CADUCEE_IMAPD_SCOPE_H

#include "imapd/session.h"

enum scope_kind {
    SCOPE_SELECTED,
    SCOPE_SELECTED_DELAYED,
    SCOPE_INBOXES, /* where mail is delivered: INBOX of the session's own BAL */
    SCOPE_PERSONAL,
    SCOPE_SUBSCRIBED,
    SCOPE_SUBTREE,     /* `names` and all below */
    SCOPE_SUBTREE_ONE, /* `names` and their children */
    SCOPE_MAILBOXES    /* `names` */
};
enum { SCOPE_NAMES_MAX = 1000 };

struct scope {
    enum scope_kind kind;
    VEC(char *) names;
};
typedef VEC(struct scope) scope_list;

bool scope_parse(struct imap_reader *, struct scope *) MUST_USE; /* scope_free() it in any case */
void scope_free(struct scope *);
/* Not for the two selected ones, which name no mailbox. */
bool scope_holds(const struct scope *, const struct access *, const struct folder *, struct span full_name);
bool scope_reaches_shared(const struct scope *);

/* All folders of the session's own BAL, and of those shared with it when `shared`; a BAL at a time. Job only. */
typedef void scope_visit(struct session *, struct access *, const folder_list *, void *arg);
enum store_status scope_each_bal(struct session *, bool shared, scope_visit *visit, void *arg);

#endif
