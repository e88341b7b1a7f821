#include "lib/auth/keyfolder.h"

#include "lib/base/num.h"
#include "lib/base/text.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { FILE_MAX = 512, PATH_BYTES = 1024, EPOCHS_FIRST = 16 };

static bool fail(struct str *error, const char *what, const char *path)
{
    str_addf(error, "%s %s: %s", what, path, strerror(errno));
    return false;
}

static bool path_in(char out[PATH_BYTES], const char *folder, const char *name)
{
    int n = snprintf(out, PATH_BYTES, "%s/%s", folder, name);
    return n > 0 && n < PATH_BYTES;
}

static bool epoch_name(char out[64], int64_t id)
{
    int n = snprintf(out, 64, "epochs/%lld", (long long)id);
    return n > 0 && n < 64;
}

static bool sync_folder(const char *path)
{
    int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    bool ok = fd >= 0 && fsync(fd) == 0;
    if (fd >= 0)
        close(fd);
    return ok;
}

static bool write_all(int fd, struct span text)
{
    return write(fd, text.p, text.n) == (ssize_t)text.n && fsync(fd) == 0;
}

/* Whole or not at all: a temporary file, synced, then linked to a name that must be free (or replaced). */
static bool write_file(const char *folder, const char *name, mode_t mode, struct span text, bool replace,
                       struct str *error)
{
    char path[PATH_BYTES], temporary[PATH_BYTES];
    if (!path_in(path, folder, name) || !path_in(temporary, folder, "new.tmp")) {
        str_puts(error, "the key folder's name is too long");
        return false;
    }
    unlink(temporary);
    int fd = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
    bool ok = fd >= 0 && fchmod(fd, mode) == 0 && write_all(fd, text);
    if (fd >= 0)
        close(fd);
    if (ok)
        ok = replace ? rename(temporary, path) == 0 : link(temporary, path) == 0;
    int why = errno;
    unlink(temporary);
    errno = why;
    if (!ok && why == EEXIST)
        return true; /* already there: it stays */
    return ok && sync_folder(folder) ? true : fail(error, "cannot write", path);
}

static bool read_file(const char *folder, const char *name, mode_t most, struct str *out, struct str *error)
{
    char path[PATH_BYTES], bytes[FILE_MAX];
    struct stat st;
    if (!path_in(path, folder, name))
        return fail(error, "name too long:", folder);
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    if (fd < 0)
        return fail(error, "cannot read", path);
    ssize_t n = fstat(fd, &st) == 0 && S_ISREG(st.st_mode) ? read(fd, bytes, sizeof(bytes)) : -1;
    close(fd);
    if (n > 0 && (st.st_mode & 0777 & ~most)) {
        str_addf(error, "%s is readable by others: its mode must be %o", path, (unsigned)most);
        crypto_wipe(bytes, sizeof(bytes));
        return false;
    }
    if (n > 0)
        str_add(out, bytes, (size_t)n);
    crypto_wipe(bytes, sizeof(bytes));
    if (n <= 0)
        str_addf(error, "%s cannot be read or is empty", path);
    return n > 0;
}

/* "<kind>\n<hex>\n…": `count` keys. */
static bool parse_keys(struct span text, const char *kind, struct key *keys, size_t count)
{
    struct span line;
    if (!span_cut(&text, '\n', &line) || !span_is(line, kind))
        return false;
    for (size_t i = 0; i < count; i++) {
        struct str bytes;
        str_init_secret(&bytes, KEY_BYTES);
        bool ok = span_cut(&text, '\n', &line) && hex_decode(&bytes, line) && bytes.len == KEY_BYTES;
        if (ok)
            memcpy(keys[i].b, bytes.data, KEY_BYTES);
        str_wipe(&bytes);
        if (!ok)
            return false;
    }
    return true;
}

static bool read_keys(const char *folder, const char *name, mode_t most, const char *kind, struct key *keys,
                      size_t count, struct str *error)
{
    struct str text;
    str_init_secret(&text, FILE_MAX);
    bool ok = read_file(folder, name, most, &text, error);
    if (ok && !parse_keys(str_span(&text), kind, keys, count)) {
        str_addf(error, "%s/%s is damaged: expected \"%s\" and %zu keys in hex", folder, name, kind, count);
        ok = false;
    }
    str_wipe(&text);
    return ok;
}

static bool write_keys(const char *folder, const char *name, mode_t mode, const char *kind, const struct key *keys,
                       size_t count, struct str *error)
{
    struct str text;
    str_init_secret(&text, FILE_MAX);
    str_addf(&text, "%s\n", kind);
    for (size_t i = 0; i < count; i++) {
        hex_encode(&text, (struct span){(const char *)keys[i].b, KEY_BYTES});
        str_putc(&text, '\n');
    }
    bool ok = write_file(folder, name, mode, str_span(&text), false, error);
    str_wipe(&text);
    return ok;
}

static const char pair_kind[] = "caducee key pair 1", single_kind[] = "caducee key 1";

static bool make_pair(const char *folder, const char *name, struct str *error)
{
    struct key_pair pair;
    key_pair_new(&pair);
    const struct key keys[2] = {pair.public_half, pair.private_half};
    bool ok = write_keys(folder, name, 0600, pair_kind, keys, 2, error);
    crypto_wipe((void *)keys, sizeof(keys));
    crypto_wipe(&pair, sizeof(pair));
    return ok;
}

static bool make_single(const char *folder, const char *name, mode_t mode, struct str *error)
{
    struct key key;
    crypto_random(key.b, sizeof(key.b));
    bool ok = write_keys(folder, name, mode, single_kind, &key, 1, error);
    crypto_wipe(&key, sizeof(key));
    return ok;
}

/* Both halves belong together, or everything wrapped with them is lost: proven at each start. */
static bool is_pair(const struct key_pair *pair)
{
    struct str sealed, opened;
    str_init(&sealed, 256);
    str_init(&opened, 256);
    bool ok = seal_to(&sealed, &pair->public_half, SPAN_LIT("proof")) && seal_open(&opened, pair, str_span(&sealed)) &&
              span_is(str_span(&opened), "proof");
    str_free(&sealed);
    str_free(&opened);
    return ok;
}

static bool read_pair(const char *folder, const char *name, struct key_pair *pair, struct str *error)
{
    struct key keys[2];
    bool ok = read_keys(folder, name, 0600, pair_kind, keys, 2, error);
    if (ok) {
        *pair = (struct key_pair){keys[0], keys[1]};
        ok = is_pair(pair);
        if (!ok)
            str_addf(error, "%s/%s: the two halves do not belong together", folder, name);
    }
    crypto_wipe(keys, sizeof(keys));
    return ok;
}

bool keyfolder_exists(const char *folder)
{
    char path[PATH_BYTES];
    struct stat st;
    return path_in(path, folder, "current") && stat(path, &st) == 0;
}

static bool write_current(const char *folder, int64_t id, bool replace, struct str *error)
{
    char text[32];
    int n = snprintf(text, sizeof(text), "%lld\n", (long long)id);
    must(n > 0 && (size_t)n < sizeof(text));
    return write_file(folder, "current", 0600, (struct span){text, (size_t)n}, replace, error);
}

bool keyfolder_create(const char *folder, struct str *error)
{
    char epochs[PATH_BYTES];
    if (mkdir(folder, 0710) != 0 && errno != EEXIST)
        return fail(error, "cannot make", folder);
    if (!path_in(epochs, folder, "epochs") || (mkdir(epochs, 0700) != 0 && errno != EEXIST))
        return fail(error, "cannot make", folder);
    return make_pair(folder, "queue.key", error) && make_single(folder, "seal.key", 0600, error) &&
           make_single(folder, "hash.key", 0640, error) &&
           (keyfolder_exists(folder) ||
            (make_pair(folder, "epochs/1", error) && write_current(folder, 1, false, error)));
}

bool keyfolder_add_epoch(const char *folder, int64_t id, struct str *error)
{
    char name[64];
    return epoch_name(name, id) && make_pair(folder, name, error) && write_current(folder, id, true, error);
}

static bool read_current(const char *folder, int64_t *id, struct str *error)
{
    struct str text;
    str_init(&text, FILE_MAX);
    bool ok = read_file(folder, "current", 0644, &text, error);
    if (ok && !(num_i64(span_trim(str_span(&text)), id) && *id > 0)) {
        str_addf(error, "%s/current: expected the id of an epoch", folder);
        ok = false;
    }
    str_free(&text);
    return ok;
}

bool keyfolder_destroy_epoch(const char *folder, int64_t id, struct str *error)
{
    char name[64], path[PATH_BYTES];
    uint8_t noise[FILE_MAX];
    int64_t current;
    if (!read_current(folder, &current, error))
        return false;
    if (id == current) {
        str_puts(error, "the current epoch is not destroyed: make a new one first");
        return false;
    }
    if (!epoch_name(name, id) || !path_in(path, folder, name))
        return fail(error, "name too long:", folder);
    int fd = open(path, O_WRONLY | O_CLOEXEC | O_NOFOLLOW);
    if (fd < 0)
        return fail(error, "cannot open", path);
    crypto_random(noise, sizeof(noise));
    bool ok = write_all(fd, (struct span){(const char *)noise, sizeof(noise)});
    close(fd);
    return ok && unlink(path) == 0 && sync_folder(folder) ? true : fail(error, "cannot destroy", path);
}

/* Grown by a copy: realloc() would leave private halves where they stood. */
static void keep_epoch(struct keyfolder *keys, const struct epoch *epoch)
{
    if (keys->epochs.len == keys->epochs.capacity) {
        size_t capacity = keys->epochs.capacity ? 2 * keys->epochs.capacity : EPOCHS_FIRST;
        struct epoch *items = xcalloc(capacity, sizeof(*items));
        if (keys->epochs.len) {
            memcpy(items, keys->epochs.items, keys->epochs.len * sizeof(*items));
            crypto_wipe(keys->epochs.items, keys->epochs.len * sizeof(*items));
        }
        xfree(&keys->epochs.items);
        keys->epochs.items = items;
        keys->epochs.capacity = capacity;
    }
    keys->epochs.items[keys->epochs.len++] = *epoch;
}

static bool load_epochs(struct keyfolder *keys, const char *folder, struct str *error)
{
    char path[PATH_BYTES], name[64];
    DIR *dir = path_in(path, folder, "epochs") ? opendir(path) : NULL;
    bool ok = true;
    if (!dir)
        return fail(error, "cannot read", path);
    for (struct dirent *entry = readdir(dir); entry && ok; entry = readdir(dir)) {
        struct epoch epoch;
        if (!num_i64(span_of(entry->d_name), &epoch.id) || epoch.id <= 0)
            continue;
        ok = epoch_name(name, epoch.id) && read_pair(folder, name, &epoch.pair, error);
        if (ok)
            keep_epoch(keys, &epoch);
        crypto_wipe(&epoch, sizeof(epoch));
    }
    closedir(dir);
    return ok;
}

bool keyfolder_load(struct keyfolder *keys, const char *folder, struct str *error)
{
    *keys = (struct keyfolder){.current = 0};
    bool ok = read_current(folder, &keys->current, error) && load_epochs(keys, folder, error) &&
              read_pair(folder, "queue.key", &keys->queue, error) &&
              read_keys(folder, "seal.key", 0600, single_kind, &keys->seal, 1, error) &&
              keyfolder_hash_key(folder, &keys->hash, error);
    if (ok && !keyfolder_epoch(keys, keys->current)) {
        str_addf(error, "%s: the current epoch %lld has no key", folder, (long long)keys->current);
        ok = false;
    }
    if (!ok)
        keyfolder_wipe(keys);
    return ok;
}

const struct epoch *keyfolder_epoch(const struct keyfolder *keys, int64_t id)
{
    vec_each (&keys->epochs, epoch)
        if (epoch->id == id)
            return epoch;
    return NULL;
}

void keyfolder_wipe(struct keyfolder *keys)
{
    if (keys->epochs.items)
        crypto_wipe(keys->epochs.items, keys->epochs.capacity * sizeof(keys->epochs.items[0]));
    vec_free(&keys->epochs);
    crypto_wipe(keys, sizeof(*keys));
}

bool keyfolder_hash_key(const char *folder, struct key *key, struct str *error)
{
    return read_keys(folder, "hash.key", 0640, single_kind, key, 1, error);
}
