/* Plain text with its links made clickable: the only place where text that strangers wrote becomes an address. */
#include "webmail-cgi/html_writer.h"

#include "lib/base/text.h"

static const char *const link_starts[] = {"https://", "http://", "mailto:"};

static bool link_char(char c)
{
    unsigned char u = (unsigned char)c;
    return u > 0x20 && u < 0x7f && u != '<' && u != '>' && u != '"' && u != '\'' && u != '`' && u != '\\' && u != '|' &&
           u != '^' && u != '{' && u != '}';
}

/* A sentence's last dot, comma or bracket is not the link's. */
static size_t trim_link(struct span link)
{
    while (link.n > 0 && span_find(SPAN_LIT(".,;:!?)]"), (struct span){link.p + link.n - 1, 1}) >= 0)
        link.n--;
    return link.n;
}

static size_t link_at(struct span rest)
{
    for (size_t i = 0; i < COUNT(link_starts); i++) {
        if (!span_starts_nocase(rest, link_starts[i]))
            continue;
        size_t n = 0;
        while (n < rest.n && n < 2000 && link_char(rest.p[n]))
            n++;
        n = trim_link((struct span){rest.p, n});
        return n > span_of(link_starts[i]).n ? n : 0;
    }
    return 0;
}

/* http: links are shown, not followed: the trust space ends at https. */
static void write_link(struct html *h, struct span link)
{
    if (span_starts_nocase(link, "http://")) {
        LEAF_SPAN(h, "span", link, CLASS("plain-link"));
        return;
    }
    OPEN(h, "a", ((struct html_attr){.name = "href", .kind = HTML_URL, .span = link}), ATTR("target", "_blank"),
         ATTR("rel", "noopener noreferrer nofollow"));
    html_span(h, link);
    CLOSE(h, "a");
}

void html_lines(struct html *h, struct span text)
{
    size_t from = 0, i = 0;
    while (i < text.n) {
        bool word_start = i == 0 || !link_char(text.p[i - 1]) || text.p[i - 1] == '(';
        size_t n = word_start ? link_at((struct span){text.p + i, text.n - i}) : 0;
        if (n == 0) {
            i++;
            continue;
        }
        html_span(h, (struct span){text.p + from, i - from});
        write_link(h, (struct span){text.p + i, n});
        i += n;
        from = i;
    }
    html_span(h, (struct span){text.p + from, text.n - from});
}
