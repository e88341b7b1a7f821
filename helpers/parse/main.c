/* caducee-parse: the only reader of what mail carries. No key, no database, no network: it gets bytes in shared memory,
 * answers what it made of them, and may die of it — its supervisor starts another, and the caller stores the message all
 * the same. One request at a time; each has its own CPU time.
 */
#include "helpers/parse/tasks.h"

#include "lib/base/log.h"
#include "lib/net/daemon.h"
#include "lib/net/ipc.h"
#include "lib/net/parse_protocol.h"
#include "lib/proto/charset.h"

#include <fcntl.h>
#include <malloc.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <unistd.h>

enum { MEMORY_MAX = 1 << 30, LARGE = 1 << 20 };

static struct loop *loop;

static const char *listen_addresses(const struct conf *conf)
{
    static char address[1024];
    int n = snprintf(address, sizeof(address), "unix:%s/parse.sock", conf->general_run_folder);
    must(n > 0 && (size_t)n < sizeof(address));
    return address;
}

static unsigned one(const struct conf *conf)
{
    (void)conf;
    return 1;
}

/* The kernel ends a request that takes too long; CPU time, not the wall's, so that a busy host kills nobody. */
static void give_time(int seconds)
{
    const struct itimerval time = {.it_value.tv_sec = seconds};
    must(setitimer(ITIMER_PROF, &time, NULL) == 0);
}

static bool is_sealed(int fd)
{
    int seals = fcntl(fd, F_GET_SEALS);
    return seals >= 0 && (seals & (F_SEAL_SHRINK | F_SEAL_WRITE)) == (F_SEAL_SHRINK | F_SEAL_WRITE);
}

/* The bytes a request brings; an empty input has no map. */
static bool map_input(int fd, struct span *input)
{
    struct stat st;
    *input = SPAN_NONE;
    if (!is_sealed(fd) || fstat(fd, &st) != 0 || st.st_size < 0 || st.st_size > PARSE_INPUT_MAX)
        return false;
    if (!st.st_size)
        return true;
    void *map = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_SHARED, fd, 0);
    if (map == MAP_FAILED)
        return false;
    *input = (struct span){map, (size_t)st.st_size};
    return true;
}

/* In the request, or in the one descriptor beside it; `mapped`: to be unmapped. */
static bool take_input(const struct ipc_request *request, struct span *input, bool *mapped)
{
    bool inline_too = ipc_get(&request->message, PARSE_T_INPUT, input);
    *mapped = false;
    if (request->fd_count == 0)
        return inline_too;
    if (inline_too || request->fd_count != 1 || !map_input(request->fds[0], input))
        return false;
    *mapped = input->n > 0;
    return true;
}

static void on_request(struct ipc_request *request, void *arg)
{
    struct span input, argument = SPAN_NONE;
    bool mapped;
    struct str answer;
    unsigned which = (unsigned)request->message.type - PARSE_REQUEST;
    (void)arg;
    if (which >= task_count || !take_input(request, &input, &mapped)) {
        log_event(LOG_WARN, NULL, "parse.bad_request", LU("task", which));
        ipc_reply(request, NULL);
        return;
    }
    ipc_get(&request->message, PARSE_T_ARGUMENT, &argument);
    str_init(&answer, PARSE_ANSWER_MAX);
    give_time(PARSE_CPU_SECONDS);
    tasks[which](input, argument, &answer);
    give_time(0);
    if (answer.overflow) {
        ipc_begin(&answer, PARSE_ANSWER);
        ipc_put_u64(&answer, PARSE_T_OUTCOME, 1);
    }
    ipc_end(&answer);
    size_t bytes = input.n;
    if (mapped)
        munmap((void *)(uintptr_t)input.p, input.n);
    ipc_reply(request, &answer); /* frees the request, and an input inside it */
    str_free(&answer);
    if (bytes > LARGE)
        malloc_trim(0);
}

static int prepare(struct worker_context *context)
{
#ifndef __SANITIZE_ADDRESS__
    const struct rlimit memory = {MEMORY_MAX, MEMORY_MAX};
    if (setrlimit(RLIMIT_AS, &memory) != 0)
        return 70;
#endif
    signal(SIGPROF, SIG_DFL);
    charset_setup();
    tasks_setup(context->conf);
    return 0;
}

static void on_stop(int fd, void *arg)
{
    (void)fd;
    (void)arg;
    loop_stop(loop);
}

static int run(struct worker_context *context)
{
    loop = loop_new();
    struct watch *stop = watch_new(loop, context->stop_fd, on_stop, NULL);
    must(context->listening_count == 1);
    struct ipc_server *ipc = ipc_server_new(loop, context->listening[0].fd, PARSE_REQUEST_MAX, NULL, on_request, NULL);
    loop_run(loop);
    watch_destroy(&stop);
    (void)ipc; /* a request may be on its way out; the process ends here */
    return 0;
}

static const char *metrics_address(const struct conf *conf)
{
    (void)conf;
    return "";
}

int main(int argc, char **argv)
{
    static const int calls[] = {SYS_setitimer, -1};
    static const struct role roles[] = {{.name = "parse",
                                         .count = one,
                                         .listeners = {{.name = "parse", .addresses = listen_addresses}},
                                         .extra_syscalls = calls,
                                         .network = NETWORK_NONE,
                                         .prepare = prepare,
                                         .run = run}};
    static const struct daemon daemon = {.program = "caducee-parse",
                                         .summary = "reads what mail carries, without key, database or network",
                                         .roles = roles,
                                         .role_count = COUNT(roles),
                                         .metrics_address = metrics_address};
    return daemon_main(argc, argv, &daemon);
}
