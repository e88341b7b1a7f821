/* The body: the text part, or the HTML one cleaned by parse and shown in a cage; then the parts that are files. */
#include "webmail-cgi/panes.h"

#include "webmail-cgi/layout.h"

#include <string.h>

/* The part to read: of alternatives the plain text when it says something, else the HTML. */
struct chosen {
    struct summary_part text, html;
    bool has_text, has_html;
};

static void choose(const struct card *card, struct chosen *chosen)
{
    struct summary_parts parts;
    struct summary_part part;
    *chosen = (struct chosen){0};
    summary_parts_begin(&card->summary, &parts);
    while (summary_parts_next(&parts, &part)) {
        if (part.kind == PART_MESSAGE)
            break; /* what an attached message holds is its own */
        if (part.kind != PART_LEAF || part.attachment)
            continue;
        if (!chosen->has_text && span_is(part.type, "text/plain")) {
            chosen->text = part;
            chosen->has_text = part.size > 0;
        } else if (!chosen->has_html && span_is(part.type, "text/html")) {
            chosen->html = part;
            chosen->has_html = part.size > 0;
        }
    }
}

static void write_text(struct request *rq, const struct card *card, const struct summary_part *part)
{
    struct html *h = &rq->html;
    struct str text;
    str_init(&text, BODY_SHOWN_MAX * 2);
    enum store_status status = part_read(rq, card, part, true, &text);
    OPEN(h, "div", CLASS("body-text"));
    if (status == STORE_OK)
        html_lines(h, span_trim(str_span(&text)));
    else
        html_text(h, tr(rq, "Le texte n’a pas pu être lu pour l’instant."));
    CLOSE(h, "div");
    str_free(&text);
}

void message_body(struct request *rq, const struct mail *mail, const struct card *card)
{
    struct html *h = &rq->html;
    struct chosen chosen;
    if (!card->readable)
        return;
    choose(card, &chosen);
    bool documents = (card->summary_flags & (SUMMARY_HAS_XDM | SUMMARY_HAS_CDA)) != 0;
    if (chosen.has_text && (!chosen.has_html || documents)) {
        write_text(rq, card, &chosen.text);
        return;
    }
    if (!chosen.has_html)
        return;
    OPEN(h, "iframe", CLASS("cage"), ATTR("sandbox", "allow-popups allow-popups-to-escape-sandbox"),
         ATTR("title", tr(rq, "Texte du message")), ATTR("referrerpolicy", "no-referrer"),
         URL("src",
             path_of(rq, "%s/html/%lu", message_path(rq, mail, card->uid, ""), (unsigned long)chosen.html.index)));
    CLOSE(h, "iframe");
}

static bool opens_in_place(struct span type)
{
    return span_is(type, "application/pdf") || span_is(type, "image/png") || span_is(type, "image/jpeg") ||
           span_is(type, "image/gif") || span_is(type, "image/webp") || span_is(type, "text/plain");
}

static void part_item(struct request *rq, const struct mail *mail, const struct card *card,
                      const struct summary_part *part)
{
    struct html *h = &rq->html;
    bool opens = opens_in_place(part->type);
    const char *path = path_of(rq, "%s/p/%lu", message_path(rq, mail, card->uid, ""), (unsigned long)part->index);
    const char *save = path_of(rq, "%s?enregistrer=1", path);
    struct span name = part->name.n ? part->name : span_of(tr(rq, "Pièce sans nom"));
    OPEN(h, "li", CLASS("part"));
    icon(h, span_is(part->type, "application/pdf") || part->kind == PART_MESSAGE ? "doc" : "clip");
    OPEN(h, "span", CLASS("name"));
    OPEN(h, "a", URL("href", opens ? path : save), ATTR_IF(opens, "target", "_blank"), ATTR("rel", "noopener"),
         ATTR_IF(opens, "data-place", span_is(part->type, "application/pdf") ? "pdf" : "page"));
    html_span(h, name);
    CLOSE(h, "a");
    LEAF(h, "small", size_words(rq, part->size));
    CLOSE(h, "span");
    OPEN(h, "a", URL("href", save), CLASS("button quiet small"), ATTR("aria-label", tr(rq, "Enregistrer")),
         ATTR("title", tr(rq, "Enregistrer")));
    icon(h, "download");
    CLOSE(h, "a");
    CLOSE(h, "li");
}

void message_parts(struct request *rq, const struct mail *mail, const struct card *card)
{
    struct html *h = &rq->html;
    struct summary_parts parts;
    struct summary_part part;
    uint32_t inside = 0; /* parts of an attached message are seen through it */
    bool open = false;
    if (!card->readable)
        return;
    summary_parts_begin(&card->summary, &parts);
    while (summary_parts_next(&parts, &part)) {
        bool below = inside != 0 && part.body_begin < inside;
        bool listed = !below && (part.attachment || part.kind == PART_MESSAGE) && part.kind != PART_MULTIPART;
        if (part.kind == PART_MESSAGE && !below)
            inside = part.body_end;
        if (!listed)
            continue;
        if (!open)
            OPEN(h, "ul", CLASS("parts"), ATTR("aria-label", tr(rq, "Pièces jointes")),
                 ATTR("data-close", tr(rq, "Fermer")));
        open = true;
        part_item(rq, mail, card, &part);
    }
    if (open)
        CLOSE(h, "ul");
}
