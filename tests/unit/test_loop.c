#include "tests/unit/unit.h"

#include "lib/base/clock.h"
#include "lib/net/loop.h"

#include <stdatomic.h>
#include <unistd.h>

enum { JOBS = 500 };

static struct {
    struct loop *loop;
    _Atomic unsigned ran, started, ended;
    unsigned done;
    uint64_t fired_at;
} t;

static void *start(void *arg UNUSED)
{
    atomic_fetch_add(&t.started, 1);
    return &t;
}

static void end(void *state UNUSED)
{
    atomic_fetch_add(&t.ended, 1);
}

static void run(void *state, void *arg)
{
    must(state == &t && arg == NULL);
    atomic_fetch_add(&t.ran, 1);
}

static void done(void *arg UNUSED)
{
    if (++t.done == JOBS)
        loop_stop(t.loop);
}

static void jobs_run_elsewhere_and_end_in_the_loop(void **state UNUSED)
{
    t.loop = loop_new();
    struct jobs *jobs = jobs_new(t.loop, 3, start, end, NULL);
    for (int i = 0; i < JOBS; i++)
        jobs_submit(jobs, run, done, NULL);
    loop_run(t.loop);
    assert_int_equal(t.ran, JOBS);
    assert_int_equal(t.done, JOBS);
    assert_int_equal(jobs_waiting(jobs), 0);
    jobs_destroy(&jobs);
    assert_null(jobs);
    assert_int_equal(t.started, 3);
    assert_int_equal(t.ended, 3);
    loop_destroy(&t.loop);
}

static void fire(void *arg UNUSED)
{
    t.fired_at = clock_ms();
    loop_stop(t.loop);
}

static void never(void *arg UNUSED)
{
    fail();
}

static void timers_fire_once_and_may_be_put_off(void **state UNUSED)
{
    t.loop = loop_new();
    struct timer *early = timer_new(t.loop, never, NULL), *late = timer_new(t.loop, fire, NULL);
    uint64_t begin = clock_ms();
    timer_arm(early, 5);
    timer_arm(late, 1);
    timer_arm(late, 30);
    timer_disarm(early);
    loop_run(t.loop);
    assert_true(t.fired_at >= begin + 29);
    timer_destroy(&early);
    timer_destroy(&late);
    timer_destroy(&late);
    loop_destroy(&t.loop);
}

static void read_byte(int fd, void *arg)
{
    assert_int_equal(read(fd, arg, 1), 1);
    loop_stop(t.loop);
}

static void a_descriptor_is_watched(void **state UNUSED)
{
    int pipes[2];
    char got = 0;
    assert_int_equal(pipe(pipes), 0);
    t.loop = loop_new();
    struct watch *watch = watch_new(t.loop, pipes[0], read_byte, &got);
    assert_int_equal(write(pipes[1], "x", 1), 1);
    loop_run(t.loop);
    assert_int_equal(got, 'x');
    watch_destroy(&watch);
    loop_destroy(&t.loop);
    close(pipes[0]);
    close(pipes[1]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(jobs_run_elsewhere_and_end_in_the_loop),
        cmocka_unit_test(timers_fire_once_and_may_be_put_off),
        cmocka_unit_test(a_descriptor_is_watched),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
