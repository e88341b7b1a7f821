/* A message of ours as bytes: RFC 5322 and MIME, UTF-8 text (ECO.2.2.3), files in base64. Pure. Every value is made safe
 * for a header here: no CR, no LF, no control leaves this file unencoded.
 */
#ifndef CADUCEE_WEBMAIL_OUTGOING_H
#define CADUCEE_WEBMAIL_OUTGOING_H

#include "lib/base/spool.h"
#include "lib/base/vec.h"

struct outgoing_file {
    struct span name, type, bytes; /* type: "application/pdf"; a bad one becomes application/octet-stream */
};
struct outgoing_address {
    struct span name, address;
};
typedef VEC(struct outgoing_address) outgoing_addresses;

struct outgoing {
    struct outgoing_address from;
    outgoing_addresses to, cc, bcc;
    struct span subject, text;
    struct span message_id, in_reply_to, references; /* with their < >; empty: none */
    int64_t date;
    bool read_receipt;     /* Disposition-Notification-To (RFC 8098 2.1) */
    bool ends_exchange;    /* X-MSS-MES: FIN (ECO.2.2.8) */
    struct span cda_codes; /* X-MSS-CODECDA (ECO.2.4.1); empty: no CDA */
    bool ins_qualified;    /* X-MSS-INS (ECO.2.4.2) */
    const char *product;   /* X-MSS-NIL (ECO.2.4.3); "" none */
    VEC(struct outgoing_file) files;
};
void outgoing_write(struct spool *, const struct outgoing *);
void outgoing_free(struct outgoing *);

/* "Nom <a@b>, c@d; …" as people type it, into addresses. False: `bad` is what cannot be read as an address. */
bool outgoing_read_addresses(struct span typed, outgoing_addresses *out, struct span *bad) MUST_USE;

/* One header value in RFC 2047 words where it is not plain ASCII, folded (RFC 5322 2.2.3). */
void outgoing_header_text(struct str *out, size_t column, struct span value);

#endif
