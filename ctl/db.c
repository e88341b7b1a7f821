/* caducee db migrate [--dry-run] | status [--json]: the schema, as caducee_owner. */
#include "ctl/command.h"

#include "lib/store/schema.h"

#include <stdio.h>

static void say_applied(const struct migration *m, void *dry)
{
    printf("%04d_%-12s %s\n", m->number, m->name, *(bool *)dry ? "à appliquer" : "appliquée");
}

static int report(enum store_status status, struct str *error)
{
    if (status != STORE_OK)
        fprintf(stderr, "caducee db: %s\n", error->len ? error->data : store_status_name(status));
    str_free(error);
    return status == STORE_OK ? EXIT_DONE : EXIT_FAILED;
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
        printf("  {\"number\": %d, \"name\": \"%s\", \"applied\": %s%s%s, \"altered\": %s}%s\n", m->number, m->name,
               m->applied ? "\"" : "", m->applied ? m->applied : "null", m->applied ? "\"" : "",
               m->altered ? "true" : "false", last ? "" : ",");
    else
        printf("%04d_%-12s %s%s\n", m->number, m->name, m->applied ? m->applied : "en attente",
               m->altered ? "  ALTÉRÉE depuis" : "");
}

/* Exit status 1 when something waits: a script may ask. */
static int status(const struct conf *conf, bool json)
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
    return code == EXIT_DONE && waiting ? EXIT_FAILED : code;
}

int command_db(const struct conf *conf, int argc, char **argv)
{
    struct span verb = span_of(argc > 1 ? argv[1] : ""), option = span_of(argc > 2 ? argv[2] : "");
    if (span_is(verb, "migrate") && (argc == 2 || span_is(option, "--dry-run")))
        return migrate(conf, argc > 2);
    if (span_is(verb, "status") && (argc == 2 || span_is(option, "--json")))
        return status(conf, argc > 2);
    fputs("usage : caducee db migrate [--dry-run] | status [--json]\n", stderr);
    return EXIT_USAGE;
}
