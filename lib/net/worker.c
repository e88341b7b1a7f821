/* The one visible block in which a process gives up what it does not need: its user, new privileges, core dumps, and, once
 * libraries are ready, every system call that is not on the list. Then threads, then work.
 */
#include "lib/net/daemon_private.h"

#include "lib/base/crypto.h"
#include "lib/base/metrics.h"
#include "lib/base/num.h"
#include "lib/net/tally.h"
#include "lib/net/tls.h"

#include <errno.h>
#include <grp.h>
#include <malloc.h>
#include <pwd.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

enum { ARENAS = 2 };

static bool read_fd(struct span text, int *fd)
{
    uint64_t n;
    if (!num_u64(text, INT32_MAX, &n))
        return false;
    *fd = (int)n;
    return true;
}

static bool parse_word(struct worker_spec *spec, struct span key, struct span value)
{
    uint64_t n;
    if (span_is(key, "@stop"))
        return read_fd(value, &spec->stop_fd);
    if (span_is(key, "@metrics"))
        return read_fd(value, &spec->metrics_fd);
    if (span_is(key, "@tickets"))
        return read_fd(value, &spec->tickets_fd);
    if (span_is(key, "@tally"))
        return read_fd(value, &spec->tally_fd);
    if (span_is(key, "@index") || span_is(key, "@slot")) {
        if (!num_u64(value, METRICS_SLOTS - 1, &n))
            return false;
        *(span_is(key, "@slot") ? &spec->slot : &spec->index) = (unsigned)n;
        return true;
    }
    if (spec->listening_count == COUNT(spec->listening) || !read_fd(value, &spec->listening[spec->listening_count].fd))
        return false;
    spec->listening[spec->listening_count++].name = key.p;
    return true;
}

/* "@stop=5 @metrics=6 @slot=3 @tickets=7 @tally=8 @index=0 mx=9 mx=10": the supervisor's words; listeners have no @. */
bool worker_parse_spec(struct worker_spec *spec, char *text)
{
    *spec = (struct worker_spec){.stop_fd = -1, .metrics_fd = -1, .tickets_fd = -1, .tally_fd = -1};
    char *save = NULL;
    for (char *word = strtok_r(text, " ", &save); word; word = strtok_r(NULL, " ", &save)) {
        char *equals = strchr(word, '=');
        if (!equals)
            return false;
        *equals = '\0';
        if (!parse_word(spec, span_of(word), span_of(equals + 1)))
            return false;
    }
    return spec->stop_fd >= 0 && spec->metrics_fd >= 0 && spec->tickets_fd >= 0 && spec->tally_fd >= 0;
}

static const char *user_of(const struct conf *conf, const struct role *role, char *room, size_t size)
{
    const char *whose = role->user ? role->user : role->name;
    vec_each (&conf->users_role, pair)
        if (strcmp(pair->key, whose) == 0)
            return pair->value;
    if (role == &metrics_role)
        return "nobody";
    snprintf(room, size, "caducee-%s", whose);
    return room;
}

static void drop_user(const struct conf *conf, const struct role *role)
{
    char room[64];
    if (geteuid() != 0)
        return;
    const char *name = user_of(conf, role, room, sizeof room);
    const struct passwd *user = getpwnam(name);
    if (!user)
        fatal("no system user \"%s\" for role %s: create it, or name another in [users.role]", name, role->name);
    uid_t uid = user->pw_uid;
    gid_t gid = user->pw_gid;
    if (uid == 0)
        fatal("role %s would stay root", role->name);
    if (initgroups(name, gid) != 0 || setresgid(gid, gid, gid) != 0 || setresuid(uid, uid, uid) != 0)
        fatal("cannot become user %s: %m", name);
    if (setuid(0) == 0)
        fatal("user %s can become root again", name);
}

static void give_up_privileges(const struct conf *conf, const struct role *role)
{
    drop_user(conf, role);
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
        fatal("no_new_privs: %m");
    if (!crypto_no_core()) /* after the change of user, which makes a process dumpable or not by itself */
        fatal("core dumps cannot be turned off: %m");
    prctl(PR_SET_PDEATHSIG, SIGTERM, 0, 0, 0); /* after the change of user, which forgets it */
}

static void set_signals(void)
{
    static const int ignored[] = {SIGPIPE, SIGHUP, SIGINT};
    for (size_t i = 0; i < COUNT(ignored); i++)
        signal(ignored[i], SIG_IGN); /* the supervisor hears them and speaks through stop_fd */
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
}

static void raise_descriptor_limit(void)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
        limit.rlim_cur = limit.rlim_max;
        setrlimit(RLIMIT_NOFILE, &limit);
    }
}

static void initialise_libraries(void)
{
    uint8_t warm[16];
    tzset();
    crypto_setup();
    crypto_random(warm, sizeof warm);
    /* Few arenas: with one a thread, freed memory of one session is no other's (glibc), and idle processes grow. */
    mallopt(M_ARENA_MAX, ARENAS);
}

int worker_run(const struct daemon *d, const struct role *role, const struct conf *conf, const struct worker_spec *spec)
{
    const char *program = strncmp(d->program, "caducee-", 8) == 0 ? d->program + 8 : d->program;
    log_setup(program, role->name, daemon_log_level(conf));
    set_signals();
    raise_descriptor_limit();
    give_up_privileges(conf, role);
    metrics_attach(spec->metrics_fd, spec->slot);
    tickets_attach(spec->tickets_fd);
    tally_attach(spec->tally_fd, spec->slot);
    initialise_libraries();
    struct worker_context context = {.conf = conf,
                                     .role = role->name,
                                     .index = spec->index,
                                     .listening = (struct listening *)(uintptr_t)spec->listening,
                                     .listening_count = spec->listening_count,
                                     .stop_fd = spec->stop_fd};
    if (role->prepare && role->prepare(&context) != 0)
        return EXIT_CONFIGURATION;
    seccomp_enter(role, conf);
    log_event(LOG_INFO, NULL, "worker.started", LU("index", spec->index));
    return role->run(&context);
}
