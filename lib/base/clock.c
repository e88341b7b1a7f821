#include "lib/base/clock.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static uint64_t monotonic_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

uint64_t clock_ms(void)
{
    return monotonic_ns() / 1000000u;
}

uint64_t clock_us(void)
{
    return monotonic_ns() / 1000u;
}

int64_t wall_s(void)
{
    return (int64_t)time(NULL);
}

/* RFC 5322 3.3, names in English whatever the locale. */
bool clock_rfc5322(struct str *out, int64_t wall)
{
    static const char *const days[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
    static const char *const months[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                         "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    time_t at = (time_t)wall;
    struct tm tm;
    if (!localtime_r(&at, &tm))
        return false;
    long zone = tm.tm_gmtoff / 60;
    char sign = zone < 0 ? '-' : '+';
    if (zone < 0)
        zone = -zone;
    return str_addf(out, "%s, %d %s %d %02d:%02d:%02d %c%02ld%02ld", days[tm.tm_wday], tm.tm_mday, months[tm.tm_mon],
                    tm.tm_year + 1900, tm.tm_hour, tm.tm_min, tm.tm_sec, sign, zone / 60, zone % 60);
}

bool clock_iso8601(struct str *out, int64_t wall)
{
    time_t at = (time_t)wall;
    struct tm tm;
    if (!gmtime_r(&at, &tm))
        return false;
    return str_addf(out, "%04d-%02d-%02dT%02d:%02d:%02dZ", tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday, tm.tm_hour,
                    tm.tm_min, tm.tm_sec);
}

#define ZONES "/usr/share/zoneinfo/"

/* A name is words between slashes, each beginning with a capital; so it can name nothing but a file below ZONES. */
static bool is_zone_name(struct span name)
{
    bool begins = true;
    for (size_t i = 0; i < name.n; i++) {
        char c = name.p[i];
        if (begins ? c < 'A' || c > 'Z' : c != '/' && c != '-' && c != '_' && c != '+' && !isalnum((unsigned char)c))
            return false;
        begins = c == '/';
    }
    return !begins && name.n <= 64;
}

bool clock_zone_exists(struct span name)
{
    char path[sizeof(ZONES) + 64];
    struct stat file;
    if (!is_zone_name(name))
        return false;
    snprintf(path, sizeof(path), ZONES "%.*s", (int)name.n, name.p);
    return stat(path, &file) == 0 && S_ISREG(file.st_mode);
}

void clock_zone(const char *name)
{
    setenv("TZ", name, 1);
    tzset();
}
