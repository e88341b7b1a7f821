/* The list of a folder: filters, what can be done with ticked messages, one row a message. */
#include "webmail-cgi/list_view.h"
#include "webmail-cgi/panes.h"

#include "webmail-cgi/layout.h"

#include <string.h>

static const struct {
    const char *value, *title;
    bool shared_only;
} filters[] = {
    [FILTER_ALL] = {"tous", "Tous", false},
    [FILTER_UNSEEN] = {"non-lus", "Non lus", false},
    [FILTER_FLAGGED] = {"suivis", "Suivis", false},
    [FILTER_ATTACHMENTS] = {"pieces", "Pièces jointes", false},
    [FILTER_DOCUMENTS] = {"documents", "Documents", false},
    [FILTER_PATIENTS] = {"patients", "Patients", false},
    [FILTER_TODO] = {"a-traiter", "Non traités", true},
};

static const char *folder_path(struct request *rq, const struct mail *mail)
{
    return path_of(rq, "/b/%lld/d/%lld", (long long)rq->bal.id, (long long)mail->folder->id);
}

static void filter_chips(struct request *rq, const struct mail *mail, const struct list *list)
{
    struct html *h = &rq->html;
    OPEN(h, "nav", CLASS("chips"), ATTR("aria-label", tr(rq, "Filtrer la liste")));
    for (size_t i = 0; i < COUNT(filters); i++) {
        if (filters[i].shared_only && !mail->shared)
            continue;
        LEAF(h, "a", tr(rq, filters[i].title),
             URL("href", i == FILTER_ALL ? folder_path(rq, mail)
                                         : path_of(rq, "%s?filtre=%s", folder_path(rq, mail), filters[i].value)),
             ATTR_IF(i == list->filter, "aria-current", "true"));
    }
    CLOSE(h, "nav");
}

static void act_button(struct request *rq, const char *act, const char *symbol, const char *words)
{
    struct html *h = &rq->html;
    OPEN(h, "button", ATTR("name", "acte"), ATTR("value", act), ATTR("title", words), ATTR("aria-label", words));
    icon(h, symbol);
    LEAF(h, "span", words);
    CLOSE(h, "button");
}

/* Where ticked messages may go; buttons of the list's own form. */
static void move_sheet(struct request *rq, const struct mail *mail)
{
    struct html *h = &rq->html;
    OPEN(h, "details", CLASS("menu move"));
    OPEN(h, "summary", ATTR("title", tr(rq, "Déplacer vers…")), ATTR("aria-label", tr(rq, "Déplacer vers…")));
    icon(h, "folder");
    CLOSE(h, "summary");
    move_choices(rq, mail);
    CLOSE(h, "details");
}

static void acts_bar(struct request *rq, const struct mail *mail)
{
    struct html *h = &rq->html;
    bool in_trash = strcmp(mail->folder->special_use, "\\Trash") == 0;
    OPEN(h, "div", CLASS("bar"), ATTR("role", "toolbar"), ATTR("aria-label", tr(rq, "Agir sur les messages cochés")));
    OPEN(h, "label", CLASS("button quiet small"));
    VOID(h, "input", ATTR("type", "checkbox"), ATTR("data-all", "uid"), ATTR("aria-label", tr(rq, "Tout cocher")));
    CLOSE(h, "label");
    act_button(rq, "lu", "eye", tr(rq, "Marquer comme lus"));
    act_button(rq, "non-lu", "unread", tr(rq, "Marquer comme non lus"));
    act_button(rq, "suivre", "star", tr(rq, "Suivre"));
    if (mail->shared)
        act_button(rq, "traite", "check", tr(rq, "Marquer comme traités"));
    act_button(rq, "archiver", "archive", tr(rq, "Archiver"));
    act_button(rq, in_trash ? "effacer" : "supprimer", "trash",
               in_trash ? tr(rq, "Supprimer définitivement") : tr(rq, "Mettre à la corbeille"));
    move_sheet(rq, mail);
    CLOSE(h, "div");
}

static void nothing_here(struct request *rq, const struct list *list)
{
    struct html *h = &rq->html;
    OPEN(h, "div", CLASS("empty"));
    icon(h, "inbox");
    LEAF(h, "p",
         list->filter == FILTER_ALL ? tr(rq, "Ce dossier est vide.") : tr(rq, "Aucun message ne répond à ce filtre."));
    CLOSE(h, "div");
}

static void pages_links(struct request *rq, const struct mail *mail, const struct list *list)
{
    struct html *h = &rq->html;
    if (list->partial)
        LEAF(h, "p", tr(rq, "Trié parmi les 5 000 plus récents de ce dossier."), CLASS("fine more"));
    if (list->next == 0 && list->before == 0 && list->offset == 0 && list->next_offset == 0)
        return;
    OPEN(h, "div", CLASS("more"));
    if (list->offset)
        LEAF(h, "a", tr(rq, "Au début"), CLASS("button small"),
             URL("href", path_of(rq, "%s?filtre=%s", folder_path(rq, mail), filters[list->filter].value)));
    if (list->next_offset)
        LEAF(h, "a", tr(rq, "Suite"), CLASS("button small"), ATTR("data-key", "older"),
             URL("href", path_of(rq, "%s?filtre=%s&rang=%lu", folder_path(rq, mail), filters[list->filter].value,
                                 (unsigned long)list->next_offset)));
    if (list->before)
        LEAF(h, "a", tr(rq, "Plus récents"), CLASS("button small"),
             URL("href", path_of(rq, "%s?filtre=%s", folder_path(rq, mail), filters[list->filter].value)));
    if (list->next)
        LEAF(h, "a", tr(rq, "Plus anciens"), CLASS("button small"), ATTR("data-key", "older"),
             URL("href", path_of(rq, "%s?filtre=%s&avant=%lu", folder_path(rq, mail), filters[list->filter].value,
                                 (unsigned long)list->next)));
    CLOSE(h, "div");
}

static void list_head(struct request *rq, const struct mail *mail, const struct list *list)
{
    struct html *h = &rq->html;
    OPEN(h, "header");
    OPEN(h, "h1");
    html_text(h, folder_title(rq, mail->folder));
    OPEN(h, "small");
    html_number(h, mail->folder->messages);
    html_text(h, mail->folder->messages > 1 ? tr(rq, " messages") : tr(rq, " message"));
    if (mail->folder->unseen > 0) {
        html_text(h, ", ");
        html_number(h, mail->folder->unseen);
        html_text(h, mail->folder->unseen > 1 ? tr(rq, " non lus") : tr(rq, " non lu"));
    }
    CLOSE(h, "small");
    CLOSE(h, "h1");
    list_view_menu(rq, mail, list);
    CLOSE(h, "header");
}

static void notice(struct request *rq, const struct mail *mail, const struct list *list)
{
    struct html *h = &rq->html;
    if (!list->done)
        return;
    OPEN(h, "div", CLASS("band good notice"), ATTR("role", "status"));
    icon(h, "check");
    OPEN(h, "div");
    LEAF(h, "p", list->done);
    CLOSE(h, "div");
    if (list->undo.n > 0) {
        OPEN(h, "form", ATTR("method", "post"),
             URL("action",
                 path_of(rq, "/b/%lld/d/%llu/actes", (long long)rq->bal.id, (unsigned long long)list->undo_from)));
        csrf_field(rq);
        VOID(h, "input", ATTR("type", "hidden"), ATTR("name", "vers"), ATTR_N("value", mail->folder->id));
        VOID(h, "input", ATTR("type", "hidden"), ATTR("name", "uids"), ATTR_SPAN("value", list->undo));
        LEAF(h, "button", tr(rq, "Annuler"), ATTR("name", "acte"), ATTR("value", "deplacer"), CLASS("button small"),
             ATTR("data-key", "z"));
        CLOSE(h, "form");
    }
    if (list->undo_send) {
        OPEN(h, "form", ATTR("method", "post"),
             URL("action", path_of(rq, "/b/%lld/envoi/%llu/annuler", (long long)rq->bal.id,
                                   (unsigned long long)list->undo_send)));
        csrf_field(rq);
        VOID(h, "input", ATTR("type", "hidden"), ATTR("name", "copie"), ATTR_N("value", list->sent_copy));
        LEAF(h, "button", tr(rq, "Annuler l’envoi"), CLASS("button small"), ATTR("data-key", "z"),
             ATTR_N("data-seconds", rq->thread->conf->webmail_undo_send));
        CLOSE(h, "form");
    }
    CLOSE(h, "div");
}

void list_pane(struct request *rq, const struct mail *mail, const struct list *list, uint32_t open_uid)
{
    struct html *h = &rq->html;
    OPEN(h, "section", CLASS("list"), ATTR("id", "liste"), ATTR("aria-label", folder_title(rq, mail->folder)),
         URL("data-poll", path_of(rq, "/b/%lld/d/%lld/sondage", (long long)rq->bal.id, (long long)mail->folder->id)),
         ATTR_N("data-modseq", mail->folder->highestmodseq), ATTR("data-view", rq->view));
    list_head(rq, mail, list);
    notice(rq, mail, list);
    filter_chips(rq, mail, list);
    OPEN(h, "form", CLASS("acts"), ATTR("method", "post"),
         URL("action", path_of(rq, "%s/actes", folder_path(rq, mail))));
    csrf_field(rq);
    if (list->conversations)
        VOID(h, "input", ATTR("type", "hidden"), ATTR("name", "fils"), ATTR("value", "1"));
    acts_bar(rq, mail);
    OPEN(h, "div", CLASS("rows"));
    if (list->cards.len == 0)
        nothing_here(rq, list);
    OPEN(h, "ul");
    vec_each (&list->cards, card)
        row_write(rq, mail, card, card->uid == open_uid);
    CLOSE(h, "ul");
    pages_links(rq, mail, list);
    CLOSE(h, "div");
    CLOSE(h, "form");
    CLOSE(h, "section");
}

void empty_reading_pane(struct request *rq)
{
    struct html *h = &rq->html;
    OPEN(h, "main", CLASS("reading"), ATTR("id", "contenu"), ATTR("tabindex", "-1"));
    OPEN(h, "div", CLASS("empty"));
    icon(h, "unread");
    LEAF(h, "p", tr(rq, "Choisissez un message pour le lire."));
    CLOSE(h, "div");
    CLOSE(h, "main");
}
