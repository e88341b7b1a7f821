/* Named operators and their roles. */
#include "ctl/lists.h"

#include "lib/store/operators.h"
#include "lib/store/people.h"

#include <string.h>

static bool is_role(const char *role)
{
    return role && (strcmp(role, "exploitant") == 0 || strcmp(role, "administrateur") == 0 ||
                    strcmp(role, "auditeur") == 0 || strcmp(role, "officier") == 0);
}

int command_operator_add(struct invocation *i)
{
    struct operator_new o = {.name = take_option(i, "--name"), .role = take_option(i, "--role")};
    const char *structure = take_option(i, "--structure"), *until = take_option(i, "--until"),
               *national_id = take_option(i, "--person");
    struct structure found = {.id = 0};
    struct person person = {.id = 0};
    o.login = take_word(i);
    bool local = o.role && strcmp(o.role, "administrateur") == 0;
    if (!o.login || !o.name || !is_role(o.role) || local != (structure != NULL) || !words_end(i) ||
        (until && !read_date(until, &o.until)))
        return usage(i, "COMPTE --name NOM --role exploitant|auditeur|officier, ou administrateur --structure S",
                     "LOGIN --name NAME --role exploitant|auditeur|officier, or administrateur --structure S");
    if (strcmp(o.login, "root") == 0)
        return fail(i, STATUS_REFUSED, "%s",
                    LANG(i, "root n'est personne : un rôle a un nom", "root is nobody: a role has a name"));
    int status = structure ? fail_store(i, structure_find(invocation_db(i), structure, &found), structure) : STATUS_OK;
    if (status != STATUS_OK)
        return status;
    if (national_id) /* the same role at the webmail, by Pro Santé Connect */
        status = fail_store(i, person_find(invocation_db(i), national_id, &person), national_id);
    if (status != STATUS_OK)
        return status;
    o.structure_id = found.id;
    o.person_id = person.id;
    struct trace trace = invocation_trace(i, "operator.add");
    trace.structure_id = found.id;
    trace.detail = o.role;
    return fail_store(i, operator_add(invocation_db(i), &o, &trace), o.login);
}

int command_operator_list(struct invocation *i)
{
    return words_end(i) ? list_print(i, LISTING_operators, NULL, 0, NULL) : STATUS_USAGE;
}

int command_operator_end(struct invocation *i)
{
    const char *role = take_option(i, "--role"), *login = take_word(i);
    if (!login || !is_role(role) || !words_end(i))
        return usage(i, "COMPTE --role RÔLE", "LOGIN --role ROLE");
    struct trace trace = invocation_trace(i, "operator.end");
    trace.detail = role;
    return fail_store(i, operator_end(invocation_db(i), login, role, &trace), login);
}
