/* Who may run what. Roles are named persons' (operator_role); a fresh installation, where nobody has one, lets whoever is named
 * begin. No role opens a BAL: content is keyd's to guard, and it knows no operator. */
#include "ctl/command.h"
#include "ctl/table.h"

#include "lib/store/operators.h"
#include "lib/store/people.h"

#include <string.h>

enum {
    EVERYBODY = 0,
    RUNS = ROLE_EXPLOITANT,
    MANAGES = ROLE_ADMINISTRATEUR,
    LOOKS = ROLE_AUDITEUR,
    KEEPS = ROLE_OFFICIER
};

/* The first row that fits; a group that is not here is the exploitant's to change and everybody's to read (state of the
 * installation, whitelist, CAs: no BAL and no person stands in it). Who runs the installation opens no BAL to anybody, not to
 * themselves either: that is the structure's administrator's. The database holds the same line for what is changed
 * (schema/0025_operators.sql). */
static const struct {
    const char *group, *name; /* name NULL: the whole group */
    unsigned change, read;    /* roles, one of which a command takes that changes something, or does not */
} groups[] = {
    {"bal", "share", MANAGES, MANAGES},
    {"bal", "bind-cert", MANAGES, MANAGES},
    {"bal", "exceptional-access", MANAGES, MANAGES},
    {"bal", "export", MANAGES, MANAGES},
    {"person", "add", MANAGES, MANAGES}, /* a further id opens what the person holds */
    {"person", "merge", MANAGES, MANAGES},
    {"bal", NULL, RUNS | MANAGES, RUNS | MANAGES},
    {"person", NULL, RUNS | MANAGES, RUNS | MANAGES},
    {"structure", NULL, RUNS, RUNS | MANAGES | LOOKS | KEEPS},
    {"domain", NULL, RUNS, RUNS | MANAGES | LOOKS | KEEPS},
    {"operator", "rights", EVERYBODY, EVERYBODY},
    {"operator", NULL, RUNS, RUNS | LOOKS | KEEPS},
    {"key", NULL, KEEPS, EVERYBODY},
    {"trace", "resume", RUNS, RUNS},
    {"trace", NULL, LOOKS | RUNS, LOOKS | RUNS},
    {"incident", NULL, LOOKS | RUNS, LOOKS | RUNS},
    {"indicators", NULL, RUNS, RUNS | LOOKS | MANAGES},
    {"queue", NULL, RUNS, RUNS | LOOKS},
    {"publication", NULL, RUNS, RUNS | LOOKS},
    {"directory", "proposals", RUNS, RUNS | LOOKS},
    {"directory", "orphans", RUNS, RUNS | LOOKS},
    {"directory", "diff", RUNS, RUNS | LOOKS},
};

static unsigned wanted(const struct command *command)
{
    for (size_t n = 0; n < COUNT(groups); n++)
        if (strcmp(groups[n].group, command->group) == 0 &&
            (!groups[n].name || strcmp(groups[n].name, command->name) == 0))
            return command->changes ? groups[n].change : groups[n].read;
    return command->changes ? RUNS : EVERYBODY;
}

int command_operator_rights(struct invocation *i)
{
    static const struct table_column columns[] = {{"command", "commande", "command", false},
                                                  {"roles", "rôles", "roles", false}};
    struct table table;
    struct str roles;
    if (!words_end(i))
        return STATUS_USAGE;
    str_init(&roles, 256);
    table_init(&table, columns, COUNT(columns));
    for (size_t n = 0; n < command_count; n++) {
        str_clear(&roles);
        str_addf(&roles, "%s%s%s", commands[n].group, *commands[n].name ? " " : "", commands[n].name);
        table_cell(&table, roles.data);
        str_clear(&roles);
        operator_role_names(wanted(&commands[n]), &roles);
        table_cell(&table, roles.len ? roles.data : LANG(i, "tous", "everybody"));
    }
    table_print(i, &table);
    str_free(&roles);
    return STATUS_OK;
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

/* What puts an installation on its feet (again) goes on where no database answers that could know a role. */
static bool needs_no_database(const struct command *command)
{
    return strcmp(command->group, "init") == 0 || strcmp(command->group, "db") == 0 ||
           (strcmp(command->group, "key") == 0 && strcmp(command->name, "import") == 0);
}

int rights_check(struct invocation *i, const struct command *command)
{
    unsigned roles = 0, need = wanted(command);
    bool any = false;
    if (need == EVERYBODY)
        return STATUS_OK;
    enum store_status asked =
        operator_roles_of(invocation_db(i), i->operator_name ? i->operator_name : "", &roles, &any);
    if (asked != STORE_OK && needs_no_database(command)) {
        db_destroy(&i->db);
        return STATUS_OK;
    }
    if (asked != STORE_OK)
        return fail_store(i, asked, LANG(i, "rôles", "roles"));
    if (!any)
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
