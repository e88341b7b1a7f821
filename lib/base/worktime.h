/* Working time: which hours of which days count when something must be done "within eight working hours". Days are those of
 * the local zone; public holidays are data (holidays.def). PURE but for the zone.
 */
#ifndef CADUCEE_BASE_WORKTIME_H
#define CADUCEE_BASE_WORKTIME_H

#include "lib/base/str.h"

enum holiday_place {
    HOLIDAYS_NONE,
    HOLIDAYS_FRANCE,
    HOLIDAYS_ALSACE_MOSELLE,
    HOLIDAYS_GUADELOUPE,
    HOLIDAYS_GUYANE,
    HOLIDAYS_MARTINIQUE,
    HOLIDAYS_MAYOTTE,
    HOLIDAYS_REUNION,
    HOLIDAYS_SAINT_BARTHELEMY,
    HOLIDAYS_SAINT_MARTIN
};

struct worktime {
    unsigned begins, ends; /* hours of a day, 0 … 24; begins < ends */
    unsigned days;         /* the first days of a week that count, Monday first: 5 is Monday to Friday */
    enum holiday_place place;
    struct span closed; /* further days that do not count: "2026-12-24 2026-12-31" */
};

bool worktime_place(struct span name, enum holiday_place *); /* "alsace-moselle", as the setting writes it */
bool worktime_is_day(const struct worktime *, int year, int month, int day);
/* The latest moment before `now` that lies `seconds` of working time back; 0 when no working time is found in three years. */
int64_t worktime_before(const struct worktime *, int64_t now, int64_t seconds);

#endif
