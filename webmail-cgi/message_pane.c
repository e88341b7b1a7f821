/* A message as it is read: what can be done, who wrote when to whom, what to beware of, body, parts. */
#include "webmail-cgi/list_view.h"
#include "webmail-cgi/panes.h"

#include "webmail-cgi/layout.h"

#include <string.h>

const char *message_path(struct request *rq, const struct mail *mail, uint32_t uid, const char *rest)
{
    return path_of(rq, "/b/%lld/d/%lld/m/%lu%s", (long long)rq->bal.id, (long long)mail->folder->id, (unsigned long)uid,
                   rest);
}

static void bar_link(struct request *rq, const char *path, const char *class, const char *key, const char *symbol,
                     const char *words)
{
    struct html *h = &rq->html;
    OPEN(h, "a", URL("href", path), CLASS(class), ATTR("data-key", key), ATTR("title", words));
    icon(h, symbol);
    LEAF(h, "span", words);
    CLOSE(h, "a");
}

static void bar_button(struct request *rq, const char *act, const char *key, const char *symbol, const char *words)
{
    struct html *h = &rq->html;
    OPEN(h, "button", ATTR("name", "acte"), ATTR("value", act), ATTR("data-key", key), ATTR("title", words),
         ATTR("aria-label", words));
    icon(h, symbol);
    CLOSE(h, "button");
}

static void answer_links(struct request *rq, const struct mail *mail, const struct card *card)
{
    static const struct {
        const char *mode, *class, *key, *symbol, *words;
    } links[] = {{"repondre", "primary", "r", "reply", "Répondre"},
                 {"tous", "", "a", "reply-all", "Répondre à tous"},
                 {"transferer", "", "f", "forward", "Transférer"}};
    if (!rq->grant.may_send && rq->grant.role != KEYD_ROLE_OWNER)
        return;
    for (size_t i = 0; i < COUNT(links); i++)
        bar_link(rq,
                 path_of(rq, "/b/%lld/ecrire?mode=%s&dossier=%lld&uid=%lu", (long long)rq->bal.id, links[i].mode,
                         (long long)mail->folder->id, (unsigned long)card->uid),
                 links[i].class, links[i].key, links[i].symbol, tr(rq, links[i].words));
}

/* Where else the message may go; a menu of buttons, so that it works without scripts. */
static void move_menu(struct request *rq, const struct mail *mail, const struct card *card)
{
    struct html *h = &rq->html;
    OPEN(h, "details", CLASS("menu wide-only"));
    OPEN(h, "summary", ATTR("title", tr(rq, "Déplacer vers…")), ATTR("aria-label", tr(rq, "Déplacer vers…")));
    icon(h, "folder");
    CLOSE(h, "summary");
    OPEN(h, "form", ATTR("method", "post"),
         URL("action", path_of(rq, "/b/%lld/d/%lld/actes", (long long)rq->bal.id, (long long)mail->folder->id)));
    csrf_field(rq);
    VOID(h, "input", ATTR("type", "hidden"), ATTR("name", "uid"), ATTR_N("value", card->uid));
    VOID(h, "input", ATTR("type", "hidden"), ATTR("name", "acte"), ATTR("value", "deplacer"));
    move_choices(rq, mail);
    CLOSE(h, "form");
    CLOSE(h, "details");
}

void message_bar(struct request *rq, const struct mail *mail, const struct card *card)
{
    struct html *h = &rq->html;
    bool in_trash = strcmp(mail->folder->special_use, "\\Trash") == 0;
    bool followed = (card->flags & FLAG_FLAGGED) != 0;
    OPEN(h, "div", CLASS("bar"), ATTR("role", "toolbar"), ATTR("aria-label", tr(rq, "Agir sur ce message")));
    bar_link(rq, path_of(rq, "/b/%lld/d/%lld", (long long)rq->bal.id, (long long)mail->folder->id), "phone-only", "u",
             "back", tr(rq, "Liste"));
    answer_links(rq, mail, card);
    OPEN(h, "span", CLASS("gap"));
    CLOSE(h, "span");
    OPEN(h, "form", ATTR("method", "post"),
         URL("action", path_of(rq, "/b/%lld/d/%lld/actes", (long long)rq->bal.id, (long long)mail->folder->id)));
    csrf_field(rq);
    VOID(h, "input", ATTR("type", "hidden"), ATTR("name", "uid"), ATTR_N("value", card->uid));
    VOID(h, "input", ATTR("type", "hidden"), ATTR("name", "ouvert"), ATTR_N("value", card->uid));
    bar_button(rq, followed ? "ne-plus-suivre" : "suivre", "s", followed ? "star-full" : "star",
               followed ? tr(rq, "Ne plus suivre") : tr(rq, "Suivre"));
    bar_button(rq, "non-lu", "U", "unread", tr(rq, "Marquer comme non lu"));
    bar_button(rq, "archiver", "e", "archive", tr(rq, "Archiver"));
    bar_button(rq, in_trash ? "effacer" : "supprimer", "#", "trash",
               in_trash ? tr(rq, "Supprimer définitivement") : tr(rq, "Mettre à la corbeille"));
    CLOSE(h, "form");
    move_menu(rq, mail, card);
    OPEN(h, "a", CLASS("wide-only"), URL("href", message_path(rq, mail, card->uid, "/source")),
         ATTR("title", tr(rq, "Voir la source")), ATTR("aria-label", tr(rq, "Voir la source")),
         ATTR("target", "_blank"), ATTR("rel", "noopener"));
    icon(h, "code");
    CLOSE(h, "a");
    CLOSE(h, "div");
}

/* Patients' addresses hold their matricule: shown as a name alone (SC.MSS/UX.31). */
static void addresses(struct request *rq, struct span list)
{
    struct html *h = &rq->html;
    struct span one;
    bool first = true;
    while (list.n > 0 && span_cut(&list, ',', &one)) {
        one = span_trim(one);
        if (!first)
            html_text(h, ", ");
        first = false;
        ptrdiff_t angle = span_find(one, SPAN_LIT("<"));
        if (!names_patient(one))
            html_span(h, one);
        else if (angle > 1)
            html_span(h, span_trim((struct span){one.p, (size_t)angle}));
        else
            html_text(h, tr(rq, "Patient"));
    }
}

static void address_line(struct request *rq, const struct card *card, enum summary_field field, const char *words)
{
    struct html *h = &rq->html;
    if (card->summary.field[field].n == 0)
        return;
    OPEN(h, "p", CLASS("to"));
    html_text(h, words);
    addresses(rq, card->summary.field[field]);
    CLOSE(h, "p");
}

static void who_and_when(struct request *rq, const struct card *card)
{
    struct html *h = &rq->html;
    struct span name = card_correspondent(rq, card, false), from = card->summary.field[SUMMARY_FROM];
    bool patient = names_patient(from);
    OPEN(h, "div", CLASS("meta"));
    LEAF(h, "span", initials(rq, name), CLASS(patient ? "avatar patient" : "avatar"), ATTR("aria-hidden", "true"));
    OPEN(h, "p", CLASS("from"));
    html_span(h, name);
    if (!patient && !span_eq(name, from)) {
        ptrdiff_t at = span_find(from, SPAN_LIT("<"));
        html_text(h, " ");
        struct span address = at >= 0 ? (struct span){from.p + at, from.n - (size_t)at} : from;
        LEAF_SPAN(h, "small", address);
    }
    CLOSE(h, "p");
    LEAF(h, "time", long_date(rq, card->summary.has_date ? card->summary.sent : card->date));
    address_line(rq, card, SUMMARY_TO, tr(rq, "À : "));
    address_line(rq, card, SUMMARY_CC, tr(rq, "Copie : "));
    address_line(rq, card, SUMMARY_BCC, tr(rq, "Copie cachée : "));
    CLOSE(h, "div");
}

/* The other messages of its conversation, for who reads by conversations. */
static void thread_nav(struct request *rq, const struct mail *mail, const struct card *card)
{
    struct html *h = &rq->html;
    struct list view = {0};
    thread_lines lines = {0};
    list_view_read(rq, &view);
    if (view.conversations && thread_of(rq, mail, card, &lines) == STORE_OK && lines.len > 1) {
        OPEN(h, "nav", CLASS("thread"), ATTR("aria-label", tr(rq, "Dans cette conversation")));
        OPEN(h, "ol");
        vec_each (&lines, line) {
            bool here = line->folder->id == mail->folder->id && line->card.uid == card->uid;
            OPEN(h, "li");
            OPEN(h, "a",
                 URL("href", path_of(rq, "/b/%lld/d/%lld/m/%lu", (long long)rq->bal.id, (long long)line->folder->id,
                                     (unsigned long)line->card.uid)),
                 ATTR_IF(here, "aria-current", "true"));
            LEAF_SPAN(h, "strong", card_correspondent(rq, &line->card, false));
            LEAF_SPAN(h, "span", line->card.summary.field[SUMMARY_PREVIEW], CLASS("preview"));
            LEAF(h, "time", short_date(rq, line->card.date));
            CLOSE(h, "a");
            CLOSE(h, "li");
        }
        CLOSE(h, "ol");
        CLOSE(h, "nav");
    }
    vec_free(&lines);
}

void message_pane(struct request *rq, const struct mail *mail, const struct card *card)
{
    struct html *h = &rq->html;
    struct span subject = card_subject(card);
    OPEN(h, "main", CLASS("reading"), ATTR("id", "contenu"), ATTR("tabindex", "-1"), ATTR_N("data-uid", card->uid));
    message_bar(rq, mail, card);
    OPEN(h, "article", CLASS("message"), ATTR("aria-labelledby", "objet"));
    LEAF_SPAN(h, "h1", subject.n ? subject : span_of(tr(rq, "(sans objet)")), ATTR("id", "objet"));
    thread_nav(rq, mail, card);
    who_and_when(rq, card);
    message_bands(rq, mail, card);
    message_body(rq, mail, card);
    message_documents(rq, mail, card);
    message_parts(rq, mail, card);
    CLOSE(h, "article");
    CLOSE(h, "main");
}
