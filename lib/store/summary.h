/* What parse makes of a message once, at delivery, and everybody reads ever after: the MESSAGE itself is never parsed
 * again. parse answers these sections; store encrypts and keeps them as they are; imapd and the webmail read them. Each is a
 * flat, bounded, length-prefixed form (lib/proto/summary.h gives views over it), versioned by its first byte.
 */
#ifndef CADUCEE_STORE_SUMMARY_H
#define CADUCEE_STORE_SUMMARY_H

#include "lib/proto/summary.h" /* enum summary_flag */

struct summary {
    uint32_t flags;
    struct span
        structure; /* ENVELOPE, BODYSTRUCTURE with part offsets, listed header fields, preview, sort keys, MSSanté facts: proto/summary.h */
    struct span text; /* decoded text for SEARCH, UTF-8, at most 1 MiB */
};

#endif
