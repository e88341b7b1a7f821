#include "tests/unit/unit.h"

#include "webmail-cgi/multipart.h"

static void reads_urlencoded_forms(void **state UNUSED)
{
    static const struct {
        const char *input;
        enum fields_status want;
        const char *shown; /* name=value;… after decoding */
    } table[] = {
        {"", FIELDS_OK, ""},
        {"a=1&b=2", FIELDS_OK, "a=1;b=2;"},
        {"a=1&a=2&&", FIELDS_OK, "a=1;a=2;"},
        {"mots=caf%C3%A9+cr%C3%A8me", FIELDS_OK, "mots=café crème;"},
        {"a", FIELDS_OK, "a=;"},
        {"a=b=c", FIELDS_OK, "a=b=c;"},
        {"a=%2", FIELDS_BAD, ""},
        {"a=%", FIELDS_BAD, ""},
        {"a=%zz", FIELDS_BAD, ""},
        {"a=%00", FIELDS_BAD, ""},
        {"a=%C3", FIELDS_BAD, ""},       /* half a character */
        {"a=%ED%A0%80", FIELDS_BAD, ""}, /* a surrogate */
        {"a=%C0%AFetc", FIELDS_BAD, ""}, /* overlong */
        {"%3Cscript%3E=1", FIELDS_OK, "<script>=1;"},
    };
    for (size_t i = 0; i < COUNT(table); i++) {
        struct arena *arena = arena_new(0);
        field_list list = {0};
        struct str shown;
        str_init(&shown, 1000);
        assert_int_equal(fields_urlencoded(arena, span_of(table[i].input), &list), table[i].want);
        if (table[i].want == FIELDS_OK) {
            vec_each (&list, f)
                str_addf(&shown, "%.*s=%.*s;", (int)f->name.n, f->name.p, (int)f->value.n, f->value.p);
            assert_str(&shown, table[i].shown);
        }
        str_free(&shown);
        vec_free(&list);
        arena_destroy(&arena);
    }
}

static void bounds_the_number_of_fields(void **state UNUSED)
{
    struct arena *arena = arena_new(0);
    struct str form;
    field_list list = {0};
    str_init(&form, 1 << 20);
    for (int i = 0; i < FIELDS_MAX + 1; i++)
        str_puts(&form, "uid=1&");
    assert_int_equal(fields_urlencoded(arena, str_span(&form), &list), FIELDS_TOO_MANY);
    assert_int_equal(list.len, FIELDS_MAX);
    vec_free(&list);
    str_free(&form);
    arena_destroy(&arena);
}

static void finds_boundaries(void **state UNUSED)
{
    static const struct {
        const char *input, *want; /* NULL: none */
    } table[] = {
        {"multipart/form-data; boundary=----WebKitFormBoundaryX", "----WebKitFormBoundaryX"},
        {"multipart/form-data; boundary=\"a b\"", NULL},
        {"multipart/form-data; boundary=\"a:b\"; x=1", "a:b"},
        {"Multipart/Form-Data;boundary=x ; y", "x"},
        {"multipart/form-data", NULL},
        {"multipart/form-data; boundary=", NULL},
        {"multipart/form-data; boundary=\"", NULL},
        {"multipart/form-data; boundary=a\r\nb", NULL},
        {"multipart/mixed; boundary=a", NULL},
        {"multipart/form-data; boundary=1234567890123456789012345678901234567890123456789012345678901234567890x", NULL},
    };
    for (size_t i = 0; i < COUNT(table); i++) {
        struct span boundary;
        bool found = multipart_boundary(span_of(table[i].input), &boundary);
        assert_int_equal(found, table[i].want != NULL);
        if (found)
            assert_span(boundary, table[i].want);
    }
}

/* A form that comes in pieces of `piece` bytes. */
static enum fields_status read_multipart(struct arena *arena, struct span body, size_t piece, struct spool *files,
                                         field_list *list)
{
    struct multipart form;
    bool good = true;
    spool_init(files, 1 << 20);
    multipart_begin(&form, arena, SPAN_LIT("B"), files, list);
    while (good && body.n > 0) {
        size_t n = body.n < piece ? body.n : piece;
        good = multipart_feed(&form, (struct span){body.p, n});
        body = (struct span){body.p + n, body.n - n};
    }
    return multipart_end(&form);
}

static void reads_multipart_forms(void **state UNUSED)
{
    static const char body[] =
        "--B\r\nContent-Disposition: form-data; name=\"csrf\"\r\n\r\nabc\r\n"
        "--B\r\nContent-Disposition: form-data; name=\"vide\"\r\n\r\n\r\n"
        "--B\r\nContent-Disposition: form-data; name=\"f\"; filename=\"a%22b \xc3\xa9.pdf\"\r\n"
        "Content-Type: application/pdf\r\n\r\n\x00\x01\r\n--A\r\n\r\n"
        "--B\r\nContent-Disposition: form-data; name=\"g\"; filename=\"\"\r\n\r\ndeux\r\n--B--\r\n";
    for (size_t piece = 1; piece <= sizeof(body); piece++) {
        struct arena *arena = arena_new(0);
        struct spool files;
        field_list list = {0};
        enum fields_status got = read_multipart(arena, (struct span){body, sizeof(body) - 1}, piece, &files, &list);
        assert_int_equal(got, FIELDS_OK);
        assert_int_equal(list.len, 4);
        assert_span(list.items[0].name, "csrf");
        assert_span(list.items[0].value, "abc");
        assert_false(list.items[0].is_file);
        assert_int_equal(list.items[1].value.n, 0);
        assert_true(list.items[2].is_file);
        assert_span(list.items[2].file_name, "a\"b é.pdf");
        assert_span(list.items[2].content_type, "application/pdf");
        assert_int_equal(list.items[2].value.n, 9);
        assert_memory_equal(list.items[2].value.p, "\x00\x01\r\n--A\r\n", 9);
        assert_span(list.items[3].value, "deux");
        vec_free(&list);
        spool_free(&files);
        arena_destroy(&arena);
    }
}

/* More than a spool keeps in memory, twice; one byte more than the spool takes is refused. */
static void takes_large_files_and_no_larger_ones(void **state UNUSED)
{
    enum { LARGE = 500 << 10 };
    static const char head[] = "--B\r\nContent-Disposition: form-data; name=\"f\"; filename=\"a\"\r\n\r\n";
    for (size_t extra = 0; extra < 2; extra++) {
        struct arena *arena = arena_new(0);
        struct spool files;
        struct str body;
        field_list list = {0};
        str_init(&body, 2 << 20);
        size_t sizes[] = {LARGE, (1 << 20) - LARGE + extra};
        for (size_t i = 0; i < 2; i++) {
            str_puts(&body, head);
            for (size_t n = 0; n < sizes[i]; n++)
                str_putc(&body, (char)(n * 7 + i));
            str_puts(&body, "\r\n");
        }
        str_puts(&body, "--B--\r\n");
        enum fields_status got = read_multipart(arena, str_span(&body), 60000, &files, &list);
        assert_int_equal(got, extra ? FIELDS_TOO_MANY : FIELDS_OK);
        for (size_t i = 0; !extra && i < 2; i++) {
            assert_int_equal(list.items[i].value.n, sizes[i]);
            for (size_t n = 0; n < sizes[i]; n++)
                assert_int_equal(list.items[i].value.p[n], (char)(n * 7 + i));
        }
        vec_free(&list);
        str_free(&body);
        spool_free(&files);
        arena_destroy(&arena);
    }
}

static void refuses_broken_multipart_forms(void **state UNUSED)
{
    static const char *const table[] = {
        "",
        "--B",
        "--B\r\n",
        "--B--",
        "--C\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\nx\r\n--C--",
        "--B\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\nx\r\n--B",
        "--B\r\nContent-Disposition: form-data\r\n\r\nx\r\n--B--",
        "--B\r\nname=\"a\"\r\n\r\nx\r\n--B--",
        "--B\r\nContent-Disposition: form-data; name=\"a\"\r\nx\r\n--B--",
        "--B\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n\xff\r\n--B--",
    };
    for (size_t i = 0; i < COUNT(table); i++) {
        struct arena *arena = arena_new(0);
        struct spool files;
        field_list list = {0};
        enum fields_status got = read_multipart(arena, span_of(table[i]), 7, &files, &list);
        bool closed_at_once = i == 3; /* a form without parts is a form */
        assert_int_equal(got, closed_at_once ? FIELDS_OK : FIELDS_BAD);
        vec_free(&list);
        spool_free(&files);
        arena_destroy(&arena);
    }
}

static void reads_cookies(void **state UNUSED)
{
    static const struct {
        const char *header, *want;
    } table[] = {
        {"__Host-caducee=abc", "abc"},
        {"a=1; __Host-caducee=abc; b=2", "abc"},
        {"__Host-caducee=1; __Host-caducee=2", "1"},
        {"x__Host-caducee=abc", NULL},
        {"__Host-caduceeX=abc", NULL},
        {"__host-caducee=abc", NULL},
        {"__Host-caducee", NULL},
        {"", NULL},
        {"__Host-caducee=", ""},
        {";;; ;__Host-caducee=z", "z"},
    };
    for (size_t i = 0; i < COUNT(table); i++) {
        struct span value;
        bool found = cookie_get(span_of(table[i].header), "__Host-caducee", &value);
        assert_int_equal(found, table[i].want != NULL);
        if (found)
            assert_span(value, table[i].want);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_urlencoded_forms),
        cmocka_unit_test(bounds_the_number_of_fields),
        cmocka_unit_test(finds_boundaries),
        cmocka_unit_test(reads_multipart_forms),
        cmocka_unit_test(takes_large_files_and_no_larger_ones),
        cmocka_unit_test(refuses_broken_multipart_forms),
        cmocka_unit_test(reads_cookies),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
