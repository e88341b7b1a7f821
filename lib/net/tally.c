#include "lib/net/tally.h"

#include "lib/base/crypto.h"
#include "lib/base/metrics.h"
#include "lib/base/num.h"

#include <stdatomic.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

/* A key may lie in either of two short rows, so that taking it out is one store: no chain runs through other keys. Pages
 * nobody has written to cost nothing. */
enum { ROWS = 8192, ROW = 8, CANDIDATES = 2 * ROW };

struct place {
    _Atomic uint64_t tag; /* 0: free */
    _Atomic uint64_t sessions;
};

struct part {
    _Atomic uint64_t keys; /* places taken: a part without any is not looked at */
    struct place places[ROWS][ROW];
};

struct shared {
    struct key hash_key; /* the supervisor's, made once */
    struct part parts[METRICS_SLOTS];
};

static struct shared *all;
static struct part *mine;

static struct shared *map(int fd)
{
    int flags = fd < 0 ? MAP_PRIVATE | MAP_ANONYMOUS : MAP_SHARED;
    void *pages = mmap(NULL, sizeof(struct shared), PROT_READ | PROT_WRITE, flags | MAP_NORESERVE, fd, 0);
    if (pages == MAP_FAILED)
        fatal("the sessions' tally cannot be mapped: %m");
    return pages;
}

int tally_create(void)
{
    int fd = memfd_create("caducee-tally", MFD_CLOEXEC);
    if (fd < 0 || ftruncate(fd, (off_t)sizeof(struct shared)) < 0)
        fatal("no shared memory for the sessions' tally: %m");
    tally_attach(fd, 0);
    crypto_random(&all->hash_key, sizeof(all->hash_key));
    return fd;
}

void tally_attach(int fd, unsigned slot)
{
    must(slot < METRICS_SLOTS);
    all = map(fd);
    mine = &all->parts[slot];
}

void tally_forget(unsigned slot)
{
    must(all && slot < METRICS_SLOTS);
    struct part *part = &all->parts[slot];
    for (size_t row = 0; atomic_load(&part->keys) && row < ROWS; row++)
        for (size_t i = 0; i < ROW; i++)
            if (atomic_load_explicit(&part->places[row][i].tag, memory_order_relaxed)) {
                atomic_store(&part->places[row][i].tag, 0);
                atomic_store(&part->places[row][i].sessions, 0);
            }
    atomic_store(&part->keys, 0);
}

struct place_key {
    uint64_t tag;
    uint32_t rows[2];
};

static struct place_key locate(const char *kind, const char *key)
{
    uint8_t mac[SHA256_BYTES];
    struct str text;
    if (!all) {
        tally_attach(-1, 1);
        crypto_random(&all->hash_key, sizeof(all->hash_key));
    }
    str_init(&text, 64 * 1024);
    str_puts(&text, kind);
    str_putc(&text, '\n');
    str_puts(&text, key);
    must(!text.overflow);
    hmac_sha256(mac, &all->hash_key, str_span(&text));
    str_free(&text);
    uint64_t tag = get_u64(mac);
    return (struct place_key){tag ? tag : 1, {get_u32(mac + 8) % ROWS, get_u32(mac + 12) % ROWS}};
}

static struct place *candidate(struct part *part, const struct place_key *where, size_t i)
{
    return &part->places[where->rows[i / ROW]][i % ROW];
}

static struct place *find(struct part *part, const struct place_key *where, uint64_t tag)
{
    for (size_t i = 0; i < CANDIDATES; i++)
        if (atomic_load(&candidate(part, where, i)->tag) == tag)
            return candidate(part, where, i);
    return NULL;
}

static uint64_t sum(const struct place_key *where)
{
    uint64_t total = 0;
    for (size_t slot = 0; slot < METRICS_SLOTS; slot++) {
        if (!atomic_load(&all->parts[slot].keys))
            continue;
        struct place *place = find(&all->parts[slot], where, where->tag);
        uint64_t sessions = place ? atomic_load(&place->sessions) : 0;
        if (place && atomic_load(&place->tag) == where->tag) /* else it was given to another key meanwhile */
            total += sessions;
    }
    return total;
}

/* The first free place of a row (NULL: full), and how many are taken. */
static struct place *free_place(size_t row, size_t *taken)
{
    struct place *best = NULL;
    *taken = 0;
    for (size_t i = 0; i < ROW; i++) {
        struct place *place = &mine->places[row][i];
        if (atomic_load(&place->tag))
            ++*taken;
        else if (!best)
            best = place;
    }
    return best;
}

/* In the emptier of the two rows: so both are full only when nearly all are (first come, first row: at a third already). */
static struct place *take_place(const struct place_key *where)
{
    size_t taken[2];
    struct place *first = free_place(where->rows[0], &taken[0]), *second = free_place(where->rows[1], &taken[1]);
    struct place *place = taken[1] < taken[0] ? second : first;
    if (!place)
        return NULL;
    atomic_fetch_add(&mine->keys, 1);
    atomic_store(&place->sessions, 0);
    atomic_store(&place->tag, where->tag);
    return place;
}

static void one_less(struct place *place)
{
    must(place && atomic_load(&place->sessions) > 0);
    if (atomic_fetch_sub(&place->sessions, 1) > 1)
        return;
    atomic_store(&place->tag, 0);
    atomic_fetch_sub(&mine->keys, 1);
}

bool tally_enter(const char *kind, const char *key, uint64_t limit)
{
    struct place_key where = locate(kind, key);
    struct place *place = find(mine, &where, where.tag);
    if (!place)
        place = take_place(&where);
    if (!place)
        return false;
    atomic_fetch_add(&place->sessions, 1); /* counted first, then summed: two that come at once see each other */
    if (sum(&where) <= limit)
        return true;
    one_less(place);
    return false;
}

void tally_leave(const char *kind, const char *key)
{
    struct place_key where = locate(kind, key);
    one_less(find(mine, &where, where.tag));
}

uint64_t tally_of(const char *kind, const char *key)
{
    struct place_key where = locate(kind, key);
    return sum(&where);
}
