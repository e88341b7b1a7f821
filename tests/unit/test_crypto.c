#include "tests/unit/unit.h"

#include "lib/base/crypto.h"
#include "lib/base/text.h"

static void assert_hex(const uint8_t *bytes, size_t n, const char *want)
{
    struct str s;
    str_init(&s, 1000);
    hex_encode(&s, (struct span){(const char *)bytes, n});
    assert_string_equal(s.data, want);
    str_free(&s);
}

/* FIPS 180-4 and RFC 4231 test vectors. */
static void digests_are_the_standards(void **state UNUSED)
{
    uint8_t out[32];
    sha256(out, SPAN_LIT("abc"));
    assert_hex(out, 32, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    sha256(out, SPAN_NONE);
    assert_hex(out, 32, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    sha1(out, SPAN_LIT("abc"));
    assert_hex(out, 20, "a9993e364706816aba3e25717850c26c9cd0d89d");
    /* RFC 2104 by hand would need a key of 32 bytes: this one is checked against openssl mac -digest SHA256 HMAC. */
    struct key key;
    memset(key.b, 0x0b, sizeof key.b);
    hmac_sha256(out, &key, SPAN_LIT("Hi There"));
    assert_hex(out, 32, "198a607eb44bfbc69903a0f1cf2bbdc5ba0aa3f3d9ae3c1c7a3b1696a0b68cf7");
}

/* RFC 5869 A.1, its first 32 bytes. */
static void hkdf_is_the_standards(void **state UNUSED)
{
    struct str ikm, salt, info;
    str_init(&ikm, 100);
    str_init(&salt, 100);
    str_init(&info, 100);
    assert_true(hex_decode(&ikm, SPAN_LIT("0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b")));
    assert_true(hex_decode(&salt, SPAN_LIT("000102030405060708090a0b0c")));
    assert_true(hex_decode(&info, SPAN_LIT("f0f1f2f3f4f5f6f7f8f9")));
    struct key key;
    hkdf_sha256(&key, str_span(&ikm), str_span(&salt), str_span(&info));
    assert_hex(key.b, 32, "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf");
    hkdf_sha256(&key, str_span(&ikm), SPAN_NONE, SPAN_NONE);
    assert_hex(key.b, 32, "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d");
    str_free(&ikm);
    str_free(&salt);
    str_free(&info);
}

static void a_sealed_text_opens_only_in_its_place(void **state UNUSED)
{
    struct key key, other;
    crypto_random(&key, sizeof key);
    crypto_random(&other, sizeof other);
    struct str sealed, opened;
    str_init(&sealed, 1000);
    str_init(&opened, 1000);
    assert_true(gcm_seal(&sealed, &key, SPAN_LIT("message:1:2:summary"), SPAN_LIT("bonjour")));
    assert_int_equal(sealed.len, 7 + GCM_NONCE_BYTES + GCM_TAG_BYTES);
    assert_true(gcm_open(&opened, &key, SPAN_LIT("message:1:2:summary"), str_span(&sealed)));
    assert_str(&opened, "bonjour");
    str_clear(&opened);
    assert_false(gcm_open(&opened, &key, SPAN_LIT("message:1:3:summary"), str_span(&sealed)));
    assert_false(gcm_open(&opened, &other, SPAN_LIT("message:1:2:summary"), str_span(&sealed)));
    for (size_t i = 0; i < sealed.len; i++) {
        sealed.data[i] ^= 1;
        assert_false(gcm_open(&opened, &key, SPAN_LIT("message:1:2:summary"), str_span(&sealed)));
        sealed.data[i] ^= 1;
        assert_false(gcm_open(&opened, &key, SPAN_LIT("message:1:2:summary"), (struct span){sealed.data, i}));
    }
    assert_str(&opened, "");
    str_clear(&sealed);
    assert_true(gcm_seal(&sealed, &key, SPAN_NONE, SPAN_NONE));
    assert_true(gcm_open(&opened, &key, SPAN_NONE, str_span(&sealed)));
    str_free(&sealed);
    str_free(&opened);
}

static void a_sealed_box_opens_for_its_owner(void **state UNUSED)
{
    struct key_pair mine, other;
    key_pair_new(&mine);
    key_pair_new(&other);
    struct str sealed, opened;
    str_init(&sealed, 1000);
    str_init(&opened, 1000);
    assert_true(seal_to(&sealed, &mine.public_half, SPAN_LIT("a delivery key")));
    assert_int_equal(sealed.len, 14 + SEAL_OVERHEAD);
    assert_false(seal_open(&opened, &other, str_span(&sealed)));
    assert_true(seal_open(&opened, &mine, str_span(&sealed)));
    assert_str(&opened, "a delivery key");
    sealed.data[50] ^= 1;
    str_clear(&opened);
    assert_false(seal_open(&opened, &mine, str_span(&sealed)));
    assert_false(seal_open(&opened, &mine, (struct span){sealed.data, 47}));
    str_free(&sealed);
    str_free(&opened);
}

static void compares_and_wipes(void **state UNUSED)
{
    char a[4] = "abc", b[4] = "abc";
    assert_true(crypto_equal(a, b, 4));
    crypto_wipe(b, sizeof b);
    assert_false(crypto_equal(a, b, 4));
    assert_int_equal(b[0], 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(digests_are_the_standards),
        cmocka_unit_test(hkdf_is_the_standards),
        cmocka_unit_test(a_sealed_text_opens_only_in_its_place),
        cmocka_unit_test(a_sealed_box_opens_for_its_owner),
        cmocka_unit_test(compares_and_wipes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
