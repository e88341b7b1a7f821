#include "lib/base/spool.h"

#include "lib/base/vec.h"

#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdint.h>
#include <sys/mman.h>
#include <unistd.h>

/* The maps of this process, by which a span is known to be a spool's. */
struct mapped {
    const char *at;
    size_t len;
    int fd;
};
static VEC(struct mapped) maps;
static pthread_mutex_t maps_lock = PTHREAD_MUTEX_INITIALIZER;
static atomic_size_t maps_count; /* none: the usual case costs one load */

static void remember(const struct spool *s)
{
    pthread_mutex_lock(&maps_lock);
    vec_push(&maps, (struct mapped){s->map, s->len, s->fd});
    atomic_store(&maps_count, maps.len);
    pthread_mutex_unlock(&maps_lock);
}

static void forget(const struct spool *s)
{
    pthread_mutex_lock(&maps_lock);
    vec_each (&maps, m)
        if (m->at == s->map) {
            *m = maps.items[--maps.len];
            break;
        }
    if (maps.len == 0)
        vec_free(&maps);
    atomic_store(&maps_count, maps.len);
    pthread_mutex_unlock(&maps_lock);
}

void spool_init(struct spool *s, size_t max)
{
    *s = (struct spool){.max = max, .fd = -1};
    str_init(&s->small, SPOOL_SMALL + SPOOL_STEP);
}

void spool_free(struct spool *s)
{
    if (s->map) {
        forget(s);
        munmap(s->map, s->len);
    }
    if (s->fd >= 0)
        close(s->fd);
    str_wipe(&s->small);
    *s = (struct spool){.fd = -1};
}

void spool_clear(struct spool *s)
{
    size_t max = s->max;
    spool_free(s);
    spool_init(s, max);
}

static bool write_whole(int fd, struct span bytes)
{
    while (bytes.n > 0) {
        ssize_t n = write(fd, bytes.p, bytes.n);
        if (n <= 0)
            return false;
        bytes = (struct span){bytes.p + n, bytes.n - (size_t)n};
    }
    return true;
}

static bool flush(struct spool *s)
{
    if (s->fd < 0)
        s->fd = memfd_create("caducee-spool", MFD_CLOEXEC | MFD_ALLOW_SEALING);
    bool good = s->fd >= 0 && write_whole(s->fd, str_span(&s->small));
    str_clear(&s->small);
    return good;
}

static bool add_step(struct spool *s, struct span bytes)
{
    bool good = str_add_span(&s->small, bytes);
    s->len += bytes.n;
    if (good && s->small.len > SPOOL_SMALL)
        good = flush(s);
    return good;
}

bool spool_add(struct spool *s, struct span bytes)
{
    must(!s->map);
    if (s->overflow || bytes.n > s->max - s->len) {
        s->overflow = true;
        return false;
    }
    while (bytes.n > 0 && !s->overflow) {
        struct span step = {bytes.p, bytes.n < SPOOL_STEP ? bytes.n : SPOOL_STEP};
        s->overflow = !add_step(s, step);
        spool_passed(step);
        bytes = (struct span){bytes.p + step.n, bytes.n - step.n};
    }
    return !s->overflow;
}

static bool seal(struct spool *s)
{
    enum { SEALS = F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE };
    return flush(s) && fcntl(s->fd, F_ADD_SEALS, SEALS) == 0;
}

struct span spool_span(struct spool *s)
{
    if (s->fd < 0 || s->overflow)
        return str_span(&s->small);
    if (!s->map) {
        /* private: a shared map, even one that is only read, would make the file writable in the kernel's eyes */
        void *map = seal(s) ? mmap(NULL, s->len, PROT_READ, MAP_PRIVATE, s->fd, 0) : MAP_FAILED;
        s->overflow = map == MAP_FAILED;
        if (s->overflow)
            return SPAN_NONE;
        s->map = map;
        str_free(&s->small);
        remember(s);
    }
    return (struct span){s->map, s->len};
}

/* Whole pages only; a page that two readers share comes back from the file when it is looked at again. */
static void give_back(const struct mapped *m, struct span bytes)
{
    const uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE), base = (uintptr_t)m->at;
    uintptr_t from = (uintptr_t)bytes.p / page * page, to = ((uintptr_t)bytes.p + bytes.n + page - 1) / page * page;
    from = from < base ? base : from;
    (void)madvise((void *)from, to - from, MADV_DONTNEED); /* refused: more memory is used, nothing else */
}

void spool_passed(struct span bytes)
{
    if (atomic_load(&maps_count) == 0 || bytes.n == 0)
        return;
    pthread_mutex_lock(&maps_lock);
    vec_each (&maps, m)
        if (bytes.p >= m->at && bytes.p + bytes.n <= m->at + m->len) {
            give_back(m, bytes);
            break;
        }
    pthread_mutex_unlock(&maps_lock);
}

int spool_share(struct span bytes)
{
    int fd = -1;
    if (atomic_load(&maps_count) == 0)
        return -1;
    pthread_mutex_lock(&maps_lock);
    vec_each (&maps, m)
        if (bytes.p == m->at && bytes.n == m->len)
            fd = fcntl(m->fd, F_DUPFD_CLOEXEC, 0);
    pthread_mutex_unlock(&maps_lock);
    return fd;
}

int spool_take(struct spool *s)
{
    int fd = !s->map && !s->overflow && seal(s) ? s->fd : -1;
    if (fd >= 0)
        s->fd = -1;
    spool_free(s);
    return fd;
}
