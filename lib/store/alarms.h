/* Alarms: rows that say what happens and what to do, raised again while it lasts, cleared when it is over. */
#ifndef CADUCEE_STORE_ALARMS_H
#define CADUCEE_STORE_ALARMS_H

#include "lib/store/db.h"

/* code "whitelist.refused": documented in docs/exploitation; subject: which one, never a patient. French words. The first
 * time it is logged as a warning. */
enum store_status alarm_raise(struct db *, const char *code, const char *subject, const char *what, const char *remedy);
enum store_status alarm_clear(struct db *, const char *code, const char *subject);
/* Only when it has not been raised for so many seconds: for what is noticed each time it is met, and never seen to be over. */
enum store_status alarm_clear_quiet(struct db *, const char *code, const char *subject, uint64_t seconds);

#endif
