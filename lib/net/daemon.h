/* The shape every daemon of ours has: a small single-threaded supervisor that binds ports, starts one or more workers of
 * each role by fork and exec of the same program (`--role NAME`), restarts them with back-off, hands them their
 * listening sockets and the metrics page, drains on SIGHUP, ends on SIGTERM. A worker drops to its user, sets
 * no_new_privs, turns core dumps off, runs library initialisation, enters seccomp, and only then starts threads.
 *
 *   int main(int argc, char **argv) { return daemon_main(argc, argv, &smtpd); }
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
    const char *(*addresses)(const struct conf *); /* the setting: "0.0.0.0:25 [::]:25"; "" = none */
};

struct role {
    const char *name;
    unsigned (*count)(const struct conf *); /* workers; 0 = off by configuration */
    const char *database_role;              /* "caducee_mx"; NULL: none */
    struct role_listener listeners[4];
    const int *extra_syscalls;               /* beyond the common allow-list; -1 ends; NULL: none */
    bool no_network;                         /* parse, keyd: not even socket(2) for AF_INET */
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

int daemon_main(int argc, char **argv, const struct daemon *);

#endif
