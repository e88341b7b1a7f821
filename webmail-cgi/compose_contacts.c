#include "webmail-cgi/compose_extras.h"

#include "webmail-cgi/contacts.h"

static const struct record *chosen(const record_list *all, struct span id)
{
    vec_each (all, r)
        if (span_eq(r->field[CONTACT_ID], id))
            return r;
    return NULL;
}

void compose_from_contact(struct request *rq, struct compose *c)
{
    record_list all = {0};
    if (!in_declared(&rq->in, "contact") || in_text(&rq->in, "contact").n == 0 || c->to.n > 0 ||
        contacts_search(rq, SPAN_NONE, CONTACTS_MAX, &all) != STORE_OK) {
        vec_free(&all);
        return;
    }
    const struct record *r = chosen(&all, in_text(&rq->in, "contact"));
    if (r && contact_is_group(r))
        c->to = r->field[CONTACT_ADDRESSES];
    else if (r)
        c->to = contact_as_recipient(rq, r);
    vec_free(&all);
}
