/* The shape every daemon of ours has: a small single-threaded supervisor that binds ports, starts one or more workers of
 * each role by fork and exec of the same program (`--role NAME`), restarts them with back-off, hands them their
 * listening sockets, the metrics page and the sessions' tally, drains on SIGHUP, ends on SIGTERM. A worker drops to its user, sets
 * no_new_privs, turns core dumps off, runs library initialisation, enters seccomp, and only then starts threads.
 *
 *   int main(int argc, char **argv) { return daemon_main(argc, argv, &smtpd); }
 *
 * Started as root, each worker becomes the user that [users.role] names for its role ("caducee-<role>" when it names
 * none); started as anybody else, it stays that one. Unix listeners are mode 0660, group "caducee" when root makes them;
 * who may speak is decided by the peer's uid (ipc.h).
 *
 * SIGHUP: the configuration is read again (a bad one is refused in words and the old goes on), new workers start, old ones
 * drain. SIGTERM, SIGINT: drain, and what has not ended after general.stop_time is killed. A worker whose supervisor is gone
 * finds its stop_fd readable as well.
 */
#ifndef CADUCEE_NET_DAEMON_H
#define CADUCEE_NET_DAEMON_H

#include "lib/base/conf.h"

struct worker_context {
    const struct conf *conf;
    const char *role;
    unsigned index; /* 0 .. count-1 among workers of this role */
    struct listening {
        const char *name; /* "mx", "submission" … from the role's table */
        int fd;
    } * listening;
    size_t listening_count;
    int stop_fd; /* becomes readable when the worker must drain and end */
};

struct role_listener {
    const char *name;
    /* The setting: "0.0.0.0:25 [::]:25 unix:/run/caducee/x.sock"; "" = none. Called again at each SIGHUP; what it gives is
     * copied at once. Port 0 takes a free one. One `struct listening` for each address. */
    const char *(*addresses)(const struct conf *);
};

/* Which sockets a worker may open (seccomp). What its listeners accept is open already, in any case: whoever serves
 * strangers cannot call out. */
enum role_network {
    NETWORK_DATABASE, /* Unix sockets; AF_INET only when [database] host names another machine */
    NETWORK_NONE,     /* Unix sockets */
    NETWORK_ANY       /* those whose work is to ask others */
};

struct role {
    const char *name;
    /* Another program of the same folder ("caducee-parse"), called with the same options; NULL: this one. */
    const char *program;
    unsigned (*count)(const struct conf *); /* workers; 0 = off by configuration */
    const char *user;                       /* the role whose account it shares; NULL: an account of its own */
    const char *database_role;              /* "caducee_mx"; NULL: none */
    struct role_listener listeners[4];
    const int *extra_syscalls; /* beyond the common allow-list; -1 ends; NULL: none */
    enum role_network network;
    int (*prepare)(struct worker_context *); /* before seccomp: read keys, open libraries; non-zero = do not start */
    int (*run)(struct worker_context *);     /* after it; returns the exit status */
};

struct daemon {
    const char *program; /* "caducee-smtpd" */
    const char *summary; /* --help's sentence */
    const struct role *roles;
    size_t role_count;
    const char *(*metrics_address)(const struct conf *);
};

/* Options: -c FILE, --check (reads the configuration, says what is wrong, ends), --help, --version; --role and the
 * descriptors are the supervisor's words to its workers. Exit status: 0, 64 usage, 70 environment, 78 configuration. */
int daemon_main(int argc, char **argv, const struct daemon *);

#endif
