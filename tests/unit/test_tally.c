/* Sessions counted over processes: limits hold over all of them, and who is killed counts no more. */
#include "tests/unit/unit.h"

#include "lib/net/tally.h"

#include <signal.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

enum { PROCESSES = 6, TRIES = 4000, LIMIT = 50 };

static int table;

static void limits_hold_in_one_process(void **state UNUSED)
{
    assert_true(tally_enter("mx.address", "192.0.2.1", 2));
    assert_true(tally_enter("mx.address", "192.0.2.1", 2));
    assert_false(tally_enter("mx.address", "192.0.2.1", 2));
    assert_true(tally_enter("mx.operator", "192.0.2.1", 2)); /* another kind is another key */
    assert_true(tally_enter("mx.address", "192.0.2.2", 2));
    tally_leave("mx.address", "192.0.2.1");
    assert_int_equal(tally_of("mx.address", "192.0.2.1"), 1);
    assert_true(tally_enter("mx.address", "192.0.2.1", 2));
    tally_leave("mx.address", "192.0.2.1");
    tally_leave("mx.address", "192.0.2.1");
    assert_int_equal(tally_of("mx.address", "192.0.2.1"), 0);
    assert_int_equal(tally_of("mx.operator", "192.0.2.1"), 1);
    assert_false(tally_enter("mx.address", "192.0.2.3", 0));
    assert_int_equal(tally_of("mx.address", "192.0.2.3"), 0);
}

/* Another worker: enters what it may, says how often it could, and waits to be killed. */
static pid_t enter_elsewhere(unsigned slot, unsigned tries, int answer)
{
    pid_t pid = fork();
    if (pid != 0)
        return pid;
    uint32_t entered = 0;
    tally_attach(table, slot);
    for (unsigned i = 0; i < tries; i++)
        entered += tally_enter("mx.address", "192.0.2.9", LIMIT);
    ssize_t ignored UNUSED = write(answer, &entered, sizeof(entered));
    for (;;)
        pause();
}

static void limits_hold_over_processes(void **state UNUSED)
{
    int pipes[2];
    pid_t pids[PROCESSES];
    uint32_t entered, total = 0;
    assert_int_equal(pipe(pipes), 0);
    for (unsigned p = 0; p < PROCESSES; p++)
        pids[p] = enter_elsewhere(2 + p, TRIES, pipes[1]);
    for (unsigned p = 0; p < PROCESSES; p++) {
        assert_int_equal(read(pipes[0], &entered, sizeof(entered)), sizeof(entered));
        total += entered;
    }
    assert_in_range(total, LIMIT - PROCESSES, LIMIT); /* never more, and after so many tries hardly less */
    assert_int_equal(tally_of("mx.address", "192.0.2.9"), total);
    for (unsigned p = 0; p < PROCESSES; p++) {
        kill(pids[p], SIGKILL);
        assert_int_equal(waitpid(pids[p], NULL, 0), pids[p]);
        tally_forget(2 + p);
    }
    assert_int_equal(tally_of("mx.address", "192.0.2.9"), 0);
    close(pipes[0]);
    close(pipes[1]);
}

static void many_keys_are_kept_apart_and_taken_out(void **state UNUSED)
{
    enum { KEYS = 20000 };
    char key[32];
    for (int round = 0; round < 2; round++) {
        for (int i = 0; i < KEYS; i++) {
            snprintf(key, sizeof(key), "k%d", i);
            assert_true(tally_enter("x", key, 1));
        }
        for (int i = 0; i < KEYS; i++) {
            snprintf(key, sizeof(key), "k%d", i);
            assert_int_equal(tally_of("x", key), 1);
            tally_leave("x", key);
        }
    }
}

/* A stranger that brings a new key each time fills the table, and is refused then; nothing else breaks. */
static void a_full_table_refuses(void **state UNUSED)
{
    char key[32];
    int entered = 0;
    for (int i = 0; i < 80000; i++) {
        snprintf(key, sizeof(key), "full%d", i);
        entered += tally_enter("y", key, 1);
    }
    assert_in_range(entered, 60000, 65536);
    tally_forget(1);
    assert_int_equal(tally_of("y", "full0"), 0);
    assert_true(tally_enter("y", "full0", 1));
}

int main(void)
{
    table = tally_create();
    tally_attach(table, 1);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(limits_hold_in_one_process),
        cmocka_unit_test(limits_hold_over_processes),
        cmocka_unit_test(many_keys_are_kept_apart_and_taken_out),
        cmocka_unit_test(a_full_table_refuses),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
