/* caducee: the operator's hands. Reads the words everybody shares (-c, --json, --as, --help), finds the row, checks that
 * whoever changes something has a name, runs it. */
#include "ctl/command.h"

#include "lib/base/clock.h"
#include "lib/base/crypto.h"
#include "lib/base/log.h"

#include <locale.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

const struct command commands[] = {
#define COMMAND(function, group, name, changes, usage, fr, en)                                                         \
    {group, name, usage, fr, en, changes, command_##function},
#include "ctl/commands.def"
#undef COMMAND
};
const size_t command_count = COUNT(commands);

struct asked {
    const char *file, *as;
    bool json, help, version;
};

static bool is_french(void)
{
    const char *const names[] = {"LC_ALL", "LC_MESSAGES", "LANG"};
    for (size_t n = 0; n < COUNT(names); n++) {
        const char *value = getenv(names[n]);
        if (value && *value)
            return span_starts_nocase(span_of(value), "fr");
    }
    return false;
}

static void print_command(FILE *out, const struct command *c, bool french)
{
    char line[128];
    snprintf(line, sizeof(line), "%s%s%s", c->group, *c->name ? " " : "", c->name);
    fprintf(out, "  %-22s  %s\n", line, french ? c->summary_fr : c->summary_en);
}

static void print_help(FILE *out, const char *group, bool french)
{
    fputs(french ? "usage : caducee [-c FICHIER] [--json] [--as NOM] COMMANDE …\n\n"
                 : "usage: caducee [-c FILE] [--json] [--as NAME] COMMAND …\n\n",
          out);
    for (size_t i = 0; i < command_count; i++)
        if (!group || strcmp(commands[i].group, group) == 0)
            print_command(out, &commands[i], french);
    fputs(french
              ? "\n« caducee COMMANDE --help » dit ses options. Codes de retour : 0 fait, 1 non, 64 usage, 65 entrée "
                "refusée,\n66 introuvable, 69 indisponible, 73 conflit, 77 sans droit, 78 configuration.\n"
              : "\n\"caducee COMMAND --help\" tells its options. Exit status: 0 done, 1 no, 64 usage, 65 bad input,\n"
                "66 not found, 69 unavailable, 73 conflict, 77 no right, 78 configuration.\n",
          out);
}

/* The shared words are taken wherever they stand; what is left keeps its order. */
static int take_shared(int argc, char **argv, struct asked *asked)
{
    int left = 0;
    for (int i = 1; i < argc; i++) {
        struct span word = span_of(argv[i]);
        if (span_is(word, "-c") && i + 1 < argc)
            asked->file = argv[++i];
        else if (span_is(word, "--as") && i + 1 < argc)
            asked->as = argv[++i];
        else if (span_is(word, "--json"))
            asked->json = true;
        else if (span_is(word, "--help") || span_is(word, "-h"))
            asked->help = true;
        else if (span_is(word, "--version"))
            asked->version = true;
        else
            argv[left++] = argv[i];
    }
    return left;
}

static const struct command *find(int argc, char **argv, int *used)
{
    for (size_t i = 0; argc > 0 && i < command_count; i++) {
        if (strcmp(commands[i].group, argv[0]) != 0)
            continue;
        *used = *commands[i].name ? 2 : 1;
        if (*used == 1 || (argc > 1 && strcmp(commands[i].name, argv[1]) == 0))
            return &commands[i];
    }
    return NULL;
}

enum {
    FIRST_PERSON = 1000 /* UID_MIN of Debian's login.defs: below it, and nobody, are accounts of services */,
    NOBODY = 65534
};

/* The person whose account this is: sudo's user, or whoever runs it; root and services have no name. */
static const char *own_name(void)
{
    const char *sudo = getenv("SUDO_USER");
    const struct passwd *user = getpwuid(getuid());
    if (getuid() == 0)
        return sudo && *sudo && strcmp(sudo, "root") != 0 ? sudo : NULL;
    return user && getuid() >= FIRST_PERSON && getuid() != NOBODY ? xstrdup(user->pw_name) : NULL;
}

/* Who acts. --as is for who has no name of their own; a person does not become another by saying so. */
static const char *operator_name(const struct asked *asked)
{
    const char *own = own_name();
    const struct passwd *service = getuid() ? getpwuid(getuid()) : NULL;
    if (own)
        return own;
    if (asked->as && *asked->as)
        return asked->as;
    return service ? xstrdup(service->pw_name) : NULL;
}

static int run(const struct command *command, struct invocation *i, const char *as)
{
    if (command->changes && !i->operator_name)
        return fail(i, STATUS_REFUSED, "%s",
                    LANG(i, "qui agit ? root n'est personne : passez par sudo, ou dites --as NOM",
                         "who acts? root is nobody: use sudo, or say --as NAME"));
    if (as && i->operator_name && strcmp(as, i->operator_name) != 0)
        return fail(i, STATUS_REFUSED,
                    LANG(i, "vous êtes « %s » : --as est pour qui n'a pas de nom à soi",
                         "you are \"%s\": --as is for who has no name of their own"),
                    i->operator_name);
    str_init(&i->out, (size_t)256 << 20);
    int status = rights_check(i, command);
    if (status == STATUS_OK)
        status = command->run(i);
    if (i->out.len)
        fwrite(i->out.data, 1, i->out.len, stdout);
    str_free(&i->out);
    db_destroy(&i->db);
    return status;
}

static int with_configuration(const struct command *command, struct invocation *i, const struct asked *asked)
{
    struct conf conf;
    struct str error;
    const char *file = asked->file ? asked->file : getenv("CADUCEE_CONF");
    str_init(&error, 4096);
    if (!conf_load(&conf, file ? file : "/etc/caducee/caducee.conf", &error)) {
        int status = fail(i, STATUS_CONFIGURATION, "%s", error.data);
        str_free(&error);
        return status;
    }
    i->conf = &conf;
    clock_zone(conf.general_timezone);
    int status = run(command, i, asked->as);
    conf_free(&conf);
    str_free(&error);
    return status;
}

int main(int argc, char **argv)
{
    setlocale(LC_ALL, "");
    struct asked asked = {.file = NULL};
    bool french = is_french();
    int used = 0, left = take_shared(argc, argv, &asked);
    const struct command *command = find(left, argv, &used);
    if (asked.version)
        return puts("caducee 0.1") < 0;
    if (!command) {
        print_help(asked.help ? stdout : stderr, left && used ? argv[0] : NULL, french);
        return asked.help ? STATUS_OK : STATUS_USAGE;
    }
    if (asked.help) {
        printf("%s caducee %s%s%s %s\n\n%s\n", french ? "usage :" : "usage:", command->group, *command->name ? " " : "",
               command->name, command->usage, french ? command->summary_fr : command->summary_en);
        return STATUS_OK;
    }
    log_setup("caducee", command->group, LOG_ERROR);
    if (!crypto_no_core()) /* `key` commands hold the master keys, `bal export` somebody's mail */
        fatal("core dumps cannot be turned off: %m");
    struct invocation invocation = {.operator_name = operator_name(&asked),
                                    .json = asked.json,
                                    .french = french,
                                    .argc = left - used,
                                    .argv = argv + used};
    return with_configuration(command, &invocation, &asked);
}
