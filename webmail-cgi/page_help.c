/* Help: the shortcuts, and what the marks in the lists mean. */
#include "webmail-cgi/layout.h"
#include "webmail-cgi/pages.h"

static void shortcuts(struct request *rq)
{
    static const struct {
        const char *key, *words;
    } keys[] = {{"j", "Message suivant"},
                {"k", "Message précédent"},
                {"x", "Cocher le message"},
                {"c", "Écrire"},
                {"r", "Répondre"},
                {"a", "Répondre à tous"},
                {"f", "Transférer"},
                {"s", "Suivre, ne plus suivre"},
                {"e", "Archiver"},
                {"#", "Mettre à la corbeille"},
                {"U", "Marquer comme non lu"},
                {"z", "Annuler ce qui vient d’être fait"},
                {"/", "Rechercher"},
                {"Ctrl + Entrée", "Envoyer le message en cours"},
                {"?", "Cette page"}};
    struct html *h = &rq->html;
    OPEN(h, "section", CLASS("panel"));
    LEAF(h, "h2", tr(rq, "Raccourcis du clavier"));
    OPEN(h, "div", CLASS("keys"));
    for (size_t i = 0; i < COUNT(keys); i++) {
        OPEN(h, "span");
        LEAF(h, "kbd", tr(rq, keys[i].key));
        CLOSE(h, "span");
        LEAF(h, "span", tr(rq, keys[i].words));
    }
    CLOSE(h, "div");
    CLOSE(h, "section");
}

static void marks(struct request *rq)
{
    static const struct {
        const char *class, *tag, *words;
    } tags[] = {
        {"tag patient", "Patient",
         "Le message vient d’un patient ou lui est adressé. Son nom est montré, jamais son matricule."},
        {"tag doc", "Compte rendu", "Le message porte un document de santé : son titre, tel que le document le dit."},
        {"tag warn", "À traiter", "Dans une boîte partagée, personne ne s’en est encore chargé."},
        {"tag bad", "Expéditeur à vérifier",
         "L’adresse affichée n’est pas celle de l’opérateur qui a remis le message."}};
    struct html *h = &rq->html;
    OPEN(h, "section", CLASS("panel"));
    LEAF(h, "h2", tr(rq, "Les marques dans les listes"));
    for (size_t i = 0; i < COUNT(tags); i++) {
        OPEN(h, "p");
        LEAF(h, "span", tr(rq, tags[i].tag), CLASS(tags[i].class));
        html_text(h, "  ");
        html_text(h, tr(rq, tags[i].words));
        CLOSE(h, "p");
    }
    CLOSE(h, "section");
}

void page_help(struct request *rq)
{
    frame_begin(rq, FRAME_PAGE, tr(rq, "Aide"), "page");
    LEAF(&rq->html, "h1", tr(rq, "Aide et raccourcis"));
    shortcuts(rq);
    marks(rq);
    frame_end(rq, FRAME_PAGE);
}
