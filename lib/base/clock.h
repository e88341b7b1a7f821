/* Two clocks: deadlines use the monotonic one, so that a step of the wall clock neither ends nor prolongs a session;
 * dates that people and certificates read use the wall clock.
 */
#ifndef CADUCEE_BASE_CLOCK_H
#define CADUCEE_BASE_CLOCK_H

#include "lib/base/str.h"

#include <time.h>

uint64_t clock_ms(void); /* CLOCK_MONOTONIC, milliseconds */
uint64_t clock_us(void);
int64_t wall_s(void);                              /* seconds since 1970 */
bool clock_rfc5322(struct str *out, int64_t wall); /* "Fri, 20 Nov 2026 17:00:00 +0100", local zone */
bool clock_iso8601(struct str *out, int64_t wall); /* "2026-11-20T16:00:00Z" */
/* Zones are those of the tz database (tzdata), by name: "Europe/Paris". clock_zone() makes one this process's local zone, before
 * there are threads and before seccomp: it reads the zone's file. */
bool clock_zone_exists(struct span name);
void clock_zone(const char *name);

#endif
