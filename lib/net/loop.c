#include "lib/net/loop.h"

#include "lib/base/vec.h"
#include "lib/net/loop_private.h"

#include <malloc.h>
#include <pthread.h>
#include <stdatomic.h>
#include <sys/eventfd.h>
#include <unistd.h>

enum { CALLBACKS_A_ROUND = 64, TIDY_EVERY_S = 5, TIDY_FROM_BYTES = 1 << 20 };

struct post {
    void (*fn)(void *);
    void *arg;
};
typedef VEC(struct post) posts;

struct loop {
    struct event_base *base;
    struct event *wake, *tidy;
    int wake_fd;
    size_t tidy_seen;     /* bytes in use when memory was last given back */
    pthread_mutex_t lock; /* guards `waiting` only */
    posts waiting, running;
    struct loop_guest *guests;
    size_t guest_count;
    pthread_t thread;
    _Atomic bool runs;
    char scratch[LOOP_SCRATCH_BYTES];
};

struct timer {
    struct event *event;
    void (*fn)(void *);
    void *arg;
};

struct watch {
    struct event *event;
    void (*fn)(int, void *);
    void *arg;
};

static void run_posts(evutil_socket_t fd, short what UNUSED, void *arg)
{
    struct loop *loop = arg;
    uint64_t count;
    ssize_t ignored UNUSED = read(fd, &count, sizeof count);
    pthread_mutex_lock(&loop->lock);
    posts swap = loop->running;
    loop->running = loop->waiting;
    loop->waiting = swap;
    loop->waiting.len = 0;
    pthread_mutex_unlock(&loop->lock);
    vec_each (&loop->running, post)
        post->fn(post->arg);
    loop->running.len = 0;
}

/* Handshakes and messages leave holes that malloc() keeps: a thousand idle TLS sessions would show 50 KiB each where they
 * use 26 (measured). Whole free pages go back once the worker has come to rest. */
static void give_memory_back(evutil_socket_t fd UNUSED, short what UNUSED, void *arg)
{
    struct loop *loop = arg;
    struct mallinfo2 now = mallinfo2();
    if (now.fordblks < TIDY_FROM_BYTES || now.uordblks == loop->tidy_seen)
        return;
    loop->tidy_seen = now.uordblks;
    malloc_trim(0);
}

/* No locks in libevent: other threads reach the loop through loop_post() alone. */
struct loop *loop_new(void)
{
    struct loop *loop = xcalloc(1, sizeof *loop);
    struct event_config *config = event_config_new();
    if (!config || event_config_set_flag(config, EVENT_BASE_FLAG_NOLOCK | EVENT_BASE_FLAG_IGNORE_ENV |
                                                     EVENT_BASE_FLAG_EPOLL_USE_CHANGELIST) != 0)
        fatal("libevent cannot be configured");
    /* New events are looked for after so many callbacks, or one busy connection would keep all others waiting. */
    event_config_set_max_dispatch_interval(config, NULL, CALLBACKS_A_ROUND, 0);
    loop->base = event_base_new_with_config(config);
    event_config_free(config);
    loop->wake_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    if (!loop->base || loop->wake_fd < 0)
        fatal("no event loop: %m");
    pthread_mutex_init(&loop->lock, NULL);
    loop->thread = pthread_self();
    loop->wake = event_new(loop->base, loop->wake_fd, EV_READ | EV_PERSIST, run_posts, loop);
    if (!loop->wake || event_add(loop->wake, NULL) != 0)
        fatal("no event loop (wake-up)");
    struct timeval every = {.tv_sec = TIDY_EVERY_S};
    loop->tidy = event_new(loop->base, -1, EV_PERSIST, give_memory_back, loop);
    if (!loop->tidy || event_add(loop->tidy, &every) != 0)
        fatal("no event loop (timer)");
    return loop;
}

void loop_run(struct loop *loop)
{
    loop->thread = pthread_self();
    if (event_base_loop(loop->base, EVLOOP_NO_EXIT_ON_EMPTY) < 0)
        fatal("the event loop failed: %m");
}

static void break_loop(void *arg)
{
    struct loop *loop = arg;
    event_base_loopbreak(loop->base);
}

void loop_stop(struct loop *loop)
{
    loop_post(loop, break_loop, loop);
}

void loop_destroy(struct loop **loop)
{
    if (!*loop)
        return;
    while ((*loop)->guests)
        (*loop)->guests->free((*loop)->guests);
    event_free((*loop)->wake);
    event_free((*loop)->tidy);
    event_base_free((*loop)->base);
    close((*loop)->wake_fd);
    vec_free(&(*loop)->waiting);
    vec_free(&(*loop)->running);
    pthread_mutex_destroy(&(*loop)->lock);
    xfree(loop);
}

void loop_host(struct loop *loop, struct loop_guest *guest, void (*free)(struct loop_guest *))
{
    *guest = (struct loop_guest){.next = loop->guests, .free = free};
    if (guest->next)
        guest->next->previous = guest;
    loop->guests = guest;
    loop->guest_count++;
}

void loop_dismiss(struct loop *loop, struct loop_guest *guest)
{
    *(guest->previous ? &guest->previous->next : &loop->guests) = guest->next;
    if (guest->next)
        guest->next->previous = guest->previous;
    loop->guest_count--;
}

size_t loop_guests(const struct loop *loop)
{
    return loop->guest_count;
}

void loop_post(struct loop *loop, void (*fn)(void *), void *arg)
{
    pthread_mutex_lock(&loop->lock);
    bool first = loop->waiting.len == 0;
    vec_push(&loop->waiting, (struct post){fn, arg});
    pthread_mutex_unlock(&loop->lock);
    uint64_t one = 1;
    if (first && write(loop->wake_fd, &one, sizeof one) != (ssize_t)sizeof one)
        panic("the loop's wake-up is full");
}

struct event_base *loop_base(struct loop *loop)
{
    return loop->base;
}

char *loop_scratch(struct loop *loop)
{
    return loop->scratch;
}

bool loop_is_here(const struct loop *loop)
{
    return pthread_equal(loop->thread, pthread_self());
}

static void timer_fires(evutil_socket_t fd UNUSED, short what UNUSED, void *arg)
{
    struct timer *timer = arg;
    timer->fn(timer->arg);
}

struct timer *timer_new(struct loop *loop, void (*fn)(void *), void *arg)
{
    struct timer *timer = xmalloc(sizeof *timer);
    *timer = (struct timer){.event = evtimer_new(loop->base, timer_fires, timer), .fn = fn, .arg = arg};
    if (!timer->event)
        fatal("out of memory (timer)");
    return timer;
}

void timer_arm(struct timer *timer, uint64_t milliseconds)
{
    struct timeval delay = {.tv_sec = (time_t)(milliseconds / 1000),
                            .tv_usec = (suseconds_t)(milliseconds % 1000 * 1000)};
    if (evtimer_add(timer->event, &delay) != 0)
        fatal("a timer cannot be armed");
}

void timer_disarm(struct timer *timer)
{
    evtimer_del(timer->event);
}

void timer_destroy(struct timer **timer)
{
    if (!*timer)
        return;
    event_free((*timer)->event);
    xfree(timer);
}

static void watch_fires(evutil_socket_t fd, short what UNUSED, void *arg)
{
    struct watch *watch = arg;
    watch->fn(fd, watch->arg);
}

struct watch *watch_new(struct loop *loop, int fd, void (*fn)(int fd, void *), void *arg)
{
    struct watch *watch = xmalloc(sizeof *watch);
    *watch = (struct watch){.fn = fn, .arg = arg};
    watch->event = event_new(loop->base, fd, EV_READ | EV_PERSIST, watch_fires, watch);
    if (!watch->event || event_add(watch->event, NULL) != 0)
        fatal("a descriptor cannot be watched");
    return watch;
}

void watch_destroy(struct watch **watch)
{
    if (!*watch)
        return;
    event_free((*watch)->event);
    xfree(watch);
}
