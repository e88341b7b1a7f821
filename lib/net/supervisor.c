/* The supervisor: binds, starts workers by fork and exec, restarts them, hands the word to stop. One thread, no input but
 * signals; it holds no key but the tickets', and reads nothing that a stranger wrote.
 */
#include "lib/net/daemon_private.h"

#include "lib/base/clock.h"
#include "lib/base/crypto.h"
#include "lib/base/metrics.h"
#include "lib/net/tally.h"
#include "lib/net/tls.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
    BACKOFF_FIRST_MS = 100,
    BACKOFF_MAX_MS = 30 * 1000,
    LIVED_LONG_MS = 60 * 1000, /* a worker that lived so long starts again at once */
    TICKETS_EVERY_MS = 6 * 3600 * 1000
};

enum phase {
    IDLE, /* to be started at start_at */
    RUNNING,
    DRAINING, /* told to stop; not started again */
};

struct worker {
    const struct role *role;
    unsigned index, slot;
    enum phase phase;
    pid_t pid;
    int stop_fd; /* our end: closing it is the word to stop */
    uint64_t started_at, start_at, backoff_ms;
};

struct supervisor {
    const struct daemon *daemon;
    struct conf *conf;
    bounds listeners;
    VEC(struct worker) workers;
    int signals, metrics_fd, tickets_fd, tally_fd;
    bool slots[METRICS_SLOTS];
    bool stopping;
    uint64_t kill_at, tickets_at;
    int status;
};

static const char *metrics_addresses(const struct supervisor *s)
{
    return s->daemon->metrics_address ? s->daemon->metrics_address(s->conf) : "";
}

static unsigned count_of(const struct supervisor *s, const struct role *role)
{
    return role == &metrics_role ? *metrics_addresses(s) != '\0' : role->count(s->conf);
}

static struct bound *find_bound(struct supervisor *s, const char *name, struct span address)
{
    vec_each (&s->listeners, b)
        if (strcmp(b->name, name) == 0 && span_is(address, b->address))
            return b;
    return NULL;
}

static bool want_addresses(struct supervisor *s, const struct role *role, const char *name, const char *addresses,
                           struct str *error)
{
    struct span rest = span_of(addresses), one;
    while (span_cut(&rest, ' ', &one)) {
        struct bound *known = one.n ? find_bound(s, name, one) : NULL;
        if (known)
            known->wanted = true;
        if (known || one.n == 0)
            continue;
        char *address = xstrndup(one.p, one.n);
        int fd = bind_address(address, error);
        if (fd == -2) {
            log_event(LOG_WARN, NULL, "listen.no_ipv6", LS("name", name), LS("address", address));
            xfree(&address);
            continue;
        }
        if (fd < 0) {
            xfree(&address);
            return false;
        }
        log_event(LOG_INFO, NULL, "listen", LS("name", name), LS("address", address));
        vec_push(&s->listeners, (struct bound){role, name, address, fd, true});
    }
    return true;
}

static bool want_role(struct supervisor *s, const struct role *role, struct str *error)
{
    for (size_t i = 0; i < COUNT(role->listeners) && role->listeners[i].name; i++) {
        const char *addresses = role->listeners[i].addresses(s->conf);
        if (addresses && !want_addresses(s, role, role->listeners[i].name, addresses, error))
            return false;
    }
    return true;
}

/* What is bound already stays bound: not a connection is lost over a reload. */
static bool bind_all(struct supervisor *s, struct str *error)
{
    vec_each (&s->listeners, b)
        b->wanted = false;
    for (size_t i = 0; i < s->daemon->role_count; i++)
        if (count_of(s, &s->daemon->roles[i]) && !want_role(s, &s->daemon->roles[i], error))
            return false;
    return want_addresses(s, &metrics_role, "metrics", metrics_addresses(s), error);
}

static void unbind_unwanted(struct supervisor *s)
{
    size_t kept = 0;
    for (size_t i = 0; i < s->listeners.len; i++) {
        struct bound *b = &s->listeners.items[i];
        if (b->wanted) {
            s->listeners.items[kept++] = *b;
            continue;
        }
        close(b->fd);
        if (strncmp(b->address, "unix:", 5) == 0)
            unlink(b->address + 5);
        xfree(&b->address);
    }
    s->listeners.len = kept;
}

static void add_worker(struct supervisor *s, const struct role *role, unsigned index)
{
    unsigned slot = 1; /* 0 is the supervisor's */
    while (slot < METRICS_SLOTS && s->slots[slot])
        slot++;
    if (slot == METRICS_SLOTS) {
        log_event(LOG_ERROR, NULL, "supervisor.too_many", LS("role", role->name), LU("max", METRICS_SLOTS - 1));
        return;
    }
    s->slots[slot] = true;
    vec_push(&s->workers, (struct worker){.role = role, .index = index, .slot = slot, .phase = IDLE, .stop_fd = -1});
}

static void add_workers(struct supervisor *s)
{
    for (size_t i = 0; i < s->daemon->role_count; i++)
        for (unsigned n = 0; n < count_of(s, &s->daemon->roles[i]); n++)
            add_worker(s, &s->daemon->roles[i], n);
    for (unsigned n = 0; n < count_of(s, &metrics_role); n++)
        add_worker(s, &metrics_role, n);
}

static void keep_over_exec(int fd)
{
    fcntl(fd, F_SETFD, 0);
}

/* In the child, between fork and exec. */
static void exec_worker(struct supervisor *s, const struct worker *w, int stop_fd)
{
    char self[4096], spec[WORKER_SPEC_MAX];
    ssize_t n = readlink("/proc/self/exe", self, sizeof self - 1);
    if (n <= 0)
        fatal("/proc/self/exe: %m");
    self[n] = '\0';
    const char *name = w->role->program ? w->role->program : s->daemon->program;
    char *slash = strrchr(self, '/');
    char *path = w->role->program ? xasprintf("%.*s/%s", (int)(slash - self), self, name) : xstrdup(self);
    struct str words;
    str_init(&words, sizeof spec - 1);
    str_addf(&words, "@index=%u @slot=%u @stop=%d @metrics=%d @tickets=%d @tally=%d", w->index, w->slot, stop_fd,
             s->metrics_fd, s->tickets_fd, s->tally_fd);
    vec_each (&s->listeners, b)
        if (b->role == w->role) {
            str_addf(&words, " %s=%d", b->name, b->fd);
            keep_over_exec(b->fd);
        }
    must(!words.overflow);
    snprintf(spec, sizeof spec, "%s", words.data);
    keep_over_exec(stop_fd);
    keep_over_exec(s->metrics_fd);
    keep_over_exec(s->tickets_fd);
    keep_over_exec(s->tally_fd);
    char role[64];
    snprintf(role, sizeof role, "%s", w->role->name);
    char program[64], config[] = "-c", role_option[] = "--role", worker_option[] = "--worker";
    snprintf(program, sizeof program, "%s", name);
    char *arguments[] = {program, config, s->conf->path, role_option, role, worker_option, spec, NULL};
    execv(path, arguments);
    fatal("%s cannot be started: %m", path);
}

static void start_worker(struct supervisor *s, struct worker *w)
{
    int pipes[2];
    if (pipe2(pipes, O_CLOEXEC) != 0)
        fatal("pipe: %m");
    w->pid = fork();
    if (w->pid == 0) {
        prctl(PR_SET_NAME, w->role->name, 0, 0, 0);
        close(pipes[1]);
        exec_worker(s, w, pipes[0]);
    }
    close(pipes[0]);
    if (w->pid < 0) {
        close(pipes[1]);
        log_event(LOG_ERROR, NULL, "supervisor.fork", LS("error", strerror(errno)));
        w->start_at = clock_ms() + BACKOFF_MAX_MS;
        return;
    }
    w->stop_fd = pipes[1];
    w->phase = RUNNING;
    w->started_at = clock_ms();
}

static void tell_to_stop(struct worker *w)
{
    if (w->stop_fd >= 0)
        close(w->stop_fd);
    w->stop_fd = -1;
    w->phase = DRAINING;
}

static void log_end(const struct worker *w, int status)
{
    bool clean = WIFEXITED(status) && WEXITSTATUS(status) == 0;
    enum log_level level = w->phase == DRAINING && clean ? LOG_INFO : LOG_WARN;
    if (WIFSIGNALED(status) && WTERMSIG(status) == SIGSYS)
        level = LOG_ERROR; /* it tried what no worker does */
    log_event(level, NULL, "worker.ended", LS("worker", w->role->name), LI("worker_pid", w->pid),
              LI("status", WIFEXITED(status) ? WEXITSTATUS(status) : -1),
              LI("signal", WIFSIGNALED(status) ? WTERMSIG(status) : 0));
}

static void forget_worker(struct supervisor *s, struct worker *w)
{
    s->slots[w->slot] = false;
    *w = s->workers.items[--s->workers.len];
}

static void begin_stop(struct supervisor *s)
{
    s->kill_at = clock_ms() + (s->stopping ? 0 : s->conf->general_stop_time * 1000);
    s->stopping = true;
    for (size_t i = s->workers.len; i-- > 0;) {
        struct worker *w = &s->workers.items[i];
        if (w->phase == IDLE)
            forget_worker(s, w);
        else
            tell_to_stop(w);
    }
}

/* A worker that finds its configuration unusable when the daemon starts ends the daemon: an operator who starts it should
 * see it. Later (a certificate was replaced by a bad one) it is tried again. */
static bool refuses_to_start(const struct worker *w, int status)
{
    return WIFEXITED(status) && WEXITSTATUS(status) == EXIT_CONFIGURATION && w->phase == RUNNING && w->backoff_ms == 0;
}

static void bury(struct supervisor *s, struct worker *w, int status)
{
    log_end(w, status);
    metrics_forget_gauges(w->slot);
    tally_forget(w->slot);
    if (refuses_to_start(w, status) && !s->stopping) {
        s->status = EXIT_CONFIGURATION;
        forget_worker(s, w);
        begin_stop(s);
        return;
    }
    if (w->phase == DRAINING) {
        forget_worker(s, w);
        return;
    }
    close(w->stop_fd);
    w->stop_fd = -1;
    uint64_t now = clock_ms();
    bool lived = now - w->started_at >= LIVED_LONG_MS;
    w->backoff_ms = lived || !w->backoff_ms ? BACKOFF_FIRST_MS : w->backoff_ms * 2;
    if (w->backoff_ms > BACKOFF_MAX_MS)
        w->backoff_ms = BACKOFF_MAX_MS;
    w->start_at = now + w->backoff_ms;
    w->phase = IDLE;
}

static void reap(struct supervisor *s)
{
    int status;
    for (pid_t pid; (pid = waitpid(-1, &status, WNOHANG)) > 0;)
        for (size_t i = 0; i < s->workers.len; i++)
            if (s->workers.items[i].pid == pid && s->workers.items[i].phase != IDLE) {
                bury(s, &s->workers.items[i], status);
                break;
            }
}

/* New workers first, then the word to the old: between them both accept. */
static void reload(struct supervisor *s)
{
    struct conf fresh, old = *s->conf;
    struct str error;
    str_init(&error, 64 * 1024);
    bool ok = conf_load(&fresh, old.path, &error);
    if (ok) {
        *s->conf = fresh;
        ok = bind_all(s, &error);
    }
    if (!ok) {
        log_event(LOG_ERROR, NULL, "reload.refused", LS("error", error.data));
        if (s->conf->path != old.path) {
            conf_free(s->conf);
            *s->conf = old;
        }
        str_free(&error);
        return;
    }
    str_free(&error);
    conf_free(&old);
    log_setup(s->daemon->program, "supervisor", daemon_log_level(s->conf));
    for (size_t i = s->workers.len; i-- > 0;) {
        struct worker *w = &s->workers.items[i];
        if (w->phase == IDLE)
            forget_worker(s, w);
        else
            tell_to_stop(w);
    }
    add_workers(s);
    unbind_unwanted(s);
    log_event(LOG_INFO, NULL, "reload.done");
}

static void hear(struct supervisor *s)
{
    struct signalfd_siginfo info;
    while (read(s->signals, &info, sizeof info) == (ssize_t)sizeof info) {
        if (info.ssi_signo == SIGCHLD)
            reap(s);
        else if (info.ssi_signo == SIGHUP && !s->stopping)
            reload(s);
        else if (info.ssi_signo == SIGTERM || info.ssi_signo == SIGINT)
            begin_stop(s);
    }
}

/* What is due now is done; gives how long to wait for the next. */
static int do_what_is_due(struct supervisor *s)
{
    uint64_t now = clock_ms(), next = now + 3600 * 1000;
    vec_each (&s->workers, w)
        if (w->phase == IDLE && w->start_at <= now && !s->stopping)
            start_worker(s, w);
    vec_each (&s->workers, w)
        if (w->phase == IDLE && w->start_at < next)
            next = w->start_at;
    if (now >= s->tickets_at) {
        tickets_rotate();
        s->tickets_at = now + TICKETS_EVERY_MS;
    }
    next = s->tickets_at < next ? s->tickets_at : next;
    if (s->stopping && now >= s->kill_at) {
        vec_each (&s->workers, w)
            kill(w->pid, SIGKILL);
        s->kill_at = now + 1000;
    }
    next = s->stopping && s->kill_at < next ? s->kill_at : next;
    return next > now ? (int)(next - now) : 0;
}

static void open_signals(struct supervisor *s)
{
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGCHLD);
    sigaddset(&set, SIGHUP);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGINT);
    sigprocmask(SIG_BLOCK, &set, NULL);
    signal(SIGPIPE, SIG_IGN);
    s->signals = signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
    if (s->signals < 0)
        fatal("signalfd: %m");
}

/* systemd's Type=notify, when it started us (sd_notify(3): one datagram). */
static void notify(const char *words)
{
    const char *path = getenv("NOTIFY_SOCKET");
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    size_t n = path ? strlen(path) : 0;
    if (n < 2 || n >= sizeof address.sun_path)
        return;
    memcpy(address.sun_path, path, n);
    if (path[0] == '@')
        address.sun_path[0] = '\0';
    int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return;
    socklen_t size = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + n);
    ssize_t ignored UNUSED = sendto(fd, words, strlen(words), MSG_NOSIGNAL, (struct sockaddr *)&address, size);
    close(fd);
}

static void supervise(struct supervisor *s)
{
    while (!s->stopping || s->workers.len) {
        struct pollfd p = {.fd = s->signals, .events = POLLIN};
        int wait = do_what_is_due(s);
        if (poll(&p, 1, wait) < 0 && errno != EINTR)
            fatal("poll: %m");
        hear(s);
    }
}

int supervisor_run(const struct daemon *d, struct conf *conf)
{
    struct supervisor s = {.daemon = d, .conf = conf};
    struct str error;
    log_setup(strncmp(d->program, "caducee-", 8) == 0 ? d->program + 8 : d->program, "supervisor",
              daemon_log_level(conf));
    if (!crypto_no_core())
        fatal("core dumps cannot be turned off: %m");
    open_signals(&s);
    str_init(&error, 4096);
    if (!bind_all(&s, &error)) {
        log_event(LOG_FATAL, NULL, "listen.failed", LS("error", error.data));
        return EXIT_ENVIRONMENT_BAD;
    }
    s.metrics_fd = metrics_create();
    metrics_attach(s.metrics_fd, 0);
    s.tickets_fd = tickets_create();
    s.tally_fd = tally_create();
    s.tickets_at = clock_ms() + TICKETS_EVERY_MS;
    add_workers(&s);
    if (s.workers.len == 0)
        log_event(LOG_WARN, NULL, "supervisor.nothing", LS("error", "no role is turned on in the configuration"));
    do_what_is_due(&s);
    notify("READY=1");
    supervise(&s);
    notify("STOPPING=1");
    vec_each (&s.listeners, b)
        b->wanted = false;
    unbind_unwanted(&s);
    vec_free(&s.listeners);
    vec_free(&s.workers);
    log_event(LOG_INFO, NULL, "supervisor.ended", LI("status", s.status));
    return s.status;
}
