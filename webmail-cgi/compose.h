/* A message being written: from a form, from what it answers, or from a draft; to a form, a draft, or the send path. */
#ifndef CADUCEE_WEBMAIL_COMPOSE_H
#define CADUCEE_WEBMAIL_COMPOSE_H

#include "webmail-cgi/mail.h"
#include "webmail-cgi/outgoing.h"

enum compose_mode {
    COMPOSE_NEW,
    COMPOSE_ANSWER,
    COMPOSE_ANSWER_ALL,
    COMPOSE_FORWARD,
    COMPOSE_PATIENT /* of a document */
};
enum { COMPOSE_FILES_MAX = 50, COMPOSE_TEXT_MAX = 512 << 10, COMPOSE_QUOTE_MAX = 64 << 10 };

struct kept_part { /* a file of the draft, or of the message that is forwarded */
    uint32_t index, size;
    struct span name, type;
};
struct compose {
    enum compose_mode mode;
    struct span to, cc, bcc, subject, text; /* as typed */
    bool delivery_receipt, read_receipt, ends_exchange;
    int64_t source_folder; /* what is answered or forwarded; 0: nothing */
    uint32_t source_uid, draft_uid;
    struct span in_reply_to, references;
    VEC(struct kept_part) kept;
    const struct outgoing_file *more; /* files made here (an IHE_XDM and its PDF) */
    size_t more_count;
    const char *cda_codes; /* X-MSS-CODECDA and X-MSS-INS of a document message; NULL: none */
    bool ins_qualified;
    bool overrules_register; /* struct send_request: closes the exchange, or goes against an opposition with a reason */
    int64_t send_at;         /* wall seconds; 0: as soon as it can no longer be taken back */
    int64_t queue_id;        /* of what was sent and may still be taken back; 0: nothing */
    uint32_t sent_uid;
    const char *error; /* in words, above the form */
};
void compose_free(struct compose *);
/* GET: what the address names (draft, answer, forward). */
enum store_status compose_prefill(struct request *, const struct mail *, struct compose *);
/* The kept files as the draft that was just saved numbers them. */
void compose_kept_again(struct request *, const struct mail *, struct compose *);
/* Where the files that are kept stand: the draft, or the message that is forwarded. NULL: nowhere. */
const struct folder *compose_files_folder(const struct mail *, const struct compose *, uint32_t *uid);
/* POST: what the form holds; kept files are those still ticked. */
enum store_status compose_from_form(struct request *, const struct mail *, struct compose *);
void compose_page(struct request *, const struct mail *, const struct compose *);

/* The message's bytes, with kept files and those uploaded now. False: compose.error says what is wrong. */
bool compose_build(struct request *, const struct mail *, struct compose *, struct spool *out);
/* Puts the bytes in the drafts and takes the older one away; compose.draft_uid is the new one. */
enum store_status compose_save(struct request *, const struct mail *, struct compose *, struct span bytes);
bool compose_send(struct request *, const struct mail *, struct compose *, struct span bytes);

#endif
