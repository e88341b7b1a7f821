/* THREAD (RFC 5256 4): messages into trees, by references or by subject. Pure; linear but for sorting; hostile references
 * are bounded: at most THREAD_REFERENCES_MAX a message, trees at most THREAD_DEPTH_MAX deep (what would be deeper starts a
 * thread of its own).
 */
#ifndef CADUCEE_PROTO_IMAP_THREAD_H
#define CADUCEE_PROTO_IMAP_THREAD_H

#include "lib/base/str.h"

enum { THREAD_REFERENCES_MAX = 100, THREAD_DEPTH_MAX = 1000 };

struct imap_thread_item {
    uint32_t number; /* what is written: sequence number or UID */
    int64_t sent;
    struct span id;         /* "<…>"; empty: none */
    struct span references; /* "<…> <…>", oldest first */
    struct span subject;    /* base subject, folded */
    bool reply;             /* the subject was a reply or a forward */
};

/* Writes " (2)(3 6 (4 23)(44 7 96))" without the "* THREAD". Items come in the order of their sequence numbers. `seed` keeps
 * the hash table's order from strangers. */
void imap_thread_references(struct str *out, const struct imap_thread_item *, size_t count, uint64_t seed);
void imap_thread_ordered_subject(struct str *out, const struct imap_thread_item *, size_t count);

#endif
