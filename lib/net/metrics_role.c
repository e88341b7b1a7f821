/* The role every daemon has besides its own: it answers GET /metrics in Prometheus' text format, as a user that may do nothing
 * else, so that the supervisor itself never reads what a stranger sends.
 */
#include "lib/net/daemon_private.h"

#include "lib/base/metrics.h"
#include "lib/net/conn.h"

enum { REQUEST_MAX = 4096, ANSWER_MAX = 4 << 20 };

static struct loop *loop;

static void answer(struct conn *c, const char *status, struct span body)
{
    struct str head;
    str_init(&head, 1024);
    str_addf(&head,
             "HTTP/1.1 %s\r\nContent-Type: text/plain; version=0.0.4; charset=utf-8\r\nContent-Length: %zu\r\n"
             "Connection: close\r\n\r\n",
             status, body.n);
    conn_write(c, str_span(&head));
    conn_write(c, body);
    str_free(&head);
    conn_close(c);
}

static void on_input(struct conn *c, void *owner UNUSED)
{
    struct span in = conn_input(c);
    if (span_find(in, SPAN_LIT("\r\n\r\n")) < 0 && in.n < REQUEST_MAX)
        return;
    if (!span_starts_nocase(in, "GET /metrics ")) {
        answer(c, "404 Not Found", SPAN_LIT("only GET /metrics\n"));
        return;
    }
    struct str body;
    str_init(&body, ANSWER_MAX);
    metrics_print(&body);
    answer(c, "200 OK", str_span(&body));
    str_free(&body);
}

static void *on_accept(struct conn *c, void *arg)
{
    static const struct conn_events events = {.on_input = on_input};
    static const struct conn_limits limits = {.input_max = REQUEST_MAX, .idle_ms = 5000, .total_ms = 10000};
    conn_set(c, &events, &limits, arg);
    return arg;
}

static void on_stop(int fd UNUSED, void *arg UNUSED)
{
    loop_stop(loop);
}

static int run(struct worker_context *context)
{
    loop = loop_new();
    watch_new(loop, context->stop_fd, on_stop, NULL);
    for (size_t i = 0; i < context->listening_count; i++)
        listener_new(loop, context->listening[i].fd, on_accept, loop);
    loop_run(loop);
    return 0;
}

static unsigned one(const struct conf *conf UNUSED)
{
    return 1;
}

const struct role metrics_role = {.name = "metrics", .count = one, .network = NETWORK_NONE, .run = run};
