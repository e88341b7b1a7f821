/* bench-load … none http USERS RATE SECONDS @COOKIES PATH MARK
 * USERS keep-alive connections, each with a line of the file as its Cookie, ask for PATH, RATE times a second in all. An
 * answer without 200, or whose body lacks MARK, is a failure. Prints "failures bytes-of-one" after the latencies. */
#include "load.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { BODY_MAX = 1 << 20 };

struct plan {
    const struct target *target;
    SSL_CTX *context;
    char **cookies;
    const char *path, *mark;
    unsigned users, rate, count, cookie_count;
    uint64_t length;
    atomic_uint next, failures;
    _Atomic uint64_t bytes;
    uint32_t *latency;
};

struct answer {
    unsigned status;
    size_t length;
    bool chunked, close;
};

static void read_head(struct line_stream *s, struct answer *a)
{
    char line[16384];
    *a = (struct answer){0};
    stream_line(s, line, sizeof line);
    if (strncmp(line, "HTTP/1.", 7))
        die("HTTP", line);
    a->status = (unsigned)strtoul(line + 9, NULL, 10);
    while (stream_line(s, line, sizeof line)) {
        if (!strncasecmp(line, "Content-Length:", 15))
            a->length = strtoul(line + 15, NULL, 10);
        a->chunked |= !strncasecmp(line, "Transfer-Encoding: chunked", 26);
        a->close |= !strncasecmp(line, "Connection: close", 17);
    }
}

/* Keeps the first BODY_MAX bytes. */
static size_t take(struct line_stream *s, char *body, size_t have, size_t count)
{
    while (count) {
        if (s->start == s->end)
            stream_fill(s);
        size_t n = s->end - s->start < count ? s->end - s->start : count;
        size_t kept = n < BODY_MAX - 1 - have ? n : BODY_MAX - 1 - have;
        memcpy(body + have, s->buffer + s->start, kept);
        have += kept;
        s->start += n;
        count -= n;
    }
    return have;
}

static void read_body(struct line_stream *s, const struct answer *a, char *body)
{
    size_t have = 0;
    if (!a->chunked)
        have = take(s, body, 0, a->length);
    for (char line[256]; a->chunked;) {
        stream_line(s, line, sizeof line);
        size_t size = strtoul(line, NULL, 16);
        have = take(s, body, have, size);
        stream_line(s, line, sizeof line);
        if (!size)
            break;
    }
    body[have] = 0;
}

static void ask(struct line_stream *s, struct plan *plan, const char *cookie, char *body, bool *open)
{
    char head[8192];
    if (!*open)
        stream_open(s, plan->target, plan->context);
    int length = snprintf(head, sizeof head, "GET %s HTTP/1.1\r\nHost: %s:%s\r\nCookie: %s\r\n\r\n", plan->path,
                          plan->target->host, plan->target->port, cookie);
    uint64_t before = s->bytes_read;
    stream_write(s, head, (size_t)length);
    struct answer a;
    read_head(s, &a);
    read_body(s, &a, body);
    if (a.status != 200 || !strstr(body, plan->mark))
        atomic_fetch_add(&plan->failures, 1);
    atomic_fetch_add(&plan->bytes, s->bytes_read - before);
    *open = !a.close;
    if (a.close)
        stream_close(s);
}

static void *browse(void *arg)
{
    const struct job *job = arg;
    struct plan *plan = job->plan;
    struct line_stream *s = malloc(sizeof *s);
    char *body = malloc(BODY_MAX);
    bool open = false;
    const char *cookie = plan->cookies[job->number % plan->cookie_count];
    uint64_t period = (uint64_t)plan->users * 1000000 / plan->rate;
    uint64_t due = now_us() + period * job->number / plan->users, end = due + plan->length;
    for (; due < end; due += period) {
        sleep_until_us(due);
        ask(s, plan, cookie, body, &open);
        unsigned n = atomic_fetch_add(&plan->next, 1);
        if (n < plan->count)
            plan->latency[n] = (uint32_t)(now_us() - due);
    }
    free(body);
    free(s);
    return NULL;
}

int http_main(const struct target *target, int argc, char **argv)
{
    if (argc != 6 || *argv[3] != '@')
        die("http", "USERS RATE SECONDS @COOKIES PATH MARK");
    struct plan plan = {.target = target, .context = client_context(target), .path = argv[4], .mark = argv[5]};
    plan.users = number_of(argv[0]);
    plan.rate = number_of(argv[1]);
    plan.length = (uint64_t)number_of(argv[2]) * 1000000;
    plan.count = plan.rate * number_of(argv[2]) * 2;
    plan.cookies = lines_of(argv[3] + 1, &plan.cookie_count);
    plan.latency = calloc(plan.count + 1, sizeof *plan.latency);
    run_threads(plan.users, browse, &plan);
    unsigned done = plan.next < plan.count ? plan.next : plan.count;
    print_latencies(plan.latency, done, (double)plan.length / 1e6);
    printf("%u %llu\n", plan.failures, (unsigned long long)(done ? plan.bytes / done : 0));
    return 0;
}
