#include "webmail-cgi/compose_extras.h"

#include "webmail-cgi/layout.h"

#include "lib/base/clock.h"

#include <string.h>
#include <time.h>

enum { LATER_MAX_DAYS = 3660 };

void compose_later_menu(struct request *rq)
{
    struct html *h = &rq->html;
    OPEN(h, "details", CLASS("menu later"));
    OPEN(h, "summary", CLASS("button"));
    icon(h, "clock");
    html_text(h, tr(rq, "Plus tard"));
    CLOSE(h, "summary");
    OPEN(h, "div", CLASS("sheet"));
    LEAF(h, "label", tr(rq, "Envoyer le"), ATTR("for", "quand"));
    VOID(h, "input", ATTR("type", "datetime-local"), ATTR("name", "quand"), ATTR("id", "quand"));
    LEAF(h, "button", tr(rq, "Programmer l’envoi"), CLASS("button primary small"), ATTR("name", "acte"),
         ATTR("value", "programmer"));
    CLOSE(h, "div");
    CLOSE(h, "details");
}

/* "2026-11-20T08:30", as <input type=datetime-local> sends it: local time. */
int64_t compose_later_time(struct request *rq)
{
    struct span typed = in_text(&rq->in, "quand");
    struct tm t = {.tm_isdst = -1};
    char text[17] = "";
    if (typed.n < 16)
        return 0;
    memcpy(text, typed.p, 16);
    const char *end = strptime(text, "%Y-%m-%dT%H:%M", &t);
    if (!end || *end)
        return 0;
    int64_t when = (int64_t)mktime(&t), now = wall_s();
    return when > now && when < now + (int64_t)LATER_MAX_DAYS * 86400 ? when : 0;
}
