/* bench-load … imap LOGIN COMMAND…                    one session; each command's microseconds and bytes, a line each
 * bench-load … idle LOGIN COUNT SECONDS COMMAND…      COUNT sessions, or as many as came up in SECONDS; each after the
 *                                                     commands; says "ready N", then waits for end of input
 * bench-load … login CONNECTIONS COUNT @FILE          COUNT times: connect, log in by a line of the file, LOGOUT
 * bench-load … append CONNECTIONS COUNT SIZE @FILE    COUNT messages of SIZE bytes into INBOX
 * bench-load … poll SESSIONS RATE SECONDS @FILE CMD   RATE commands a second in all, evenly over the sessions
 * LOGIN, and a line of FILE, is a whole command without tag ("AUTHENTICATE EXTERNAL ZHVp…", "LOGIN user password"). */
#include "load.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { IDLE_THREADS = 4 }; /* opening sessions: a handshake costs the client as much as the server */

struct plan {
    const struct target *target;
    SSL_CTX *context;
    char **logins, **commands, *message;
    unsigned login_count, command_count, sessions, count, rate;
    size_t message_size;
    uint64_t begin, end;
    atomic_uint next, opened;
    uint32_t *latency;
};

/* Reads to the tagged answer; literals are skipped by their size. Dies on NO and BAD. */
void imap_finish(struct line_stream *s, const char *tag)
{
    char line[65536];
    for (;;) {
        size_t length = stream_line(s, line, sizeof line);
        if (!strncmp(line, "+ ", 2)) { /* EXTERNAL without an initial response: an empty one */
            stream_write(s, "\r\n", 2);
            continue;
        }
        if (!strncmp(line, tag, strlen(tag)) && line[strlen(tag)] == ' ') {
            if (strncmp(line + strlen(tag) + 1, "OK", 2))
                die("IMAP", line);
            return;
        }
        char *brace = length && line[length - 1] == '}' ? strrchr(line, '{') : NULL;
        if (brace)
            stream_skip(s, strtoul(brace + 1, NULL, 10));
    }
}

static void say(struct line_stream *s, const char *text)
{
    char line[16384]; /* one write, one TLS record: as a client does */
    int length = snprintf(line, sizeof line, "b %s\r\n", text);
    stream_write(s, line, (size_t)length);
}

void imap_command(struct line_stream *s, const char *text)
{
    say(s, text);
    imap_finish(s, "b");
}

void imap_greet(struct line_stream *s, const struct target *target, SSL_CTX *context, const char *login)
{
    char line[4096];
    stream_open(s, target, context);
    if (!target->starttls)
        stream_line(s, line, sizeof line);
    imap_command(s, login);
}

int imap_main(const struct target *target, int argc, char **argv)
{
    if (argc < 2)
        die("imap", "LOGIN COMMAND…");
    struct line_stream *s = malloc(sizeof *s);
    imap_greet(s, target, client_context(target), argv[0]);
    for (int i = 1; i < argc; i++) {
        uint64_t bytes = s->bytes_read, begin = now_us();
        imap_command(s, argv[i]);
        printf("%llu %llu\n", (unsigned long long)(now_us() - begin), (unsigned long long)(s->bytes_read - bytes));
    }
    stream_close(s);
    free(s);
    return 0;
}

/* The connections are left open: a buffer is used again for the next, sockets and TLS stay. */
static void *open_idle(void *arg)
{
    struct plan *plan = ((struct job *)arg)->plan;
    struct line_stream *s = malloc(sizeof *s);
    lenient = true; /* a server that takes no more has shown its limit */
    for (unsigned n; now_us() < plan->end && (n = atomic_fetch_add(&plan->next, 1)) < plan->count;) {
        imap_greet(s, plan->target, plan->context, plan->logins[n % plan->login_count]);
        for (unsigned j = 0; j < plan->command_count; j++) {
            say(s, plan->commands[j]);
            if (strcmp(plan->commands[j], "IDLE"))
                imap_finish(s, "b");
        }
        atomic_fetch_add(&plan->opened, 1);
    }
    free(s);
    return NULL;
}

int idle_main(const struct target *target, int argc, char **argv)
{
    if (argc < 4)
        die("idle", "LOGIN COUNT SECONDS COMMAND…");
    struct plan plan = {.target = target, .context = client_context(target), .logins = argv, .login_count = 1};
    plan.count = number_of(argv[1]);
    plan.end = now_us() + (uint64_t)number_of(argv[2]) * 1000000;
    plan.commands = argv + 3;
    plan.command_count = (unsigned)argc - 3;
    run_threads(IDLE_THREADS, open_idle, &plan);
    printf("ready %u\n", plan.opened);
    fflush(stdout);
    getchar();
    return 0;
}

static void *log_in(void *arg)
{
    struct plan *plan = ((struct job *)arg)->plan;
    struct line_stream *s = malloc(sizeof *s);
    for (unsigned n; (n = atomic_fetch_add(&plan->next, 1)) < plan->count;) {
        uint64_t begin = now_us();
        imap_greet(s, plan->target, plan->context, plan->logins[n % plan->login_count]);
        imap_command(s, "LOGOUT");
        stream_close(s);
        plan->latency[n] = (uint32_t)(now_us() - begin);
    }
    free(s);
    return NULL;
}

static void *append(void *arg)
{
    const struct job *job = arg;
    struct plan *plan = job->plan;
    struct line_stream *s = malloc(sizeof *s);
    imap_greet(s, plan->target, plan->context, plan->logins[job->number % plan->login_count]);
    for (unsigned n; (n = atomic_fetch_add(&plan->next, 1)) < plan->count;) {
        uint64_t begin = now_us();
        stream_write(s, plan->message, plan->message_size);
        imap_finish(s, "b");
        plan->latency[n] = (uint32_t)(now_us() - begin);
    }
    stream_close(s);
    free(s);
    return NULL;
}

static void *poll_folder(void *arg)
{
    const struct job *job = arg;
    struct plan *plan = job->plan;
    struct line_stream *s = malloc(sizeof *s);
    imap_greet(s, plan->target, plan->context, plan->logins[job->number % plan->login_count]);
    atomic_fetch_add(&plan->opened, 1);
    while (atomic_load(&plan->opened) < plan->sessions)
        sleep_until_us(now_us() + 20000);
    uint64_t period = (uint64_t)plan->sessions * 1000000 / plan->rate;
    uint64_t due = now_us() + period * job->number / plan->sessions, end = due + plan->end;
    for (; due < end; due += period) {
        sleep_until_us(due);
        imap_command(s, plan->commands[0]);
        unsigned n = atomic_fetch_add(&plan->next, 1);
        if (n < plan->count)
            plan->latency[n] = (uint32_t)(now_us() - due); /* from when it was due: a late server is not excused */
    }
    stream_close(s);
    free(s);
    return NULL;
}

static struct plan plan_of(const struct target *target, const char *logins, unsigned count)
{
    struct plan plan = {.target = target, .context = client_context(target), .count = count};
    if (*logins != '@')
        die(logins, "should be @FILE");
    plan.logins = lines_of(logins + 1, &plan.login_count);
    plan.latency = calloc(count + 1, sizeof *plan.latency);
    return plan;
}

int login_main(const struct target *target, int argc, char **argv)
{
    if (argc != 3)
        die("login", "CONNECTIONS COUNT @FILE");
    struct plan plan = plan_of(target, argv[2], number_of(argv[1]));
    uint64_t begin = now_us();
    run_threads(number_of(argv[0]), log_in, &plan);
    print_latencies(plan.latency, plan.count, (double)(now_us() - begin) / 1e6);
    return 0;
}

int append_main(const struct target *target, int argc, char **argv)
{
    if (argc != 4)
        die("append", "CONNECTIONS COUNT SIZE @FILE");
    struct plan plan = plan_of(target, argv[3], number_of(argv[1]));
    size_t size = number_of(argv[2]);
    plan.message = malloc(size + 512);
    int head = snprintf(plan.message, 512, "b APPEND INBOX {%zu+}\r\n", size);
    char *at = plan.message + head, *end = at + size;
    at +=
        snprintf(at, size, "From: <a@b.mssante.fr>\r\nSubject: Essai\r\nDate: Fri, 20 Nov 2026 12:00:00 +0100\r\n\r\n");
    for (unsigned n = 0; at < end; n++)
        *at++ = n % 64 == 62 ? '\r' : n % 64 == 63 ? '\n' : (char)('a' + (n / 64 + n) % 26);
    memcpy(end, "\r\n", 2);
    plan.message_size = (size_t)head + size + 2;
    uint64_t begin = now_us();
    run_threads(number_of(argv[0]), append, &plan);
    print_latencies(plan.latency, plan.count, (double)(now_us() - begin) / 1e6);
    return 0;
}

int poll_main(const struct target *target, int argc, char **argv)
{
    if (argc != 5)
        die("poll", "SESSIONS RATE SECONDS @FILE COMMAND");
    unsigned rate = number_of(argv[1]), seconds = number_of(argv[2]);
    struct plan plan = plan_of(target, argv[3], rate * seconds * 2);
    plan.sessions = number_of(argv[0]);
    plan.rate = rate;
    plan.end = (uint64_t)seconds * 1000000;
    plan.commands = argv + 4;
    run_threads(plan.sessions, poll_folder, &plan);
    unsigned done = plan.next < plan.count ? plan.next : plan.count;
    print_latencies(plan.latency, done, seconds);
    return 0;
}
