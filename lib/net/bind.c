/* A configured address becomes a listening socket. */
#include "lib/net/daemon_private.h"

#include "lib/base/num.h"
#include "lib/net/ipc.h"

#include <arpa/inet.h>
#include <errno.h>
#include <grp.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { BACKLOG = 1024, UNIX_MODE = 0660 };

static int bind_unix(const char *path, struct str *error)
{
    int fd = ipc_listen(path, UNIX_MODE, error);
    const struct group *group = fd >= 0 && geteuid() == 0 ? getgrnam("caducee") : NULL;
    if (group && chown(path, (uid_t)-1, group->gr_gid) != 0) {
        str_addf(error, "%s: %s", path, strerror(errno));
        close(fd);
        return -1;
    }
    return fd;
}

static bool read_port(struct span text, in_port_t *port)
{
    uint64_t n;
    if (!num_u64(text, UINT16_MAX, &n))
        return false;
    *port = htons((uint16_t)n);
    return true;
}

static bool read_address(struct sockaddr_storage *out, socklen_t *size, struct span text)
{
    char host[64];
    const char *colon = text.n ? memrchr(text.p, ':', text.n) : NULL;
    if (!colon)
        return false;
    struct span name = {text.p, (size_t)(colon - text.p)}, port = {colon + 1, text.n - name.n - 1};
    bool bracketed = name.n > 2 && name.p[0] == '[' && name.p[name.n - 1] == ']';
    if (bracketed)
        name = (struct span){name.p + 1, name.n - 2};
    if (name.n >= sizeof host)
        return false;
    memcpy(host, name.p, name.n);
    host[name.n] = '\0';
    memset(out, 0, sizeof *out);
    if (bracketed) {
        struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)out;
        v6->sin6_family = AF_INET6;
        *size = sizeof *v6;
        return inet_pton(AF_INET6, host, &v6->sin6_addr) == 1 && read_port(port, &v6->sin6_port);
    }
    struct sockaddr_in *v4 = (struct sockaddr_in *)out;
    v4->sin_family = AF_INET;
    *size = sizeof *v4;
    return inet_pton(AF_INET, host, &v4->sin_addr) == 1 && read_port(port, &v4->sin_port);
}

int bind_address(const char *text, struct str *error)
{
    struct sockaddr_storage address;
    socklen_t size;
    int on = 1;
    if (strncmp(text, "unix:/", 6) == 0)
        return bind_unix(text + 5, error);
    if (!read_address(&address, &size, span_of(text))) {
        str_addf(error, "\"%s\" is not an address, expected 192.0.2.1:25, [2001:db8::1]:25 or unix:/path", text);
        return -1;
    }
    int fd = socket(address.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0 && errno == EAFNOSUPPORT && address.ss_family == AF_INET6)
        return -2; /* a machine without IPv6: "[::]:25" beside "0.0.0.0:25" is no error there */
    bool ok = fd >= 0 && setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) == 0;
    if (ok && address.ss_family == AF_INET6)
        ok = setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on) == 0;
    if (ok && bind(fd, (const struct sockaddr *)&address, size) == 0 && listen(fd, BACKLOG) == 0)
        return fd;
    str_addf(error, "%s: %s", text, strerror(errno));
    if (fd >= 0)
        close(fd);
    return -1;
}
