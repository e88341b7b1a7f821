/* The blocking side: one request, one answer, a deadline for both together. Called by jobs. */
#include "lib/net/ipc.h"

#include "lib/base/clock.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

enum { READ_STEP = 64 * 1024, FDS_MAX = 4 };

struct ipc_client {
    char *path;
    uint64_t timeout_ms;
    size_t max_frame;
    int fd; /* -1: not connected */
};

struct ipc_client *ipc_client_new(const char *socket_path, uint64_t timeout_ms, size_t max_frame)
{
    struct ipc_client *client = xmalloc(sizeof *client);
    *client =
        (struct ipc_client){.path = xstrdup(socket_path), .timeout_ms = timeout_ms, .max_frame = max_frame, .fd = -1};
    return client;
}

static void disconnect(struct ipc_client *client)
{
    if (client->fd >= 0)
        close(client->fd);
    client->fd = -1;
}

void ipc_client_destroy(struct ipc_client **client)
{
    if (!*client)
        return;
    disconnect(*client);
    xfree(&(*client)->path);
    xfree(client);
}

static bool reconnect(struct ipc_client *client)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    size_t n = strlen(client->path);
    if (n >= sizeof address.sun_path)
        return false;
    memcpy(address.sun_path, client->path, n);
    client->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (client->fd >= 0 && connect(client->fd, (const struct sockaddr *)&address, sizeof address) == 0)
        return true;
    disconnect(client); /* EAGAIN too: its queue is full, which is as good as gone */
    return false;
}

static bool wait_for(int fd, short what, uint64_t deadline)
{
    for (;;) {
        uint64_t now = clock_ms();
        if (now >= deadline)
            return false;
        struct pollfd p = {.fd = fd, .events = what};
        int n = poll(&p, 1, (int)(deadline - now));
        if (n > 0)
            return true;
        if (n < 0 && errno != EINTR)
            return false;
    }
}

/* The descriptors ride with the first bytes. */
static ssize_t send_part(int fd, struct span rest, const int *fds, size_t fd_count)
{
    union {
        char room[CMSG_SPACE(sizeof(int) * FDS_MAX)];
        struct cmsghdr align;
    } control;
    struct iovec bytes = {(void *)(uintptr_t)rest.p, rest.n};
    struct msghdr message = {.msg_iov = &bytes, .msg_iovlen = 1};
    if (fd_count) {
        memset(&control, 0, sizeof control);
        message.msg_control = control.room;
        message.msg_controllen = CMSG_SPACE(sizeof(int) * fd_count);
        struct cmsghdr *head = CMSG_FIRSTHDR(&message);
        head->cmsg_level = SOL_SOCKET;
        head->cmsg_type = SCM_RIGHTS;
        head->cmsg_len = CMSG_LEN(sizeof(int) * fd_count);
        memcpy(CMSG_DATA(head), fds, sizeof(int) * fd_count);
    }
    return sendmsg(fd, &message, MSG_NOSIGNAL);
}

static bool send_all(struct ipc_client *client, struct span rest, const int *fds, size_t fd_count, uint64_t deadline)
{
    while (rest.n) {
        ssize_t n = send_part(client->fd, rest, fds, fd_count);
        if (n < 0 && (errno == EAGAIN || errno == EINTR)) {
            if (!wait_for(client->fd, POLLOUT, deadline))
                return false;
            continue;
        }
        if (n <= 0)
            return false;
        fd_count = 0;
        rest.p += n;
        rest.n -= (size_t)n;
    }
    return true;
}

static bool receive_answer(struct ipc_client *client, struct str *answer, struct ipc_message *parsed, uint64_t deadline)
{
    str_clear(answer);
    for (;;) {
        ptrdiff_t n = ipc_parse(str_span(answer), client->max_frame, parsed);
        if (n != 0)
            return n > 0 && (size_t)n == answer->len; /* bytes behind the answer belong to no request */
        if (!str_reserve(answer, READ_STEP) || !wait_for(client->fd, POLLIN, deadline))
            return false;
        ssize_t got = recv(client->fd, answer->data + answer->len, READ_STEP, MSG_DONTWAIT);
        if (got < 0 && (errno == EAGAIN || errno == EINTR))
            continue;
        if (got <= 0)
            return false;
        answer->len += (size_t)got;
        answer->data[answer->len] = '\0';
    }
}

/* A connection kept from before may have been closed by a server that was restarted: that is found before anything is
 * sent, so that a request is never sent twice. */
static bool is_stale(int fd)
{
    struct pollfd p = {.fd = fd, .events = POLLIN};
    return poll(&p, 1, 0) != 0; /* readable without a question asked: the end, or nonsense */
}

int ipc_call(struct ipc_client *client, struct span request, struct str *answer, struct ipc_message *parsed,
             const int *fds, size_t fd_count)
{
    must(fd_count <= FDS_MAX);
    uint64_t deadline = clock_ms() + client->timeout_ms;
    if (client->fd >= 0 && is_stale(client->fd))
        disconnect(client);
    if (client->fd < 0 && !reconnect(client))
        return -1;
    if (send_all(client, request, fds, fd_count, deadline) && receive_answer(client, answer, parsed, deadline))
        return 0;
    disconnect(client);
    return -1;
}
