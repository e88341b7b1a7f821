/* What a LIST asks (RFC 5258, RFC 5819, RFC 6154, RFC 8440, RFC 9590), parsed. */
#ifndef CADUCEE_IMAPD_LIST_H
#define CADUCEE_IMAPD_LIST_H

#include "imapd/metadata.h"
#include "imapd/session.h"

enum list_option {
    LIST_SUBSCRIBED = 1,
    LIST_RECURSIVE = 2,
    LIST_SPECIAL_USE = 4,
    LIST_CHILDREN = 8,
    LIST_STATUS = 16,
    LIST_MYRIGHTS = 32,
    LIST_REMOTE = 64,
    LIST_METADATA = 128
};
enum { LIST_PATTERNS_MAX = 50 };

struct list_request {
    bool extended, lsub;
    unsigned select, want; /* list_option */
    unsigned status_items;
    struct metadata_options metadata;
    metadata_entries entries;
    struct span reference;
    VEC(struct span) patterns; /* with the reference in front */
};

bool list_parse(struct imap_reader *, struct list_request *) MUST_USE;
void list_free(struct list_request *);

#endif
