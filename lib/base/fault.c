#include "lib/base/fault.h"

#ifdef CADUCEE_FAULT_POINTS
#include "lib/base/base.h"
#include "lib/base/num.h"
#include "lib/base/vec.h"

#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static char counting[64]; /* the point whose passages are counted since it was armed */
static uint64_t passages;

static size_t read_arming(char *to, size_t size)
{
    const char *path = getenv("CADUCEE_FAULT_FILE");
    int fd = path ? open(path, O_RDONLY | O_CLOEXEC) : -1;
    if (fd < 0)
        return 0;
    ssize_t n = read(fd, to, size);
    close(fd);
    return n > 0 ? (size_t)n : 0;
}

static void strike(bool pause)
{
    const char *path = getenv("CADUCEE_FAULT_FILE");
    char hit[4096];
    snprintf(hit, sizeof hit, "%s.hit", path);
    rename(path, hit);
    kill(getpid(), pause ? SIGSTOP : SIGKILL);
}

void fault_point(const char *name)
{
    char text[256];
    size_t n = read_arming(text, sizeof text);
    struct span rest = span_trim((struct span){text, n}), point, count = SPAN_NONE, how = SPAN_NONE;
    if (!span_cut(&rest, ' ', &point) || !span_is(point, name))
        return;
    span_cut(&rest, ' ', &count);
    span_cut(&rest, ' ', &how);
    uint64_t wanted = 1;
    if (count.n && !num_u64(count, UINT64_MAX, &wanted))
        return;
    pthread_mutex_lock(&lock);
    if (strcmp(counting, name) != 0) {
        snprintf(counting, sizeof counting, "%s", name);
        passages = 0;
    }
    bool now = ++passages >= wanted;
    if (now)
        counting[0] = '\0';
    pthread_mutex_unlock(&lock);
    if (now)
        strike(span_is(how, "pause"));
}
#else
typedef int fault_points_are_not_built; /* a translation unit must not be empty (C17 6.9) */
#endif
