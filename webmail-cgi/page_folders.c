/* Own folders: made, renamed, moved under another ("Parent/Enfant"), taken away when empty. */
#include "webmail-cgi/desk.h"
#include "webmail-cgi/form.h"
#include "webmail-cgi/layout.h"
#include "webmail-cgi/mail.h"
#include "webmail-cgi/pages.h"

#include <string.h>

static bool is_own(const struct folder *folder)
{
    return folder->special_use[0] == '\0' && strcmp(folder->name, "INBOX") != 0 && !folder->no_select;
}

static void folder_card(struct request *rq, const struct folder *folder)
{
    struct html *h = &rq->html;
    struct span id = span_of(arena_printf(rq->arena, "%lld", (long long)folder->id));
    const char *field = arena_printf(rq->arena, "nom-%lld", (long long)folder->id);
    OPEN(h, "article", CLASS("item"));
    icon(h, "folder");
    OPEN(h, "form", CLASS("words inline"), ATTR("method", "post"), URL("action", desk_path(rq, "dossiers")));
    csrf_field(rq);
    form_hidden(rq, "dossier", id);
    LEAF(h, "label", tr(rq, "Nom du dossier"), ATTR("for", field), CLASS("visually-hidden"));
    VOID(h, "input", ATTR("type", "text"), ATTR("name", "nom"), ATTR("id", field), ATTR("value", folder->name),
         ATTR("maxlength", "200"), FLAG("required"));
    LEAF(h, "button", tr(rq, "Renommer"), CLASS("button small"), ATTR("name", "acte"), ATTR("value", "renommer"));
    CLOSE(h, "form");
    OPEN(h, "div", CLASS("bar"));
    OPEN(h, "span", CLASS("fine"));
    html_number(h, folder->messages);
    html_text(h, folder->messages > 1 ? tr(rq, " messages") : tr(rq, " message"));
    CLOSE(h, "span");
    if (folder->messages == 0)
        form_button(rq, desk_path(rq, "dossiers"), "dossier", id, "effacer", tr(rq, "Effacer"), "button danger small");
    CLOSE(h, "div");
    CLOSE(h, "article");
}

void page_folders(struct request *rq)
{
    struct mail mail;
    size_t own = 0;
    if (!mail_open(rq, &mail))
        return;
    desk_begin(rq, "dossiers");
    vec_each (&mail.folders, folder)
        if (is_own(folder)) {
            folder_card(rq, folder);
            own++;
        }
    if (own == 0)
        desk_empty(rq, "folder", tr(rq, "Aucun dossier à vous pour l’instant."));
    if (desk_may_change(rq)) {
        form_begin(rq, "panel", desk_path(rq, "dossiers"));
        LEAF(&rq->html, "h2", tr(rq, "Nouveau dossier"));
        form_text(rq, "nom", tr(rq, "Nom ; « Parent/Enfant » le range dans un autre"), SPAN_NONE, 200, true);
        form_submit(rq, "creer", tr(rq, "Créer"));
        form_help(rq, tr(rq, "Un dossier s’efface quand il est vide. Les noms de dossiers sont gardés en clair : n’y "
                             "écrivez pas le nom d’un patient."));
        form_end(rq);
    }
    desk_end(rq);
    mail_close(&mail);
}

static enum store_status obey(struct request *rq, const struct mail *mail, struct folder *made)
{
    struct span typed = span_trim(in_text(&rq->in, "nom"));
    const char *name = arena_strndup(rq->arena, typed.n ? typed.p : "", typed.n);
    const struct folder *chosen = NULL;
    if (in_is(&rq->in, "acte", "renommer") || in_is(&rq->in, "acte", "effacer")) {
        vec_each (&mail->folders, folder)
            if ((uint64_t)folder->id == in_number(&rq->in, "dossier", 0) && is_own(folder))
                chosen = folder;
        if (!chosen)
            return STORE_NOT_FOUND;
    }
    if (in_is(&rq->in, "acte", "effacer"))
        return chosen->messages == 0 ? folder_delete(rq->thread->db, rq->mailbox, chosen->name) : STORE_CONFLICT;
    if (typed.n == 0)
        return STORE_INVALID;
    return chosen ? folder_rename(rq->thread->db, rq->mailbox, chosen->name, name)
                  : folder_create(rq->thread->db, rq->mailbox, name, NULL, made);
}

/* Also where the folders' pane sends a new name: then the new folder is opened. */
void page_folders_act(struct request *rq)
{
    struct mail mail;
    struct folder made = {0};
    if (!desk_allows(rq, desk_may_change(rq)) || !mail_open(rq, &mail))
        return;
    enum store_status status = obey(rq, &mail, &made);
    trace_act(rq, "web.folder", store_status_name(status), NULL);
    if (status == STORE_EXISTS)
        answer_error(rq, 400, tr(rq, "Ce dossier existe déjà"), tr(rq, "Choisissez un autre nom."));
    else if (status == STORE_CONFLICT)
        answer_error(rq, 409, tr(rq, "Ce dossier n’est pas vide"), tr(rq, "Déplacez d’abord ses messages."));
    else if (status == STORE_OK && made.id && !in_has(&rq->in, "acte"))
        answer_redirect(rq, path_of(rq, "/b/%lld/d/%lld", (long long)rq->bal.id, (long long)made.id));
    else
        desk_done(rq, "dossiers", status);
    mail_close(&mail);
}
