/* What the tests of lib/store share: a configuration, plain SQL as a superuser, and BALs with their keys. */
#ifndef CADUCEE_TESTS_STORE_FIXTURE_H
#define CADUCEE_TESTS_STORE_FIXTURE_H

#include "tests/unit/unit.h"

#include "lib/store/deliver.h"
#include "lib/store/mailbox.h"

const struct conf *test_conf(void); /* the cluster of with-postgres */
/* Runs SQL as the superuser; the first value of the first row, or "" (static buffer). Fails the test on an error. */
const char *test_sql(const char *format, ...) PRINTF(1, 2);
/* The SQLSTATE that `statement` meets under that role with caducee.bal set (0: unset), or "00000". */
const char *test_sqlstate(const char *role, int64_t bal, const char *statement);

void test_reconnect(void); /* after the server was restarted */

struct test_bal {
    struct bal bal;
    struct key_pair keys;
};
/* A new open BAL of a structure of the tests, with its first folders. */
void test_bal_new(struct db *admin, struct test_bal *out, enum bal_kind);
/* How many messages with that Message-ID a BAL holds. */
const char *test_message_count(const struct test_bal *, const char *message_id);
/* A small message with a summary; `n` makes it differ. Static buffers. */
struct span test_message(unsigned n, size_t size);
struct summary test_summary(unsigned n);
/* Delivers one to INBOX. */
enum store_status test_deliver(struct db *, struct delivery_keys *, const struct test_bal *, unsigned n, size_t size,
                               int64_t *uid);

#endif
