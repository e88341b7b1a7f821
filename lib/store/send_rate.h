/* How much a BAL sends: messages and recipients an hour, recipients never written to before a day. Past a limit nothing is
 * refused: what is sent waits, held, with an alarm, until an operator has looked (a taken account is a flood of strangers).
 */
#ifndef CADUCEE_STORE_SEND_RATE_H
#define CADUCEE_STORE_SEND_RATE_H

#include "lib/store/send.h"

/* Before the transaction: is the BAL past a limit of [submission] already? Raises the alarm. A failure says no. */
bool send_rate_exceeded(struct db *, const struct send_request *);
/* Inside it: counts this message. Queued; its failure is the transaction's. */
void send_rate_count(struct db *, const struct send_request *);

/* Has this patient of the sender's structure opposed messages? */
enum store_status patient_opposed(struct db *, int64_t structure_id, struct span address, bool *opposed);

#endif
