/* Dates, sizes and initials as people read them. */
#include "webmail-cgi/mail.h"

#include "lib/base/clock.h"
#include "lib/base/text.h"

#include <time.h>

static const char *const months_fr[] = {"janvier", "février", "mars",      "avril",   "mai",      "juin",
                                        "juillet", "août",    "septembre", "octobre", "novembre", "décembre"};
static const char *const months_en[] = {"January", "February", "March",     "April",   "May",      "June",
                                        "July",    "August",   "September", "October", "November", "December"};
static const char *const short_fr[] = {"janv.", "févr.", "mars",  "avr.", "mai",  "juin",
                                       "juil.", "août",  "sept.", "oct.", "nov.", "déc."};
static const char *const short_en[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                       "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
static const char *const days_fr[] = {"dimanche", "lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi"};
static const char *const days_en[] = {"Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"};

const char *short_date(struct request *rq, int64_t wall)
{
    time_t then = (time_t)wall, now = (time_t)wall_s();
    struct tm t, n;
    if (!localtime_r(&then, &t) || !localtime_r(&now, &n))
        return "";
    bool french = rq->language == LANG_FR;
    if (t.tm_year == n.tm_year && t.tm_yday == n.tm_yday)
        return arena_printf(rq->arena, "%02d:%02d", t.tm_hour, t.tm_min);
    if (t.tm_year == n.tm_year)
        return arena_printf(rq->arena, "%d %s", t.tm_mday, (french ? short_fr : short_en)[t.tm_mon]);
    return arena_printf(rq->arena, "%02d/%02d/%d", t.tm_mday, t.tm_mon + 1, t.tm_year + 1900);
}

const char *long_date(struct request *rq, int64_t wall)
{
    time_t then = (time_t)wall;
    struct tm t;
    if (!localtime_r(&then, &t))
        return "";
    if (rq->language == LANG_FR)
        return arena_printf(rq->arena, "%s %d %s %d à %02d:%02d", days_fr[t.tm_wday], t.tm_mday, months_fr[t.tm_mon],
                            t.tm_year + 1900, t.tm_hour, t.tm_min);
    return arena_printf(rq->arena, "%s %d %s %d, %02d:%02d", days_en[t.tm_wday], t.tm_mday, months_en[t.tm_mon],
                        t.tm_year + 1900, t.tm_hour, t.tm_min);
}

const char *size_words(struct request *rq, uint64_t bytes)
{
    bool french = rq->language == LANG_FR;
    const char *unit = french ? "o" : "B";
    if (bytes < 1024)
        return arena_printf(rq->arena, "%llu %s", (unsigned long long)bytes, french ? "octets" : "bytes");
    if (bytes < 1024 * 1024)
        return arena_printf(rq->arena, "%llu K%s", (unsigned long long)((bytes + 512) / 1024), unit);
    uint64_t tenths = bytes * 10 / (1024 * 1024);
    return arena_printf(rq->arena, "%llu%s%llu M%s", (unsigned long long)(tenths / 10), french ? "," : ".",
                        (unsigned long long)(tenths % 10), unit);
}

/* First letters of the first and the last word: "Dr Claire MARTIN" is CM. */
const char *initials(struct request *rq, struct span name)
{
    struct str out;
    struct span rest = name, word, first = SPAN_NONE, last = SPAN_NONE;
    uint32_t letter;
    while (rest.n > 0 && span_cut(&rest, ' ', &word)) {
        bool title = span_is_nocase(word, "Dr") || span_is_nocase(word, "Pr") || span_is_nocase(word, "M.") ||
                     span_is_nocase(word, "Mme");
        if (word.n == 0 || title || word.p[0] == '<' || word.p[0] == '(')
            continue;
        if (!first.p)
            first = word;
        else
            last = word;
    }
    str_init(&out, 16);
    if (utf8_next(&first, &letter))
        utf8_put(&out, letter >= 'a' && letter <= 'z' ? letter - 32 : letter);
    if (utf8_next(&last, &letter))
        utf8_put(&out, letter >= 'a' && letter <= 'z' ? letter - 32 : letter);
    const char *kept = arena_strdup(rq->arena, out.data ? out.data : "");
    str_free(&out);
    return kept;
}
