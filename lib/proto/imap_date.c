/* Dates of IMAP. See imap_date.h. */
#include "lib/proto/imap_date.h"

#include "lib/base/num.h"

#include <string.h>

static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
enum { DAY_SECONDS = 86400 };

/* Days since 1970-01-01 of a civil date; months from 1 (era arithmetic over 400 years = 146097 days). */
static int32_t days_of(int year, int month, int day)
{
    int y = month > 2 ? year : year - 1;
    int era = (y >= 0 ? y : y - 399) / 400;
    int year_of_era = y - era * 400;
    int day_of_year = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;
    int day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    return (int32_t)(era * 146097 + day_of_era - 719468);
}

struct civil {
    int year, month, day;
};

static struct civil civil_of(int32_t days)
{
    int shifted = days + 719468;
    int era = (shifted >= 0 ? shifted : shifted - 146096) / 146097;
    int day_of_era = shifted - era * 146097;
    int year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
    int day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    int month_index = (5 * day_of_year + 2) / 153;
    struct civil c = {.day = day_of_year - (153 * month_index + 2) / 5 + 1,
                      .month = month_index < 10 ? month_index + 3 : month_index - 9};
    c.year = year_of_era + era * 400 + (c.month <= 2 ? 1 : 0);
    return c;
}

static int month_of(struct span name)
{
    for (int i = 0; name.n == 3 && i < 12; i++) {
        if (span_eq_nocase(name, (struct span){months + 3 * i, 3}))
            return i + 1;
    }
    return 0;
}

static int days_in(int year, int month)
{
    static const int lengths[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    return month == 2 && leap ? 29 : lengths[month - 1];
}

bool imap_date_parse(struct span text, int32_t *days)
{
    struct span day_text, month_text;
    uint32_t day, year;
    if (!span_cut(&text, '-', &day_text) || !span_cut(&text, '-', &month_text))
        return false;
    if (day_text.n > 2 || !num_u32(day_text, 31, &day) || day == 0)
        return false;
    int month = month_of(month_text);
    if (month == 0 || text.n != 4 || !num_u32(text, 9999, &year) || year == 0)
        return false;
    if ((int)day > days_in((int)year, month))
        return false;
    *days = days_of((int)year, month, (int)day);
    return true;
}

static bool two_digits(struct span text, size_t at, uint32_t max, uint32_t *out)
{
    return num_u32((struct span){text.p + at, 2}, max, out);
}

bool imap_date_time_parse(struct span text, int64_t *seconds)
{
    if (text.n != IMAP_DATE_TIME_BYTES || text.p[11] != ' ' || text.p[14] != ':' || text.p[17] != ':' ||
        text.p[20] != ' ' || (text.p[21] != '+' && text.p[21] != '-'))
        return false;
    struct span date = {text.p, 11};
    if (*date.p == ' ')
        date = (struct span){date.p + 1, 10};
    int32_t days;
    uint32_t hour, minute, second, zone_hour, zone_minute;
    if (!imap_date_parse(date, &days) || !two_digits(text, 12, 23, &hour) || !two_digits(text, 15, 59, &minute) ||
        !two_digits(text, 18, 60, &second) || !two_digits(text, 22, 99, &zone_hour) ||
        !two_digits(text, 24, 59, &zone_minute))
        return false;
    int64_t zone = (int64_t)zone_hour * 3600 + (int64_t)zone_minute * 60;
    *seconds = (int64_t)days * DAY_SECONDS + hour * 3600 + minute * 60 + second - (text.p[21] == '-' ? -zone : zone);
    return true;
}

int32_t imap_days(int64_t seconds)
{
    int64_t days = seconds / DAY_SECONDS;
    return (int32_t)(seconds % DAY_SECONDS < 0 ? days - 1 : days);
}

static void put_two(char *at, int value)
{
    at[0] = (char)('0' + value / 10);
    at[1] = (char)('0' + value % 10);
}

void imap_date_time_put(char out[IMAP_DATE_TIME_BYTES], int64_t seconds)
{
    static const int64_t last = 253402300799; /* 9999-12-31 23:59:59 */
    seconds = seconds > last ? last : seconds < -62135596800 ? -62135596800 : seconds;
    int32_t days = imap_days(seconds);
    struct civil c = civil_of(days);
    int rest = (int)(seconds - (int64_t)days * DAY_SECONDS);
    memcpy(out, "00-Jan-0000 00:00:00 +0000", IMAP_DATE_TIME_BYTES);
    put_two(out, c.day);
    memcpy(out + 3, months + 3 * (c.month - 1), 3);
    put_two(out + 7, c.year / 100);
    put_two(out + 9, c.year % 100);
    put_two(out + 12, rest / 3600);
    put_two(out + 15, rest / 60 % 60);
    put_two(out + 18, rest % 60);
}

void imap_date_time_write(struct str *out, int64_t seconds)
{
    char text[IMAP_DATE_TIME_BYTES];
    imap_date_time_put(text, seconds);
    str_add(out, text, sizeof(text));
}
