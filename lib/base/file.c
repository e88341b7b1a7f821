#include "lib/base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static bool refuse(struct str *error, const char *path, const char *why)
{
    if (error)
        str_addf(error, "%s: %s", path, why);
    return false;
}

/* Its errno, 0 for none. What `out` is told to keep secret does not stay on the stack either. */
static int read_all(struct str *out, int fd)
{
    char buffer[16384];
    ssize_t n;
    int why = 0;
    while ((n = read(fd, buffer, sizeof(buffer))) != 0) {
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0 || !str_add(out, buffer, (size_t)n)) {
            why = n < 0 ? errno : EFBIG;
            break;
        }
    }
    if (out->secret)
        explicit_bzero(buffer, sizeof(buffer));
    return why;
}

bool file_read(struct str *out, const char *path, struct str *error)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return refuse(error, path, strerror(errno));
    int why = read_all(out, fd);
    close(fd);
    return why == 0 || refuse(error, path, out->overflow ? "too large" : strerror(why));
}

static bool is_kept(int fd, const char *path, struct str *error)
{
    struct stat st;
    if (fstat(fd, &st) != 0)
        return refuse(error, path, strerror(errno));
    if (!S_ISREG(st.st_mode))
        return refuse(error, path, "not a plain file");
    if (st.st_mode & (S_IROTH | S_IWOTH))
        return refuse(error, path,
                      "open to every user of this machine, its mode must be 0640 or stricter (chmod o= FILE)");
    return true;
}

bool secret_read(struct str *out, const char *path, struct str *error)
{
    struct str whole;
    struct span rest, line = SPAN_NONE;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK); /* a FIFO must not hold us up before it is refused */
    if (fd < 0)
        return refuse(error, path, strerror(errno));
    str_init_secret(&whole, out->max);
    bool ok = is_kept(fd, path, error);
    int why = ok ? read_all(&whole, fd) : 0;
    close(fd);
    if (why != 0)
        ok = refuse(error, path, whole.overflow ? "too large" : strerror(why));
    rest = str_span(&whole);
    if (ok && span_cut(&rest, '\n', &line) && line.n && line.p[line.n - 1] == '\r')
        line.n--;
    if (ok && (line.n == 0 || memchr(line.p, '\0', line.n)))
        ok = refuse(error, path, "no text on its first line, expected the secret");
    ok = ok && (str_add_span(out, line) || refuse(error, path, "too large"));
    str_free(&whole);
    return ok;
}
