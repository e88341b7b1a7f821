/* How much a BAL sends: messages and recipients an hour, recipients never written to before a day. Past a limit nothing is
 * refused: what is sent waits, held, with an alarm, until an operator has looked (a taken account is a flood of strangers).
 */
#ifndef CADUCEE_STORE_SEND_RATE_H
#define CADUCEE_STORE_SEND_RATE_H

#include "lib/store/send.h"

/* What was sent in the last hour, and the recipients never written to before in the last day. */
struct send_counts {
    uint64_t messages, recipients, fresh;
    uint64_t of_certificate, to_by_certificate; /* messages and recipients of all BALs that it is bound to */
};
/* May this person (or this binding) send from that BAL now, and how much has it sent? One question for each message. */
enum store_status send_standing(struct db *, int64_t bal_id, int64_t person_id, int64_t binding_id, bool *may_send,
                                struct send_counts *);
/* Before the transaction: is the BAL past a limit of [submission] already? Raises the alarm. A failure says no. */
bool send_rate_exceeded(struct db *, const struct send_request *);
/* Inside it: counts this message. Queued; its failure is the transaction's. */
void send_rate_count(struct db *, const struct send_request *);

/* Has this patient of the sender's structure opposed messages? */
enum store_status patient_opposed(struct db *, int64_t structure_id, struct span address, bool *opposed);

#endif
