#include "lib/auth/erasure.h"

#include "lib/base/file.h"
#include "lib/base/num.h"
#include "lib/base/text.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PATH_BYTES = 1024, JOURNAL_MAX = 256 << 20, LINE_MAX_BYTES = 160 };

static bool path_of(char out[PATH_BYTES], const char *folder)
{
    int n = snprintf(out, PATH_BYTES, "%s/erasures", folder);
    return n > 0 && n < PATH_BYTES;
}

/* A line: "<bal id> <seconds> <public half in hex>". One write of a whole line to a file opened for appending. */
bool erasure_append(const char *folder, const struct erased *erased, struct str *error)
{
    char path[PATH_BYTES];
    struct str line;
    str_init(&line, LINE_MAX_BYTES);
    str_addf(&line, "%lld %lld ", (long long)erased->bal_id, (long long)erased->at);
    hex_encode(&line, (struct span){(const char *)erased->public_half, sizeof(erased->public_half)});
    str_putc(&line, '\n');
    int fd = path_of(path, folder) ? open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0600) : -1;
    bool good = fd >= 0 && !line.overflow && write(fd, line.data, line.len) == (ssize_t)line.len && fsync(fd) == 0;
    if (!good)
        str_addf(error, "%s: %s", path, strerror(errno));
    if (fd >= 0)
        close(fd);
    str_free(&line);
    return good;
}

static bool read_line(struct span line, struct erased *out)
{
    struct span id, at;
    struct str half;
    str_init(&half, sizeof(out->public_half));
    bool good = span_cut(&line, ' ', &id) && span_cut(&line, ' ', &at) && num_i64(id, &out->bal_id) &&
                num_i64(at, &out->at) && hex_decode(&half, line) && half.len == sizeof(out->public_half);
    if (good)
        memcpy(out->public_half, half.data, half.len);
    str_free(&half);
    return good;
}

bool erasure_read(const char *folder, erased_list *out, struct str *error)
{
    char path[PATH_BYTES];
    struct stat st;
    if (!path_of(path, folder))
        return false;
    if (stat(path, &st) != 0 && errno == ENOENT)
        return true;
    struct str text;
    str_init(&text, JOURNAL_MAX);
    bool good = file_read(&text, path, error);
    struct span rest = str_span(&text), line;
    while (good && span_cut(&rest, '\n', &line)) {
        struct erased erased;
        good = line.n == 0 || read_line(line, &erased);
        if (!good)
            str_addf(error, "%s: a line that cannot be read", path);
        else if (line.n)
            vec_push(out, erased);
    }
    str_free(&text);
    return good;
}
