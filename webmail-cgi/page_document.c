/* One document of an IHE_XDM: its PDF (or other file), or a CDA made readable by our own style sheet, in the cage. */
#include "webmail-cgi/cage.h"
#include "webmail-cgi/documents.h"
#include "webmail-cgi/layout.h"
#include "webmail-cgi/pages.h"

static bool load(struct request *rq, struct documents *all, struct xdm_document *d)
{
    struct mail mail;
    struct card card;
    if (!mail_open(rq, &mail))
        return false;
    enum store_status status = card_load(rq, mail.folder, (uint32_t)param_number(rq, "uid"), &card);
    if (status == STORE_OK) {
        status = documents_open(rq, &card, all);
        if (status == STORE_OK && !documents_nth(all, (uint32_t)param_number(rq, "document"), d))
            status = STORE_NOT_FOUND;
        if (status != STORE_OK)
            documents_close(all);
    }
    if (status == STORE_OK)
        trace_act(rq, "web.document", "OK",
                  path_of(rq, "%lld/%lu", (long long)mail.folder->id, (unsigned long)card.uid));
    else
        answer_store_error(rq, status);
    mail_close(&mail);
    return status == STORE_OK;
}

static void send_file(struct request *rq, struct span bytes, struct span type)
{
    bool pdf = span_is(type, "application/pdf") && span_starts_nocase(bytes, "%PDF-");
    rq->out.type = pdf ? "application/pdf" : "application/octet-stream";
    answer_header(rq, "Content-Disposition",
                  pdf ? "inline; filename=\"document.pdf\"" : "attachment; filename=\"document\"");
    rq->out.body.max = bytes.n + 1;
    str_add_span(&rq->out.body, bytes);
}

/* The PDF beside the CDA when there is one, else the one inside it, else the document itself. */
void page_document(struct request *rq)
{
    struct documents all;
    struct xdm_document d;
    struct parse_answer first = {0}, second = {0};
    if (!load(rq, &all, &d))
        return;
    struct span member = d.pdf_member.n > 0 ? d.pdf_member : d.member;
    bool ok = document_bytes(rq, str_span(&all.zip), member, &first);
    if (ok && d.is_cda && d.pdf_member.n == 0 && d.has_pdf_body)
        ok = document_bytes(rq, first.structure, SPAN_NONE, &second);
    struct parse_answer *found = second.structure.n > 0 ? &second : &first;
    bool is_pdf = ok && span_starts_nocase(found->structure, "%PDF-");
    if (ok)
        send_file(rq, found->structure, is_pdf ? SPAN_LIT("application/pdf") : d.mime);
    else
        answer_store_error(rq, STORE_NOT_FOUND);
    parse_answer_free(&first);
    parse_answer_free(&second);
    documents_close(&all);
}

void page_document_view(struct request *rq)
{
    struct documents all;
    struct xdm_document d;
    struct parse_answer cda = {0}, html = {0};
    if (!load(rq, &all, &d))
        return;
    bool ok = d.is_cda && document_bytes(rq, str_span(&all.zip), d.member, &cda) &&
              parse_call(rq->thread->parse, PARSE_CDA_HTML, cda.structure, SPAN_NONE, &html) == PARSE_OK;
    cage_begin(rq);
    if (ok)
        str_add_span(rq->html.out, html.html);
    else
        LEAF(&rq->html, "p", tr(rq, "Ce document n’a pas pu être montré."));
    cage_end(rq);
    parse_answer_free(&cda);
    parse_answer_free(&html);
    documents_close(&all);
}
