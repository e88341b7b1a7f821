/* Exchanges with patients, in the webmail. An address of a patient is never in a URL: the register's keyed hash is. */
#ifndef CADUCEE_WEBMAIL_PATIENTS_H
#define CADUCEE_WEBMAIL_PATIENTS_H

#include "webmail-cgi/compose.h"

/* The name and address behind a register's row, opened by the mailbox's key; they live in the arena. */
bool patient_open(struct request *, const struct web_patient *, struct span *name, struct span *address);
bool patient_hash_read(struct span hex, uint8_t hash[16]);
const char *patient_hash_text(struct request *, const uint8_t hash[16]);
/* The patient may be written to from now on; `qualified` is the person's own statement. */
enum store_status patient_admit(struct request *, const uint8_t hash[16], struct span name, struct span address,
                                bool qualified);
/* After a message has left: its patients' exchanges are open, or closed when it said so. */
void patients_record(struct request *, const struct compose *);

#endif
