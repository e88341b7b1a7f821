/* What the modes share: words, threads, latencies. */
#include "load.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

unsigned number_of(const char *word)
{
    char *end;
    unsigned long value = strtoul(word, &end, 10);
    if (!*word || *end || value > UINT32_MAX)
        die(word, "is no number");
    return (unsigned)value;
}

char **lines_of(const char *path, unsigned *count)
{
    FILE *file = fopen(path, "re");
    if (!file)
        die(path, strerror(errno));
    char **lines = NULL, *line = NULL;
    size_t room = 0;
    *count = 0;
    for (ssize_t length; (length = getline(&line, &room, file)) > 0; line = NULL, room = 0) {
        line[strcspn(line, "\r\n")] = 0;
        lines = realloc(lines, (*count + 1) * sizeof *lines);
        lines[(*count)++] = line;
    }
    fclose(file);
    if (!*count)
        die(path, "is empty");
    return lines;
}

static int by_value(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return x < y ? -1 : x > y;
}

void print_latencies(uint32_t *latency, unsigned count, double seconds)
{
    qsort(latency, count, sizeof *latency, by_value);
    unsigned last = count ? count - 1 : 0;
    printf("%.6f %u %u %u %u\n", seconds, count, latency[last / 2], latency[(unsigned)((uint64_t)last * 95 / 100)],
           latency[(unsigned)((uint64_t)last * 99 / 100)]);
}

void run_threads(unsigned count, void *(*run)(void *), void *plan)
{
    pthread_t *threads = calloc(count, sizeof *threads);
    struct job *jobs = calloc(count, sizeof *jobs);
    pthread_attr_t attributes; /* 500 threads: a small stack each */
    pthread_attr_init(&attributes);
    pthread_attr_setstacksize(&attributes, 512 << 10);
    for (unsigned i = 0; i < count; i++) {
        jobs[i] = (struct job){.number = i, .plan = plan};
        if (pthread_create(&threads[i], &attributes, run, &jobs[i]))
            die("pthread_create", strerror(errno));
    }
    for (unsigned i = 0; i < count; i++)
        pthread_join(threads[i], NULL);
    free(threads);
    free(jobs);
}

void sleep_until_us(uint64_t when)
{
    struct timespec t = {.tv_sec = (time_t)(when / 1000000), .tv_nsec = (long)(when % 1000000) * 1000};
    while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &t, NULL) == EINTR)
        ;
}
