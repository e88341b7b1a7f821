/* What imapd alone asks of the database beside mailboxes: who has which right on a BAL (ACL), quotas, annotations
 * (METADATA), and whether open sessions may still be. imapd may read memberships and change none: who can open a mailbox
 * must not be decided by a process that faces the Internet (design: idea 4).
 */
#ifndef CADUCEE_STORE_IMAP_H
#define CADUCEE_STORE_IMAP_H

#include "lib/base/vec.h"
#include "lib/store/bal.h"

struct bal_member {
    char name[256]; /* a person's first national id; "cert:" and the DN of a certificate */
    char role[16];  /* "titulaire", "lecteur", "membre", "gestionnaire", "certificat" */
};
typedef VEC(struct bal_member) bal_member_list;
enum store_status bal_members(struct db *, int64_t bal_id, bal_member_list *out); /* those in force now */

struct bal_usage {
    uint64_t limit_bytes /* 0: none */, used_bytes, messages, limit_messages /* 0: none */;
};
enum store_status bal_usage(struct db *, int64_t bal_id, struct bal_usage *out);

/* Annotations (RFC 5464): folder 0 is the BAL's own ("server"), viewer 0 is shared. */
enum { ANNOTATION_NAME_MAX = 255, ANNOTATION_VALUE_MAX = 65536, ANNOTATIONS_MAX = 1000 };
struct annotation {
    bool shared;
    char *entry; /* lower case */
    char *value;
    size_t value_bytes;
};
typedef VEC(struct annotation) annotation_list;
/* All of one folder that this viewer sees, by name. The caller frees with annotation_list_free(). */
enum store_status annotations_of(struct db *, int64_t bal_id, int64_t folder_id, int64_t viewer, annotation_list *out);
void annotation_list_free(annotation_list *);
/* What a BAL's folders and the BAL itself have, to be compared with what they had. Added to `out`, in no order. */
struct annotation_mark {
    int64_t bal_id, folder_id;
    char *entry;
    int64_t hash; /* of the value */
};
typedef VEC(struct annotation_mark) annotation_marks;
enum store_status annotations_mark(struct db *, int64_t bal_id, int64_t viewer, size_t max, annotation_marks *out);
void annotation_marks_free(annotation_marks *);
struct annotation_change {
    int64_t viewer;
    struct span entry, value; /* value.p NULL takes it away */
};
/* All or none (RFC 5464 4.3). STORE_OVER_QUOTA past ANNOTATIONS_MAX of a folder. */
enum store_status annotations_set(struct db *, int64_t bal_id, int64_t folder_id, const struct annotation_change *,
                                  size_t count);

/* Of open sessions: those whose right on their BAL is in force no more (share ended, certificate unbound, BAL suspended
 * or closed, contract over). */
struct open_session {
    int64_t bal_id, person_id, binding_id;
    char role[16]; /* in: "" or the one it had, out: the one in force */
    bool refused;  /* out */
};
enum store_status open_sessions_judge(struct db *, struct open_session *, size_t count);

#endif
