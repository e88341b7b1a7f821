/* How connections come to be: listening sockets, connecting, and the first writable moment. */
#include "lib/net/conn_private.h"

#include "lib/base/clock.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

enum { ACCEPTS_A_TURN = 16, OUT_OF_DESCRIPTORS_WAIT_MS = 200 };

struct listener {
    struct loop *loop;
    struct event *readable, *again;
    int fd;
    bool paused;
    void *(*on_accept)(struct conn *, void *arg);
    void *arg;
};

union address {
    struct sockaddr any;
    struct sockaddr_in v4;
    struct sockaddr_in6 v6;
    struct sockaddr_un local;
    struct sockaddr_storage room;
};

static void name_peer(struct conn *c, const union address *peer)
{
    if (peer->any.sa_family == AF_INET) {
        inet_ntop(AF_INET, &peer->v4.sin_addr, c->address, sizeof c->address);
        c->port = ntohs(peer->v4.sin_port);
    } else if (peer->any.sa_family == AF_INET6 && IN6_IS_ADDR_V4MAPPED(&peer->v6.sin6_addr)) {
        inet_ntop(AF_INET, &peer->v6.sin6_addr.s6_addr[12], c->address, sizeof c->address);
        c->port = ntohs(peer->v6.sin6_port);
    } else if (peer->any.sa_family == AF_INET6) {
        inet_ntop(AF_INET6, &peer->v6.sin6_addr, c->address, sizeof c->address);
        c->port = ntohs(peer->v6.sin6_port);
    } else {
        snprintf(c->address, sizeof c->address, "local");
    }
}

/* Small answers go at once: Nagle against a delayed ACK costs 40 ms a TLS 1.3 connection (measured). */
static void set_options(int fd, sa_family_t family)
{
    int on = 1;
    if (family == AF_UNIX)
        return;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on);
}

/* An owner that refuses may have written a word of why: it leaves, and nobody is told of the end. */
static void refuse(struct conn *c)
{
    static const struct conn_events none;
    c->events = none;
    conn_close(c);
}

static bool accept_one(struct listener *l)
{
    union address peer;
    socklen_t size = sizeof peer;
    int fd = accept4(l->fd, &peer.any, &size, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd < 0) {
        if (errno == EMFILE || errno == ENFILE || errno == ENOMEM || errno == ENOBUFS) {
            struct timeval wait = {.tv_usec = OUT_OF_DESCRIPTORS_WAIT_MS * 1000};
            log_event(LOG_ERROR, NULL, "net.accept", LS("error", strerror(errno)));
            event_del(l->readable);
            event_add(l->again, &wait);
        }
        return errno == ECONNABORTED || errno == EINTR;
    }
    set_options(fd, peer.any.sa_family);
    struct conn *c = conn_new(l->loop, fd, CONN_OPEN);
    name_peer(c, &peer);
    c->accepted = true;
    c->owner = l->on_accept(c, l->arg);
    if (!c->owner)
        refuse(c);
    conn_schedule(c);
    return true;
}

static void on_acceptable(evutil_socket_t fd UNUSED, short what UNUSED, void *arg)
{
    struct listener *l = arg;
    for (int i = 0; i < ACCEPTS_A_TURN && !l->paused && accept_one(l); i++)
        ;
}

static void accept_again(evutil_socket_t fd UNUSED, short what UNUSED, void *arg)
{
    struct listener *l = arg;
    if (!l->paused)
        event_add(l->readable, NULL);
}

struct listener *listener_new(struct loop *loop, int fd, void *(*on_accept)(struct conn *, void *), void *arg)
{
    struct listener *l = xmalloc(sizeof *l);
    *l = (struct listener){.loop = loop, .fd = fd, .on_accept = on_accept, .arg = arg};
    evutil_make_socket_nonblocking(fd);
    l->readable = event_new(loop_base(loop), fd, EV_READ | EV_PERSIST, on_acceptable, l);
    l->again = evtimer_new(loop_base(loop), accept_again, l);
    if (!l->readable || !l->again || event_add(l->readable, NULL) != 0)
        fatal("a listening socket cannot be watched");
    return l;
}

void listener_pause(struct listener *l)
{
    l->paused = true;
    event_del(l->readable);
}

void listener_resume(struct listener *l)
{
    l->paused = false;
    event_add(l->readable, NULL);
}

void listener_destroy(struct listener **l)
{
    if (!*l)
        return;
    event_free((*l)->readable);
    event_free((*l)->again);
    close((*l)->fd);
    xfree(l);
}

static bool parse_address(union address *out, socklen_t *size, const char *text, uint16_t port)
{
    memset(out, 0, sizeof *out);
    if (inet_pton(AF_INET, text, &out->v4.sin_addr) == 1) {
        out->v4.sin_family = AF_INET;
        out->v4.sin_port = htons(port);
        *size = sizeof out->v4;
        return true;
    }
    if (inet_pton(AF_INET6, text, &out->v6.sin6_addr) == 1) {
        out->v6.sin6_family = AF_INET6;
        out->v6.sin6_port = htons(port);
        *size = sizeof out->v6;
        return true;
    }
    return false;
}

static struct conn *begin(struct loop *loop, int fd, const union address *peer, socklen_t size, struct str *error)
{
    set_options(fd, peer->any.sa_family);
    int result = connect(fd, &peer->any, size);
    if (result < 0 && errno != EINPROGRESS) {
        str_addf(error, "connect: %s", strerror(errno));
        close(fd);
        return NULL;
    }
    struct conn *c = conn_new(loop, fd, CONN_CONNECTING);
    name_peer(c, peer);
    conn_schedule(c);
    return c;
}

struct conn *conn_connect(struct loop *loop, const char *address, uint16_t port, const char *bind_address,
                          struct str *error)
{
    union address peer, own;
    socklen_t size, own_size;
    if (!parse_address(&peer, &size, address, port)) {
        str_addf(error, "%s is not an IP address", address);
        return NULL;
    }
    int fd = socket(peer.any.sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0) {
        str_addf(error, "socket: %s", strerror(errno));
        return NULL;
    }
    bool bound = !bind_address || !*bind_address || !parse_address(&own, &own_size, bind_address, 0) ||
                 own.any.sa_family != peer.any.sa_family || bind(fd, &own.any, own_size) == 0;
    if (!bound) {
        str_addf(error, "bind to %s: %s", bind_address, strerror(errno));
        close(fd);
        return NULL;
    }
    return begin(loop, fd, &peer, size, error);
}

struct conn *conn_connect_unix(struct loop *loop, const char *path, struct str *error)
{
    union address peer;
    memset(&peer, 0, sizeof peer);
    peer.local.sun_family = AF_UNIX;
    size_t n = strlen(path);
    if (n >= sizeof peer.local.sun_path) {
        str_addf(error, "%s is too long for a socket", path);
        return NULL;
    }
    memcpy(peer.local.sun_path, path, n);
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0) {
        str_addf(error, "socket: %s", strerror(errno));
        return NULL;
    }
    return begin(loop, fd, &peer, sizeof peer.local, error);
}

static void connected(struct conn *c)
{
    int error = 0;
    socklen_t size = sizeof error;
    if (getsockopt(c->fd, SOL_SOCKET, SO_ERROR, &error, &size) != 0 || error != 0) {
        conn_end(c, CONN_ERROR);
        return;
    }
    c->active_ms = clock_ms();
    c->state = c->tls_next ? CONN_BEFORE_TLS : CONN_OPEN;
}

void conn_on_writable(evutil_socket_t fd, short what, void *arg)
{
    struct conn *c = arg;
    if (c->state == CONN_CONNECTING)
        connected(c);
    conn_on_turn(fd, what, arg);
}
