/* Simple rules at delivery: what a field holds, and what is done then. They are kept in clear, and the page says so. */
#include "webmail-cgi/desk.h"
#include "webmail-cgi/form.h"
#include "webmail-cgi/layout.h"
#include "webmail-cgi/mail.h"
#include "webmail-cgi/pages.h"

#include "lib/base/num.h"
#include "lib/store/rules.h"

#include <stdio.h>
#include <string.h>

static const struct {
    const char *value, *words, *sentence;
    bool needs_value;
} fields[] = {[RULE_FROM] = {"expediteur", "L’expéditeur contient", "Si l’expéditeur contient ", true},
              [RULE_TO] = {"destinataire", "Un destinataire contient", "Si un destinataire contient ", true},
              [RULE_SUBJECT] = {"objet", "L’objet contient", "Si l’objet contient ", true},
              [RULE_ATTACHMENT] = {"piece", "Il y a une pièce jointe", "S’il y a une pièce jointe", false},
              [RULE_DOCUMENT] = {"document", "Il y a un document de santé", "S’il y a un document de santé", false},
              [RULE_PATIENT] = {"patient", "Il vient d’un patient", "S’il vient d’un patient", false}};

static void sentence(struct request *rq, const struct bal_rule *rule)
{
    struct html *h = &rq->html;
    OPEN(h, "p", CLASS("excerpt"));
    html_text(h, tr(rq, fields[rule->field].sentence));
    if (rule->value[0]) {
        html_text(h, "« ");
        html_text(h, rule->value);
        html_text(h, " »");
    }
    html_text(h, rule->folder_id ? tr(rq, " : déplacer vers ") : tr(rq, " : suivre"));
    if (rule->folder_id)
        LEAF(h, "strong", rule->folder);
    CLOSE(h, "p");
}

static void rule_card(struct request *rq, const struct bal_rule *rule, bool first)
{
    struct html *h = &rq->html;
    struct span id = span_of(arena_printf(rq->arena, "%lld", (long long)rule->id));
    const char *path = desk_path(rq, "regles");
    OPEN(h, "article", CLASS(rule->active ? "item" : "item off"));
    OPEN(h, "div", CLASS("words"));
    LEAF(h, "h2", rule->name);
    sentence(rq, rule);
    CLOSE(h, "div");
    OPEN(h, "div", CLASS("bar"));
    if (!first)
        form_button(rq, path, "regle", id, "premiere", tr(rq, "En premier"), "button small");
    form_button(rq, path, "regle", id, rule->active ? "arreter" : "reprendre",
                rule->active ? tr(rq, "Arrêter") : tr(rq, "Reprendre"), "button small");
    form_button(rq, path, "regle", id, "effacer", tr(rq, "Effacer"), "button danger small");
    CLOSE(h, "div");
    CLOSE(h, "article");
}

static void folder_choice(struct request *rq, const struct mail *mail)
{
    struct html *h = &rq->html;
    OPEN(h, "div", CLASS("field"));
    LEAF(h, "label", tr(rq, "Alors"), ATTR("for", "vers"));
    OPEN(h, "select", ATTR("name", "vers"), ATTR("id", "vers"));
    LEAF(h, "option", tr(rq, "le suivre (étoile)"), ATTR("value", "0"));
    vec_each (&mail->folders, folder) {
        bool place = !folder->no_select && strcmp(folder->name, "INBOX") != 0 &&
                     strcmp(folder->special_use, "\\Drafts") != 0 && strcmp(folder->special_use, "\\Sent") != 0;
        if (place)
            LEAF(h, "option", arena_printf(rq->arena, "%s %s", tr(rq, "le déplacer vers"), folder_title(rq, folder)),
                 ATTR_N("value", folder->id));
    }
    CLOSE(h, "select");
    CLOSE(h, "div");
}

static void new_rule(struct request *rq, const struct mail *mail)
{
    struct choice choices[COUNT(fields)];
    for (size_t i = 0; i < COUNT(fields); i++)
        choices[i] = (struct choice){fields[i].value, tr(rq, fields[i].words)};
    form_begin(rq, "panel", desk_path(rq, "regles"));
    LEAF(&rq->html, "h2", tr(rq, "Nouvelle règle"));
    form_text(rq, "nom", tr(rq, "Nom de la règle"), SPAN_NONE, 100, true);
    OPEN(&rq->html, "div", CLASS("grid"));
    form_choice(rq, "champ", tr(rq, "Quand"), choices, COUNT(choices), SPAN_NONE);
    form_text(rq, "valeur", tr(rq, "Ces mots (pour les trois premiers)"), SPAN_NONE, 200, false);
    folder_choice(rq, mail);
    CLOSE(&rq->html, "div");
    form_submit(rq, "ajouter", tr(rq, "Ajouter la règle"));
    form_help(rq, tr(rq, "Une règle agit à l’arrivée d’un message, avant toute lecture : elle est gardée en clair. N’y "
                         "écrivez pas le nom d’un patient."));
    form_end(rq);
}

void page_rules(struct request *rq)
{
    struct mail mail;
    bal_rule_list rules = {0};
    if (!mail_open(rq, &mail))
        return;
    enum store_status status = bal_rules_of(rq->thread->db, rq->bal.id, &rules);
    if (status == STORE_OK) {
        desk_begin(rq, "regles");
        if (rules.len == 0)
            desk_empty(rq, "settings", tr(rq, "Aucune règle : tout arrive dans la boîte de réception."));
        for (size_t i = 0; i < rules.len; i++)
            rule_card(rq, &rules.items[i], i == 0);
        new_rule(rq, &mail);
        desk_end(rq);
    } else {
        answer_store_error(rq, status);
    }
    vec_free(&rules);
    mail_close(&mail);
}

static enum store_status add(struct request *rq)
{
    struct bal_rule rule = {.folder_id = (int64_t)in_number(&rq->in, "vers", 0)};
    struct span name = span_trim(in_text(&rq->in, "nom")), value = span_trim(in_text(&rq->in, "valeur"));
    for (size_t i = 0; i < COUNT(fields); i++)
        if (in_is(&rq->in, "champ", fields[i].value))
            rule.field = (enum rule_field)i;
    if (name.n == 0 || (fields[rule.field].needs_value && value.n == 0))
        return STORE_INVALID;
    snprintf(rule.name, sizeof(rule.name), "%.*s", (int)name.n, name.p);
    if (fields[rule.field].needs_value)
        snprintf(rule.value, sizeof(rule.value), "%.*s", (int)value.n, value.p);
    return bal_rule_add(rq->thread->db, rq->bal.id, &rule);
}

void page_rules_act(struct request *rq)
{
    struct db *db = rq->thread->db;
    int64_t id = (int64_t)in_number(&rq->in, "regle", 0);
    enum store_status status;
    if (in_is(&rq->in, "acte", "ajouter"))
        status = add(rq);
    else if (in_is(&rq->in, "acte", "effacer"))
        status = bal_rule_remove(db, rq->bal.id, id);
    else if (in_is(&rq->in, "acte", "premiere"))
        status = bal_rule_first(db, rq->bal.id, id);
    else
        status = bal_rule_activate(db, rq->bal.id, id, in_is(&rq->in, "acte", "reprendre"));
    trace_act(rq, "web.rules", store_status_name(status), NULL);
    if (status == STORE_INVALID)
        answer_error(rq, 400, tr(rq, "Règle incomplète"), tr(rq, "Donnez-lui un nom, et les mots qu’elle cherche."));
    else
        desk_done(rq, "regles", status);
}
