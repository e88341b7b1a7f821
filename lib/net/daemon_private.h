/* What the files of a daemon share: daemon.c (command line), supervisor.c, worker.c, bind.c, seccomp.c, metrics_role.c. */
#ifndef CADUCEE_NET_DAEMON_PRIVATE_H
#define CADUCEE_NET_DAEMON_PRIVATE_H

#include "lib/base/log.h"
#include "lib/base/vec.h"
#include "lib/net/daemon.h"

enum { EXIT_USAGE = 64, EXIT_ENVIRONMENT_BAD = 70, EXIT_CONFIGURATION = 78 };
enum { WORKER_SPEC_MAX = 16 * 1024 };

struct bound {
    const struct role *role;
    const char *name; /* from the role's table */
    char *address;    /* as configured */
    int fd;
    bool wanted;
};
typedef VEC(struct bound) bounds;

/* bind.c: "0.0.0.0:25", "[::]:25", "unix:/run/caducee/x.sock"; -1 with words. */
int bind_address(const char *address, struct str *error) MUST_USE;

/* worker.c: becomes a worker of `role` and gives its exit status. */
struct worker_spec {
    unsigned index, slot;
    int stop_fd, metrics_fd, tickets_fd, tally_fd;
    struct listening listening[32];
    size_t listening_count;
};
bool worker_parse_spec(struct worker_spec *, char *text) MUST_USE; /* names point into `text` */
int worker_run(const struct daemon *, const struct role *, const struct conf *, const struct worker_spec *);

/* seccomp.c: from here on only what the allow-list names. */
void seccomp_enter(const struct role *, const struct conf *);

int supervisor_run(const struct daemon *, struct conf *);
extern const struct role metrics_role;
const struct role *daemon_find_role(const struct daemon *, const char *name);
enum log_level daemon_log_level(const struct conf *);

#endif
