/* Structures, domains and persons. */
#include "ctl/lists.h"

#include "lib/proto/address.h"
#include "lib/store/people.h"

#include <string.h>

int command_structure_add(struct invocation *i)
{
    struct structure_new s = {.siret = take_option(i, "--siret"),
                              .finess_et = take_option(i, "--finess"),
                              .finess_ej = take_option(i, "--finess-ej"),
                              .contact = take_option(i, "--contact")};
    const char *parent = take_option(i, "--parent");
    struct structure above = {.id = 0};
    s.name = take_word(i);
    if (!s.name || !*s.name || !words_end(i))
        return usage(i, "un nom", "a name");
    enum store_status status = parent ? structure_find(invocation_db(i), parent, &above) : STORE_OK;
    if (status != STORE_OK)
        return fail_store(i, status, parent);
    s.parent_id = above.id;
    int64_t id = 0;
    struct trace trace = invocation_trace(i, "structure.add");
    status = structure_add(invocation_db(i), &s, &trace, &id);
    if (status == STORE_OK)
        say(i, LANG(i, "structure %lld", "structure %lld"), (long long)id);
    return fail_store(i, status, s.name);
}

int command_structure_list(struct invocation *i)
{
    return words_end(i) ? list_governed(i, LISTING_structures, NULL, 0) : STATUS_USAGE;
}

int command_domain_add(struct invocation *i)
{
    const char *owner = take_option(i, "--structure"), *name = take_word(i);
    struct structure structure;
    struct str domain;
    if (!name || !owner || !words_end(i))
        return usage(i, "un domaine et --structure", "a domain and --structure");
    str_init(&domain, ADDRESS_DOMAIN_MAX);
    if (!domain_normalise(&domain, span_of(name))) {
        str_free(&domain);
        return fail(i, STATUS_BAD_INPUT, LANG(i, "%s : pas un nom de domaine", "%s: not a domain name"), name);
    }
    enum store_status status = structure_find(invocation_db(i), owner, &structure);
    int code = fail_store(i, status, owner);
    if (status == STORE_OK) {
        struct trace trace = invocation_trace(i, "domain.add");
        trace.structure_id = structure.id;
        trace.detail = domain.data;
        code = fail_store(i, own_domain_add(invocation_db(i), domain.data, structure.id, &trace), name);
    }
    str_free(&domain);
    return code;
}

int command_domain_list(struct invocation *i)
{
    return words_end(i) ? list_governed(i, LISTING_domains, NULL, 0) : STATUS_USAGE;
}

enum { IDS_MAX = 16 };

/* A known person with BALs that who runs this does not govern: a further id would open those. */
static bool belongs_elsewhere(struct invocation *i, const char *id)
{
    struct person person;
    return person_find(invocation_db(i), id, &person) == STORE_OK && governed_person(i, id, &person) == STORE_NOT_FOUND;
}

int command_person_add(struct invocation *i)
{
    const char *ids[IDS_MAX], *one;
    struct person_new p = {.title = take_option(i, "--title"),
                           .given = take_option(i, "--given"),
                           .family = take_option(i, "--family"),
                           .profession = take_option(i, "--profession"),
                           .national_ids = ids};
    while (p.id_count < IDS_MAX && (one = take_option(i, "--national-id")))
        ids[p.id_count++] = one;
    if (!words_end(i) || p.id_count == 0)
        return usage(i, "--national-id, avec son chiffre de type (8… RPPS, 0… ADELI)",
                     "--national-id, with its type digit (8… RPPS, 0… ADELI)");
    for (size_t n = 0; n < p.id_count; n++)
        if (belongs_elsewhere(i, ids[n]))
            return fail_store(i, STORE_NOT_FOUND, ids[n]);
    int64_t id = 0;
    struct trace trace = invocation_trace(i, "person.add");
    enum store_status status = person_add(invocation_db(i), &p, &trace, &id);
    if (status == STORE_CONFLICT)
        return fail(i, STATUS_CONFLICT, "%s",
                    LANG(i, "ces identifiants sont déjà ceux de deux personnes : person merge",
                         "these ids are two persons' already: person merge"));
    if (status == STORE_OK)
        say(i, LANG(i, "personne %lld", "person %lld"), (long long)id);
    return fail_store(i, status, ids[0]);
}

int command_person_list(struct invocation *i)
{
    const char *arguments[] = {take_word(i)};
    return words_end(i) ? list_governed(i, LISTING_persons, arguments, COUNT(arguments)) : STATUS_USAGE;
}

int command_person_merge(struct invocation *i)
{
    const char *reason = take_option(i, "--reason"), *from = take_word(i), *into = take_word(i);
    struct person old, kept;
    if (!from || !into || !reason || !words_end(i))
        return usage(i, "deux identifiants et --reason", "two ids and --reason");
    int status = fail_store(i, governed_person(i, from, &old), from);
    if (status == STATUS_OK)
        status = fail_store(i, governed_person(i, into, &kept), into);
    if (status != STATUS_OK)
        return status;
    struct trace trace = invocation_trace(i, "person.merge");
    trace.person_id = kept.id;
    trace.detail = reason;
    return fail_store(i, person_merge(invocation_db(i), old.id, kept.id, &trace), from);
}
