#include "webmail-cgi/mbox.h"

#include <string.h>
#include <time.h>

static const char mark[] = "From ";

void mbox_begin(struct mbox *m, struct str *out, int64_t date, const char *fields)
{
    static const char *const days[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
    static const char *const months[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                         "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    time_t when = (time_t)date;
    struct tm t = {.tm_mday = 1, .tm_year = 70};
    (void)gmtime_r(&when, &t);
    *m = (struct mbox){.undecided = true};
    str_addf(out, "From MAILER-DAEMON %s %s %2d %02d:%02d:%02d %d\n%s", days[t.tm_wday], months[t.tm_mon], t.tm_mday,
             t.tm_hour, t.tm_min, t.tm_sec, t.tm_year + 1900, fields);
}

/* The line has shown what it is: its beginning goes out, hooked when it reads ">*From ". */
static void decide(struct mbox *m, struct str *out, bool is_mark)
{
    for (size_t i = 0; i < m->hooks + is_mark; i++)
        str_putc(out, '>');
    str_add(out, m->held, m->held_len);
    m->held_len = m->hooks = 0;
    m->undecided = false;
}

static void take(struct mbox *m, struct str *out, char c)
{
    if (m->undecided && c == '>' && m->held_len == 0) {
        m->hooks++;
        return;
    }
    if (m->undecided && c == mark[m->held_len]) {
        m->held[m->held_len++] = c;
        if (m->held_len == sizeof(mark) - 1)
            decide(m, out, true);
        return;
    }
    if (m->undecided)
        decide(m, out, false);
    str_putc(out, c);
    m->undecided = c == '\n';
}

void mbox_feed(struct mbox *m, struct str *out, struct span piece)
{
    for (size_t i = 0; i < piece.n; i++) {
        char c = piece.p[i];
        if (m->after_cr && c != '\n')
            take(m, out, '\r');
        m->after_cr = c == '\r';
        if (!m->after_cr)
            take(m, out, c);
    }
}

void mbox_end(struct mbox *m, struct str *out)
{
    bool at_line_start = m->undecided && m->held_len == 0 && m->hooks == 0;
    if (m->after_cr)
        take(m, out, '\r');
    if (m->undecided)
        decide(m, out, false);
    str_puts(out, at_line_start ? "\n" : "\n\n");
    *m = (struct mbox){0};
}
