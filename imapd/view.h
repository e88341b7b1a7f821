/* What a session sees of its selected folder: which UIDs stand under which sequence numbers — and nothing else. Flags are
 * read when they are asked for. UIDs are kept as runs (a folder of 100,000 that nobody deleted from is one run), and
 * not at all before the first command that needs them: SELECT reads one row.
 */
#ifndef CADUCEE_IMAPD_VIEW_H
#define CADUCEE_IMAPD_VIEW_H

#include "imapd/access.h"
#include "lib/proto/imap_set.h"

struct view_run {
    uint32_t uid, count; /* uid … uid + count - 1 */
    uint32_t before;     /* messages in front of this run */
};

struct view {
    struct access *access;
    int64_t folder_id;
    char *name; /* local */
    char special_use[16];
    bool read_only;
    bool loaded; /* runs are there */
    uint32_t uidvalidity, uidnext;
    uint32_t recent;                 /* how many, at SELECT */
    uint32_t recent_from, recent_to; /* UIDs that are \Recent to this session: [from, to) */
    uint32_t count;                  /* messages */
    uint64_t modseq;                 /* flags and arrivals are known up to it */
    uint64_t expunge_from;           /* expunges are known up to it */
    keyword_list keywords;
    VEC(struct view_run) runs;
    VEC(uint64_t) own_changes; /* modseqs of our own silent stores: not told back to us */
    bool gone;                 /* the folder was deleted */
};

struct view *view_new(struct access *, const struct folder *, bool read_only);
void view_free(struct view **);
/* Reads the UIDs that were there when the folder was selected; later ones are taken in by sync. */
enum store_status view_load(struct view *, struct db *);
/* The flags of a state as this session sees them: \Recent is its own. */
uint64_t view_flags(const struct view *, const struct message_state *);
/* What was expunged since; by comparing, when the store no longer remembers so far back. */
enum store_status view_expunged_since(const struct view *, struct db *, uint64_t modseq, uid_list *out);
uint32_t view_uid(const struct view *, uint32_t seq);          /* 0: none */
uint32_t view_seq(const struct view *, uint32_t uid);          /* 0: none */
uint32_t view_seq_at_least(const struct view *, uint32_t uid); /* first seq whose uid >= uid; count + 1: none */
uint32_t view_last_uid(const struct view *);
void view_append(struct view *, uint32_t uid);                   /* larger than all */
void view_remove(struct view *, const uint32_t *uids, size_t n); /* in rising order */
/* From what the peer wrote (sequence numbers, or UIDs when `uid`) to the UIDs in view, resolved. False: a sequence number
 * past the end (BAD). */
bool view_resolve(const struct view *, imap_set *, bool uid, imap_set *uids);
void view_expand(const struct view *, const imap_set *uids, uid_list *out); /* of a resolved set, only those in view */

#endif
