/* A BAL that a session has opened: its own, or one shared with the person under Partages/<address>/. */
#ifndef CADUCEE_IMAPD_ACCESS_H
#define CADUCEE_IMAPD_ACCESS_H

#include "lib/auth/keyd.h"
#include "lib/store/mailbox.h"

#define SHARED_PREFIX "Partages"

/* RFC 4314 rights, as roles give them (issue: lecteur, membre, gestionnaire). */
enum right {
    RIGHT_LOOKUP = 1,         /* l */
    RIGHT_READ = 2,           /* r */
    RIGHT_SEEN = 4,           /* s */
    RIGHT_WRITE = 8,          /* w */
    RIGHT_INSERT = 16,        /* i */
    RIGHT_CREATE = 32,        /* k */
    RIGHT_DELETE = 64,        /* x */
    RIGHT_DELETED_FLAG = 128, /* t */
    RIGHT_EXPUNGE = 256,      /* e */
    RIGHT_ADMIN = 512,        /* a */
    RIGHT_ALL = 1023
};

struct access {
    struct bal bal;
    struct mailbox *mailbox;
    enum keyd_role role;
    unsigned rights;
    bool shared; /* stands under Partages/ */
};
typedef VEC(struct access *) access_list;

struct session;
/* Opens the mailbox with the grant's key, which is wiped. */
struct access *access_new(const struct bal *, struct keyd_grant *, bool shared);
/* A BAL shared with this session's person, by its address; STORE_NOT_FOUND when it is not. Job only. */
enum store_status access_open_shared(struct session *, struct span address, struct access **);
/* All of them, for LIST. */
enum store_status access_open_all_shared(struct session *);
void access_free(struct access **);
bool access_seen_per_person(const struct access *); /* \Seen is each one's own (ORG, CAB) */
unsigned access_rights_of(enum keyd_role);
const char *access_role_name(enum keyd_role); /* as the schema says it */
unsigned access_rights_of_name(const char *role);
void access_write_rights(struct str *, unsigned rights); /* "lrswitekxa", with the obsolete c and d (RFC 4314 2.1.1) */

/* Which BAL and which folder in it a name of this session means. The local name has no trailing '/'. Job only. */
enum store_status access_find(struct session *, struct span name, struct access **, char local[1024]);
/* The reverse, for LIST, STATUS: "Partages/x@y/INBOX". */
void access_full_name(const struct access *, const char *local, struct str *out);

#endif
