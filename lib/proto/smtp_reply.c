#include "lib/proto/smtp_reply.h"

#include <string.h>

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* One line with its LF: some peers forget the CR, which harms nobody here since we only read. */
static size_t line_length(struct span in)
{
    const char *lf = in.n > 0 ? memchr(in.p, '\n', in.n) : NULL;
    return lf ? (size_t)(lf - in.p) + 1 : 0;
}

static bool line_head(struct span line, unsigned *code, bool *last)
{
    struct span text = span_trim(line);
    if (text.n < 3 || !is_digit(line.p[0]) || !is_digit(line.p[1]) || !is_digit(line.p[2]))
        return false;
    *code = (unsigned)(line.p[0] - '0') * 100 + (unsigned)(line.p[1] - '0') * 10 + (unsigned)(line.p[2] - '0');
    *last = text.n == 3 || line.p[3] != '-';
    return *code >= 200 && *code <= 599 && (text.n == 3 || line.p[3] == ' ' || line.p[3] == '-');
}

/* RFC 2034 4: class "." subject "." detail, of the class of the reply. */
static size_t enhanced_length(struct span text, unsigned code)
{
    size_t n = 0, dots = 0, digits = 0;
    for (; n < text.n && n < 11 && (is_digit(text.p[n]) || text.p[n] == '.'); n++) {
        if (text.p[n] == '.') {
            if (digits == 0)
                return 0;
            dots++;
            digits = 0;
        } else if (++digits > 3) {
            return 0;
        }
    }
    bool ends = n == text.n || text.p[n] == ' ' || text.p[n] == '\r' || text.p[n] == '\n';
    return dots == 2 && digits > 0 && ends && text.p[1] == '.' && (unsigned)(text.p[0] - '0') == code / 100 ? n : 0;
}

bool smtp_reply_line(struct span *rest, struct span *text)
{
    size_t n = line_length(*rest);
    if (n == 0)
        return false;
    *text = span_trim((struct span){rest->p, n});
    *text = text->n > 4 ? (struct span){text->p + 4, text->n - 4} : SPAN_NONE;
    *rest = (struct span){rest->p + n, rest->n - n};
    return true;
}

static void fill(struct smtp_reply *out, struct span lines, unsigned code)
{
    struct span rest = lines;
    *out = (struct smtp_reply){.code = code, .lines = lines};
    if (!smtp_reply_line(&rest, &out->first_text))
        return;
    size_t n = enhanced_length(out->first_text, code);
    memcpy(out->enhanced, out->first_text.p ? out->first_text.p : "", n);
    if (n > 0)
        out->first_text = span_trim((struct span){out->first_text.p + n, out->first_text.n - n});
}

ptrdiff_t smtp_reply_parse(struct span in, struct smtp_reply *out)
{
    size_t used = 0, n;
    unsigned code = 0, first = 0;
    bool last = false;
    for (size_t lines = 0; !last; lines++) {
        n = line_length((struct span){in.p + used, in.n - used});
        if (used + n > SMTP_REPLY_BYTES_MAX || (n == 0 && in.n > SMTP_REPLY_BYTES_MAX) || lines >= SMTP_REPLY_LINES_MAX)
            return -1;
        if (n == 0)
            return 0;
        if (!line_head((struct span){in.p + used, n}, &code, &last) || (lines > 0 && code != first))
            return -1;
        first = code;
        used += n;
    }
    fill(out, (struct span){in.p, used}, code);
    return (ptrdiff_t)used;
}

bool smtp_reply_keyword(const struct smtp_reply *reply, const char *keyword, struct span *parameters)
{
    struct span rest = reply->lines, text, word;
    smtp_reply_line(&rest, &text); /* the greeting line is no keyword (RFC 5321 4.1.1.1) */
    while (smtp_reply_line(&rest, &text)) {
        if (!span_cut(&text, ' ', &word) || !span_is_nocase(word, keyword))
            continue;
        *parameters = span_trim(text);
        return true;
    }
    return false;
}
