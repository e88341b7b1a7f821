/* Who may run what. Roles are named persons' (operator_role); a fresh installation, where nobody has one, lets whoever is named
 * begin. No role opens a BAL: content is keyd's to guard, and it knows no operator. */
#include "ctl/command.h"

#include "lib/store/operators.h"
#include "lib/store/people.h"

#include <string.h>

/* The first row that fits; a group that is not here is the exploitant's. Who runs the installation opens no BAL to anybody, not
 * to themselves either: that is the structure's administrator's. */
static const struct {
    const char *group, *name; /* name NULL: the whole group */
    unsigned roles;           /* who may change; who may read when `reads` */
    bool reads;               /* reading asks for the role too */
} groups[] = {
    {"bal", "share", ROLE_ADMINISTRATEUR, false},
    {"bal", "bind-cert", ROLE_ADMINISTRATEUR, false},
    {"bal", "exceptional-access", ROLE_ADMINISTRATEUR, false},
    {"bal", "export", ROLE_ADMINISTRATEUR, false},
    {"person", "add", ROLE_ADMINISTRATEUR, false}, /* a further id opens what the person holds */
    {"person", "merge", ROLE_ADMINISTRATEUR, false},
    {"bal", NULL, ROLE_EXPLOITANT | ROLE_ADMINISTRATEUR, true},
    {"person", NULL, ROLE_EXPLOITANT | ROLE_ADMINISTRATEUR, true},
    {"key", NULL, ROLE_OFFICIER, false},
    {"trace", NULL, ROLE_AUDITEUR | ROLE_EXPLOITANT, true},
    {"incident", NULL, ROLE_AUDITEUR | ROLE_EXPLOITANT, true},
};

static unsigned wanted(const struct command *command)
{
    for (size_t n = 0; n < COUNT(groups); n++)
        if (strcmp(groups[n].group, command->group) == 0 &&
            (!groups[n].name || strcmp(groups[n].name, command->name) == 0))
            return command->changes || groups[n].reads ? groups[n].roles : 0;
    return command->changes ? ROLE_EXPLOITANT : 0;
}

static int refuse(struct invocation *i, const struct command *command)
{
    char *what = xasprintf("%s %s", command->group, command->name);
    struct trace trace = invocation_trace(i, "operator.refused");
    trace.answer = "NO";
    trace.detail = what;
    (void)trace_write(invocation_db(i), &trace);
    xfree(&what);
    return fail(i, STATUS_REFUSED,
                LANG(i, "« %s » n'a pas le rôle qu'il faut (caducee operator list)",
                     "\"%s\" has not the role it takes (caducee operator list)"),
                i->operator_name ? i->operator_name : "?");
}

/* The schema itself comes before any role; and without a database there is none to ask. */
int rights_check(struct invocation *i, const struct command *command)
{
    unsigned roles = 0, need = wanted(command);
    bool any = false;
    if (need == 0 || strcmp(command->group, "db") == 0 || strcmp(command->group, "init") == 0)
        return STATUS_OK;
    if (operator_roles_of(invocation_db(i), i->operator_name ? i->operator_name : "", &roles, &any) != STORE_OK || !any)
        return STATUS_OK;
    if (!(roles & need))
        return refuse(i, command);
    i->scoped = !(roles & need & ~(unsigned)ROLE_ADMINISTRATEUR);
    return STATUS_OK;
}

bool governs(struct invocation *i, int64_t structure_id)
{
    bool yes = false;
    if (!i->scoped)
        return true;
    return operator_governs(invocation_db(i), i->operator_name, structure_id, &yes) == STORE_OK && yes;
}

enum store_status governed_person(struct invocation *i, const char *national_id, struct person *out)
{
    bool yes = true;
    enum store_status status = person_find(invocation_db(i), national_id, out);
    if (status == STORE_OK && i->scoped)
        status = operator_governs_person(invocation_db(i), i->operator_name, out->id, &yes);
    return status == STORE_OK && !yes ? STORE_NOT_FOUND : status;
}
