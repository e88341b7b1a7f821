/* caducee: the operator's hands. */
#include "ctl/command.h"

#include "lib/base/log.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct command commands[] = {
#define COMMAND(name, summary) {#name, summary, command_##name},
#include "ctl/commands.def"
#undef COMMAND
};

static void usage(FILE *out)
{
    fputs("usage : caducee [-c FICHIER] COMMANDE …\n\n", out);
    for (size_t i = 0; i < COUNT(commands); i++)
        fprintf(out, "  %-14s %s\n", commands[i].name, commands[i].summary);
}

static const struct command *find(const char *name)
{
    for (size_t i = 0; i < COUNT(commands); i++)
        if (span_is(span_of(name), commands[i].name))
            return &commands[i];
    return NULL;
}

int main(int argc, char **argv)
{
    const char *file = getenv("CADUCEE_CONF");
    int at = 1;
    if (argc > 2 && span_is(span_of(argv[1]), "-c")) {
        file = argv[2];
        at = 3;
    }
    if (at >= argc || span_is(span_of(argv[at]), "--help")) {
        usage(at >= argc ? stderr : stdout);
        return at >= argc ? EXIT_USAGE : EXIT_DONE;
    }
    const struct command *command = find(argv[at]);
    if (!command) {
        usage(stderr);
        return EXIT_USAGE;
    }
    log_setup("caducee", command->name, LOG_WARN);
    struct conf conf;
    struct str error;
    str_init(&error, 4096);
    if (!conf_load(&conf, file ? file : "/etc/caducee/caducee.conf", &error)) {
        fprintf(stderr, "caducee: %s\n", error.data);
        str_free(&error);
        return EXIT_CONFIGURATION;
    }
    int code = command->run(&conf, argc - at, argv + at);
    conf_free(&conf);
    str_free(&error);
    return code;
}
