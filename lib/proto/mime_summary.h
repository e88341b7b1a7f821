/* A message to the stored form of its summary: what caducee-parse does with strangers' bytes. Never fails: what cannot be
 * read is one opaque part and SUMMARY_BROKEN.
 */
#ifndef CADUCEE_PROTO_MIME_SUMMARY_H
#define CADUCEE_PROTO_MIME_SUMMARY_H

#include "lib/base/str.h"

struct mime_summary {
    uint32_t flags;       /* enum summary_flag */
    struct str structure; /* lib/proto/summary.h */
    struct str text;      /* for SEARCH */
};
/* `test_counts`: as for xdm_read(). */
void mime_summarise(struct mime_summary *, struct span message, bool test_counts);
void mime_summary_free(struct mime_summary *);

#endif
