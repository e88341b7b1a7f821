/* The command line of a daemon. */
#include "lib/net/daemon.h"

#include "lib/base/clock.h"
#include "lib/net/daemon_private.h"

#include <getopt.h>
#include <stdio.h>
#include <string.h>

#ifndef CADUCEE_VERSION
#define CADUCEE_VERSION "0.1"
#endif

#if defined(__SANITIZE_ADDRESS__)
/* The leak check at exit traces its own process, which a process that is not dumpable forbids. */
const char *__asan_default_options(void);
const char *__asan_default_options(void)
{
    return "detect_leaks=0";
}
#endif

static const char default_conf[] = "/etc/caducee/caducee.conf";

struct request {
    const char *conf, *role;
    char *worker;
    bool check, help, version, reference;
};

static void print_help(const struct daemon *d)
{
    printf("%s — %s\n\n"
           "usage : %s [-c FICHIER] [--check] [--reference] [--help] [--version]\n"
           "  -c, --config FICHIER  configuration (défaut : %s)\n"
           "      --check           lit la configuration, dit ce qui n'y va pas, et s'arrête\n"
           "      --reference       écrit une configuration : chaque réglage, son type, sa valeur par défaut\n"
           "      --version         version\n"
           "SIGHUP : relit la configuration et remplace les processus en douceur ; SIGTERM : arrêt.\n\n"
           "Reads the configuration and runs in the foreground; --check only reads it. SIGHUP reloads, SIGTERM ends.\n"
           "Exit status: 0, 64 usage, 70 environment, 78 configuration.\n\nroles:",
           d->program, d->summary, d->program, default_conf);
    for (size_t i = 0; i < d->role_count; i++)
        printf(" %s", d->roles[i].name);
    printf("\n");
}

static void print_reference(void)
{
    struct str out;
    str_init(&out, 1 << 20);
    conf_print_reference(&out);
    fputs(out.data, stdout);
    str_free(&out);
}

static bool read_options(struct request *r, int argc, char **argv)
{
    static const struct option options[] = {
        {"config", required_argument, NULL, 'c'}, {"check", no_argument, NULL, 'k'},
        {"help", no_argument, NULL, 'h'},         {"version", no_argument, NULL, 'v'},
        {"reference", no_argument, NULL, 'R'},    {"role", required_argument, NULL, 'r'},
        {"worker", required_argument, NULL, 'w'}, {NULL, 0, NULL, 0},
    };
    for (int letter; (letter = getopt_long(argc, argv, "c:h", options, NULL)) != -1;) {
        switch (letter) {
        case 'c':
            r->conf = optarg;
            break;
        case 'k':
            r->check = true;
            break;
        case 'h':
            r->help = true;
            break;
        case 'v':
            r->version = true;
            break;
        case 'R':
            r->reference = true;
            break;
        case 'r':
            r->role = optarg;
            break;
        case 'w':
            r->worker = optarg;
            break;
        default:
            return false;
        }
    }
    if (optind < argc)
        fprintf(stderr, "%s: unexpected \"%s\" (--help)\n", argv[0], argv[optind]);
    return optind == argc && !r->role == !r->worker;
}

const struct role *daemon_find_role(const struct daemon *d, const char *name)
{
    for (size_t i = 0; i < d->role_count; i++)
        if (strcmp(d->roles[i].name, name) == 0)
            return &d->roles[i];
    return strcmp(name, metrics_role.name) == 0 ? &metrics_role : NULL;
}

enum log_level daemon_log_level(const struct conf *conf)
{
    struct span level = span_of(conf->general_log_level);
    return span_is(level, "debug")   ? LOG_DEBUG
           : span_is(level, "warn")  ? LOG_WARN
           : span_is(level, "error") ? LOG_ERROR
                                     : LOG_INFO;
}

static int run_role(const struct daemon *d, const struct request *r, const struct conf *conf)
{
    struct worker_spec spec;
    const struct role *role = daemon_find_role(d, r->role);
    if (!role || !worker_parse_spec(&spec, r->worker)) {
        fprintf(stderr, "%s: --role and --worker are the supervisor's words; start %s without them\n", d->program,
                d->program);
        return EXIT_USAGE;
    }
    return worker_run(d, role, conf, &spec);
}

int daemon_main(int argc, char **argv, const struct daemon *d)
{
    struct request r = {.conf = default_conf};
    if (!read_options(&r, argc, argv))
        return EXIT_USAGE;
    if (r.help)
        print_help(d);
    if (r.version)
        printf("%s %s\n", d->program, CADUCEE_VERSION);
    if (r.reference)
        print_reference();
    if (r.help || r.version || r.reference)
        return 0;
    struct conf conf;
    struct str error;
    str_init(&error, 64 * 1024);
    if (!conf_load(&conf, r.conf, &error)) {
        fprintf(stderr, "%s\n", error.data);
        str_free(&error);
        return EXIT_CONFIGURATION;
    }
    str_free(&error);
    clock_zone(conf.general_timezone);
    int status = r.check ? 0 : r.role ? run_role(d, &r, &conf) : supervisor_run(d, &conf);
    conf_free(&conf);
    return status;
}
