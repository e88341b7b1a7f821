/* The health documents that a message carries: the first IHE_XDM archive among its parts. Private to mime*.c. */
#ifndef CADUCEE_PROTO_MIME_DOCUMENTS_H
#define CADUCEE_PROTO_MIME_DOCUMENTS_H

#include "lib/proto/mime_tree.h"

struct mime_documents {
    uint32_t flags;                                   /* enum summary_flag */
    struct span codes, patient, titles, author, date; /* in the tree's arena */
};
void mime_documents_read(struct mime_documents *, const struct mime_tree *, bool test_counts);

#endif
