#include "lib/store/provision.h"

#include "lib/store/bal_admin.h"
#include "lib/store/people.h"

#include <string.h>

static bool kind_of(const char *text, enum bal_kind *out)
{
    for (enum bal_kind kind = BAL_PER; kind <= BAL_CAB; kind++)
        if (strcmp(text, bal_kind_name(kind)) == 0) {
            *out = kind;
            return true;
        }
    return false;
}

static enum store_status holder_of(struct db *db, const struct annuaire_proposal *p, int64_t *id)
{
    const char *ids[] = {p->national_id};
    struct person known;
    *id = 0;
    if (!*p->national_id)
        return STORE_CONFLICT;
    enum store_status status = person_find(db, p->national_id, &known);
    if (status == STORE_OK)
        *id = known.id;
    if (status != STORE_NOT_FOUND)
        return status;
    const struct person_new person = {.title = *p->title ? p->title : NULL,
                                      .given = p->given,
                                      .family = p->family,
                                      .profession = *p->profession ? p->profession : NULL,
                                      .origin = "annuaire",
                                      .national_ids = ids,
                                      .id_count = 1};
    return person_add(db, &person, NULL, id);
}

/* ECO.2.2.7: title, first name, NAME, structure; a functional name for the others. */
static void name_of(struct str *out, const struct annuaire_proposal *p, bool person)
{
    const char *const parts[] = {p->title, p->given, p->family, p->structure};
    if (!person && *p->description) {
        str_addf(out, "%s - %s", p->description, p->structure);
        return;
    }
    if (!person) {
        str_add(out, p->address, strcspn(p->address, "@"));
        str_addf(out, " - %s", p->structure);
        return;
    }
    for (size_t i = 0; i < COUNT(parts); i++)
        if (*parts[i])
            str_addf(out, "%s%s", out->len ? " " : "", parts[i]);
}

enum store_status provision_proposal(struct db *db, const struct annuaire_proposal *p, const struct trace *trace,
                                     const char *who)
{
    struct bal_new bal = {.address = p->address,
                          .domain = p->domain,
                          .state = BAL_OPEN,
                          .structure_id = p->structure_id,
                          .origin = "annuaire",
                          .published = true};
    struct str name;
    int64_t id;
    enum store_status status = STORE_OK;
    if (!kind_of(p->kind, &bal.kind))
        return STORE_INVALID;
    bal.red_listed = p->red_listed;
    bal.published = bal.kind != BAL_APP && !p->red_listed;
    if (bal.kind == BAL_PER)
        status = holder_of(db, p, &bal.holder_id);
    bal.responsible_id = bal.holder_id;
    str_init(&name, 255);
    name_of(&name, p, bal.kind == BAL_PER);
    bal.display_name = name.len ? name.data : "";
    if (status == STORE_OK)
        status = bal_create(db, &bal, trace, &id);
    if (status == STORE_OK)
        status = annuaire_decide(db, p->id, true, who);
    str_free(&name);
    return status;
}
