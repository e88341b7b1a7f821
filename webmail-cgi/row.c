/* One row of a list: who, when, what about, and what the document says (MSS/va1.25). */
#include "webmail-cgi/fates.h"
#include "webmail-cgi/layout.h"
#include "webmail-cgi/panes.h"

#include <string.h>

static void work_tag(struct request *rq, const struct work *work)
{
    struct html *h = &rq->html;
    if (!work || work->state == WORK_TODO) {
        bool late = work && work->reminded;
        LEAF(h, "span", late ? tr(rq, "À traiter · en retard") : tr(rq, "À traiter"),
             CLASS(late ? "tag bad" : "tag warn"));
        return;
    }
    OPEN(h, "span", CLASS(work->state == WORK_DONE ? "tag good" : "tag"), ATTR("title", long_date(rq, work->since)));
    icon(h, work->state == WORK_DONE ? "check" : "hand");
    html_text(h, work->state == WORK_DONE ? tr(rq, "Traité · ") : tr(rq, "Pris en charge · "));
    html_text(h, work->person_name);
    html_text(h, " · ");
    html_text(h, short_date(rq, work->since));
    CLOSE(h, "span");
}

static void document_tag(struct request *rq, const struct card *card)
{
    struct html *h = &rq->html;
    struct span titles = card->summary.field[SUMMARY_DOCUMENTS], title;
    struct span patient = card->summary.field[SUMMARY_PATIENT];
    if (!(card->summary_flags & (SUMMARY_HAS_XDM | SUMMARY_HAS_CDA)))
        return;
    OPEN(h, "span", CLASS("tag doc"));
    icon(h, "doc");
    if (titles.n > 0 && span_cut(&titles, '\n', &title))
        html_span(h, title);
    else
        html_text(h, tr(rq, "Document de santé"));
    CLOSE(h, "span");
    if (patient.n > 0)
        LEAF_SPAN(h, "span", patient, CLASS("tag patient"));
}

static void tags(struct request *rq, const struct mail *mail, const struct card *card)
{
    struct html *h = &rq->html;
    bool incoming =
        strcmp(mail->folder->special_use, "\\Sent") != 0 && strcmp(mail->folder->special_use, "\\Drafts") != 0;
    OPEN(h, "span", CLASS("tags"));
    if (mail->across)
        LEAF(h, "span", folder_title(rq, mail->folder), CLASS("tag"));
    if (card_of_patient(card))
        LEAF(h, "span", tr(rq, "Patient"), CLASS("tag patient"));
    document_tag(rq, card);
    if (card->summary_flags & SUMMARY_FROM_MISMATCH)
        LEAF(h, "span", tr(rq, "Expéditeur à vérifier"), CLASS("tag bad"));
    if (mail->shared && incoming)
        work_tag(rq, card->work);
    fate_tag(rq, card);
    if (card->summary_flags & SUMMARY_ATTACHMENTS)
        icon(h, "clip");
    if (card->flags & FLAG_ANSWERED)
        icon(h, "reply");
    if (card->flags & FLAG_FLAGGED) {
        OPEN(h, "span", CLASS("star-on"), ATTR("title", tr(rq, "Suivi")));
        icon(h, "star-full");
        CLOSE(h, "span");
    }
    CLOSE(h, "span");
}

void row_write(struct request *rq, const struct mail *mail, const struct card *card, bool open)
{
    struct html *h = &rq->html;
    bool unread = card->thread_size ? card->thread_unread : !(card->flags & FLAG_SEEN);
    bool drafts = strcmp(mail->folder->special_use, "\\Drafts") == 0;
    bool outgoing = drafts || strcmp(mail->folder->special_use, "\\Sent") == 0;
    struct span who = card_correspondent(rq, card, outgoing), subject = card_subject(card);
    const char *path =
        drafts ? path_of(rq, "/b/%lld/ecrire?brouillon=%lu", (long long)rq->bal.id, (unsigned long)card->uid)
               : message_path(rq, mail, card->uid, "");
    const char *class = arena_printf(rq->arena, "row%s%s", unread ? " unread" : "", open ? " open" : "");
    OPEN(h, "li", CLASS(class), ATTR_N("data-uid", card->uid));
    if (mail->across) {
        LEAF(h, "span", ""); /* nothing is done to messages of several folders at once */
    } else {
        OPEN(h, "label", CLASS("pick"));
        VOID(h, "input", ATTR("type", "checkbox"), ATTR("name", "uid"), ATTR_N("value", card->uid),
             ATTR("aria-label", tr(rq, "Cocher ce message")));
        CLOSE(h, "label");
    }
    OPEN(h, "a", URL("href", path), ATTR_IF(open, "aria-current", "true"));
    OPEN(h, "span", CLASS("top"));
    if (unread)
        LEAF(h, "span", tr(rq, "Non lu : "), CLASS("visually-hidden"));
    LEAF_SPAN(h, "span", who, CLASS("from"));
    if (card->thread_size > 1) {
        OPEN(h, "span", CLASS("count"));
        html_number(h, card->thread_size);
        LEAF(h, "span", tr(rq, " messages"), CLASS("visually-hidden"));
        CLOSE(h, "span");
    }
    LEAF(h, "time", short_date(rq, card->date));
    CLOSE(h, "span");
    LEAF_SPAN(h, "span", subject.n ? subject : span_of(tr(rq, "(sans objet)")), CLASS("subject"));
    if (card->summary.field[SUMMARY_PREVIEW].n > 0)
        LEAF_SPAN(h, "span", card->summary.field[SUMMARY_PREVIEW], CLASS("preview"));
    tags(rq, mail, card);
    CLOSE(h, "a");
    CLOSE(h, "li");
}
