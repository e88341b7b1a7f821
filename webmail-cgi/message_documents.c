/* IHE_XDM as it is read: the patient's band, what does not agree, one block a document (SC.CDA/VISU.01, .03, DD.15). */
#include "webmail-cgi/documents.h"
#include "webmail-cgi/panes.h"

#include "webmail-cgi/layout.h"

static void trait(struct request *rq, const char *name, struct span value)
{
    struct html *h = &rq->html;
    if (value.n == 0)
        return;
    OPEN(h, "div");
    LEAF(h, "dt", name);
    LEAF_SPAN(h, "dd", value);
    CLOSE(h, "div");
}

static const char *french_date(struct request *rq, struct span iso)
{
    if (iso.n != 10)
        return arena_strndup(rq->arena, iso.n ? iso.p : "", iso.n);
    return arena_printf(rq->arena, "%.2s/%.2s/%.4s", iso.p + 8, iso.p + 5, iso.p);
}

static void identity_state(struct request *rq, const struct xdm_view *view)
{
    struct html *h = &rq->html;
    const struct xdm_patient *p = &view->patient;
    if (view->test_identity)
        LEAF(h, "p", tr(rq, "Identité de test ou de démonstration : ce n’est pas un patient réel."), CLASS("test"));
    else if (p->matricule.n > 0 && !p->key_right)
        LEAF(h, "p", tr(rq, "La clé du matricule est fausse."), CLASS("test"));
    else if (view->ins_qualified)
        LEAF(h, "p", tr(rq, "INS complète."));
    else
        LEAF(h, "p", tr(rq, "INS incomplète : vérifiez l’identité avant d’intégrer ces documents."));
}

static void patient_band(struct request *rq, const struct mail *mail, const struct card *card,
                         const struct xdm_view *view)
{
    struct html *h = &rq->html;
    const struct xdm_patient *p = &view->patient;
    const char *sex = span_is(p->sex, "F") ? tr(rq, "Féminin") : span_is(p->sex, "M") ? tr(rq, "Masculin") : "";
    OPEN(h, "section", CLASS("band patient"), ATTR("aria-label", tr(rq, "Patient")));
    icon(h, "person");
    OPEN(h, "div");
    OPEN(h, "dl");
    trait(rq, tr(rq, "Nom de naissance"), p->birth_name);
    trait(rq, tr(rq, "Nom utilisé"), p->used_name);
    trait(rq, tr(rq, "Prénoms"), p->first_names);
    trait(rq, tr(rq, "Naissance"), span_of(french_date(rq, p->birth_date)));
    trait(rq, tr(rq, "Sexe"), span_of(sex));
    trait(rq, tr(rq, "Matricule INS"), p->matricule);
    CLOSE(h, "dl");
    identity_state(rq, view);
    CLOSE(h, "div");
    bool may_write = rq->grant.may_send || rq->grant.role == KEYD_ROLE_OWNER;
    if (may_write && documents_patient_writable(rq, view))
        LEAF(h, "a", tr(rq, "Écrire au patient"), CLASS("button small no-print"),
             URL("href", path_of(rq, "/b/%lld/ecrire?mode=patient&dossier=%lld&uid=%lu", (long long)rq->bal.id,
                                 (long long)mail->folder->id, (unsigned long)card->uid)));
    if (may_write && documents_patient_writable(rq, view)) {
        OPEN(h, "form", ATTR("method", "post"), CLASS("no-print"),
             URL("action", message_path(rq, mail, card->uid, "/patient")));
        csrf_field(rq);
        LEAF(h, "button", tr(rq, "Ses oppositions"), CLASS("button small"));
        CLOSE(h, "form");
    }
    CLOSE(h, "section");
}

static void discordances(struct request *rq, const struct documents *all)
{
    struct html *h = &rq->html;
    struct span line, lines = all->view.discordances;
    OPEN(h, "section", CLASS("band bad"), ATTR("role", "alert"));
    icon(h, "alert");
    OPEN(h, "div");
    LEAF(h, "strong", tr(rq, "Les sources ne désignent pas le même patient :"));
    OPEN(h, "ul");
    while (lines.n > 0 && span_cut(&lines, '\n', &line))
        LEAF_SPAN(h, "li", line);
    if (all->subject_differs)
        LEAF(h, "li", tr(rq, "L’objet du message nomme quelqu’un d’autre que le document."));
    if (all->pdf_differs)
        LEAF(h, "li", tr(rq, "Le nom du PDF joint nomme quelqu’un d’autre que le document."));
    CLOSE(h, "ul");
    CLOSE(h, "div");
    CLOSE(h, "section");
}

/* An archive that no honest software writes, or that could not be read: said before anything that it may still show. */
static void archive_problem(struct request *rq, struct span problem)
{
    static const struct {
        const char *word, *words;
    } known[] = {
        {"unsafe name", "Un fichier de l’archive porte un nom interdit : elle n’est pas d’un logiciel conforme."},
        {"duplicate names",
         "Deux fichiers de l’archive portent le même nom : un autre logiciel peut y lire un autre document."},
        {"several sets", "L’archive porte plusieurs lots de documents : seul le premier est montré ici."},
        {"too many documents", "L’archive annonce trop de documents."},
        {"too many members", "L’archive contient trop de fichiers."},
        {"too large", "L’archive est trop volumineuse une fois décompressée."},
        {"encrypted", "L’archive est chiffrée."},
        {"doctype", "Les métadonnées de l’archive contiennent une définition interdite (DOCTYPE)."},
    };
    struct html *h = &rq->html;
    const char *words = "Les métadonnées de l’archive n’ont pas pu être lues.";
    for (size_t i = 0; i < COUNT(known); i++)
        if (span_is(problem, known[i].word))
            words = known[i].words;
    OPEN(h, "section", CLASS("band bad"), ATTR("role", "alert"));
    icon(h, "alert");
    LEAF(h, "p", tr(rq, words));
    CLOSE(h, "section");
}

static void about(struct request *rq, const struct xdm_document *d)
{
    struct html *h = &rq->html;
    OPEN(h, "p");
    html_span(h, d->kind_label.n ? d->kind_label : d->kind_code);
    if (d->author.n > 0) {
        html_text(h, " · ");
        html_span(h, d->author);
    }
    if (d->author_structure.n > 0) {
        html_text(h, ", ");
        html_span(h, d->author_structure);
    }
    if (d->date.n > 0) {
        html_text(h, " · ");
        html_text(h, french_date(rq, d->date));
    }
    CLOSE(h, "p");
}

static void warnings(struct request *rq, const struct xdm_document *d)
{
    struct html *h = &rq->html;
    if (d->status == XDM_DEPRECATED)
        LEAF(h, "span", tr(rq, "Remplacé ou annulé"), CLASS("tag bad"));
    if (d->replaces.n > 0)
        LEAF(h, "span", tr(rq, "Annule et remplace un document précédent"), CLASS("tag warn"));
    if (d->problem.n > 0)
        LEAF(h, "span", tr(rq, "Document illisible"), CLASS("tag bad"));
    else if ((d->has_hash && !d->hash_right) || !d->size_right)
        LEAF(h, "span", tr(rq, "Modifié depuis son envoi : empreinte ou taille différente"), CLASS("tag bad"));
}

static void cage(struct request *rq, const char *path, const char *title, bool sandboxed)
{
    struct html *h = &rq->html;
    OPEN(h, "iframe", CLASS("cage tall"), URL("src", path), ATTR("title", title), ATTR("loading", "lazy"),
         ATTR("referrerpolicy", "no-referrer"),
         ATTR_IF(sandboxed, "sandbox", "allow-popups allow-popups-to-escape-sandbox"));
    CLOSE(h, "iframe");
}

static void open_link(struct request *rq, const char *path, const char *symbol, const char *words)
{
    struct html *h = &rq->html;
    OPEN(h, "a", URL("href", path), CLASS("button small"), ATTR("target", "_blank"), ATTR("rel", "noopener"));
    icon(h, symbol);
    html_text(h, words);
    CLOSE(h, "a");
}

static void document(struct request *rq, const char *base, uint32_t n, const struct xdm_document *d)
{
    struct html *h = &rq->html;
    const char *view = path_of(rq, "%s/%lu/vue", base, (unsigned long)n);
    const char *file = path_of(rq, "%s/%lu", base, (unsigned long)n);
    bool pdf = d->has_pdf_body || d->pdf_member.n > 0 || span_is(d->mime, "application/pdf");
    struct span title = d->title.n ? d->title : d->kind_label;
    OPEN(h, "section", CLASS("document"));
    OPEN(h, "header");
    LEAF_SPAN(h, "h2", title.n ? title : span_of(tr(rq, "Document de santé")));
    warnings(rq, d);
    if (pdf)
        open_link(rq, file, "doc", tr(rq, "Ouvrir le PDF"));
    if (d->is_cda && pdf)
        open_link(rq, view, "eye", tr(rq, "Voir l’en-tête du document"));
    about(rq, d);
    CLOSE(h, "header");
    if (pdf)
        cage(rq, path_of(rq, "%s#view=FitH", file), tr(rq, "Document PDF"), false);
    else if (d->is_cda)
        cage(rq, view, tr(rq, "Contenu du document"), true);
    CLOSE(h, "section");
}

/* A PDF beside the CDA that holds the same is not shown twice (SC.CDA/DD.15). */
static bool shown_by_another(const struct documents *all, const struct xdm_document *d)
{
    struct xdm_view view = all->view;
    struct xdm_document other;
    while (!d->is_cda && xdm_next(&view, &other))
        if (other.is_cda && other.pdf_member.n > 0 && span_eq(other.pdf_member, d->member))
            return true;
    return false;
}

void message_documents(struct request *rq, const struct mail *mail, const struct card *card)
{
    struct documents all;
    struct xdm_document d;
    if (!(card->summary_flags & (SUMMARY_HAS_XDM | SUMMARY_HAS_CDA)))
        return;
    if (documents_open(rq, card, &all) == STORE_OK) {
        struct xdm_view view = all.view;
        const char *base = path_of(rq, "%s/x", message_path(rq, mail, card->uid, ""));
        if (all.view.problem.n > 0)
            archive_problem(rq, all.view.problem);
        if (all.view.discordant) /* before the identity it is about: nobody should read that one and stop */
            discordances(rq, &all);
        patient_band(rq, mail, card, &all.view);
        for (uint32_t n = 0; xdm_next(&view, &d); n++)
            if (!shown_by_another(&all, &d))
                document(rq, base, n, &d);
    }
    documents_close(&all);
}
