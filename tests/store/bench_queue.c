/* A queue of 1,000,000 recipients: how long a claim takes, and the summary. Not a test.
 * usage: bench_queue [recipients [domains]]
 */
#include "tests/store/fixture.h"

#include "lib/base/clock.h"
#include "lib/store/queue.h"

#include <stdio.h>
#include <stdlib.h>

static bool count_row(const struct queue_summary_row *r, void *arg)
{
    *(uint64_t *)arg += r->waiting + r->claimed + r->held;
    return true;
}

int main(int argc, char **argv)
{
    unsigned long recipients = argc > 1 ? strtoul(argv[1], NULL, 10) : 1000000;
    unsigned long domains = argc > 2 ? strtoul(argv[2], NULL, 10) : 2000;
    struct db *admin = db_new(test_conf(), "caducee_admin", "bench");
    struct db *relay = db_new(test_conf(), "caducee_relay", "bench");
    struct db *mx = db_new(test_conf(), "caducee_mx", "bench");
    struct delivery_keys *keys = delivery_keys_new();
    struct test_bal bal;
    test_bal_new(admin, &bal, BAL_PER);
    if (test_deliver(mx, keys, &bal, 1, 2000, NULL) != STORE_OK)
        return 1;
    test_sql("INSERT INTO queue_message (queue_id, bal_id, blob_id, sealed_key, sender, size, expires) SELECT n, "
             "m.bal_id, m.blob_id, "
             "'x', 'a@b', 2000, now() + '1 day' FROM generate_series(1, %lu) n, (SELECT * FROM message LIMIT 1) m",
             recipients / 4);
    test_sql("INSERT INTO queue_recipient (recipient_id, queue_id, domain, address, due) SELECT n, 1 + n / 4 %% %lu, "
             "'d' || (n %% %lu) || "
             "'.mssante.fr', 'someone' || n || '@d' || (n %% %lu) || '.mssante.fr', now() - make_interval(secs => n %% "
             "1000) FROM "
             "generate_series(1, %lu) n",
             recipients / 4, domains, domains, recipients);
    test_sql("ANALYZE queue_recipient");
    uint64_t worst = 0, sum = 0, rows = 0;
    struct queue_cursor due = {.after = ""};
    for (unsigned i = 0; i < 200; i++) {
        struct queue_claim c;
        uint64_t at = clock_us();
        if (queue_claim_domain(relay, "bench", 600, 20, NULL, 0, &c, &due) != STORE_OK)
            return 1;
        uint64_t took = clock_us() - at;
        sum += took;
        worst = took > worst && i ? took : worst;
        queue_claim_free(&c);
    }
    printf("claim of 20 messages among %lu: %.2f ms, worst %.2f ms\n", recipients, (double)sum / 200000,
           (double)worst / 1000);
    /* all but the last domain wait: the scan passes over every one of them */
    test_sql("UPDATE queue_recipient SET due = CASE domain WHEN 'd999.mssante.fr' THEN now() ELSE now() + interval '1 "
             "hour' END");
    test_sql("VACUUM ANALYZE queue_recipient");
    uint64_t at = clock_us();
    struct queue_claim c;
    enum store_status status = queue_claim_domain(relay, "bench", 600, 20, NULL, 0, &c, &due);
    printf("claim when one domain of %lu has something due: %.2f ms (%s)\n", domains, (double)(clock_us() - at) / 1000,
           store_status_name(status));
    queue_claim_free(&c);
    /* worst of all: many rows are due, all of one busy domain, and the domains behind it wait */
    test_sql(
        "UPDATE queue_recipient SET due = now() - interval '1 hour', holder = NULL WHERE domain = 'd0.mssante.fr'");
    const char *busy[] = {"d0.mssante.fr", "d999.mssante.fr"};
    unsigned calls = 0;
    worst = 0;
    due.after[0] = '\0';
    do {
        at = clock_us();
        status = queue_claim_domain(relay, "bench", 600, 20, busy, 2, &c, &due);
        worst = clock_us() - at > worst ? clock_us() - at : worst;
        calls++;
    } while (status == STORE_NOT_FOUND && due.more);
    printf("all that is due is of busy domains: %u calls, the longest %.2f ms (%s)\n", calls, (double)worst / 1000,
           store_status_name(status));
    for (unsigned i = 0; i < 3; i++) {
        rows = 0;
        at = clock_us();
        queue_summary(admin, count_row, &rows);
        printf("summary of %lu: %.1f ms\n", (unsigned long)rows, (double)(clock_us() - at) / 1000);
    }
    db_destroy(&admin);
    db_destroy(&relay);
    db_destroy(&mx);
    delivery_keys_destroy(&keys);
    return 0;
}
