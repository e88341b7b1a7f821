/* caducee init: from an empty machine to a first message. It asks (or is told by options), then runs the other commands in
 * order, each of which may be run again; --dry-run shows them and changes nothing. */
#include "ctl/init.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

struct question {
    const char *option, *usual, *fr, *en;
};
static const struct question questions[] = {
#define QUESTION(name, option, usual, fr, en) {option, usual, fr, en},
#include "ctl/init.def"
#undef QUESTION
};

static bool ask(struct init *init, size_t n)
{
    const struct question *q = &questions[n];
    char line[1024];
    fprintf(stderr, "%s%s%s%s : ", LANG(init->i, q->fr, q->en), *q->usual ? " [" : "", q->usual, *q->usual ? "]" : "");
    if (!fgets(line, sizeof(line), stdin))
        return false;
    struct span answer = span_trim(span_of(line));
    init->answers[n] = answer.n ? xstrndup(answer.p, answer.n) : xstrdup(q->usual);
    return true;
}

static bool take_answers(struct init *init)
{
    bool person = isatty(STDIN_FILENO);
    for (size_t n = 0; n < COUNT(questions); n++) {
        const char *given = take_option(init->i, questions[n].option);
        if (given)
            init->answers[n] = xstrdup(given);
    }
    for (size_t n = 0; n < COUNT(questions); n++)
        if (!init->answers[n] && !(person && ask(init, n)))
            init->answers[n] = xstrdup(questions[n].usual);
    return words_end(init->i);
}

static const char *answer(const struct init *init, enum init_answer n)
{
    return init->answers[n];
}

/* Another command of ours, with its own words; what it says is shown as it comes. */
static int step(struct init *init, const char *group, const char *name, const char *const *words)
{
    char *argv[24];
    int argc = 0;
    fprintf(stderr, "· caducee %s %s", group, name);
    for (; words[argc] && argc < 23; argc++) {
        argv[argc] = xstrdup(words[argc]);
        fprintf(stderr, " %s", words[argc]);
    }
    fputc('\n', stderr);
    int status = STATUS_BUG;
    for (size_t n = 0; n < command_count && !init->i->dry_run; n++) {
        if (strcmp(commands[n].group, group) != 0 || strcmp(commands[n].name, name) != 0)
            continue;
        struct invocation one = *init->i;
        one.argc = argc;
        one.argv = argv;
        one.db = NULL;
        str_init(&one.out, (size_t)16 << 20);
        status = commands[n].run(&one);
        fwrite(one.out.data ? one.out.data : "", 1, one.out.len, stdout);
        str_free(&one.out);
        db_destroy(&one.db);
    }
    while (argc > 0)
        xfree(&argv[--argc]);
    return init->i->dry_run ? STATUS_OK : status;
}
/* The words end with NULL. */
#define STEP(init, group, name, ...) step((init), (group), (name), (const char *const[]){__VA_ARGS__})

/* PostgreSQL's own administrator makes the database: a script, so that it can be read before it is run. */
static int make_database(struct init *init)
{
    static const char script[] = "/usr/share/caducee/database";
    if (access(script, X_OK) != 0 || geteuid() != 0) {
        fprintf(stderr, "· %s\n",
                LANG(init->i, "base : laissée telle quelle (ni paquet installé, ni root)",
                     "database: left as it is (no package installed, or not root)"));
        return STATUS_OK;
    }
    fprintf(stderr, "· %s%s\n", script, init->i->dry_run ? " --dry-run" : "");
    pid_t child = fork();
    if (child == 0) {
        execl(script, script, init->i->dry_run ? "--dry-run" : NULL, (char *)NULL);
        _exit(127);
    }
    int how = 0;
    if (child < 0 || waitpid(child, &how, 0) != child || !WIFEXITED(how) || WEXITSTATUS(how) != 0)
        return fail(init->i, STATUS_UNAVAILABLE,
                    LANG(init->i, "%s a échoué : PostgreSQL tourne-t-il ?", "%s failed: does PostgreSQL run?"), script);
    return STATUS_OK;
}

static int set(struct init *init, const char *section, const char *key, const char *value)
{
    struct str error;
    int status = STATUS_OK;
    if (!*value)
        return status;
    str_init(&error, 4096);
    fprintf(stderr, "· %s: [%s] %s = %s\n", init->i->conf->path, section, key, value);
    if (!init->i->dry_run && !init_set(init->i->conf->path, section, key, value, &error))
        status = fail(init->i, STATUS_CONFIGURATION, "%s", error.data);
    str_free(&error);
    return status;
}

/* The steps that follow go by what the file now says. */
static int read_again(struct init *init)
{
    struct str error;
    int status = STATUS_OK;
    if (init->i->dry_run)
        return status;
    str_init(&error, 4096);
    if (conf_load(&init->conf, init->i->conf->path, &error))
        init->i->conf = &init->conf;
    else
        status = fail(init->i, STATUS_CONFIGURATION, "%s", error.data);
    str_free(&error);
    return status;
}

static int configure(struct init *init)
{
    static const struct {
        enum init_answer from;
        const char *section, *key;
    } settings[] = {{INIT_ENVIRONMENT, "general", "environment"},
                    {INIT_HOSTNAME, "general", "hostname"},
                    {INIT_BASE_URL, "webmail", "base_url"},
                    {INIT_BAL, "mx", "postmaster"},
                    {INIT_PSC_CLIENT, "webmail", "psc_client_id"}};
    int status = STATUS_OK;
    for (size_t n = 0; n < COUNT(settings) && status == STATUS_OK; n++)
        status = set(init, settings[n].section, settings[n].key, answer(init, settings[n].from));
    /* Where the package has made a folder for them that the daemons may read (packaging/accounts). */
    if (status == STATUS_OK && !*init->i->conf->tls_private_key)
        status = set(init, "tls", "private_key", "/etc/caducee/tls/key.pem");
    if (status == STATUS_OK && !*init->i->conf->tls_certificate)
        status = set(init, "tls", "certificate", "/etc/caducee/tls/cert.pem");
    return status == STATUS_OK ? read_again(init) : status;
}

static int import_authorities(struct init *init)
{
    static const struct {
        enum init_answer file, sha256;
        const char *issues;
    } authorities[] = {{INIT_CA_ROOT, INIT_CA_ROOT_SHA256, "root"},
                       {INIT_CA_SERVERS, INIT_CA_SERVERS_SHA256, "servers"},
                       {INIT_CA_APPLICATIONS, INIT_CA_APPLICATIONS_SHA256, "applications"}};
    int status = STATUS_OK;
    for (size_t n = 0; n < COUNT(authorities) && status == STATUS_OK; n++)
        if (*answer(init, authorities[n].file))
            status = STEP(init, "trust", "import-ca", answer(init, authorities[n].file), "--sha256",
                          answer(init, authorities[n].sha256), "--issues", authorities[n].issues, NULL);
    return status;
}

static int first_rows(struct init *init)
{
    const char *structure = answer(init, INIT_STRUCTURE);
    int status = STATUS_OK;
    if (*structure)
        status = STEP(init, "structure", "add", structure, "--siret", answer(init, INIT_SIRET), NULL);
    if (status == STATUS_OK && *answer(init, INIT_DOMAIN))
        status = STEP(init, "domain", "add", answer(init, INIT_DOMAIN), "--structure", structure, NULL);
    if (status == STATUS_OK && *answer(init, INIT_OPERATOR))
        status = STEP(init, "operator", "add", answer(init, INIT_OPERATOR), "--name", answer(init, INIT_OPERATOR_NAME),
                      "--role", "exploitant", NULL);
    if (status == STATUS_OK && *answer(init, INIT_ADMINISTRATOR))
        status =
            STEP(init, "operator", "add", answer(init, INIT_ADMINISTRATOR), "--name",
                 answer(init, INIT_ADMINISTRATOR_NAME), "--role", "administrateur", "--structure", structure, NULL);
    if (status == STATUS_OK && *answer(init, INIT_BAL))
        status = STEP(init, "bal", "add", answer(init, INIT_BAL), "--kind", "APP", "--structure", structure, NULL);
    return status;
}

static void say_certificates(struct init *init)
{
    say(init->i, "%s",
        LANG(init->i,
             "\nQuel certificat, où :\n"
             "  25, 587, 465, 143, 993   IGC Santé, SERV SSL      [tls] certificate, private_key\n"
             "  webmail, autoconfig      publiquement reconnu     le serveur web (docs/webmail)\n"
             "  BAL applicatives (DUI)   IGC Santé, ORG AUTH_CLI  caducee bal bind-cert\n"
             "\nEnsuite : caducee doctor, et pour le garder vert, docs/exploitation.",
             "\nWhich certificate, where:\n"
             "  25, 587, 465, 143, 993   IGC Santé, SERV SSL      [tls] certificate, private_key\n"
             "  webmail, autoconfig      publicly trusted         the web server (docs/webmail)\n"
             "  applicative BALs (DUI)   IGC Santé, ORG AUTH_CLI  caducee bal bind-cert\n"
             "\nThen: caducee doctor, and to keep it green, docs/exploitation."));
}

int command_init(struct invocation *i)
{
    struct init init = {.i = i};
    const struct conf *before = i->conf;
    i->dry_run = take_flag(i, "--dry-run");
    int status = take_answers(&init) ? configure(&init) : STATUS_USAGE;
    if (status == STATUS_OK)
        status = make_database(&init);
    if (status == STATUS_OK)
        status = STEP(&init, "db", "migrate", NULL);
    if (status == STATUS_OK)
        status = STEP(&init, "key", "init", NULL);
    if (status == STATUS_OK)
        status = init_request(&init);
    if (status == STATUS_OK)
        status = import_authorities(&init);
    if (status == STATUS_OK)
        status = first_rows(&init);
    if (status == STATUS_OK)
        say_certificates(&init);
    for (size_t n = 0; n < INIT_COUNT; n++)
        xfree(&init.answers[n]);
    if (i->conf != before)
        conf_free(&init.conf);
    i->conf = before;
    return status;
}
