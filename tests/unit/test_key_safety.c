/* What an operator's keys survive by: shares, the packed folder, the erasure journal, sealing to a certificate. */
#include "tests/unit/unit.h"

#include "lib/auth/erasure.h"
#include "lib/auth/keyfolder.h"
#include "lib/base/crypto.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static void any_k_shares_join(void **state)
{
    (void)state;
    struct key key, joined;
    struct key_share shares[5], pick[3];
    crypto_random(&key, sizeof(key));
    assert_true(key_split(&key, 3, 5, shares));
    for (unsigned a = 0; a < 5; a++)
        for (unsigned b = 0; b < 5; b++)
            for (unsigned c = 0; c < 5; c++) {
                if (a == b || b == c || a == c)
                    continue;
                pick[0] = shares[a], pick[1] = shares[b], pick[2] = shares[c];
                assert_true(key_join(&joined, pick, 3));
                assert_memory_equal(joined.b, key.b, KEY_BYTES);
            }
}

static void fewer_shares_give_another_key(void **state)
{
    (void)state;
    struct key key, joined;
    struct key_share shares[5];
    crypto_random(&key, sizeof(key));
    assert_true(key_split(&key, 3, 5, shares));
    assert_true(key_join(&joined, shares, 2));
    assert_memory_not_equal(joined.b, key.b, KEY_BYTES);
    shares[1] = shares[0];
    assert_false(key_join(&joined, shares, 3)); /* one share twice */
    assert_false(key_split(&key, 0, 5, shares));
    assert_false(key_split(&key, 6, 5, shares));
}

static char *scratch(void)
{
    char *folder = xstrdup("/tmp/caducee-unit-XXXXXX");
    assert_non_null(mkdtemp(folder));
    return folder;
}

static void folder_survives_packing(void **state)
{
    (void)state;
    char *from = scratch(), *to = scratch();
    struct keyfolder a, b;
    struct str packed, error;
    str_init(&packed, 1 << 20);
    str_init(&error, 4096);
    assert_int_equal(rmdir(to), 0);
    assert_true(keyfolder_create(from, &error));
    assert_true(keyfolder_add_epoch(from, 2, &error));
    assert_true(keyfolder_pack(&packed, from, &error));
    assert_true(keyfolder_unpack(str_span(&packed), to, &error));
    assert_true(keyfolder_load(&a, from, &error) && keyfolder_load(&b, to, &error));
    assert_int_equal(b.current, 2);
    assert_memory_equal(keyfolder_epoch(&a, 1)->pair.private_half.b, keyfolder_epoch(&b, 1)->pair.private_half.b,
                        KEY_BYTES);
    assert_false(keyfolder_unpack(str_span(&packed), to, &error)); /* never over keys that are there */
    keyfolder_wipe(&a);
    keyfolder_wipe(&b);
    str_free(&packed);
    str_free(&error);
    xfree(&from);
    xfree(&to);
}

static void unpacking_keeps_to_the_folder(void **state)
{
    (void)state;
    static const char *const hostile[] = {
        "../evil 1\nx", "/etc/evil 1\nx", "epochs/../../evil 1\nx", "current 99\nx", "current 18446744073709551615\nx",
        "current\n",    "epochs/-1 1\nx"};
    for (size_t n = 0; n < COUNT(hostile); n++) {
        char *to = scratch();
        struct str error;
        str_init(&error, 4096);
        assert_false(keyfolder_unpack(span_of(hostile[n]), to, &error));
        assert_true(error.len > 0);
        str_free(&error);
        xfree(&to);
    }
}

static void journal_gives_back_what_it_took(void **state)
{
    (void)state;
    char *folder = scratch();
    struct str error;
    erased_list list = {0};
    struct erased one = {.bal_id = 7, .at = 1700000000, .public_half = {1, 2, 3}},
                  two = {.bal_id = 8, .at = 1700000001};
    str_init(&error, 4096);
    assert_true(erasure_read(folder, &list, &error)); /* none yet */
    assert_int_equal(list.len, 0);
    assert_true(erasure_append(folder, &one, &error) && erasure_append(folder, &two, &error));
    assert_true(erasure_read(folder, &list, &error));
    assert_int_equal(list.len, 2);
    assert_int_equal(list.items[0].bal_id, 7);
    assert_memory_equal(list.items[0].public_half, one.public_half, sizeof(one.public_half));
    vec_free(&list);
    char *path = xasprintf("%s/erasures", folder);
    FILE *file = fopen(path, "a");
    fputs("not a line\n", file);
    fclose(file);
    assert_false(erasure_read(folder, &list, &error)); /* nothing is guessed */
    vec_free(&list);
    str_free(&error);
    xfree(&path);
    xfree(&folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(any_k_shares_join),
        cmocka_unit_test(fewer_shares_give_another_key),
        cmocka_unit_test(folder_survives_packing),
        cmocka_unit_test(unpacking_keeps_to_the_folder),
        cmocka_unit_test(journal_gives_back_what_it_took),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
