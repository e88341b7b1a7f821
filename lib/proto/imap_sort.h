/* SORT's criteria and order (RFC 5256 3, RFC 5957). Pure. */
#ifndef CADUCEE_PROTO_IMAP_SORT_H
#define CADUCEE_PROTO_IMAP_SORT_H

#include "lib/proto/imap_read.h"

enum imap_sort_by {
    SORT_ARRIVAL,
    SORT_CC,
    SORT_DATE,
    SORT_FROM,
    SORT_SIZE,
    SORT_SUBJECT,
    SORT_TO,
    SORT_DISPLAYFROM,
    SORT_DISPLAYTO,
    SORT_RELEVANCY /* RFC 6203 4: what matches, matches: all are equal */
};
enum { SORT_KEYS_MAX = 16 };

struct imap_sort {
    struct {
        enum imap_sort_by by;
        bool reverse;
    } keys[SORT_KEYS_MAX];
    size_t count;
};

/* Texts are case folded. `sent` is INTERNALDATE's where there is no readable Date (RFC 5256 2.2). */
struct imap_sort_item {
    uint32_t uid;
    int64_t arrival, sent;
    uint64_t size;
    struct span subject, from, to, cc, display_from, display_to;
    struct span id, references; /* THREAD's, as in imap_thread.h */
    bool reply;
};

bool imap_sort_parse(struct imap_reader *, struct imap_sort *) MUST_USE; /* "(REVERSE DATE SUBJECT)" */
/* The UIDs of `items` in their order, into uids[count]; ties by UID. */
void imap_sort_order(uint32_t *uids, const struct imap_sort_item *items, size_t count, const struct imap_sort *);

#endif
