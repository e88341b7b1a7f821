/* The key folder as one text: "<name> <bytes>\n" and the bytes, file after file. */
#include "lib/auth/keyfolder.h"

#include "lib/base/file.h"
#include "lib/base/num.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PATH_BYTES = 1024, FILE_LARGEST = 64 << 20 };

static const struct {
    const char *name;
    mode_t mode;
    bool optional;
} files[] = {{"current", 0600, false},
             {"queue.key", 0600, false},
             {"seal.key", 0600, false},
             {"hash.key", 0640, false},
             {"erasures", 0600, true}};

static bool add_file(struct str *out, const char *folder, const char *name, bool optional, struct str *error)
{
    char path[PATH_BYTES];
    struct str bytes;
    str_init_secret(&bytes, FILE_LARGEST);
    bool fits = snprintf(path, sizeof(path), "%s/%s", folder, name) < (int)sizeof(path);
    bool absent = optional && access(path, F_OK) != 0;
    bool good = fits && (absent || file_read(&bytes, path, error));
    if (good && !absent)
        good = str_addf(out, "%s %zu\n", name, bytes.len) && str_add_span(out, str_span(&bytes));
    str_wipe(&bytes);
    return good;
}

bool keyfolder_pack(struct str *out, const char *folder, struct str *error)
{
    char path[PATH_BYTES], name[64];
    bool good = true;
    for (size_t n = 0; n < COUNT(files) && good; n++)
        good = add_file(out, folder, files[n].name, files[n].optional, error);
    DIR *dir = snprintf(path, sizeof(path), "%s/epochs", folder) < (int)sizeof(path) ? opendir(path) : NULL;
    if (!dir)
        str_addf(error, "%s: %s", path, strerror(errno));
    for (struct dirent *entry = dir && good ? readdir(dir) : NULL; entry && good; entry = readdir(dir)) {
        int64_t id;
        if (!num_i64(span_of(entry->d_name), &id) || id <= 0)
            continue;
        good =
            snprintf(name, sizeof(name), "epochs/%lld", (long long)id) > 0 && add_file(out, folder, name, false, error);
    }
    if (dir)
        closedir(dir);
    return good && dir;
}

/* Only the names we write are taken: an export never says where a file goes. */
static mode_t mode_of(struct span name)
{
    int64_t id;
    for (size_t n = 0; n < COUNT(files); n++)
        if (span_is(name, files[n].name))
            return files[n].mode;
    bool epoch = span_starts_nocase(name, "epochs/") && num_i64((struct span){name.p + 7, name.n - 7}, &id) && id > 0;
    return epoch ? 0600 : 0;
}

static bool put_file(const char *folder, struct span name, struct span bytes, struct str *error)
{
    char path[PATH_BYTES];
    mode_t mode = mode_of(name);
    int n = snprintf(path, sizeof(path), "%s/%.*s", folder, (int)name.n, name.p);
    if (!mode || n < 0 || n >= (int)sizeof(path)) {
        str_puts(error, "the export holds a file that is none of a key folder's");
        return false;
    }
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
    bool good = fd >= 0 && write(fd, bytes.p, bytes.n) == (ssize_t)bytes.n && fchmod(fd, mode) == 0 && fsync(fd) == 0;
    if (!good)
        str_addf(error, "%s: %s", path, strerror(errno));
    if (fd >= 0)
        close(fd);
    return good;
}

bool keyfolder_unpack(struct span packed, const char *folder, struct str *error)
{
    char epochs[PATH_BYTES];
    if (keyfolder_exists(folder)) {
        str_addf(error, "%s already holds keys: they are never overwritten", folder);
        return false;
    }
    if ((mkdir(folder, 0710) != 0 && errno != EEXIST) ||
        snprintf(epochs, sizeof(epochs), "%s/epochs", folder) >= (int)sizeof(epochs) ||
        (mkdir(epochs, 0700) != 0 && errno != EEXIST)) {
        str_addf(error, "%s: %s", folder, strerror(errno));
        return false;
    }
    while (packed.n) {
        struct span line, name;
        uint64_t bytes;
        if (!span_cut(&packed, '\n', &line) || !span_cut(&line, ' ', &name) || !num_u64(line, packed.n, &bytes)) {
            str_puts(error, "the export is damaged");
            return false;
        }
        if (!put_file(folder, name, (struct span){packed.p, bytes}, error))
            return false;
        packed = (struct span){packed.p + bytes, packed.n - bytes};
    }
    return true;
}
