#include "tests/unit/unit.h"

#include "smtpd/relay_domain.h"

#include <stdio.h>

enum { MINUTE = 60000 };

static struct relay_domains domains;

static int after(void **state UNUSED)
{
    relay_domains_free(&domains);
    return 0;
}

static struct relay_domain *errand_over(const char *name, uint64_t now)
{
    struct relay_domain *d = relay_domain_of(&domains, name, now);
    relay_domain_begin(d, now);
    relay_domain_end(d, now);
    return d;
}

static void grows_by_one_and_shrinks_by_half(void **state UNUSED)
{
    struct relay_domain *d = relay_domain_of(&domains, "a.fr", 0);
    assert_int_equal(d->allowed, RELAY_DOMAIN_ALLOWED_FIRST);
    for (int i = 0; i < 20; i++)
        relay_domain_opened(d, 10);
    assert_int_equal(d->allowed, 10);
    static const unsigned next[] = {5, 2, 1, 1};
    for (size_t i = 0; i < COUNT(next); i++) {
        relay_domain_failed(d);
        assert_int_equal(d->allowed, next[i]);
    }
    relay_domain_opened(d, 10);
    assert_int_equal(d->allowed, 2);
    relay_domain_opened(d, 1); /* the setting was lowered: no growth */
    assert_int_equal(d->allowed, 2);
}

/* Both what grew and what shrank; counted from the end of the last errand. */
static void is_remembered_for_minutes(void **state UNUSED)
{
    relay_domain_opened(errand_over("grown.fr", MINUTE), 10);
    relay_domain_failed(errand_over("shrunk.fr", MINUTE));
    relay_domains_forget(&domains, MINUTE + RELAY_DOMAIN_KEPT_MS);
    assert_int_equal(relay_domain_of(&domains, "grown.fr", 0)->allowed, 3);
    assert_int_equal(relay_domain_of(&domains, "shrunk.fr", 0)->allowed, 1);
    errand_over("grown.fr", 2 * MINUTE);
    relay_domains_forget(&domains, MINUTE + RELAY_DOMAIN_KEPT_MS + 1);
    assert_int_equal(domains.all.len, 1);
    assert_int_equal(relay_domain_of(&domains, "grown.fr", 0)->allowed, 3);
    relay_domains_forget(&domains, 2 * MINUTE + RELAY_DOMAIN_KEPT_MS + 1);
    assert_int_equal(domains.all.len, 0);
    assert_int_equal(relay_domain_of(&domains, "grown.fr", 0)->allowed, RELAY_DOMAIN_ALLOWED_FIRST);
}

static void is_kept_while_it_is_at_work(void **state UNUSED)
{
    struct relay_domain *busy = relay_domain_of(&domains, "busy.fr", 0), *idle = errand_over("idle.fr", 0);
    relay_domain_begin(busy, 0);
    idle->idle = (struct relay_client *)&domains; /* never looked into */
    errand_over("rest.fr", 0);
    relay_domains_forget(&domains, 24 * 60 * (uint64_t)MINUTE);
    assert_int_equal(domains.all.len, 2);
    assert_ptr_equal(relay_domain_of(&domains, "busy.fr", 0), busy);
    assert_ptr_equal(relay_domain_of(&domains, "idle.fr", 0), idle);
}

/* Those at work are not counted; the ones longest at rest go. */
static void so_many_are_remembered(void **state UNUSED)
{
    char name[32];
    struct relay_domain *busy = relay_domain_of(&domains, "busy.fr", 0);
    relay_domain_begin(busy, 0);
    for (unsigned i = 0; i < RELAY_DOMAINS_KEPT + 3; i++) {
        snprintf(name, sizeof(name), "d%u.fr", i);
        relay_domain_opened(errand_over(name, 100 + (i * 7) % (RELAY_DOMAINS_KEPT + 3)), 10); /* 7 and 1,003: coprime */
    }
    relay_domains_forget(&domains, 5000);
    assert_int_equal(domains.all.len, RELAY_DOMAINS_KEPT + 1);
    vec_each (&domains.all, d)
        assert_true(*d == busy || (*d)->used >= 103);
    assert_ptr_equal(relay_domain_of(&domains, "busy.fr", 0), busy);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(grows_by_one_and_shrinks_by_half, after),
        cmocka_unit_test_teardown(is_remembered_for_minutes, after),
        cmocka_unit_test_teardown(is_kept_while_it_is_at_work, after),
        cmocka_unit_test_teardown(so_many_are_remembered, after),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
