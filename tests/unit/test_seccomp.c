/* The filter of a worker, entered by a child for each row: what ends the process, what answers ENOSYS, what works. */
#include "tests/unit/unit.h"

#include "lib/net/daemon_private.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static char file[] = "/tmp/caducee-test-seccomp-XXXXXX";

/* Each gives 0 when the kernel did what was asked, else errno. */
static int result(long value)
{
    return value < 0 ? errno : 0;
}

static int start_program(void)
{
    return result(execl("/bin/true", "true", NULL));
}

static int start_process(void)
{
    pid_t pid = fork();
    if (pid == 0)
        _exit(0);
    return result(pid);
}

static int trace_parent(void)
{
    return result(syscall(SYS_ptrace, 16 /* PTRACE_ATTACH */, getppid(), 0, 0));
}

static int become_root(void)
{
    return result(setuid(0));
}

static int make_ring(void)
{
    return result(syscall(SYS_io_uring_setup, 1, NULL));
}

static int map(int protection)
{
    void *at = mmap(NULL, 4096, protection, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    return at == MAP_FAILED ? errno : 0;
}

static int map_code(void)
{
    return map(PROT_READ | PROT_EXEC);
}

static int map_code_to_write(void)
{
    return map(PROT_READ | PROT_WRITE | PROT_EXEC);
}

static int turn_data_into_code(void)
{
    void *at = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    return at == MAP_FAILED ? errno : result(mprotect(at, 4096, PROT_READ | PROT_EXEC));
}

static int read_file(void)
{
    return result(open(file, O_RDONLY | O_CLOEXEC));
}

static int write_file(void)
{
    return result(open(file, O_WRONLY | O_CLOEXEC));
}

static int make_file(void)
{
    return result(open("/tmp/caducee-test-seccomp-none", O_RDONLY | O_CREAT | O_CLOEXEC, 0600));
}

static int remove_file(void)
{
    return result(unlink(file));
}

static int call_out(void)
{
    return result(socket(AF_INET, SOCK_STREAM, 0));
}

static int capture_packets(void)
{
    return result(socket(AF_PACKET, SOCK_RAW, 0));
}

static int ask_own(void)
{
    return result(socket(AF_UNIX, SOCK_STREAM, 0));
}

static int wait_for_peers(void)
{
    return result(listen(0, 1));
}

static int type_at_terminal(void)
{
    return result(ioctl(0, TIOCSTI, "x"));
}

static int allow_dumps(void)
{
    return result(prctl(PR_SET_DUMPABLE, 1, 0, 0, 0));
}

static int raise_limit(void)
{
    const struct rlimit limit = {0, 0};
    return result(setrlimit(RLIMIT_CORE, &limit));
}

static int read_limit(void)
{
    struct rlimit limit;
    return result(getrlimit(RLIMIT_CORE, &limit));
}

static void *nothing(void *arg)
{
    return arg;
}

static int start_thread(void)
{
    pthread_t thread;
    int code = pthread_create(&thread, NULL, nothing, NULL);
    return code ? code : pthread_join(thread, NULL);
}

enum { KILLED = -1 };
static const int writer_calls[] = {SYS_openat, -1};
static const struct role parser = {.name = "parse", .network = NETWORK_NONE},
                         caller = {.name = "relay", .network = NETWORK_ANY},
                         keeper = {.name = "keyd", .network = NETWORK_DATABASE, .extra_syscalls = writer_calls};

static const struct {
    const char *name;
    const struct role *role;
    int (*act)(void);
    int want; /* KILLED, an errno, 0 */
} rows[] = {
    {"a program", &caller, start_program, KILLED},
    {"a process", &caller, start_process, KILLED},
    {"tracing", &caller, trace_parent, KILLED},
    {"another user", &caller, become_root, KILLED},
    {"an io_uring", &caller, make_ring, KILLED},
    {"writable code", &caller, map_code_to_write, KILLED},
    {"data made code", &caller, turn_data_into_code, KILLED},
    {"writable code, parse", &parser, map_code_to_write, KILLED},
    {"a library's code", &caller, map_code, 0},
    {"code, parse", &parser, map_code, ENOSYS},
    {"reading a file", &parser, read_file, 0},
    {"writing a file", &caller, write_file, ENOSYS},
    {"making a file", &caller, make_file, ENOSYS},
    {"removing a file", &keeper, remove_file, ENOSYS},
    {"writing a file, keyd", &keeper, write_file, 0},
    {"internet", &caller, call_out, 0},
    {"internet, parse", &parser, call_out, ENOSYS},
    {"internet, keyd", &keeper, call_out, ENOSYS},
    {"packets", &caller, capture_packets, ENOSYS},
    {"a Unix socket", &parser, ask_own, 0},
    {"listening", &caller, wait_for_peers, ENOSYS},
    {"a terminal's input", &caller, type_at_terminal, ENOSYS},
    {"core dumps", &keeper, allow_dumps, ENOSYS},
    {"setting a limit", &caller, raise_limit, ENOSYS},
    {"reading a limit", &caller, read_limit, 0},
    {"a thread", &parser, start_thread, 0},
};

/* KILLED when the kernel ended it by SIGSYS, else what `act` said. */
static int in_filter(const struct role *role, const char *database_host, int (*act)(void))
{
    const struct conf conf = {.database_host = (char *)(uintptr_t)database_host};
    int status = 0;
    pid_t pid = fork();
    if (pid == 0) {
        prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
        seccomp_enter(role, &conf);
        _exit(act());
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    if (WIFSIGNALED(status) && WTERMSIG(status) == SIGSYS)
        return KILLED;
    assert_true(WIFEXITED(status));
    return WEXITSTATUS(status);
}

static void skip_without_filter(void)
{
#if defined(__SANITIZE_ADDRESS__)
    skip(); /* builds with sanitizers run without one */
#endif
}

static void a_worker_does_its_work_and_nothing_else(void **state UNUSED)
{
    skip_without_filter();
    for (size_t i = 0; i < COUNT(rows); i++) {
        int got = in_filter(rows[i].role, "/run/postgresql", rows[i].act);
        if (got != rows[i].want)
            fail_msg("%s: %d (%s), wanted %d", rows[i].name, got, got > 0 ? strerror(got) : "killed or done",
                     rows[i].want);
    }
}

static void a_database_elsewhere_is_reached(void **state UNUSED)
{
    skip_without_filter();
    assert_int_equal(in_filter(&keeper, "db.example", call_out), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(a_worker_does_its_work_and_nothing_else),
                                       cmocka_unit_test(a_database_elsewhere_is_reached)};
    int fd = mkstemp(file);
    if (fd < 0)
        return 1;
    close(fd);
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    unlink(file);
    return failed;
}
