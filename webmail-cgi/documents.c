#include "webmail-cgi/documents.h"

#include "lib/proto/xdm_named.h"

#include <string.h>

static bool zip_part(const struct card *card, struct summary_part *found)
{
    struct summary_parts parts;
    summary_parts_begin(&card->summary, &parts);
    while (summary_parts_next(&parts, found)) {
        struct span end = found->name.n >= 4 ? (struct span){found->name.p + found->name.n - 4, 4} : SPAN_NONE;
        bool zip = span_is_nocase(end, ".zip") || span_is(found->type, "application/zip") ||
                   span_is(found->type, "application/x-zip-compressed");
        if (found->kind == PART_LEAF && zip)
            return true;
    }
    return false;
}

/* The subject and the file's name are what people go by: they must name the documents' patient. */
static void compare_names(const struct card *card, struct documents *d)
{
    struct summary_parts parts;
    struct summary_part part;
    const struct xdm_patient *patient = &d->view.patient;
    d->subject_differs = !xdm_subject_agrees(card->summary.field[SUMMARY_SUBJECT], patient);
    summary_parts_begin(&card->summary, &parts);
    while (summary_parts_next(&parts, &part))
        if (part.kind == PART_LEAF && span_is(part.type, "application/pdf") && !xdm_pdf_name_agrees(part.name, patient))
            d->pdf_differs = true;
    if (d->subject_differs || d->pdf_differs) {
        d->view.discordant = true;
        d->view.ins_qualified = false;
    }
}

enum store_status documents_open(struct request *rq, const struct card *card, struct documents *d)
{
    *d = (struct documents){0};
    str_init(&d->zip, XDM_ZIP_MAX);
    if (!card->readable || !zip_part(card, &d->part))
        return STORE_NOT_FOUND;
    enum store_status status = part_read(rq, card, &d->part, false, &d->zip);
    if (status != STORE_OK)
        return status;
    if (parse_call(rq->thread->parse, PARSE_XDM, str_span(&d->zip), SPAN_NONE, &d->answer) != PARSE_OK)
        return STORE_UNAVAILABLE;
    if (!xdm_open(&d->view, d->answer.facts))
        return STORE_NOT_FOUND;
    compare_names(card, d);
    return STORE_OK;
}

void documents_close(struct documents *d)
{
    parse_answer_free(&d->answer);
    str_free(&d->zip);
}

bool documents_nth(const struct documents *d, uint32_t n, struct xdm_document *out)
{
    struct xdm_view view = d->view;
    for (uint32_t i = 0; xdm_next(&view, out); i++)
        if (i == n)
            return true;
    return false;
}

bool document_bytes(struct request *rq, struct span container, struct span member, struct parse_answer *answer)
{
    return parse_call(rq->thread->parse, PARSE_DOCUMENT, container, member, answer) == PARSE_OK &&
           answer->structure.n > 0;
}

bool documents_patient_writable(const struct request *rq, const struct xdm_view *view)
{
    const struct xdm_patient *p = &view->patient;
    bool real = p->authority == INS_NIR || p->authority == INS_NIA;
    bool test = strcmp(rq->thread->conf->general_environment, "test") == 0;
    return p->complete && p->key_right && !view->discordant && (real || (test && p->authority == INS_TEST));
}
