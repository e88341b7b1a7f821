/* The documents of an IHE_XDM.ZIP, as parse reads them: nothing of the archive is unpacked in this process. */
#ifndef CADUCEE_WEBMAIL_DOCUMENTS_H
#define CADUCEE_WEBMAIL_DOCUMENTS_H

#include "webmail-cgi/mail.h"

#include "lib/proto/xdm.h"

struct documents {
    struct summary_part part; /* the zip */
    struct str zip;
    struct parse_answer answer;
    struct xdm_view view; /* discordant, too, when the subject or the PDF beside it names another patient */
    bool subject_differs, pdf_differs;
};
/* The message's archive; STORE_NOT_FOUND when it has none. */
enum store_status documents_open(struct request *, const struct card *, struct documents *);
void documents_close(struct documents *);
/* Its n-th document, from 0. */
bool documents_nth(const struct documents *, uint32_t n, struct xdm_document *);
/* A member's bytes ("" of a CDA: the document inside its level 1 body), with its media type. */
bool document_bytes(struct request *, struct span container, struct span member, struct parse_answer *);

/* May its patient be written to? Complete, one identity, the key right; a test identity only where we are a test. */
bool documents_patient_writable(const struct request *, const struct xdm_view *);

#endif
