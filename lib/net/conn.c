/* What owners call. None of these functions calls back: they change the connection and ask for a turn. */
#include "lib/net/conn.h"

#include "lib/base/clock.h"
#include "lib/net/conn_private.h"

#include <sys/socket.h>
#include <unistd.h>

enum { OPEN_LIMIT = 64 * 1024 };

static struct event *make_event(struct conn *c, int fd, short what, event_callback_fn fn)
{
    struct event *event = event_new(loop_base(c->loop), fd, what, fn, c);
    if (!event)
        fatal("out of memory (connection)");
    return event;
}

struct conn *conn_new(struct loop *loop, int fd, enum conn_state state)
{
    struct conn *c = xcalloc(1, sizeof *c);
    c->loop = loop;
    c->fd = fd;
    c->state = state;
    c->limits = (struct conn_limits){.input_max = OPEN_LIMIT};
    c->opened_ms = c->active_ms = clock_ms();
    str_init(&c->input, OUTPUT_MAX);
    c->readable = make_event(c, fd, EV_READ | EV_PERSIST, conn_on_readable);
    c->writable = make_event(c, fd, EV_WRITE | EV_PERSIST, conn_on_writable);
    c->turn = make_event(c, -1, 0, conn_on_turn);
    c->deadline = make_event(c, -1, 0, conn_on_deadline);
    return c;
}

struct conn *conn_adopt(struct loop *loop, int fd)
{
    struct conn *c = conn_new(loop, fd, CONN_OPEN);
    evutil_make_socket_nonblocking(fd);
    return c;
}

static void free_output(struct conn *c)
{
    while (c->out_first) {
        struct chunk *next = c->out_first->next;
        str_free(&c->out_first->bytes);
        xfree(&c->out_first);
        c->out_first = next;
    }
    c->out_last = NULL;
    c->out_pending = 0;
}

void conn_free(struct conn *c)
{
    event_free(c->readable);
    event_free(c->writable);
    event_free(c->turn);
    event_free(c->deadline);
    SSL_free(c->ssl);
    tls_chain_free(&c->chain);
    deflate_free(&c->deflate);
    str_free(&c->input);
    free_output(c);
    xfree(&c->server_name);
    close(c->fd);
    xfree(&c);
}

void conn_schedule(struct conn *c)
{
    event_active(c->turn, EV_TIMEOUT, 0);
}

void conn_end(struct conn *c, enum conn_end reason)
{
    if (c->state == CONN_ENDED)
        return;
    c->state = CONN_ENDED;
    c->end = reason;
    event_del(c->readable);
    event_del(c->writable);
    event_del(c->deadline);
    free_output(c);
    conn_schedule(c);
}

void conn_set(struct conn *c, const struct conn_events *events, const struct conn_limits *limits, void *owner)
{
    c->events = *events;
    c->owner = owner;
    conn_set_limits(c, limits);
}

static void arm_deadline(struct conn *c)
{
    uint64_t now = clock_ms(), wait = UINT64_MAX;
    if (c->limits.idle_ms)
        wait = c->active_ms + c->limits.idle_ms > now ? c->active_ms + c->limits.idle_ms - now : 0;
    if (c->limits.total_ms) {
        uint64_t total = c->opened_ms + c->limits.total_ms > now ? c->opened_ms + c->limits.total_ms - now : 0;
        wait = total < wait ? total : wait;
    }
    if (wait == UINT64_MAX) {
        event_del(c->deadline);
        return;
    }
    struct timeval delay = {.tv_sec = (time_t)(wait / 1000), .tv_usec = (suseconds_t)(wait % 1000 * 1000 + 500)};
    event_add(c->deadline, &delay);
}

void conn_set_low_water(struct conn *c, size_t bytes)
{
    c->low_water = bytes;
}

void conn_set_limits(struct conn *c, const struct conn_limits *limits)
{
    must(limits->input_max > 0);
    c->limits = *limits;
    c->active_ms = clock_ms();
    if (c->state == CONN_ENDED)
        return;
    arm_deadline(c);
    conn_schedule(c);
}

/* One timer a connection, armed late: activity moves active_ms only, and the timer looks when it fires. */
void conn_on_deadline(evutil_socket_t fd UNUSED, short what UNUSED, void *arg)
{
    struct conn *c = arg;
    uint64_t now = clock_ms();
    if (c->state == CONN_LINGERS) {
        c->guest.free(&c->guest);
        return;
    }
    bool waits_for_us = (c->paused || c->held) && c->out_pending == 0 && c->state == CONN_OPEN;
    if (c->limits.total_ms && now >= c->opened_ms + c->limits.total_ms) {
        conn_end(c, CONN_TOTAL_TIME);
        return;
    }
    if (waits_for_us)
        c->active_ms = now;
    if (c->limits.idle_ms && now >= c->active_ms + c->limits.idle_ms)
        conn_end(c, CONN_IDLE);
    else
        arm_deadline(c);
}

struct span conn_input(const struct conn *c)
{
    return (struct span){c->input.data + c->input_taken, c->input.len - c->input_taken};
}

void conn_consume(struct conn *c, size_t bytes)
{
    must(bytes <= c->input.len - c->input_taken);
    c->input_taken += bytes;
    if (c->input_taken == c->input.len) {
        c->input_taken = 0;
        str_clear(&c->input);
        if (c->input.capacity > INPUT_KEPT)
            str_free(&c->input);
    }
    conn_schedule(c); /* there may be room to read again */
}

void conn_discard_input(struct conn *c)
{
    conn_consume(c, c->input.len - c->input_taken);
    c->input_news = false;
}

void conn_pause_input(struct conn *c)
{
    c->paused = true;
    conn_schedule(c);
}

void conn_resume_input(struct conn *c)
{
    c->paused = false;
    c->active_ms = clock_ms();
    c->input_news = c->input.len > c->input_taken;
    conn_schedule(c);
}

void conn_hold(struct conn *c)
{
    must(!c->held);
    c->held = true;
    conn_schedule(c);
}

void conn_release(struct conn *c)
{
    must(c->held);
    c->held = false;
    c->active_ms = clock_ms();
    c->input_news |= c->input.len > c->input_taken;
    conn_schedule(c);
}

void conn_append(struct conn *c, struct str *bytes)
{
    struct chunk *chunk = xcalloc(1, sizeof *chunk);
    chunk->bytes = *bytes;
    if (c->out_last)
        c->out_last->next = chunk;
    else
        c->out_first = chunk;
    c->out_last = chunk;
    c->out_pending += chunk->bytes.len;
}

static bool takes_output(const struct conn *c)
{
    return c->state != CONN_CLOSING && c->state != CONN_ENDED;
}

static void write_plain(struct conn *c, struct span bytes)
{
    struct chunk *last = c->out_last;
    bool shares = last && c->state != CONN_BEFORE_TLS && last->bytes.len + bytes.n <= CHUNK_BYTES;
    if (shares && str_add_span(&last->bytes, bytes)) {
        c->out_pending += bytes.n;
        return;
    }
    struct str fresh;
    str_init(&fresh, OUTPUT_MAX);
    if (!str_add_span(&fresh, bytes))
        panic("%zu bytes written at once", bytes.n);
    conn_append(c, &fresh);
}

void conn_write(struct conn *c, struct span bytes)
{
    if (!takes_output(c) || bytes.n == 0)
        return;
    if (c->deflate) {
        struct str packed;
        str_init(&packed, OUTPUT_MAX);
        deflate_compress(c->deflate, &packed, bytes);
        if (packed.len)
            write_plain(c, str_span(&packed));
        str_free(&packed);
    } else {
        write_plain(c, bytes);
    }
    conn_schedule(c);
}

void conn_write_take(struct conn *c, struct str *bytes)
{
    size_t max = bytes->max;
    if (!takes_output(c) || c->deflate || bytes->len < CHUNK_BYTES / 4) {
        conn_write(c, str_span(bytes));
        str_free(bytes);
        return;
    }
    conn_append(c, bytes);
    str_init(bytes, max);
    conn_schedule(c);
}

size_t conn_pending_output(const struct conn *c)
{
    return c->out_pending;
}

/* Bytes that came in clear behind STARTTLS are nobody's (CVE-2011-0411): those read, and those the kernel holds — the peer
 * may only speak again once it has our answer, which has not left yet. */
void conn_drop_clear_input(struct conn *c)
{
    conn_discard_input(c);
    while (recv(c->fd, loop_scratch(c->loop), LOOP_SCRATCH_BYTES, MSG_DONTWAIT) > 0)
        ;
}

static void start_tls(struct conn *c, struct tls_context *context, bool server, const char *server_name)
{
    must(!c->ssl && !c->tls_next);
    if (c->state == CONN_ENDED || c->state == CONN_CLOSING)
        return;
    if (server && c->out_pending)
        conn_drop_clear_input(c);
    else if (!server)
        conn_discard_input(c);
    c->server = server;
    c->tls_next = context;
    c->server_name = server_name ? xstrdup(server_name) : NULL;
    c->clear_pending = c->out_pending;
    if (c->state != CONN_CONNECTING)
        c->state = CONN_BEFORE_TLS;
    c->active_ms = clock_ms();
    conn_schedule(c);
}

void conn_start_tls_server(struct conn *c, struct tls_context *context)
{
    start_tls(c, context, true, NULL);
}

void conn_start_tls_client(struct conn *c, struct tls_context *context, const char *server_name)
{
    start_tls(c, context, false, server_name);
}

void conn_start_deflate(struct conn *c)
{
    must(!c->deflate);
    c->deflate = deflate_new();
}

void conn_close(struct conn *c)
{
    if (c->state == CONN_ENDED || c->state == CONN_CLOSING)
        return;
    if (c->state == CONN_OPEN) {
        c->state = CONN_CLOSING;
        conn_schedule(c);
    } else {
        conn_end(c, CONN_LOCAL_CLOSED);
    }
}

void conn_abort(struct conn *c)
{
    conn_end(c, CONN_LOCAL_CLOSED);
}

bool conn_is_tls(const struct conn *c)
{
    return c->ssl && SSL_is_init_finished(c->ssl);
}

bool conn_tls_peer(const struct conn *c, struct tls_peer *peer)
{
    if (!conn_is_tls(c))
        return false;
    *peer = (struct tls_peer){.chain = c->chain.spans,
                              .count = c->chain.count,
                              .protocol = SSL_get_version(c->ssl),
                              .cipher = SSL_get_cipher_name(c->ssl),
                              .resumed = SSL_session_reused(c->ssl)};
    return true;
}

void conn_forget_chain(struct conn *c)
{
    tls_chain_free(&c->chain);
}

const char *conn_peer_address(const struct conn *c)
{
    return c->address;
}

uint16_t conn_peer_port(const struct conn *c)
{
    return c->port;
}
