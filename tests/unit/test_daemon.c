/* The supervisor with real processes: called with arguments, this program is the daemon under test. */
#include "tests/unit/unit.h"

#include "lib/base/clock.h"
#include "lib/base/log.h"
#include "lib/net/daemon.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

static char folder[] = "/tmp/caducee-test-daemon-XXXXXX";

/* --- the daemon: one role that answers one word a connection --- */

static unsigned one(const struct conf *conf UNUSED)
{
    return 1;
}

static const char *echo_address(const struct conf *conf)
{
    static char path[200];
    snprintf(path, sizeof path, "unix:%s/echo.sock", conf->general_run_folder);
    return path;
}

static const char *metrics_address(const struct conf *conf)
{
    return conf->general_hostname; /* the tests write it there */
}

static int prepare(struct worker_context *context)
{
    return strcmp(context->conf->database_name, "refuse") == 0;
}

static void answer(int fd)
{
    char word[64] = "", reply[128];
    if (read(fd, word, sizeof word - 1) <= 0)
        return;
    if (strcmp(word, "crash") == 0)
        abort();
    if (strcmp(word, "exec") == 0) {
        execl("/bin/true", "true", NULL);
        snprintf(reply, sizeof reply, "execed");
    } else if (strcmp(word, "inet") == 0) {
        int s = socket(AF_INET, SOCK_STREAM, 0);
        snprintf(reply, sizeof reply, "%s", s < 0 ? strerror(errno) : "a socket");
    } else {
        snprintf(reply, sizeof reply, "%d", (int)getpid());
    }
    ssize_t ignored UNUSED = write(fd, reply, strlen(reply));
}

static int run(struct worker_context *context)
{
    must(context->listening_count == 1 && strcmp(context->listening[0].name, "echo") == 0);
    struct pollfd p[] = {{.fd = context->listening[0].fd, .events = POLLIN},
                         {.fd = context->stop_fd, .events = POLLIN}};
    while (poll(p, 2, -1) > 0 && !p[1].revents) {
        int fd = accept(p[0].fd, NULL, NULL);
        if (fd < 0)
            continue;
        fcntl(fd, F_SETFL, 0);
        answer(fd);
        close(fd);
    }
    return 0;
}

static const struct role roles[] = {
    {.name = "echo",
     .count = one,
     .listeners = {{"echo", echo_address}},
     .network = NETWORK_NONE,
     .prepare = prepare,
     .run = run},
};
static const struct daemon daemon_under_test = {"caducee-test", "a test", roles, 1, metrics_address};

/* --- the tests --- */

static pid_t daemon_pid;
static int log_fd;

static void write_conf(const char *more)
{
    char *path = xasprintf("%s/caducee.conf", folder);
    FILE *f = fopen(path, "w");
    fprintf(f, "[general]\nrun_folder = %s\nstop_time = 5s\n%s", folder, more);
    fclose(f);
    xfree(&path);
}

static void start(void)
{
    int pipes[2];
    char *path = xasprintf("%s/caducee.conf", folder), *program = xasprintf("%s/daemon", folder);
    assert_int_equal(pipe(pipes), 0);
    daemon_pid = fork();
    if (daemon_pid == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0); /* a test that fails leaves nothing behind */
        dup2(pipes[1], STDERR_FILENO);
        execl(program, "caducee-test", "-c", path, NULL);
        _exit(1);
    }
    close(pipes[1]);
    log_fd = pipes[0];
    xfree(&path);
    xfree(&program);
}

/* Reads the log until a line holds both texts. */
static void wait_for_log(const char *text, const char *also)
{
    static char line[16384];
    size_t n = 0;
    for (uint64_t deadline = clock_ms() + 20000; clock_ms() < deadline;) {
        struct pollfd p = {.fd = log_fd, .events = POLLIN};
        if (poll(&p, 1, 1000) <= 0)
            continue;
        char c;
        if (read(log_fd, &c, 1) != 1)
            break;
        line[n++ % (sizeof line - 1)] = c;
        if (c != '\n')
            continue;
        line[n % sizeof line] = '\0';
        if (strstr(line, text) && strstr(line, also))
            return;
        n = 0;
    }
    fail_msg("no line of the log holds \"%s\" and \"%s\"", text, also);
}

static int end(void)
{
    int status = -1;
    kill(daemon_pid, SIGTERM);
    waitpid(daemon_pid, &status, 0);
    close(log_fd);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

/* Says a word to the worker and gives what it answered, "" when it ended instead. */
static char *ask(const char *word)
{
    static char reply[128];
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    snprintf(address.sun_path, sizeof address.sun_path, "%s/echo.sock", folder);
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);
    assert_int_equal(connect(fd, (struct sockaddr *)&address, sizeof address), 0);
    assert_int_equal(write(fd, word, strlen(word)), strlen(word));
    ssize_t n = read(fd, reply, sizeof reply - 1);
    reply[n > 0 ? n : 0] = '\0';
    close(fd);
    return reply;
}

static void a_worker_that_dies_is_started_again(void **state UNUSED)
{
    write_conf("");
    start();
    wait_for_log("ev=worker.started", "role=echo");
    int first = atoi(ask("pid")); /* NOLINT: a test's own number */
    assert_true(first > 0 && first != daemon_pid);
    assert_string_equal(ask("crash"), "");
    wait_for_log("ev=worker.ended", "signal=6");
    wait_for_log("ev=worker.started", "role=echo");
    int second = atoi(ask("pid")); /* NOLINT */
    assert_true(second > 0 && second != first);
    assert_int_equal(end(), 0);
}

#if !defined(__SANITIZE_ADDRESS__)
static void a_worker_may_not_start_programs(void **state UNUSED)
{
    write_conf("");
    start();
    wait_for_log("ev=worker.started", "role=echo");
    assert_string_equal(ask("inet"), "Function not implemented"); /* NETWORK_NONE */
    assert_string_equal(ask("exec"), "");
    wait_for_log("ev=worker.ended", "signal=31"); /* SIGSYS */
    wait_for_log("ev=worker.started", "role=echo");
    assert_int_equal(end(), 0);
}
#endif

static void a_reload_replaces_workers(void **state UNUSED)
{
    write_conf("");
    start();
    wait_for_log("ev=worker.started", "role=echo");
    char before[32];
    snprintf(before, sizeof before, "%s", ask("pid"));
    write_conf("unknown = 1\n");
    kill(daemon_pid, SIGHUP);
    wait_for_log("ev=reload.refused", "unknown key");
    assert_string_equal(ask("pid"), before);
    write_conf("log_level = debug\n");
    kill(daemon_pid, SIGHUP);
    wait_for_log("ev=worker.ended", "status=0");
    assert_string_not_equal(ask("pid"), before);
    assert_int_equal(end(), 0);
    char *path = xasprintf("%s/echo.sock", folder);
    assert_int_not_equal(access(path, F_OK), 0); /* the socket goes with the daemon */
    xfree(&path);
}

static void a_refusal_to_start_ends_the_daemon(void **state UNUSED)
{
    int status;
    write_conf("[database]\nname = refuse\n");
    start();
    waitpid(daemon_pid, &status, 0);
    close(log_fd);
    assert_int_equal(WEXITSTATUS(status), 78);
}

static void metrics_are_served(void **state UNUSED)
{
    char text[65536];
    uint16_t port = (uint16_t)(20000 + getpid() % 20000);
    char *more = xasprintf("hostname = 127.0.0.1:%u\n", port);
    write_conf(more);
    start();
    wait_for_log("ev=worker.started", "role=metrics");
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK), .sin_port = htons(port)};
    assert_int_equal(connect(fd, (struct sockaddr *)&at, sizeof at), 0);
    static const char request[] = "GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n";
    assert_int_equal(write(fd, request, sizeof request - 1), sizeof request - 1);
    size_t got = 0;
    for (ssize_t n; got < sizeof text - 1 && (n = read(fd, text + got, sizeof text - 1 - got)) > 0;)
        got += (size_t)n;
    text[got] = '\0';
    assert_int_equal(strncmp(text, "HTTP/1.1 200 OK\r\n", 17), 0);
    assert_non_null(strstr(text, "# TYPE caducee_mx_messages_total counter\n"));
    close(fd);
    assert_int_equal(end(), 0);
    xfree(&more);
}

static int remove_folder(void **state UNUSED)
{
    return remove_tree(folder);
}

/* Another user may have no way into the folder this was built in (root's home): what is run stands beside the sockets. */
static bool copy_program(void)
{
    char *path = xasprintf("%s/daemon", folder);
    int from = open("/proc/self/exe", O_RDONLY | O_CLOEXEC), to = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0755);
    ssize_t n = 1;
    while (from >= 0 && to >= 0 && n > 0)
        n = copy_file_range(from, NULL, to, NULL, 1 << 20, 0);
    bool ok = from >= 0 && to >= 0 && n == 0 && fchmod(to, 0755) == 0 && close(to) == 0;
    close(from);
    xfree(&path);
    return ok;
}

int main(int argc, char **argv)
{
    if (argc > 1)
        return daemon_main(argc, argv, &daemon_under_test);
    if (!mkdtemp(folder) || !copy_program())
        return 1;
    /* root's workers become users of a real installation, which a test machine lacks */
    if (geteuid() == 0 && (chown(folder, 65534, 65534) != 0 || setgid(65534) != 0 || setuid(65534) != 0))
        return 1;
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_worker_that_dies_is_started_again),
#if !defined(__SANITIZE_ADDRESS__)
        cmocka_unit_test(a_worker_may_not_start_programs),
#endif
        cmocka_unit_test(a_reload_replaces_workers),
        cmocka_unit_test(a_refusal_to_start_ends_the_daemon),
        cmocka_unit_test(metrics_are_served),
    };
    return cmocka_run_group_tests(tests, NULL, remove_folder);
}
