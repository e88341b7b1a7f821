#include "lib/base/worktime.h"

#include <stdio.h>
#include <time.h>

/* Meeus, Jones and Butcher's: Easter Sunday of the Gregorian calendar, as days after the 1st of March. */
static int easter(int year)
{
    int a = year % 19, b = year / 100, c = year % 100, d = b / 4, e = b % 4, f = (b + 8) / 25, g = (b - f + 1) / 3;
    int h = (19 * a + b - d - g + 15) % 30, i = c / 4, k = c % 4, l = (32 + 2 * e + 2 * i - h - k) % 7;
    int m = (a + 11 * h + 22 * l) / 451, n = h + l - 7 * m + 114;
    return (n / 31 - 3) * 31 + n % 31;
}

/* A day of March or later, as days after the 1st of March. */
static int after_march(int month, int day)
{
    static const int before[] = {0, 31, 61, 92, 122, 153, 184, 214, 245, 275};
    return month >= 3 ? before[month - 3] + day - 1 : -400;
}

static bool is_holiday(enum holiday_place place, int year, int month, int day)
{
    static const struct {
        enum holiday_place place;
        int month, day; /* month 0: days after Easter */
    } holidays[] = {
#define HOLIDAY(where, m, d) {HOLIDAYS_##where, m, d},
#define FEAST(where, days)   {HOLIDAYS_##where, 0, days},
#include "lib/base/holidays.def"
#undef HOLIDAY
#undef FEAST
    };
    for (size_t i = 0; i < COUNT(holidays) && place != HOLIDAYS_NONE; i++) {
        if (holidays[i].place != HOLIDAYS_FRANCE && holidays[i].place != place)
            continue;
        if (holidays[i].month ? holidays[i].month == month && holidays[i].day == day
                              : after_march(month, day) == easter(year) + holidays[i].day)
            return true;
    }
    return false;
}

bool worktime_place(struct span name, enum holiday_place *out)
{
    static const char *const names[] = {
        [HOLIDAYS_NONE] = "none",
        [HOLIDAYS_FRANCE] = "france",
        [HOLIDAYS_ALSACE_MOSELLE] = "alsace-moselle",
        [HOLIDAYS_GUADELOUPE] = "guadeloupe",
        [HOLIDAYS_GUYANE] = "guyane",
        [HOLIDAYS_MARTINIQUE] = "martinique",
        [HOLIDAYS_MAYOTTE] = "mayotte",
        [HOLIDAYS_REUNION] = "reunion",
        [HOLIDAYS_SAINT_BARTHELEMY] = "saint-barthelemy",
        [HOLIDAYS_SAINT_MARTIN] = "saint-martin",
    };
    for (size_t i = 0; i < COUNT(names); i++)
        if (span_is(name, names[i])) {
            *out = (enum holiday_place)i;
            return true;
        }
    return false;
}

/* 0 Monday … 6 Sunday; Sakamoto's. */
static unsigned weekday(int year, int month, int day)
{
    static const int shift[] = {0, 3, 2, 5, 0, 3, 5, 1, 4, 6, 2, 4};
    int y = month < 3 ? year - 1 : year;
    return (unsigned)(y + y / 4 - y / 100 + y / 400 + shift[month - 1] + day + 6) % 7;
}

bool worktime_is_day(const struct worktime *w, int year, int month, int day)
{
    char date[40];
    snprintf(date, sizeof(date), "%04d-%02d-%02d", year, month, day);
    return weekday(year, month, day) < w->days && !is_holiday(w->place, year, month, day) &&
           span_find(w->closed, span_of(date)) < 0;
}

/* Wall seconds of an hour of a local day; mktime() sets right what overflows: day 0 is the last of the month before. */
static int64_t at_hour(const struct tm *day, unsigned hour)
{
    struct tm t = {
        .tm_year = day->tm_year, .tm_mon = day->tm_mon, .tm_mday = day->tm_mday, .tm_hour = (int)hour, .tm_isdst = -1};
    return (int64_t)mktime(&t);
}

int64_t worktime_before(const struct worktime *w, int64_t now, int64_t seconds)
{
    enum { YEARS_3 = 1100 };
    time_t wall = (time_t)now;
    struct tm day;
    if (!localtime_r(&wall, &day))
        return 0;
    for (unsigned i = 0; i < YEARS_3; i++) {
        struct tm noon = {.tm_year = day.tm_year,
                          .tm_mon = day.tm_mon,
                          .tm_mday = day.tm_mday - (int)i,
                          .tm_hour = 12,
                          .tm_isdst = -1};
        (void)mktime(&noon); /* noon: no zone skips it */
        if (!worktime_is_day(w, noon.tm_year + 1900, noon.tm_mon + 1, noon.tm_mday))
            continue;
        int64_t begins = at_hour(&noon, w->begins), ends = at_hour(&noon, w->ends);
        ends = ends < now ? ends : now;
        if (ends <= begins)
            continue;
        if (ends - begins >= seconds)
            return ends - seconds;
        seconds -= ends - begins;
    }
    return 0;
}
