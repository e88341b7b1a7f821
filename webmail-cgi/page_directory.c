/* Completion of addresses, asked for by compose.js as one types: the mailbox's contacts and groups, its correspondents, the
 * mirrored Annuaire. By POST, for names do not belong in addresses.
 */
#include "webmail-cgi/contacts.h"
#include "webmail-cgi/correspondents.h"
#include "webmail-cgi/json_writer.h"
#include "webmail-cgi/mail.h"
#include "webmail-cgi/pages.h"

enum { COMPLETIONS = 14, OWN_COMPLETIONS = 4 };

/* `value` is what the field takes; `shown` never holds a patient's matricule (SC.MSS/UX.31). */
static void entry(struct request *rq, struct json *j, struct span name, struct span address, const char *kind,
                  struct span about)
{
    bool patient = names_patient(address);
    struct span shown = patient ? span_of(tr(rq, "Patient")) : address;
    json_object(j, NULL);
    json_text(j, "name", name);
    json_text(j, "address", address);
    json_text(j, "shown", shown);
    json_text(j, "kind", span_of(kind));
    json_text(j, "about", about);
    json_end(j);
}

static enum store_status own_ones(struct request *rq, struct json *j, struct span typed)
{
    record_list contacts = {0};
    outgoing_addresses known = {0};
    enum store_status status = contacts_search(rq, typed, OWN_COMPLETIONS, &contacts);
    vec_each (&contacts, c) {
        bool group = contact_is_group(c);
        entry(rq, j, c->field[CONTACT_NAME], c->field[CONTACT_ADDRESSES], group ? tr(rq, "Groupe") : tr(rq, "Contact"),
              c->field[CONTACT_NOTE]);
    }
    if (status == STORE_OK)
        status = correspondents_search(rq, typed, OWN_COMPLETIONS, &known);
    vec_each (&known, a)
        entry(rq, j, a->name, a->address, tr(rq, "Récent"), SPAN_NONE);
    vec_free(&contacts);
    vec_free(&known);
    return status;
}

void page_directory(struct request *rq)
{
    web_correspondent_list list = {0};
    struct json j;
    struct span typed = span_trim(in_text(&rq->in, "mots"));
    rq->out.type = "application/json";
    json_init(&j, &rq->out.body);
    json_object(&j, NULL);
    json_array(&j, "entries");
    enum store_status status = typed.n >= 2 ? own_ones(rq, &j, typed) : STORE_OK;
    if (status == STORE_OK && typed.n >= 2)
        status = web_directory_search(rq->thread->db, typed, COMPLETIONS, &list);
    for (size_t i = 0; i < list.len && i < COMPLETIONS; i++)
        entry(rq, &j, span_of(list.items[i].name), span_of(list.items[i].address), list.items[i].kind,
              span_of(list.items[i].about));
    json_end(&j);
    json_end(&j);
    rq->out.status = status == STORE_OK ? 200 : 503;
    vec_free(&list);
}
