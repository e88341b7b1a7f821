/* Deliveries a second straight into the database: what the daemon cannot exceed. Not a test: nothing fails here.
 * usage: bench [connections [seconds [bytes [bals]]]]
 */
#include "tests/store/fixture.h"

#include "lib/base/clock.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

static struct test_bal bals[1000];
static struct delivery_keys *keys;
static size_t message_bytes = 2048;
static unsigned bal_count = 100;
static uint64_t until;
static atomic_ulong delivered;

static void *work(void *arg)
{
    unsigned n = (unsigned)(uintptr_t)arg;
    struct db *db = db_new(test_conf(), "caducee_mx", "bench");
    struct str body;
    str_init(&body, 64 << 20);
    while (body.len < message_bytes)
        str_addf(&body, "une ligne %u comme il en vient dans le courrier, %zu\r\n", n, body.len * 7919);
    struct summary summary = test_summary(1);
    for (; clock_ms() < until; n += 7919) {
        struct delivery_target target = {.bal = &bals[n % bal_count].bal,
                                         .head = SPAN_LIT("Return-Path: <a@b.mssante.fr>\r\n"),
                                         .trace = {.action = "mx.accept",
                                                   .answer = "250 2.0.0",
                                                   .session = "BENCH",
                                                   .actor_kind = TRACE_OPERATOR,
                                                   .actor = "CN=essai"}};
        struct delivery d = {.body = {body.data, message_bytes},
                             .summary = summary,
                             .internal_date = 1763650000,
                             .targets = &target,
                             .target_count = 1};
        if (deliver(db, keys, &d) != STORE_OK)
            abort();
        atomic_fetch_add(&delivered, 1);
    }
    str_free(&body);
    db_destroy(&db);
    return NULL;
}

static uint64_t argument(int argc, char **argv, int at, uint64_t fallback)
{
    return argc > at ? strtoull(argv[at], NULL, 10) : fallback;
}

int main(int argc, char **argv)
{
    unsigned connections = (unsigned)argument(argc, argv, 1, 8);
    uint64_t seconds = argument(argc, argv, 2, 5);
    message_bytes = argument(argc, argv, 3, 2048);
    bal_count = (unsigned)argument(argc, argv, 4, 100);
    struct db *admin = db_new(test_conf(), "caducee_admin", "bench");
    for (unsigned i = 0; i < bal_count; i++)
        test_bal_new(admin, &bals[i], BAL_PER);
    keys = delivery_keys_new();
    test_sql("CHECKPOINT");
    until = clock_ms() + seconds * 1000;
    pthread_t threads[64];
    for (unsigned i = 0; i < connections && i < 64; i++)
        pthread_create(&threads[i], NULL, work, (void *)(uintptr_t)(i + 1));
    for (unsigned i = 0; i < connections && i < 64; i++)
        pthread_join(threads[i], NULL);
    printf("%u connections, %zu bytes, %u BALs: %lu deliveries/s\n", connections, message_bytes, bal_count,
           atomic_load(&delivered) / seconds);
    db_destroy(&admin);
    delivery_keys_destroy(&keys);
    return 0;
}
