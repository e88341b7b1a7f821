/* What parse makes of a message once, at delivery, and everybody reads ever after: the MESSAGE itself is never parsed
 * again. parse answers these sections; store encrypts and keeps them as they are; imapd and the webmail read them. Each is a
 * flat, bounded, length-prefixed form (summary_read.h of proto gives views over it), versioned by its first byte.
 */
#ifndef CADUCEE_STORE_SUMMARY_H
#define CADUCEE_STORE_SUMMARY_H

#include "lib/base/base.h"

enum summary_flag {
    SUMMARY_BROKEN = 1, /* parse could not: one opaque part */
    SUMMARY_TWO_FROM = 2,
    SUMMARY_NO_DATE = 4,
    SUMMARY_FROM_MISMATCH = 8, /* header From: is not the sending operator's */
    SUMMARY_HAS_XDM = 16,
    SUMMARY_HAS_CDA = 32,
    SUMMARY_INS_QUALIFIED = 64,
    SUMMARY_ATTACHMENTS = 128,
    SUMMARY_CUT = 256 /* a limit was reached: parts, depth, text */
};

struct summary {
    uint32_t flags;
    struct span
        structure; /* ENVELOPE, BODYSTRUCTURE with part offsets, listed header fields, preview, sort keys, MSSanté facts: proto/summary.h */
    struct span text; /* decoded text for SEARCH, UTF-8, at most 1 MiB */
};

#endif
