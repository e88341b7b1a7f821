/* Dates of IMAP: date and date-time (RFC 3501 9). Pure; years 1 to 9999, proleptic Gregorian. */
#ifndef CADUCEE_PROTO_IMAP_DATE_H
#define CADUCEE_PROTO_IMAP_DATE_H

#include "lib/base/str.h"

/* "1-Feb-1994" or "\"1-Feb-1994\"" without its quotes: days since 1970-01-01. */
bool imap_date_parse(struct span text, int32_t *days) MUST_USE;
/* "17-Jul-1996 02:44:25 -0700" (the day may begin with a space): seconds since 1970, UTC. */
bool imap_date_time_parse(struct span text, int64_t *seconds) MUST_USE;
/* The same, in UTC, without quotes: 26 bytes are added. */
void imap_date_time_write(struct str *out, int64_t seconds);
enum { IMAP_DATE_TIME_BYTES = 26 };
void imap_date_time_put(char out[IMAP_DATE_TIME_BYTES], int64_t seconds);
int32_t imap_days(int64_t seconds); /* rounds down */

#endif
