/* What a report that came in says of a message that was sent: delivery (RFC 3464, RFC 6533), disposition (RFC 8098), and what
 * Mon espace santé sends back (delivery reports: closed, unknown, invalid, too large). Found by the summary's parts, read by
 * a bounded scanner; nothing of it is believed here: who may speak for a recipient is the caller's to know.
 */
#ifndef CADUCEE_PROTO_DSN_READ_H
#define CADUCEE_PROTO_DSN_READ_H

#include "lib/proto/address.h"
#include "lib/proto/summary.h"

enum { REPORT_RECIPIENTS_MAX = 32, REPORT_BYTES_MAX = 64 << 10 };

struct report_recipient {
    char address[ADDRESS_MAX + 1];
    const char *outcome; /* "read", "processed", "not-integrated", "deleted"; "arrived", "relayed", "delayed"; "closed",
                            "unknown", "invalid", "full", "too-large", "refused" */
    char detail[256];    /* status and words of the other side, sanitized; "" none */
};
struct report {
    bool disposition;     /* MDN; else DSN */
    char message_id[256]; /* of the message that is spoken of, "<…>" */
    struct report_recipient recipients[REPORT_RECIPIENTS_MAX];
    size_t count;
};
/* False: no report, or one that names no message or nobody. */
bool report_read(struct span message, const struct summary_view *, struct report *out);

#endif
