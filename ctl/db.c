/* caducee db migrate [--dry-run] | status [--json]: the schema, as caducee_owner. */
#include "ctl/command.h"

#include "lib/store/schema.h"

#include <stdio.h>

static void say_applied(const struct migration *m, void *dry)
{
    printf("%04d_%-12s %s%s%s\n", m->number, m->name, *(bool *)dry ? "à appliquer" : "appliquée",
           m->back ? " ; retour : " : "", m->back ? m->back : "");
}

static int report(enum store_status status, struct str *error)
{
    if (status != STORE_OK)
        fprintf(stderr, "caducee db: %s\n", error->len ? error->data : store_status_name(status));
    str_free(error);
    return status == STORE_OK ? STATUS_OK : STATUS_NO;
}

static int migrate(const struct conf *conf, bool dry_run)
{
    struct str error;
    str_init(&error, 64 << 10);
    return report(schema_migrate(conf, dry_run, say_applied, &dry_run, &error), &error);
}

static void print_row(const struct migration *m, bool json, bool last)
{
    if (json)
        printf("  {\"number\": %d, \"name\": \"%s\", \"applied\": %s%s%s, \"altered\": %s, \"back\": %s}%s\n",
               m->number, m->name, m->applied ? "\"" : "", m->applied ? m->applied : "null", m->applied ? "\"" : "",
               m->altered ? "true" : "false",
               m->back ? (span_starts_nocase(span_of(m->back), "yes") ? "true" : "false") : "null", last ? "" : ",");
    else
        printf("%04d_%-12s %s%s%s%s\n", m->number, m->name, m->applied ? m->applied : "en attente",
               m->altered ? "  ALTÉRÉE depuis" : "", m->back ? "  retour : " : "", m->back ? m->back : "");
}

/* Exit status 1 when something waits: a script may ask. */
static int show(const struct conf *conf, bool json)
{
    struct str error;
    str_init(&error, 64 << 10);
    struct arena *arena = arena_new(0);
    struct migration *all = arena_alloc(arena, sizeof(*all) * MIGRATIONS_MAX);
    size_t count = 0, waiting = 0;
    enum store_status answer = schema_status(conf, arena, all, &count, &error);
    if (answer == STORE_OK && json)
        puts("[");
    for (size_t i = 0; answer == STORE_OK && i < count; i++) {
        print_row(&all[i], json, i + 1 == count);
        waiting += !all[i].applied || all[i].altered;
    }
    if (answer == STORE_OK && json)
        puts("]");
    arena_destroy(&arena);
    int code = report(answer, &error);
    return code == STATUS_OK && waiting ? STATUS_NO : code;
}

int command_db_migrate(struct invocation *i)
{
    bool dry_run = take_flag(i, "--dry-run");
    return words_end(i) ? migrate(i->conf, dry_run) : STATUS_USAGE;
}

int command_db_status(struct invocation *i)
{
    return words_end(i) ? show(i->conf, i->json) : STATUS_USAGE;
}
