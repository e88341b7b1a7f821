/* Contacts and groups of a mailbox: shared by who shares it, sealed to it, for a contact may be a patient. */
#include "webmail-cgi/contacts.h"
#include "webmail-cgi/desk.h"
#include "webmail-cgi/form.h"
#include "webmail-cgi/layout.h"
#include "webmail-cgi/mail.h"
#include "webmail-cgi/outgoing.h"
#include "webmail-cgi/pages.h"

#include "lib/base/text.h"
#include "lib/store/bal_document.h"

static void group_size(struct request *rq, struct span addresses)
{
    size_t count = 0;
    struct span one;
    while (addresses.n > 0 && span_cut(&addresses, ',', &one))
        count += span_trim(one).n > 0;
    html_number(&rq->html, count);
    html_text(&rq->html, tr(rq, " adresses"));
}

/* A patient's address holds the matricule: it is not shown (SC.MSS/UX.31). */
static void about(struct request *rq, const struct record *c)
{
    struct html *h = &rq->html;
    struct span addresses = c->field[CONTACT_ADDRESSES];
    OPEN(h, "p", CLASS("excerpt"));
    if (contact_is_group(c))
        group_size(rq, addresses);
    else if (names_patient(addresses))
        html_text(h, tr(rq, "Patient"));
    else
        html_span(h, addresses);
    if (c->field[CONTACT_NOTE].n > 0) {
        html_text(h, " · ");
        html_span(h, c->field[CONTACT_NOTE]);
    }
    CLOSE(h, "p");
}

static void contact_card(struct request *rq, const struct record *c)
{
    struct html *h = &rq->html;
    const struct span *id = &c->field[CONTACT_ID];
    OPEN(h, "article", CLASS("item"));
    OPEN(h, "span", CLASS(names_patient(c->field[CONTACT_ADDRESSES]) ? "avatar patient" : "avatar"),
         ATTR("aria-hidden", "true"));
    html_text(h, contact_is_group(c) ? "@" : initials(rq, c->field[CONTACT_NAME]));
    CLOSE(h, "span");
    OPEN(h, "div", CLASS("words"));
    LEAF_SPAN(h, "h2", c->field[CONTACT_NAME]);
    about(rq, c);
    CLOSE(h, "div");
    OPEN(h, "div", CLASS("bar"));
    if (rq->grant.may_send || rq->grant.role == KEYD_ROLE_OWNER)
        LEAF(h, "a", tr(rq, "Écrire"), CLASS("button small"),
             URL("href", path_of(rq, "/b/%lld/ecrire?contact=%.*s", (long long)rq->bal.id, (int)id->n, id->p)));
    if (desk_may_change(rq)) {
        LEAF(h, "a", tr(rq, "Modifier"), CLASS("button small"),
             URL("href", path_of(rq, "/b/%lld/contacts?choix=%.*s#nom", (long long)rq->bal.id, (int)id->n, id->p)));
        form_button(rq, desk_path(rq, "contacts"), "choix", *id, "effacer", tr(rq, "Effacer"), "button danger small");
    }
    CLOSE(h, "div");
    CLOSE(h, "article");
}

static void contact_form(struct request *rq, const struct record *c)
{
    bool old = c->field[CONTACT_ID].n > 0;
    form_begin(rq, "panel", desk_path(rq, "contacts"));
    LEAF(&rq->html, "h2", old ? tr(rq, "Modifier") : tr(rq, "Nouveau contact ou groupe"));
    if (old)
        form_hidden(rq, "choix", c->field[CONTACT_ID]);
    form_text(rq, "nom", tr(rq, "Nom"), c->field[CONTACT_NAME], 100, true);
    form_lines(rq, "adresses", tr(rq, "Adresse ; plusieurs, séparées par des virgules, font un groupe"),
               c->field[CONTACT_ADDRESSES], 16000, 3);
    form_text(rq, "note", tr(rq, "Note (profession, service…)"), c->field[CONTACT_NOTE], 200, false);
    form_submit(rq, "garder", tr(rq, "Enregistrer"));
    form_help(rq, tr(rq, "Les contacts sont chiffrés avec la boîte ; qui la partage les voit."));
    form_end(rq);
}

void page_contacts(struct request *rq)
{
    record_list all = {0};
    struct record chosen = {0};
    enum store_status status = contacts_search(rq, SPAN_NONE, CONTACTS_MAX, &all);
    if (status == STORE_OK) {
        desk_begin(rq, "contacts");
        if (all.len == 0)
            desk_empty(rq, "person", tr(rq, "Aucun contact. L’annuaire national reste proposé à chaque envoi."));
        vec_each (&all, c) {
            contact_card(rq, c);
            if (span_eq(c->field[CONTACT_ID], in_text(&rq->in, "choix")))
                chosen = *c;
        }
        if (desk_may_change(rq))
            contact_form(rq, &chosen);
        desk_end(rq);
    } else {
        answer_store_error(rq, status);
    }
    vec_free(&all);
}

static bool put(struct str *content, void *arg)
{
    return record_put(content, arg, CONTACTS_MAX);
}

static bool take_out(struct str *content, void *arg)
{
    const struct record *c = arg;
    return record_remove(content, c->field[CONTACT_ID]);
}

/* What was typed, one line: "Nom <a@b>, c@d" becomes "a@b, c@d". False: the answer says what cannot be read. */
static bool read_addresses(struct request *rq, struct record *c)
{
    outgoing_addresses list = {0};
    struct span bad = SPAN_NONE;
    struct str line;
    struct span typed = in_text(&rq->in, "adresses");
    char *byte = arena_strndup(rq->arena, typed.n ? typed.p : "", typed.n);
    for (size_t i = 0; i < typed.n; i++) /* a line each is as good as a comma */
        if (byte[i] == '\n' || byte[i] == '\r' || byte[i] == '\t')
            byte[i] = ',';
    bool good = outgoing_read_addresses((struct span){byte, typed.n}, &list, &bad) && list.len > 0;
    str_init(&line, 32 << 10);
    vec_each (&list, a)
        str_addf(&line, "%s%.*s", line.len ? ", " : "", (int)a->address.n, a->address.p);
    c->field[CONTACT_ADDRESSES] = arena_span(rq->arena, str_span(&line));
    c->field[CONTACT_KIND] = list.len > 1 ? SPAN_LIT("g") : SPAN_LIT("c");
    if (!good)
        answer_error(
            rq, 400, tr(rq, "Adresse illisible"),
            arena_printf(rq->arena, "« %.*s » %s", (int)bad.n, bad.n ? bad.p : "", tr(rq, "n’est pas une adresse.")));
    str_free(&line);
    vec_free(&list);
    return good;
}

void page_contacts_act(struct request *rq)
{
    struct span id = in_text(&rq->in, "choix");
    bool removes = in_is(&rq->in, "acte", "effacer");
    struct record c = {0};
    if (!desk_allows(rq, desk_may_change(rq)))
        return;
    c.field[CONTACT_ID] = id.n ? id : new_record_id(rq);
    c.field[CONTACT_NAME] = span_trim(in_text(&rq->in, "nom"));
    c.field[CONTACT_NOTE] = span_trim(in_text(&rq->in, "note"));
    if (!removes && !read_addresses(rq, &c))
        return;
    enum store_status status = STORE_INVALID;
    if (removes || c.field[CONTACT_NAME].n > 0)
        status = bal_document_change(rq->thread->db, rq->mailbox, DOCUMENT_CONTACTS, removes ? take_out : put, &c);
    trace_act(rq, "web.contacts", store_status_name(status), NULL);
    desk_done(rq, "contacts", status);
}
