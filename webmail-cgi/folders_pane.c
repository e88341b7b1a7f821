#include "webmail-cgi/panes.h"

#include "webmail-cgi/layout.h"

#include <string.h>

static void folder_item(struct request *rq, const struct mail *mail, const struct folder *folder)
{
    struct html *h = &rq->html;
    bool current = mail->folder && mail->folder->id == folder->id;
    bool draft = strcmp(folder->special_use, "\\Drafts") == 0;
    uint32_t count = draft ? folder->messages : folder->unseen;
    bool quiet = strcmp(folder->special_use, "\\Sent") == 0 || strcmp(folder->special_use, "\\Trash") == 0;
    OPEN(h, "li");
    OPEN(h, "a", URL("href", path_of(rq, "/b/%lld/d/%lld", (long long)rq->bal.id, (long long)folder->id)),
         ATTR_IF(current, "aria-current", "page"), ATTR("title", folder_title(rq, folder)),
         ATTR_IF(strchr(folder->name, '/') != NULL, "class", "deep"));
    icon(h, folder_icon(folder));
    LEAF(h, "span", folder_title(rq, folder), CLASS("label"));
    if (count > 0 && !quiet) {
        OPEN(h, "span", CLASS("count"));
        html_number(h, count);
        LEAF(h, "span", draft ? tr(rq, " brouillons") : tr(rq, " non lus"), CLASS("visually-hidden"));
        CLOSE(h, "span");
    }
    CLOSE(h, "a");
    CLOSE(h, "li");
}

static void quota(struct request *rq)
{
    struct html *h = &rq->html;
    if (rq->bal.quota_bytes == 0)
        return;
    OPEN(h, "div", CLASS("quota"));
    OPEN(h, "span");
    html_text(h, size_words(rq, rq->bal.used_bytes));
    html_text(h, tr(rq, " sur "));
    html_text(h, size_words(rq, rq->bal.quota_bytes));
    CLOSE(h, "span");
    OPEN(h, "meter", ATTR_N("min", 0), ATTR_N("max", rq->bal.quota_bytes), ATTR_N("value", rq->bal.used_bytes),
         ATTR("aria-label", tr(rq, "Place utilisée")));
    CLOSE(h, "meter");
    CLOSE(h, "div");
}

static void new_folder(struct request *rq)
{
    struct html *h = &rq->html;
    if (rq->grant.role == KEYD_ROLE_READER)
        return;
    OPEN(h, "details", CLASS("new-folder"));
    OPEN(h, "summary");
    icon(h, "plus");
    LEAF(h, "span", tr(rq, "Nouveau dossier"), CLASS("label"));
    CLOSE(h, "summary");
    OPEN(h, "form", ATTR("method", "post"), URL("action", path_of(rq, "/b/%lld/dossiers", (long long)rq->bal.id)));
    csrf_field(rq);
    VOID(h, "input", ATTR("type", "text"), ATTR("name", "nom"), ATTR("maxlength", "100"), FLAG("required"),
         ATTR("aria-label", tr(rq, "Nom du dossier")));
    LEAF(h, "button", tr(rq, "Créer"), CLASS("button small"));
    CLOSE(h, "form");
    CLOSE(h, "details");
}

/* What is done to the mailbox itself, under its folders. */
static void beside(struct request *rq, const char *page, const char *symbol, const char *words)
{
    struct html *h = &rq->html;
    OPEN(h, "a", URL("href", path_of(rq, "/b/%lld/%s", (long long)rq->bal.id, page)),
         CLASS("button quiet small label"));
    icon(h, symbol);
    LEAF(h, "span", words);
    CLOSE(h, "a");
}

void folders_pane(struct request *rq, const struct mail *mail)
{
    struct html *h = &rq->html;
    static const char *const order[] = {"INBOX", "\\Drafts", "\\Sent", "\\Archive", "\\Junk", "\\Trash"};
    OPEN(h, "nav", CLASS("folders"), ATTR("id", "dossiers"), ATTR("aria-label", tr(rq, "Dossiers")));
    if (rq->grant.may_send || rq->grant.role == KEYD_ROLE_OWNER) {
        OPEN(h, "a", URL("href", path_of(rq, "/b/%lld/ecrire", (long long)rq->bal.id)), CLASS("button primary"),
             ATTR("data-key", "c"), ATTR("title", tr(rq, "Écrire un message")));
        icon(h, "draft");
        LEAF(h, "span", tr(rq, "Écrire"));
        CLOSE(h, "a");
    }
    if (rq->grant.may_send || rq->grant.role == KEYD_ROLE_OWNER) {
        OPEN(h, "a", URL("href", path_of(rq, "/b/%lld/document", (long long)rq->bal.id)), CLASS("button second"),
             ATTR("title", tr(rq, "Envoyer un document de santé")));
        icon(h, "doc");
        LEAF(h, "span", tr(rq, "Envoyer un document"));
        CLOSE(h, "a");
    }
    OPEN(h, "ul");
    for (size_t i = 0; i < COUNT(order); i++) {
        const struct folder *folder = mail_special(mail, order[i]);
        if (folder)
            folder_item(rq, mail, folder);
    }
    vec_each (&mail->folders, folder)
        if (!folder->special_use[0] && strcmp(folder->name, "INBOX") != 0 && !folder->no_select)
            folder_item(rq, mail, folder);
    CLOSE(h, "ul");
    new_folder(rq);
    beside(rq, "contacts", "settings", tr(rq, "Organiser cette boîte"));
    if (rq->grant.role == KEYD_ROLE_MANAGER || (rq->grant.role == KEYD_ROLE_OWNER && mail->shared))
        beside(rq, "gestion", "devices", tr(rq, "Gérer cette boîte"));
    quota(rq);
    CLOSE(h, "nav");
}

void move_choices(struct request *rq, const struct mail *mail)
{
    struct html *h = &rq->html;
    OPEN(h, "ul", CLASS("sheet right"));
    vec_each (&mail->folders, folder) {
        if (folder->id == mail->folder->id || folder->no_select || strcmp(folder->special_use, "\\Drafts") == 0)
            continue;
        OPEN(h, "li");
        OPEN(h, "button", ATTR("name", "vers"), ATTR_N("value", folder->id));
        icon(h, folder_icon(folder));
        html_text(h, folder_title(rq, folder));
        CLOSE(h, "button");
        CLOSE(h, "li");
    }
    CLOSE(h, "ul");
}
