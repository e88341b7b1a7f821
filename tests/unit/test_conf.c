#include "tests/unit/unit.h"

#include "lib/base/conf.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static char path[] = "/tmp/caducee-test-conf-XXXXXX";

static bool load(struct conf *conf, const char *text, struct str *error)
{
    FILE *f = fopen(path, "w");
    fputs(text, f);
    fclose(f);
    str_clear(error);
    return conf_load(conf, path, error);
}

static void reads_values_and_defaults(void **state UNUSED)
{
    struct conf conf;
    struct str error;
    str_init(&error, 10000);
    assert_true(load(&conf,
                     "\xef\xbb\xbf; a comment\n[general]\nhostname = mx.exemple.mssante.fr ; ours\n"
                     "environment=production\n\n[database]\r\nport = 5433\r\n",
                     &error));
    assert_string_equal(conf.general_hostname, "mx.exemple.mssante.fr");
    assert_string_equal(conf.general_environment, "production");
    assert_int_equal(conf.database_port, 5433);
    assert_string_equal(conf.general_log_level, "info"); /* the first of its choices */
    assert_string_equal(conf.database_name, "caducee");
    assert_string_equal(conf.path, path);
    conf_free(&conf);
    str_free(&error);
}

static void a_list_may_continue(void **state UNUSED)
{
    struct conf conf;
    struct str error;
    str_init(&error, 10000);
    assert_true(load(&conf, "[general]\nhostname = a\n  b\n\tc\n", &error));
    assert_string_equal(conf.general_hostname, "a b c");
    conf_free(&conf);
    assert_false(load(&conf, "[database]\nport = 5\n 433\n", &error));
    assert_non_null(strstr(error.data, ":3: a continued value, expected"));
    str_free(&error);
}

/* What is wrong, on which line, and what was expected. */
static void mistakes_are_named(void **state UNUSED)
{
    static const struct {
        const char *text, *want;
    } table[] = {
        {"[general]\nhostnam = x\n", ":2: unknown key \"hostnam\" in [general], expected one of: environment hostname"},
        {"\n[generals]\nhostname = x\n", ":3: unknown section [generals], expected one of: [general]"},
        {"hostname = x\n", ":1: unknown section [], expected"},
        {"[general]\nenvironment = prod\n",
         ":2: bad value \"prod\" for environment in [general], expected one of test|production"},
        {"[general]\nrun_folder = run\n",
         ":2: bad value \"run\" for run_folder in [general], expected an absolute path"},
        {"[general]\ntimezone = Europe/Lutece\n", ":2: bad value \"Europe/Lutece\" for timezone in [general], expected "
                                                  "a zone of the tz database such as Europe/Paris"},
        {"[general]\ntimezone = ../../etc/passwd\n", ":2: bad value"},
        {"[general]\ntimezone = Europe\n", ":2: bad value"},
        {"[database]\nport = 0\n",
         ":2: bad value \"0\" for port in [database], expected a whole number from 1 to 65535"},
        {"[database]\nport = 65536\n", ":2: bad value"},
        {"[database]\nport = 5432x\n", ":2: bad value"},
        {"[database]\nport = -1\n", ":2: bad value"},
        {"[database]\nport = 5432\nname = a\nport = 5432\n",
         ":4: port stands twice in [database], expected once (first on line 2)"},
        {"[database]\nname\n", ":2: not understood, expected"},
        {"[database\nname = x\n", ":1: not understood, expected"},
    };
    struct str error;
    str_init(&error, 10000);
    for (size_t i = 0; i < COUNT(table); i++) {
        struct conf conf;
        assert_false(load(&conf, table[i].text, &error));
        assert_int_equal(span_find(str_span(&error), span_of(path)), 0);
        if (!strstr(error.data, table[i].want))
            fail_msg("got \"%s\", wanted \"%s\"", error.data, table[i].want);
    }
    str_free(&error);
}

/* libinih would cut it in silence. */
static void a_long_line_is_an_error(void **state UNUSED)
{
    struct str text, error;
    str_init(&text, 1000);
    str_init(&error, 10000);
    struct conf conf;
    for (int filler = 180; filler < 220; filler++) {
        str_clear(&text);
        str_puts(&text, "[general]\nhostname = ");
        for (int i = 0; i < filler; i++)
            str_putc(&text, 'a');
        str_puts(&text, "\n[database]\nport = 1\n");
        bool fits = filler + 11 <= 198;
        assert_int_equal(load(&conf, text.data, &error), fits);
        if (fits) {
            assert_int_equal(strlen(conf.general_hostname), filler);
            conf_free(&conf);
        } else {
            assert_non_null(strstr(error.data, ":2: the line is too long, expected at most 198 bytes"));
        }
    }
    str_free(&text);
    str_free(&error);
}

static void an_unreadable_file_is_named(void **state UNUSED)
{
    struct conf conf;
    struct str error;
    str_init(&error, 10000);
    assert_false(conf_load(&conf, "/nonexistent/caducee.conf", &error));
    assert_non_null(
        strstr(error.data, "/nonexistent/caducee.conf:0: cannot be read (No such file or directory), expected"));
    str_clear(&error);
    assert_false(conf_load(&conf, "/tmp", &error));
    assert_non_null(strstr(error.data, "cannot be read"));
    str_free(&error);
}

static void the_reference_is_a_configuration(void **state UNUSED)
{
    struct str out, error;
    str_init(&out, 1 << 20);
    str_init(&error, 10000);
    conf_print_reference(&out);
    assert_non_null(strstr(out.data, "[general]\n"));
    assert_non_null(strstr(out.data, "#port = 5432\n"));
    struct conf conf;
    assert_true(load(&conf, out.data, &error)); /* all commented out */
    conf_free(&conf);
    struct str bare;
    str_init(&bare, 1 << 20);
    for (size_t i = 0; i < out.len; i++)
        if (out.data[i] != '#' || out.data[i - 1] != '\n' || out.data[i + 1] == ' ')
            str_putc(&bare, out.data[i]);
    if (!load(&conf, bare.data, &error)) /* every default written by hand is accepted */
        fail_msg("%s", error.data);
    str_free(&bare);
    conf_free(&conf);
    str_free(&out);
    str_free(&error);
}

static int make_file(void **state UNUSED)
{
    int fd = mkstemp(path);
    return fd < 0 ? -1 : close(fd);
}

static int remove_file(void **state UNUSED)
{
    return unlink(path);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_values_and_defaults),   cmocka_unit_test(a_list_may_continue),
        cmocka_unit_test(mistakes_are_named),          cmocka_unit_test(a_long_line_is_an_error),
        cmocka_unit_test(an_unreadable_file_is_named), cmocka_unit_test(the_reference_is_a_configuration),
    };
    return cmocka_run_group_tests(tests, make_file, remove_file);
}
