#include "tests/unit/unit.h"

#include "lib/proto/header_fields.h"
#include "lib/proto/header_from.h"

/* Addresses as "local@domain", '*' before a Sender's, '~' before one that is only shown, '!' at the end: unreadable. */
static void print(struct str *out, const struct header_from *from)
{
    str_clear(out);
    vec_each (&from->addresses, a) {
        str_addf(out, "%s%s%s", out->len ? " " : "", a->sender ? "*" : "", a->shown ? "~" : "");
        str_add_span(out, a->text);
    }
    if (from->unreadable)
        str_putc(out, '!');
}

static void every_address_of_every_field_is_seen(void **state UNUSED)
{
    static const struct {
        const char *input, *want;
    } rows[] = {
        {"From: a@b.fr\r\n\r\nx", "a@b.fr"},
        {"From: Jean <a@b.fr>\r\n\r\n", "a@b.fr"},
        {"From : Jean <a@b.fr>\r\n\r\n", "a@b.fr"},
        {"fROM: \"D, J\" <a@b.fr>, c@d.fr\r\nFrom: e@f.fr\r\n\r\n", "a@b.fr c@d.fr e@f.fr"},
        {"From: a@b.fr\r\nSender: c@d.fr\r\n\r\n", "a@b.fr *c@d.fr"},
        {"From: a\r\n @\r\n\tb.fr\r\n\r\n", "a@b.fr"},
        {"From: a@b.(x)fr\r\n\r\n", "a@b.fr"},
        {"From: a (com(m)ent) @ b . fr\r\n\r\n", "a@b.fr"},
        {"From: <@x.fr,@y.fr:a@b.fr>\r\n\r\n", "a@b.fr"},
        {"From: groupe: a@b.fr, X <c@d.fr>; , e@f.fr\r\n\r\n", "a@b.fr c@d.fr e@f.fr"},
        {"From: \"a b\"@c.fr\r\n\r\n", "\"a b\"@c.fr"},
        {"From: \"x@ours.fr\" <a@b.fr>\r\n\r\n", "a@b.fr ~x@ours.fr"},
        {"From: a@b.fr (x@ours.fr)\r\n\r\n", "~x@ours.fr a@b.fr"},
        {"From: =?utf-8?B?eEBvdXJzLmZy?= <a@b.fr>\r\n\r\n", "a@b.fr ~x@ours.fr"},
        {"From: =?utf-8?Q?x=40ours?= =?utf-8?q?.fr?= <a@b.fr>\r\n\r\n", "a@b.fr ~x@ours.fr"},
        {"From: x@ours.fr <a@b.fr>\r\n\r\n", "a@b.fr ~x@ours.fr"},
        {"From: a@[192.0.2.1]\r\n\r\n", "a@[192.0.2.1]"},
        {"From: <>\r\n\r\n", "!"},
        {"From: MAILER-DAEMON\r\n\r\n", "!"},
        {"From: a@b.fr <\r\n\r\n", "~a@b.fr!"},
        {"From: a@b.fr; c\r\n\r\n", "!"},
        {"From: \"a@b.fr\r\n\r\n", "!"},
        {"From: a b@c.fr\r\n\r\n", "!"},
        {"From:\r\n\r\n", "!"},
        {" From: a@b.fr\r\n\r\n", "!"},
        {"To: a@b.fr\r\n\r\nFrom: c@d.fr\r\n", ""},
    };
    struct str out;
    str_init(&out, 4096);
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct arena *arena = arena_new(0);
        struct header_from from;
        header_from_scan(span_of(rows[i].input), arena, &from);
        print(&out, &from);
        assert_str(&out, rows[i].want);
        vec_free(&from.addresses);
        arena_destroy(&arena);
    }
    str_free(&out);
}

static void floods_are_bounded_and_marked(void **state UNUSED)
{
    struct str text;
    str_init(&text, 1 << 20);
    str_puts(&text, "From: ");
    for (int i = 0; i < 200000; i++)
        str_putc(&text, '(');
    str_puts(&text, "\r\n\r\n");
    struct arena *arena = arena_new(0);
    struct header_from from;
    header_from_scan(str_span(&text), arena, &from);
    assert_true(from.unreadable);
    assert_int_equal(from.addresses.len, 0);
    vec_free(&from.addresses);
    str_clear(&text);
    str_puts(&text, "From: ");
    for (int i = 0; i < 1000; i++)
        str_puts(&text, "a@b.fr,");
    header_from_scan(str_span(&text), arena, &from);
    assert_true(from.unreadable);
    assert_int_equal(from.addresses.len, HEADER_FROM_ADDRESSES_MAX);
    vec_free(&from.addresses);
    arena_destroy(&arena);
    str_free(&text);
}

static void our_domain_is_found_in_bytes_nobody_can_read(void **state UNUSED)
{
    static const struct {
        const char *input;
        bool want;
    } rows[] = {
        {"From: (((x@chu.mssante.fr\r\n\r\n", true},
        {"From: \"x@chu.\r\n mssante.fr\r\n\r\n", true},
        {"From: x@chu.(c)mssante.fr <\r\n\r\n", true},
        {"From: =?utf-8?B?eEBjaHUubXNzYW50ZS5mcg==?= <\r\n\r\n", true},
        {"Sender: X@CHU.MSSANTE.FR <\r\n\r\n", true},
        {"From: x@peer.fr <\r\nTo: a@chu.mssante.fr\r\n\r\n", false},
        {"From: x@peer.fr <\r\n\r\nFrom: x@chu.mssante.fr", false},
    };
    for (size_t i = 0; i < COUNT(rows); i++)
        assert_int_equal(header_from_holds(span_of(rows[i].input), "chu.mssante.fr"), rows[i].want);
    assert_true(header_from_holds(span_of("From: x@h\303\264pital.fr <\r\n\r\n"), "xn--hpital-ixa.fr"));
}

static void foreign_results_of_our_name_are_removed(void **state UNUSED)
{
    static const struct {
        const char *input, *want;
    } rows[] = {
        {"A: 1\r\nAuthentication-Results: mx.us; x=pass\r\n y\r\nB: 2\r\n\r\nz", "A: 1\r\nB: 2\r\n\r\nz"},
        {"authentication-results: (c) MX.us ; none\r\n\r\n", "\r\n"},
        {"Authentication-Results: \"mx.us\"; none\r\n\r\n", "\r\n"},
        {"Authentication-Results: mx.them; none\r\n\r\n", "Authentication-Results: mx.them; none\r\n\r\n"},
        {"A: 1\r\n\r\nAuthentication-Results: mx.us; none\r\n", "A: 1\r\n\r\nAuthentication-Results: mx.us; none\r\n"},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        char *copy = xstrdup(rows[i].input);
        size_t n = header_remove_authentication_results(copy, strlen(copy), "mx.us");
        assert_span(((struct span){copy, n}), rows[i].want);
        xfree(&copy);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_address_of_every_field_is_seen),
        cmocka_unit_test(floods_are_bounded_and_marked),
        cmocka_unit_test(our_domain_is_found_in_bytes_nobody_can_read),
        cmocka_unit_test(foreign_results_of_our_name_are_removed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
