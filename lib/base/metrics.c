#include "lib/base/metrics.h"

#include <stdatomic.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

enum { BUCKETS = 16, CELLS = BUCKETS + 2, CELL_SUM = BUCKETS, CELL_COUNT = BUCKETS + 1 };
enum type { COUNTER, GAUGE, HISTOGRAM };

/* A slot is one process's: threads of it add with relaxed atomics, nobody else writes there. */
struct slot {
    _Atomic uint64_t cells[M_COUNT][CELLS];
};

static const struct row {
    enum type type;
    const char *name, *labels, *help;
} rows[] = {
#define METRIC(id, type, name, labels, help) {type, name, labels, help},
#include "lib/base/metrics.def"
#undef METRIC
};

static const uint64_t bucket_us[BUCKETS] = {100,   250,    500,    1000,   2500,    5000,    10000,   25000,
                                            50000, 100000, 250000, 500000, 1000000, 2500000, 5000000, 10000000};

static struct slot private_slot;
static struct slot *all, *mine = &private_slot;

int metrics_create(void)
{
    int fd = memfd_create("caducee-metrics", MFD_CLOEXEC);
    if (fd < 0 || ftruncate(fd, (off_t)(sizeof(struct slot) * METRICS_SLOTS)) < 0)
        fatal("no shared memory for metrics: %m");
    return fd;
}

void metrics_attach(int fd, unsigned slot)
{
    must(slot < METRICS_SLOTS);
    void *pages = mmap(NULL, sizeof(struct slot) * METRICS_SLOTS, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (pages == MAP_FAILED)
        fatal("metrics cannot be mapped: %m");
    all = pages;
    mine = &all[slot];
}

void metrics_forget_gauges(unsigned slot)
{
    must(all && slot < METRICS_SLOTS);
    for (size_t m = 0; m < M_COUNT; m++)
        if (rows[m].type == GAUGE)
            atomic_store_explicit(&all[slot].cells[m][0], 0, memory_order_relaxed);
}

void metric_add(enum metric m, uint64_t n)
{
    atomic_fetch_add_explicit(&mine->cells[m][0], n, memory_order_relaxed);
}

void metric_set(enum metric m, uint64_t n)
{
    atomic_store_explicit(&mine->cells[m][0], n, memory_order_relaxed);
}

void metric_observe_us(enum metric m, uint64_t us)
{
    for (size_t i = 0; i < BUCKETS; i++)
        if (us <= bucket_us[i]) {
            atomic_fetch_add_explicit(&mine->cells[m][i], 1, memory_order_relaxed);
            break;
        }
    atomic_fetch_add_explicit(&mine->cells[m][CELL_SUM], us, memory_order_relaxed);
    atomic_fetch_add_explicit(&mine->cells[m][CELL_COUNT], 1, memory_order_relaxed);
}

static uint64_t sum(size_t m, size_t cell)
{
    if (!all)
        return atomic_load_explicit(&private_slot.cells[m][cell], memory_order_relaxed);
    uint64_t total = 0;
    for (size_t s = 0; s < METRICS_SLOTS; s++)
        total += atomic_load_explicit(&all[s].cells[m][cell], memory_order_relaxed);
    return total;
}

static void print_histogram(struct str *out, size_t m)
{
    const char *comma = rows[m].labels[0] ? "," : "";
    uint64_t below = 0;
    for (size_t i = 0; i < BUCKETS; i++) {
        below += sum(m, i);
        str_addf(out, "%s_bucket{%s%sle=\"%g\"} %llu\n", rows[m].name, rows[m].labels, comma,
                 (double)bucket_us[i] / 1e6, (unsigned long long)below);
    }
    unsigned long long count = sum(m, CELL_COUNT);
    const char *open = rows[m].labels[0] ? "{" : "", *close = rows[m].labels[0] ? "}" : "";
    str_addf(out, "%s_bucket{%s%sle=\"+Inf\"} %llu\n", rows[m].name, rows[m].labels, comma, count);
    str_addf(out, "%s_sum%s%s%s %.6f\n", rows[m].name, open, rows[m].labels, close, (double)sum(m, CELL_SUM) / 1e6);
    str_addf(out, "%s_count%s%s%s %llu\n", rows[m].name, open, rows[m].labels, close, count);
}

/* A gauge may be made of additions and subtractions of several processes: their sum is a signed number. */
static void print_plain(struct str *out, size_t m)
{
    str_puts(out, rows[m].name);
    if (rows[m].labels[0])
        str_addf(out, "{%s}", rows[m].labels);
    uint64_t value = sum(m, 0);
    if (rows[m].type == GAUGE)
        str_addf(out, " %lld\n", (long long)value);
    else
        str_addf(out, " %llu\n", (unsigned long long)value);
}

void metrics_print(struct str *out)
{
    static const char *const type_names[] = {"counter", "gauge", "histogram"};
    const char *family = "";
    for (size_t m = 0; m < M_COUNT; m++) {
        if (strcmp(family, rows[m].name) != 0) /* rows of one family stand together in metrics.def */
            str_addf(out, "# HELP %s %s\n# TYPE %s %s\n", rows[m].name, rows[m].help, rows[m].name,
                     type_names[rows[m].type]);
        family = rows[m].name;
        if (rows[m].type == HISTOGRAM)
            print_histogram(out, m);
        else
            print_plain(out, m);
    }
}
