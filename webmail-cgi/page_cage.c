/* What strangers wrote as HTML, in its cage: cleaned by parse, answered under a CSP that lets nothing run and nothing load
 * (answer.c), shown in an iframe without scripts and without our origin. Pictures of the message itself come along as
 * data: addresses, because the cage has no way to fetch them.
 */
#include "webmail-cgi/cage.h"
#include "webmail-cgi/embedded.h"
#include "webmail-cgi/layout.h"
#include "webmail-cgi/mail.h"
#include "webmail-cgi/pages.h"

#include "lib/base/text.h"

#include <string.h>

enum { PICTURE_MAX = 3 << 20 };

static void cage_style(struct request *rq)
{
    struct html *h = &rq->html;
    for (size_t i = 0; i < embedded_file_count; i++) {
        const struct embedded_file *file = &embedded_files[i];
        if (strcmp(file->name, "cage.css") != 0)
            continue;
        OPEN(h, "style", ATTR("nonce", rq->out.csp_nonce));
        str_add(h->out, file->begin, (size_t)(file->end - file->begin));
        CLOSE(h, "style");
    }
}

void cage_begin(struct request *rq)
{
    struct html *h = &rq->html;
    html_init(h, &rq->out.body);
    html_doctype(h);
    OPEN(h, "html", ATTR("lang", "fr"));
    OPEN(h, "head");
    VOID(h, "meta", ATTR("charset", "utf-8"));
    VOID(h, "base", ATTR("target", "_blank"));
    cage_style(rq);
    CLOSE(h, "head");
    OPEN(h, "body");
}

void cage_end(struct request *rq)
{
    CLOSE(&rq->html, "body");
    CLOSE(&rq->html, "html");
}

/* Raster pictures only: an SVG is a document. */
static bool picture_part(const struct card *card, struct span content_id, struct summary_part *found)
{
    struct summary_parts parts;
    summary_parts_begin(&card->summary, &parts);
    while (summary_parts_next(&parts, found)) {
        bool raster = span_is(found->type, "image/png") || span_is(found->type, "image/jpeg") ||
                      span_is(found->type, "image/gif") || span_is(found->type, "image/webp");
        if (raster && found->content_id.n > 0 && span_eq(found->content_id, content_id))
            return true;
    }
    return false;
}

static void write_picture(struct request *rq, const struct card *card, struct span content_id)
{
    struct summary_part part;
    struct str bytes;
    if (!picture_part(card, content_id, &part))
        return;
    str_init(&bytes, PICTURE_MAX);
    if (part_read(rq, card, &part, false, &bytes) == STORE_OK && !bytes.overflow) {
        str_puts(rq->html.out, "data:");
        str_add_span(rq->html.out, part.type);
        str_puts(rq->html.out, ";base64,");
        base64_encode(rq->html.out, str_span(&bytes));
    }
    str_free(&bytes);
}

/* parse leaves src="cid:…" for pictures of the message; everything else of an address it has taken out. */
static void write_clean(struct request *rq, const struct card *card, struct span html)
{
    static const char mark[] = "src=\"cid:";
    ptrdiff_t at;
    while ((at = span_find(html, SPAN_LIT(mark))) >= 0) {
        struct span id, rest = {html.p + at + sizeof(mark) - 1, html.n - (size_t)at - (sizeof(mark) - 1)};
        str_add(rq->html.out, html.p, (size_t)at + 5);
        if (!span_cut(&rest, '"', &id))
            return;
        write_picture(rq, card, id);
        str_putc(rq->html.out, '"');
        html = rest;
    }
    str_add_span(rq->html.out, html);
}

static void write_part(struct request *rq, const struct card *card, const struct summary_part *part)
{
    struct str html;
    struct parse_answer answer = {0};
    str_init(&html, BODY_SHOWN_MAX * 4);
    enum store_status status = part_read(rq, card, part, true, &html);
    enum parse_outcome outcome =
        status == STORE_OK ? parse_call(rq->thread->parse, PARSE_HTML_CLEAN, str_span(&html), SPAN_NONE, &answer)
                           : PARSE_FAILED;
    cage_begin(rq);
    if (outcome == PARSE_OK)
        write_clean(rq, card, answer.html);
    else
        LEAF(&rq->html, "p", tr(rq, "Ce contenu n’a pas pu être montré sans risque. Vous pouvez en voir la source."));
    cage_end(rq);
    parse_answer_free(&answer);
    str_free(&html);
}

void page_cage_html(struct request *rq)
{
    struct mail mail;
    struct card card;
    struct summary_part part;
    if (!mail_open(rq, &mail))
        return;
    enum store_status status = card_load(rq, mail.folder, (uint32_t)param_number(rq, "uid"), &card);
    if (status == STORE_OK &&
        (!card.readable || !summary_part_at(&card.summary, (uint32_t)param_number(rq, "part"), &part) ||
         !span_is(part.type, "text/html")))
        status = STORE_NOT_FOUND;
    if (status == STORE_OK)
        write_part(rq, &card, &part);
    else
        answer_store_error(rq, status);
    mail_close(&mail);
}
