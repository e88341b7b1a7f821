/* A BAL opened by a proven session that holds its private key: folders, messages, flags. For imapd and the webmail.
 * UIDs and MODSEQs grow strictly and become visible in order, because the folder's row lock outlives the commit.
 * Who acts (`viewer`) matters in shared BALs (ORG, CAB): \Seen is per person there.
 */
#ifndef CADUCEE_STORE_MAILBOX_H
#define CADUCEE_STORE_MAILBOX_H

#include "lib/base/vec.h"
#include "lib/store/bal.h"
#include "lib/store/summary.h"
#include "lib/store/trace.h"

typedef VEC(uint32_t) uid_list;

struct mailbox; /* a BAL, its key pair, its opened delivery keys; used by one thread at a time */

/* viewer: the person; of a certificate, minus its binding's id. */
struct mailbox *mailbox_open(const struct bal *, const struct key_pair *, int64_t viewer_person_id,
                             bool seen_per_person);
/* The flags that messages_store_flags() may change from now on (RFC 4314 4: s, t, w); all, before it is called. */
void mailbox_may_change(struct mailbox *, uint64_t flags);
void mailbox_close(struct mailbox **); /* wipes keys */
const struct bal *mailbox_bal(const struct mailbox *);

struct folder {
    int64_t id, parent_id;
    char name[1024];            /* full, UTF-8, '/' between levels; "INBOX" */
    char special_use[16];       /* "\\Sent" …; "" */
    bool subscribed, no_select; /* no_select: a parent that was deleted under children */
    uint32_t uidvalidity, uidnext;
    uint64_t highestmodseq;
    uint32_t messages, unseen, deleted;
    uint64_t bytes;
    uint32_t paged_to, recent_from; /* store's own; the first UID that no session has announced as \Recent */
};
typedef VEC(struct folder) folder_list;
typedef VEC(char *) keyword_list; /* index i is bit FLAG_KEYWORD_FIRST + i */

enum store_status folders_list(struct db *, struct mailbox *, folder_list *out);
/* RFC 9051 6.3.7: behind what `out` holds, names that are subscribed and whose mailbox was deleted: id 0, no_select. */
enum store_status folders_add_gone(struct db *, struct mailbox *, folder_list *out);
enum store_status folder_by_name(struct db *, struct mailbox *, const char *name, struct folder *out); /* also STATUS */
enum store_status folder_select(struct db *, struct mailbox *, const char *name, struct folder *out,
                                keyword_list *keywords); /* by name, with its keywords */
enum store_status folder_create(struct db *, struct mailbox *, const char *name, const char *special_use,
                                struct folder *out);
enum store_status folder_delete(struct db *, struct mailbox *, const char *name);
enum store_status folder_rename(struct db *, struct mailbox *, const char *from, const char *to);
enum store_status folder_subscribe(struct db *, struct mailbox *, const char *name, bool subscribed);

enum store_status folder_by_id(struct db *, struct mailbox *, int64_t folder_id, struct folder *out);
enum store_status folder_by_use(struct db *, struct mailbox *, const char *special_use, struct folder *out);
/* \Recent (RFC 3501 2.3.2) is for the first session that says so: STORE_CONFLICT when another was first. Call it only
 * when uidnext > recent_from: a poll must not write. */
enum store_status folder_count_recent(struct db *, struct mailbox *, const struct folder *, uint32_t *count);
enum store_status folder_take_recent(struct db *, struct mailbox *, int64_t folder_id, uint32_t uidnext);
/* After SELECT: many messages have come that no writer has put into pages yet; worth folder_tidy() (idempotent). */
bool folder_wants_tidying(const struct folder *);
enum store_status folder_tidy(struct db *, struct mailbox *, int64_t folder_id);
/* One transaction of it: 32,768 UIDs at most; *more: there is more to do. */
enum store_status folder_tidy_once(struct db *, struct mailbox *, int64_t folder_id, bool *more);

/* Flags: bits 0-5 are the system's, 6-63 the folder's keywords (at most 58), in the order of folder_keywords(). */
enum flag_bit {
    FLAG_SEEN = 1,
    FLAG_ANSWERED = 2,
    FLAG_FLAGGED = 4,
    FLAG_DELETED = 8,
    FLAG_DRAFT = 16,
    FLAG_RECENT = 32
};
enum { FLAG_KEYWORD_FIRST = 6, FLAG_KEYWORDS_MAX = 58 };
void keyword_list_free(keyword_list *);
enum store_status folder_keywords(struct db *, struct mailbox *, int64_t folder_id, keyword_list *out);
enum store_status folder_keyword_bit(struct db *, struct mailbox *, int64_t folder_id, const char *keyword,
                                     unsigned *bit); /* adds it; STORE_OVER_QUOTA past 58 */

/* All arrays of UIDs given to these functions rise strictly (else STORE_INVALID). */

/* The state of a folder's messages, by UID: 24 bytes each, what SELECT, FETCH FLAGS, SEARCH by flag and resync need. */
struct message_state {
    uint32_t uid;
    uint64_t flags, modseq;
};
typedef VEC(struct message_state) state_list;
enum store_status folder_states(struct db *, struct mailbox *, int64_t folder_id, uint32_t uid_from, uint32_t uid_to,
                                uint64_t changed_since, state_list *out);
/* Sorted. STORE_CONFLICT: the memory does not go back so far; the caller resynchronises whole (RFC 7162 3.2.5.2). */
enum store_status folder_expunged_since(struct db *, struct mailbox *, int64_t folder_id, uint64_t modseq,
                                        uid_list *uids);

/* Immutable facts of messages, streamed in UID order in batches: `each` may stop by returning false; it must not use
 * `db`. UIDs that are not there are passed over. */
enum message_want { WANT_SIZE = 1, WANT_DATES = 2, WANT_SUMMARY = 4, WANT_TEXT = 8 };
struct message_facts {
    uint32_t uid;
    uint64_t size;
    int64_t internal_date, save_date;
    int64_t blob_id;
    uint32_t head_size; /* bytes of our own header fields in front of what summary's offsets count from */
    uint32_t summary_flags;
    bool damaged;                /* does not authenticate: no summary; say so in a log, show an opaque message */
    struct span structure, text; /* decrypted; valid during the call */
};
enum store_status messages_each(struct db *, struct mailbox *, int64_t folder_id, const uint32_t *uids, size_t count,
                                unsigned want, bool (*each)(const struct message_facts *, void *), void *arg);
/* Any range of a message's bytes, decrypted, appended to `out`: min(length, size - offset) of them. Offsets count from
 * the first byte of our own head (facts.head_size). */
enum store_status message_read(struct db *, struct mailbox *, int64_t blob_id, uint64_t offset, uint64_t length,
                               struct str *out);

/* Several whole messages in one round trip (the caller bounds their sum: 1 MiB at once): `each` hears of them in the order
 * given, STORE_DAMAGED with no bytes when one does not authenticate; one that is gone is passed over. */
enum store_status messages_read_many(struct db *, struct mailbox *, const int64_t *blob_ids, size_t count,
                                     bool (*each)(size_t index, enum store_status, struct span bytes, void *),
                                     void *arg);

enum flag_change { FLAGS_SET, FLAGS_ADD, FLAGS_REMOVE };
struct flag_result {
    uint64_t before;    /* the folder's HIGHESTMODSEQ until then */
    uint64_t modseq;    /* of this change; nothing changed: as before */
    state_list changed; /* new states */
    uid_list refused;   /* UNCHANGEDSINCE */
};
enum store_status messages_store_flags(struct db *, struct mailbox *, int64_t folder_id, const uint32_t *uids,
                                       size_t count, enum flag_change, uint64_t flags,
                                       uint64_t unchanged_since /* UINT64_MAX: none */, struct flag_result *out);
struct copied {
    uint32_t from, to;
};
typedef VEC(struct copied) copied_list;
enum store_status messages_copy(struct db *, struct mailbox *, int64_t from_folder, int64_t to_folder,
                                const uint32_t *uids, size_t count, bool move, copied_list *out, uint32_t *uidvalidity);
/* Removes those of `uids` (NULL: of all) that are \Deleted now (RFC 4315 2.1). */
enum store_status messages_expunge(struct db *, struct mailbox *, int64_t folder_id,
                                   const uint32_t *uids /* NULL: all \Deleted */, size_t count, uid_list *gone,
                                   uint64_t *modseq);
/* The same, \Deleted or not. */
enum store_status messages_remove(struct db *, struct mailbox *, int64_t folder_id, const uint32_t *uids, size_t count,
                                  uid_list *gone, uint64_t *modseq);
struct append {
    struct span bytes;
    struct summary summary;
    const char *folder;
    uint64_t flags;
    int64_t internal_date;
    uint32_t uid, uidvalidity; /* out, and so are the next three */
    int64_t folder_id, blob_id;
    uint64_t modseq;
};
/* All or none, into one folder. \Seen of a viewer in a shared BAL is the viewer's own here too. `trace` (NULL: none), which
 * needs no `messages` and no `bytes`, is written with them. */
struct trace;
enum store_status messages_append(struct db *, struct mailbox *, struct append *, size_t count, const struct trace *);
/* One message in place of another of the same BAL, which goes with it: both or none, and what goes makes room in the quota
 * (RFC 8508 3.4). One that went before is passed over. */
enum store_status message_replace(struct db *, struct mailbox *, struct append *, const struct trace *,
                                  int64_t folder_id, uint32_t uid);

#endif
