/* Bytes in and out, and the turn: the only place where callbacks are called and connections freed. */
#include "lib/net/conn_private.h"

#include "lib/base/clock.h"

#include <errno.h>
#include <openssl/err.h>
#include <sys/socket.h>

enum io { IO_SOME, IO_AGAIN, IO_CLOSED, IO_FAILED };

static enum io ssl_outcome(struct conn *c, int result, bool reading)
{
    int error = SSL_get_error(c->ssl, result);
    ERR_clear_error();
    switch (error) {
    case SSL_ERROR_WANT_READ:
        return IO_AGAIN;
    case SSL_ERROR_WANT_WRITE:
        c->wants_write_to_read = reading;
        return IO_AGAIN;
    case SSL_ERROR_ZERO_RETURN:
        return IO_CLOSED;
    case SSL_ERROR_SYSCALL:
        return errno == 0 || errno == ECONNRESET || errno == EPIPE ? IO_CLOSED : IO_FAILED;
    default:
        return IO_FAILED;
    }
}

static enum io socket_outcome(ssize_t n)
{
    if (n == 0)
        return IO_CLOSED;
    if (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR)
        return IO_AGAIN;
    return errno == ECONNRESET || errno == EPIPE ? IO_CLOSED : IO_FAILED;
}

static enum io receive(struct conn *c, char *to, size_t size, size_t *got)
{
    if (c->ssl) {
        ERR_clear_error();
        errno = 0;
        int result = SSL_read_ex(c->ssl, to, size, got);
        return result == 1 ? IO_SOME : ssl_outcome(c, result, true);
    }
    ssize_t n = recv(c->fd, to, size, 0);
    *got = n > 0 ? (size_t)n : 0;
    return n > 0 ? IO_SOME : socket_outcome(n);
}

static enum io send_some(struct conn *c, const char *from, size_t size, size_t *sent)
{
    if (c->ssl) {
        ERR_clear_error();
        errno = 0;
        int result = SSL_write_ex(c->ssl, from, size, sent);
        return result == 1 ? IO_SOME : ssl_outcome(c, result, false);
    }
    ssize_t n = send(c->fd, from, size, MSG_NOSIGNAL);
    *sent = n > 0 ? (size_t)n : 0;
    return n > 0 ? IO_SOME : socket_outcome(n);
}

static size_t room(const struct conn *c)
{
    size_t held = c->input.len - c->input_taken;
    return held < c->limits.input_max ? c->limits.input_max - held : 0;
}

/* The consumed front is given back before the buffer grows. */
static void compact(struct conn *c)
{
    if (c->input_taken && c->input_taken >= c->input.len / 2) {
        str_drop_front(&c->input, c->input_taken);
        c->input_taken = 0;
    }
}

static void store_input(struct conn *c, const char *bytes, size_t n)
{
    compact(c);
    c->active_ms = clock_ms();
    if (!c->deflate) {
        must(str_add(&c->input, bytes, n));
        c->input_news = true;
        return;
    }
    bool more = false;
    size_t before = c->input.len;
    if (!deflate_expand(c->deflate, (struct span){bytes, n}, &c->input, room(c), &more)) {
        conn_end(c, CONN_ERROR);
        return;
    }
    c->more_to_read |= more;
    c->input_news |= c->input.len > before;
}

static bool may_read(const struct conn *c)
{
    bool answers_leave = !c->limits.output_max || c->out_pending <= c->limits.output_max;
    return c->state == CONN_OPEN && !c->paused && !c->held && !c->peer_closed && answers_leave && room(c) > 0;
}

static void read_turn(struct conn *c)
{
    size_t total = 0;
    c->more_to_read = false;
    c->wants_write_to_read = false;
    if (c->deflate && may_read(c))
        store_input(c, NULL, 0); /* what a full buffer left compressed */
    while (may_read(c)) {
        if (total >= TURN_READ_MAX) {
            c->more_to_read = true;
            return;
        }
        size_t want = room(c) < LOOP_SCRATCH_BYTES ? room(c) : LOOP_SCRATCH_BYTES, got = 0;
        enum io outcome = receive(c, loop_scratch(c->loop), want, &got);
        if (outcome == IO_SOME) {
            store_input(c, loop_scratch(c->loop), got);
            total += got;
            /* a short read of a plain socket has emptied it */
            if (!c->ssl && got < want)
                return;
            continue;
        }
        if (outcome == IO_CLOSED)
            c->peer_closed = true;
        else if (outcome == IO_FAILED)
            conn_end(c, c->ssl ? CONN_TLS_FAILED : CONN_ERROR);
        return;
    }
    c->more_to_read = c->ssl && SSL_has_pending(c->ssl);
}

static void drop_sent(struct conn *c, size_t sent)
{
    struct chunk *first = c->out_first;
    first->sent += sent;
    c->out_pending -= sent;
    c->clear_pending -= sent < c->clear_pending ? sent : c->clear_pending;
    c->active_ms = clock_ms();
    if (first->sent < first->bytes.len)
        return;
    c->out_first = first->next;
    if (!c->out_first)
        c->out_last = NULL;
    str_free(&first->bytes);
    xfree(&first);
}

static void flush_deflate(struct conn *c)
{
    struct str packed;
    str_init(&packed, OUTPUT_MAX);
    deflate_flush(c->deflate, &packed);
    if (packed.len)
        conn_append(c, &packed);
    else
        str_free(&packed);
}

/* Before TLS only what was written in clear may leave in clear. */
static bool may_write(const struct conn *c)
{
    return c->out_first && (c->state != CONN_BEFORE_TLS || c->clear_pending) &&
           (c->state == CONN_OPEN || c->state == CONN_CLOSING || c->state == CONN_BEFORE_TLS);
}

static void write_turn(struct conn *c)
{
    size_t total = 0;
    if (c->deflate)
        flush_deflate(c);
    while (may_write(c) && total < TURN_WRITE_MAX) {
        struct chunk *first = c->out_first;
        size_t sent = 0;
        enum io outcome = send_some(c, first->bytes.data + first->sent, first->bytes.len - first->sent, &sent);
        if (outcome == IO_AGAIN)
            return;
        if (outcome != IO_SOME) {
            conn_end(c, outcome == IO_CLOSED ? CONN_PEER_CLOSED : c->ssl ? CONN_TLS_FAILED : CONN_ERROR);
            return;
        }
        drop_sent(c, sent);
        total += sent;
        if (c->out_pending <= c->low_water && c->state == CONN_OPEN)
            c->drained_news = true;
    }
}

void conn_begin_handshake(struct conn *c)
{
    c->ssl = tls_session_new(c->tls_next, c->server, c->server_name);
    c->tls_next = NULL;
    if (SSL_set_fd(c->ssl, c->fd) != 1)
        fatal("out of memory (TLS)");
    c->state = CONN_HANDSHAKE;
}

static void handshake_turn(struct conn *c)
{
    ERR_clear_error();
    errno = 0;
    int result = SSL_do_handshake(c->ssl);
    if (result == 1) {
        tls_chain_take(&c->chain, c->ssl);
        c->state = CONN_OPEN;
        c->tls_news = true;
        c->active_ms = clock_ms();
        return;
    }
    c->wants_write_to_read = false;
    enum io outcome = ssl_outcome(c, result, true);
    if (outcome != IO_AGAIN)
        conn_end(c, CONN_TLS_FAILED);
}

static void close_turn(struct conn *c)
{
    if (c->out_first)
        return;
    if (c->ssl) {
        SSL_shutdown(c->ssl);
        ERR_clear_error();
    }
    shutdown(c->fd, SHUT_WR);
    c->lingers = conn_drain(c) && c->accepted;
    conn_end(c, CONN_LOCAL_CLOSED);
}

static void set_interest(struct event *event, bool *watched, bool wanted)
{
    if (*watched == wanted)
        return;
    *watched = wanted;
    if ((wanted ? event_add(event, NULL) : event_del(event)) != 0)
        fatal("a connection cannot be watched");
}

void conn_update_interest(struct conn *c)
{
    if (c->state == CONN_ENDED)
        return;
    bool handshake = c->state == CONN_HANDSHAKE && !c->wants_write_to_read;
    set_interest(c->readable, &c->reads, handshake || may_read(c));
    set_interest(c->writable, &c->writes, c->state == CONN_CONNECTING || c->wants_write_to_read || may_write(c));
}

/* Tells the owner what happened since the last turn. Each callback may pause, hold, close or abort. */
static void tell(struct conn *c)
{
    if (c->tls_news && !c->held && c->state != CONN_ENDED) {
        c->tls_news = false;
        if (c->events.on_tls)
            c->events.on_tls(c, c->owner);
    }
    if (c->input_news && !c->paused && !c->held && c->state == CONN_OPEN) {
        c->input_news = false;
        if (c->events.on_input && c->input.len > c->input_taken)
            c->events.on_input(c, c->owner);
    }
    if (c->drained_news && !c->held && c->state == CONN_OPEN) {
        c->drained_news = false;
        if (c->events.on_drained && c->out_pending <= c->low_water)
            c->events.on_drained(c, c->owner);
    }
}

static bool is_over(struct conn *c)
{
    bool unread = c->input.len > c->input_taken && c->input_news;
    if (c->peer_closed && c->state == CONN_OPEN && !c->held && !unread)
        conn_end(c, CONN_PEER_CLOSED);
    return c->state == CONN_ENDED;
}

static void finish(struct conn *c)
{
    if (c->held)
        return;
    if (c->events.on_closed)
        c->events.on_closed(c, c->end, c->owner);
    if (c->lingers)
        conn_linger(c);
    else
        conn_free(c);
}

static void move_bytes(struct conn *c)
{
    if (c->state == CONN_HANDSHAKE)
        handshake_turn(c);
    write_turn(c);
    if (c->state == CONN_BEFORE_TLS && !c->clear_pending) {
        conn_begin_handshake(c);
        handshake_turn(c);
    }
    if (c->state == CONN_OPEN)
        read_turn(c);
    if (c->state == CONN_CLOSING)
        close_turn(c);
}

void conn_on_turn(evutil_socket_t fd UNUSED, short what UNUSED, void *arg)
{
    struct conn *c = arg;
    if (c->state != CONN_ENDED)
        move_bytes(c);
    tell(c);
    /* replies that callbacks wrote leave now, together */
    write_turn(c);
    if (is_over(c)) {
        event_del(c->turn);
        finish(c);
        return;
    }
    if ((c->more_to_read && may_read(c)) || (c->drained_news && c->events.on_drained && !c->held))
        conn_schedule(c);
    conn_update_interest(c);
}

void conn_on_readable(evutil_socket_t fd, short what, void *arg)
{
    if (((struct conn *)arg)->state == CONN_LINGERS) {
        conn_linger_turn(arg);
        return;
    }
    conn_on_turn(fd, what, arg);
}
