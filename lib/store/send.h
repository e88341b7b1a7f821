/* Sending: what submission and the webmail share. Every recipient is judged now; then ONE transaction holds the Sent copy,
 * the queue rows, the local recipients' copies and the traces. Nothing is sent for some recipients and refused for others.
 *
 * The caller has proven who writes and that they may (auth), and that header From: is the BAL's; here are the trust space's
 * rules (domain on the whitelist, local BAL open), the patients' rules (INS key, size) and the bytes: Bcc never leaves and
 * stays in the Sent copy, Date and Message-ID are completed, a Received field of ours is put in front.
 */
#ifndef CADUCEE_STORE_SEND_H
#define CADUCEE_STORE_SEND_H

#include "lib/net/parse.h"
#include "lib/store/deliver.h"
#include "lib/store/queue.h"
#include "lib/trust/trust.h"

struct send_recipient {
    char address[321];
    unsigned notify; /* enum smtp_notify */
    char orcpt[512]; /* "" none */
};

/* One recipient, judged: also what RCPT TO asks. `local` is filled when the domain is ours. */
enum send_judgement { SEND_RECIPIENT_OK, SEND_RECIPIENT_REFUSED, SEND_RECIPIENT_TEMPORARY };
struct send_verdict {
    enum send_judgement judgement;
    bool is_local;
    struct bal local;
    char domain[256]; /* normalised */
    char rule[64];    /* "domain.not_listed", "recipient.unknown", "patient.ins" … */
    char reply[256];  /* "550 5.7.1 …", ASCII */
    char words[512];  /* in French, for people */
};
void send_judge_recipient(struct db *, const struct trust_snapshot *, const struct conf *, struct span address,
                          uint64_t message_bytes, struct send_verdict *out);

struct send_counts;
struct send_request {
    const struct conf *conf;
    const struct bal *from;
    int64_t person_id, certificate_id;
    struct span message; /* RFC 5322, CRLF, as the client wrote it */
    const struct send_recipient *to;
    size_t to_count;
    unsigned ret; /* enum smtp_ret */
    bool smtputf8, eight_bit;
    bool null_sender;                   /* MAIL FROM:<>: a read receipt (RFC 8098 3) */
    const char *envid, *session, *peer; /* NULL: none */
    const char *actor;                  /* for the trace: a person's name or a certificate's DN */
    enum trace_actor actor_kind;
    const char *product;              /* X-MSS-NIL; NULL: none */
    int64_t not_before;               /* wall seconds; 0: now (send later, undo, FUTURERELEASE) */
    const char *sent_folder;          /* NULL: "\\Sent" */
    const char *protocol;             /* of our Received field: "ESMTPSA", "HTTP"; the client's address never leaves */
    struct parse_client *parse;       /* of the calling thread: makes the summary */
    const char *wake_path;            /* the notifier's socket; NULL: no wake-ups */
    bool held;                        /* by a rate: queued, and waits for an operator */
    const struct send_counts *counts; /* just read by the caller; NULL: not yet */
    bool
        overrules_register; /* the writer gave a reason against a patient's opposition (the caller has traced it), or the
                                 * message closes the exchange itself */

    int64_t queue_id;            /* out; 0 when all recipients are local */
    int64_t sent_uid;            /* out */
    char message_id[256];        /* out: as sent */
    size_t refused_index;        /* out */
    struct send_verdict verdict; /* out: of the recipient that refused */
};
enum send_outcome { SEND_ACCEPTED, SEND_REFUSED, SEND_TEMPORARY };
enum send_outcome send_message(struct db *, struct delivery_keys *, const struct trust_snapshot *,
                               struct send_request *);

#endif
