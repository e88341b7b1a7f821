/* What NOTIFY (RFC 5465) has set for a session: which events of which mailboxes it hears of, at any time. Mailboxes that
 * are not selected are watched by comparing what their BAL's folders say with what the peer was last told: at each
 * wake-up, and once in 15 seconds.
 */
#ifndef CADUCEE_IMAPD_NOTIFYING_H
#define CADUCEE_IMAPD_NOTIFYING_H

#include "imapd/scope.h"
#include "lib/store/imap.h"

enum notify_event {
    EVENT_MESSAGE_NEW = 1,
    EVENT_MESSAGE_EXPUNGE = 2,
    EVENT_FLAG_CHANGE = 4,
    EVENT_MAILBOX_NAME = 8,
    EVENT_SUBSCRIPTION = 16,
    EVENT_MAILBOX_METADATA = 32,
    EVENT_SERVER_METADATA = 64,
    EVENT_METADATA = EVENT_MAILBOX_METADATA | EVENT_SERVER_METADATA,
    EVENT_MESSAGES = EVENT_MESSAGE_NEW | EVENT_MESSAGE_EXPUNGE | EVENT_FLAG_CHANGE
};
enum {
    NOTIFY_GROUPS_MAX = 50,
    NOTIFY_FOLDERS_MAX = 20000,
    NOTIFY_MARKS_MAX = 20000 /* beyond: NOTIFICATIONOVERFLOW */
};

struct notify_group {
    struct scope scope;
    unsigned events;
};
struct known_folder {
    int64_t bal_id, id;
    char *name; /* full */
    unsigned events;
    bool subscribed;
    uint32_t uidnext, messages, children;
    uint64_t modseq;
};

typedef VEC(struct known_folder) known_folders;

struct notifying {
    VEC(struct notify_group) groups;
    bool selected, delayed, shared, known_yet;
    unsigned selected_events;
    char *fetch;            /* "(UID ENVELOPE)": what is said of a new message of the selected mailbox; NULL */
    known_folders known;    /* by (bal_id, id) */
    annotation_marks marks; /* by (bal_id, folder_id, entry), when a group asks for them */
};

void notifying_free(struct notifying **);
/* Compares and says. The first look says nothing, but STATUS of all that is watched when `status`. Job only. */
enum store_status notifying_look(struct session *, bool status);

/* Annotations (notifying_metadata.c): does a group ask for these events; what a BAL has now; what is new beside n->marks, which
 * `now` then takes the place of. */
bool notifying_wants(const struct notifying *, unsigned events);
enum store_status notifying_mark(struct session *, const struct access *, annotation_marks *now);
void notifying_metadata(struct session *, const known_folders *, annotation_marks *now, bool first);
int notifying_by_id(const void *, const void *); /* of struct known_folder */

/* Is the selected folder to be told of by itself? */
bool notifying_selected(const struct session *, unsigned events);
/* May its expunges be told between commands? */
bool notifying_expunges(const struct session *);
/* FETCH lines of messages that have just come, when they were asked for. Job only. */
enum store_status notifying_fetch(struct session *, const uid_list *);

#endif
