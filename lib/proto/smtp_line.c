#include "lib/proto/smtp_line.h"

#include <string.h>

enum smtp_line_result smtp_line(struct span in, size_t max, struct span *line, size_t *used)
{
    size_t look = in.n < max ? in.n : max;
    const char *lf = look > 0 ? memchr(in.p, '\n', look) : NULL;
    *used = 0;
    if (!lf)
        return in.n >= max ? SMTP_LINE_TOO_LONG : SMTP_LINE_MORE;
    *used = (size_t)(lf - in.p) + 1;
    *line = (struct span){in.p, *used - 1};
    if (line->n == 0 || line->p[line->n - 1] != '\r')
        return SMTP_LINE_BARE;
    line->n--;
    if (line->n > 0 && (memchr(line->p, '\r', line->n) || memchr(line->p, 0, line->n)))
        return SMTP_LINE_BARE;
    return SMTP_LINE_OK;
}

static void keep(struct smtp_data *data, struct str *out, const char *from, const char *to)
{
    if (out && !data->stopped && to > from && !str_add(out, from, (size_t)(to - from)))
        data->stopped = true;
}

/* Text of one line up to and with its CR, found by two memchr: this is where 20 MiB messages go through. */
static const char *skip_text(struct smtp_data *data, const char *p, const char *end)
{
    const char *cr = memchr(p, '\r', (size_t)(end - p));
    const char *stop = cr ? cr : end;
    if (stop > p && memchr(p, '\n', (size_t)(stop - p)))
        data->bare = true;
    if (cr)
        data->state = DATA_CR;
    return cr ? cr + 1 : end;
}

size_t smtp_data_feed(struct smtp_data *data, struct span in, struct str *out)
{
    static const char cr[] = "\r";
    const char *p = in.p, *end = in.p + in.n, *run = in.p; /* [run, p) waits to be copied */
    while (p < end && !data->done) {
        switch (data->state) {
        case DATA_LINE_START:
            if (*p != '.') {
                data->state = DATA_TEXT;
                break;
            }
            keep(data, out, run, p);
            run = ++p;
            data->state = DATA_DOT;
            break;
        case DATA_DOT:
            data->state = *p == '\r' ? DATA_DOT_CR : DATA_TEXT;
            if (data->state == DATA_DOT_CR)
                run = ++p;
            break;
        case DATA_DOT_CR:
            if (*p == '\n') {
                data->done = true;
                run = ++p;
                break;
            }
            data->bare = true;
            keep(data, out, cr, &cr[1]);
            data->state = *p == '\r' ? DATA_CR_CR : DATA_TEXT;
            p += *p == '\r';
            break;
        case DATA_TEXT:
            p = skip_text(data, p, end);
            break;
        case DATA_CR:
            if (*p == '\n') {
                p++;
                data->state = DATA_LINE_START;
                break;
            }
            data->bare = true;
            data->state = *p == '\r' ? DATA_CR_CR : DATA_TEXT;
            p += *p == '\r';
            break;
        case DATA_CR_CR:
            data->state = *p == '\r' ? DATA_CR_CR : DATA_TEXT;
            p += *p == '\r' || *p == '\n';
            break;
        }
    }
    keep(data, out, run, p);
    return (size_t)(p - in.p);
}

bool smtp_text_is_bare(struct span chunk, char *last)
{
    const char *p = chunk.p, *end = chunk.p + chunk.n;
    bool bare = false;
    if (chunk.n == 0)
        return false;
    if (*last == '\r') {
        bare = *p != '\n';
        p += bare ? 0 : 1;
    }
    while (p < end && !bare) {
        const char *cr = memchr(p, '\r', (size_t)(end - p));
        const char *stop = cr ? cr : end;
        bare = (stop > p && memchr(p, '\n', (size_t)(stop - p))) || (cr && cr + 1 < end && cr[1] != '\n');
        p = cr ? cr + 2 : end;
    }
    *last = chunk.p[chunk.n - 1];
    return bare;
}

void smtp_stuff(struct str *out, struct span message)
{
    const char *p = message.p, *end = message.p + message.n;
    bool line_start = true;
    while (p < end) {
        const char *lf = memchr(p, '\n', (size_t)(end - p));
        const char *next = lf ? lf + 1 : end;
        if (line_start && *p == '.')
            str_putc(out, '.');
        str_add(out, p, (size_t)(next - p));
        line_start = lf != NULL;
        p = next;
    }
    if (message.n < 2 || end[-1] != '\n' || end[-2] != '\r')
        str_puts(out, "\r\n");
    str_puts(out, ".\r\n");
}
