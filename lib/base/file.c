#include "lib/base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

static bool refuse(struct str *error, const char *path, const char *why)
{
    if (error)
        str_addf(error, "%s: %s", path, why);
    return false;
}

bool file_read(struct str *out, const char *path, struct str *error)
{
    char buffer[16384];
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return refuse(error, path, strerror(errno));
    ssize_t n;
    while ((n = read(fd, buffer, sizeof(buffer))) != 0) {
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0 || !str_add(out, buffer, (size_t)n))
            break;
    }
    int why = errno;
    close(fd);
    if (n == 0)
        return true;
    return refuse(error, path, out->overflow ? "too large" : strerror(why));
}
