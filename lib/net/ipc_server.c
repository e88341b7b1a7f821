/* The side in a loop: frames in, requests to the owner one after the other for each peer, answers out. */
#include "lib/net/ipc.h"

#include "lib/base/log.h"
#include "lib/net/loop_private.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

enum { READ_STEP = 64 * 1024, BACKLOG = 128 };

struct ipc_server {
    struct loop *loop;
    struct event *acceptable;
    int fd;
    size_t max_frame;
    bool (*may_connect)(uint32_t, void *);
    void (*on_request)(struct ipc_request *, void *);
    void *arg;
    struct ipc_peer *peers;
};

struct ipc_peer {
    struct ipc_server *server;
    struct ipc_peer *next, **link;
    int fd;
    uint32_t uid, pid;
    struct event *readable, *writable;
    struct str in, out;
    size_t sent;
    int fds[4]; /* came with bytes of the frame now being read */
    size_t fd_count;
    bool busy; /* a request is with the owner */
    bool gone; /* the peer has left; freed when the owner answers */
};

static void close_fds(int *fds, size_t *count)
{
    for (size_t i = 0; i < *count; i++)
        close(fds[i]);
    *count = 0;
}

static void free_peer(struct ipc_peer *peer)
{
    event_free(peer->readable);
    event_free(peer->writable);
    close(peer->fd);
    close_fds(peer->fds, &peer->fd_count);
    str_wipe(&peer->in);
    str_wipe(&peer->out);
    *peer->link = peer->next;
    if (peer->next)
        peer->next->link = peer->link;
    xfree(&peer);
}

static void drop_peer(struct ipc_peer *peer)
{
    event_del(peer->readable);
    event_del(peer->writable);
    peer->gone = true;
    if (!peer->busy)
        free_peer(peer);
}

static void hand_over(struct ipc_peer *peer, size_t frame)
{
    struct ipc_request *request = xcalloc(1, sizeof *request);
    request->peer = peer;
    request->uid = peer->uid;
    request->pid = peer->pid;
    str_init_secret(&request->bytes, peer->in.max);
    str_add(&request->bytes, peer->in.data, frame);
    must(ipc_parse(str_span(&request->bytes), peer->server->max_frame, &request->message) == (ptrdiff_t)frame);
    memcpy(request->fds, peer->fds, sizeof peer->fds);
    request->fd_count = peer->fd_count;
    peer->fd_count = 0;
    str_drop_front(&peer->in, frame);
    peer->busy = true;
    event_del(peer->readable);
    peer->server->on_request(request, peer->server->arg);
}

/* false: the peer was dropped. */
static bool next_request(struct ipc_peer *peer)
{
    struct ipc_message message;
    if (peer->busy)
        return true;
    ptrdiff_t n = ipc_parse(str_span(&peer->in), peer->server->max_frame, &message);
    if (n < 0) {
        log_event(LOG_WARN, NULL, "ipc.bad_frame", LU("uid", peer->uid), LU("peer_pid", peer->pid));
        drop_peer(peer);
        return false;
    }
    if (n > 0)
        hand_over(peer, (size_t)n);
    return true;
}

static void take_fds(struct ipc_peer *peer, struct msghdr *message)
{
    for (struct cmsghdr *c = CMSG_FIRSTHDR(message); c; c = CMSG_NXTHDR(message, c)) {
        if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS)
            continue;
        size_t count = (c->cmsg_len - CMSG_LEN(0)) / sizeof(int);
        for (size_t i = 0; i < count; i++) {
            int fd;
            memcpy(&fd, CMSG_DATA(c) + i * sizeof fd, sizeof fd);
            if (peer->fd_count < COUNT(peer->fds))
                peer->fds[peer->fd_count++] = fd;
            else
                close(fd);
        }
    }
}

static void on_readable(evutil_socket_t fd, short what UNUSED, void *arg)
{
    struct ipc_peer *peer = arg;
    union {
        char room[CMSG_SPACE(sizeof(int) * 8)];
        struct cmsghdr align;
    } control;
    if (!str_reserve(&peer->in, READ_STEP)) {
        drop_peer(peer);
        return;
    }
    struct iovec bytes = {peer->in.data + peer->in.len, READ_STEP};
    struct msghdr message = {
        .msg_iov = &bytes, .msg_iovlen = 1, .msg_control = control.room, .msg_controllen = sizeof control.room};
    ssize_t n = recvmsg(fd, &message, MSG_CMSG_CLOEXEC | MSG_DONTWAIT);
    if (n < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    if (n <= 0) {
        drop_peer(peer);
        return;
    }
    take_fds(peer, &message);
    peer->in.len += (size_t)n;
    peer->in.data[peer->in.len] = '\0';
    next_request(peer);
}

static void send_out(struct ipc_peer *peer)
{
    while (peer->sent < peer->out.len) {
        ssize_t n =
            send(peer->fd, peer->out.data + peer->sent, peer->out.len - peer->sent, MSG_NOSIGNAL | MSG_DONTWAIT);
        if (n < 0 && (errno == EAGAIN || errno == EINTR)) {
            event_add(peer->writable, NULL);
            return;
        }
        if (n <= 0) {
            drop_peer(peer);
            return;
        }
        peer->sent += (size_t)n;
    }
    event_del(peer->writable);
    str_wipe(&peer->out); /* it may have been a key */
    str_init_secret(&peer->out, peer->in.max);
    peer->sent = 0;
    event_add(peer->readable, NULL);
    next_request(peer);
}

static void on_writable(evutil_socket_t fd UNUSED, short what UNUSED, void *arg)
{
    send_out(arg);
}

struct reply {
    struct ipc_peer *peer;
    struct str bytes;
    bool close;
};

static void deliver_reply(void *arg)
{
    struct reply *reply = arg;
    struct ipc_peer *peer = reply->peer;
    peer->busy = false;
    if (peer->gone || reply->close) {
        str_wipe(&reply->bytes);
        if (peer->gone)
            free_peer(peer);
        else
            drop_peer(peer);
    } else {
        str_wipe(&peer->out);
        peer->out = reply->bytes;
        peer->sent = 0;
        send_out(peer);
    }
    xfree(&reply);
}

/* Always by way of the loop: the answer may come from a job, and on_request() may answer at once. */
void ipc_reply(struct ipc_request *request, struct str *answer)
{
    struct reply *reply = xcalloc(1, sizeof *reply);
    struct ipc_peer *peer = request->peer;
    reply->peer = peer;
    reply->close = !answer;
    str_init_secret(&reply->bytes, 1);
    if (answer) {
        reply->bytes = *answer;
        str_init(answer, answer->max);
    }
    close_fds(request->fds, &request->fd_count);
    str_wipe(&request->bytes);
    xfree(&request);
    loop_post(peer->server->loop, deliver_reply, reply);
}

static void on_acceptable(evutil_socket_t listening, short what UNUSED, void *arg)
{
    struct ipc_server *server = arg;
    int fd = accept4(listening, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
    struct ucred who;
    socklen_t size = sizeof who;
    if (fd < 0)
        return;
    if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &who, &size) != 0 ||
        (server->may_connect && !server->may_connect((uint32_t)who.uid, server->arg))) {
        log_event(LOG_WARN, NULL, "ipc.refused", LU("uid", who.uid), LI("peer_pid", who.pid));
        close(fd);
        return;
    }
    struct ipc_peer *peer = xcalloc(1, sizeof *peer);
    peer->server = server;
    peer->fd = fd;
    peer->uid = (uint32_t)who.uid;
    peer->pid = (uint32_t)who.pid;
    str_init_secret(&peer->in, server->max_frame + 2 * READ_STEP);
    str_init_secret(&peer->out, server->max_frame + 2 * READ_STEP);
    peer->readable = event_new(loop_base(server->loop), fd, EV_READ | EV_PERSIST, on_readable, peer);
    peer->writable = event_new(loop_base(server->loop), fd, EV_WRITE | EV_PERSIST, on_writable, peer);
    if (!peer->readable || !peer->writable || event_add(peer->readable, NULL) != 0)
        fatal("a helper's peer cannot be watched");
    peer->next = server->peers;
    peer->link = &server->peers;
    if (peer->next)
        peer->next->link = &peer->next;
    server->peers = peer;
}

struct ipc_server *ipc_server_new(struct loop *loop, int listening_fd, size_t max_frame,
                                  bool (*may_connect)(uint32_t uid, void *),
                                  void (*on_request)(struct ipc_request *, void *), void *arg)
{
    struct ipc_server *server = xcalloc(1, sizeof *server);
    *server = (struct ipc_server){.loop = loop,
                                  .fd = listening_fd,
                                  .max_frame = max_frame,
                                  .may_connect = may_connect,
                                  .on_request = on_request,
                                  .arg = arg};
    evutil_make_socket_nonblocking(listening_fd);
    server->acceptable = event_new(loop_base(loop), listening_fd, EV_READ | EV_PERSIST, on_acceptable, server);
    if (!server->acceptable || event_add(server->acceptable, NULL) != 0)
        fatal("a helper's socket cannot be watched");
    return server;
}

/* Requests that are still with the owner must have been answered. */
void ipc_server_destroy(struct ipc_server **server)
{
    if (!*server)
        return;
    event_free((*server)->acceptable);
    while ((*server)->peers) {
        must(!(*server)->peers->busy);
        free_peer((*server)->peers);
    }
    close((*server)->fd);
    xfree(server);
}

int ipc_listen(const char *path, unsigned mode, struct str *error)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    size_t n = strlen(path);
    if (n >= sizeof address.sun_path) {
        str_addf(error, "%s is too long for a socket", path);
        return -1;
    }
    memcpy(address.sun_path, path, n);
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    unlink(path); /* a former one's; its listener, if it lives, keeps the connections it has */
    if (fd < 0 || bind(fd, (const struct sockaddr *)&address, sizeof address) != 0 || chmod(path, (mode_t)mode) != 0 ||
        listen(fd, BACKLOG) != 0) {
        str_addf(error, "%s: %s", path, strerror(errno));
        if (fd >= 0)
            close(fd);
        return -1;
    }
    return fd;
}
