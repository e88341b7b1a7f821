/* The read receipt that a sender asks for (MDN, RFC 8098; ECO.3.1.6): the reader decides. */
#ifndef CADUCEE_WEBMAIL_RECEIPT_H
#define CADUCEE_WEBMAIL_RECEIPT_H

#include "webmail-cgi/mail.h"

struct receipt {
    struct span from_name, from, to;  /* addresses */
    struct span subject, original_id; /* of the message that was read */
    const char *reporting_ua;
    int64_t date;
    const char *words; /* for people */
};
/* The notification's bytes: multipart/report; disposition manual-action/MDN-sent-manually; displayed. Pure. */
void receipt_write(struct str *out, const struct receipt *);
void receipt_band(struct request *, const struct mail *, const struct card *);

#endif
