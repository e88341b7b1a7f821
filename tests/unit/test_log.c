#include "tests/unit/unit.h"

#include "lib/base/clock.h"
#include "lib/base/log.h"
#include "lib/base/metrics.h"

#include <stdlib.h>
#include <time.h>
#include <unistd.h>

/* Runs `body` with standard error in a pipe and gives what was written. */
static void capture(char *to, size_t size, void (*body)(void))
{
    int pipes[2], saved = dup(STDERR_FILENO);
    assert_int_equal(pipe(pipes), 0);
    dup2(pipes[1], STDERR_FILENO);
    close(pipes[1]);
    body();
    dup2(saved, STDERR_FILENO);
    close(saved);
    ssize_t n = read(pipes[0], to, size - 1);
    close(pipes[0]);
    to[n > 0 ? n : 0] = '\0';
}

static void write_one_line(void)
{
    struct log_context context = {.id = "6H2K9QX1", .peer = "127.0.0.1"};
    log_event(LOG_WARN, &context, "mx.refused", LS("rule", "whitelist.dn"), LS("dn", "C=FR,O=a \"b\"\nlvl=info"),
              LU("bytes", 12), LI("delta", -3), LP("empty", SPAN_NONE), LS("none", NULL));
    log_event(LOG_DEBUG, &context, "not.shown");
}

static void a_line_cannot_be_forged(void **state UNUSED)
{
    char line[4096];
    log_setup("smtpd", "mx", LOG_INFO);
    capture(line, sizeof line, write_one_line);
    assert_int_equal(strlen(line) - 1, strchr(line, '\n') - line); /* one line, whatever was in the values */
    assert_non_null(strstr(line, " lvl=warn prog=smtpd role=mx pid="));
    assert_non_null(strstr(line, " id=6H2K9QX1 peer=127.0.0.1 ev=mx.refused rule=whitelist.dn "
                                 "dn=\"C=FR,O=a \\\"b\\\"\uFFFDlvl=info\" bytes=12 delta=-3 empty=\"\" none=-\n"));
}

static void write_long_values(void)
{
    char *value = xmalloc(5001);
    memset(value, 'a', 5000);
    value[5000] = '\0';
    log_event(LOG_INFO, NULL, "long", LS("a", value), LS("b", value), LS("c", value), LS("d", value), LS("e", value));
    xfree(&value);
}

static void a_long_line_is_cut_but_ends(void **state UNUSED)
{
    char line[20000];
    capture(line, sizeof line, write_long_values);
    size_t n = strlen(line);
    assert_true(n < 8200);
    assert_int_equal(line[n - 1], '\n');
    assert_non_null(strstr(line, "aaa…\" b=\""));
}

static void ids_differ(void **state UNUSED)
{
    struct log_context a, b;
    log_new_id(&a);
    log_new_id(&b);
    assert_int_equal(strlen(a.id), 13);
    assert_string_not_equal(a.id, b.id);
}

static void a_patients_address_is_hidden(void **state UNUSED)
{
    static const struct {
        const char *input, *want;
    } before_key[] = {
        {"lea@cabinet.mssante.fr", "lea@cabinet.mssante.fr"},
        {"299209900000123@patient.mssante.fr", "‹INS›@patient.mssante.fr"},
        {"2992099000001@PATIENT.MSSANTE.FR", "‹INS›@PATIENT.MSSANTE.FR"},
        {"x@patient.formation.mssante.fr", "‹INS›@patient.formation.mssante.fr"},
        {"299202A00000123@mssante.fr", "‹INS›@mssante.fr"},
        {"299209900000123", "‹INS›"},
        {"a@patients.mssante.fr", "a@patients.mssante.fr"},
        {"accueil-0612345678@ehpad.mssante.fr", "accueil-0612345678@ehpad.mssante.fr"},
        {"", ""},
    };
    struct str out;
    str_init(&out, 500);
    for (size_t i = 0; i < COUNT(before_key); i++) {
        str_clear(&out);
        log_address(&out, span_of(before_key[i].input));
        assert_str(&out, before_key[i].want);
    }
    log_set_hash_key((const uint8_t *)"0123456789abcdef0123456789abcdef");
    str_clear(&out);
    log_address(&out, SPAN_LIT("299209900000123@patient.mssante.fr"));
    assert_int_equal(out.len, strlen("‹INS›@patient.mssante.fr#01234567"));
    struct str again;
    str_init(&again, 500);
    log_address(&again, SPAN_LIT("299209900000123@Patient.MSSANTE.fr"));
    assert_string_equal(strchr(out.data, '#'), strchr(again.data, '#')); /* the same person, however it is written */
    str_free(&again);
    str_free(&out);
}

static void dates_are_as_mail_writes_them(void **state UNUSED)
{
    struct str out;
    str_init(&out, 100);
    setenv("TZ", "CET-1CEST", 1);
    tzset();
    clock_rfc5322(&out, 1795190400);
    assert_str(&out, "Fri, 20 Nov 2026 17:00:00 +0100");
    str_clear(&out);
    setenv("TZ", "NST3:30", 1);
    tzset();
    clock_rfc5322(&out, 1795190400);
    assert_str(&out, "Fri, 20 Nov 2026 12:30:00 -0330");
    str_clear(&out);
    clock_iso8601(&out, 1795190400);
    assert_str(&out, "2026-11-20T16:00:00Z");
    uint64_t before = clock_us();
    assert_true(clock_ms() >= before / 1000);
    assert_true(wall_s() > 1700000000);
    str_free(&out);
}

static void metrics_of_several_processes_add_up(void **state UNUSED)
{
    int fd = metrics_create();
    metrics_attach(fd, 1);
    metric_add(M_MX_ACCEPTED, 2);
    metric_add(M_SESSIONS_OPEN, 5);
    metrics_attach(fd, 2);
    metric_add(M_MX_ACCEPTED, 40);
    metric_add(M_SESSIONS_OPEN, 1);
    metric_add(M_SESSIONS_OPEN, (uint64_t)-1);
    struct str out;
    str_init(&out, 1 << 20);
    metrics_print(&out);
    assert_non_null(strstr(out.data, "\ncaducee_mx_messages_total{result=\"accepted\"} 42\n"));
    assert_non_null(strstr(out.data, "\ncaducee_sessions_open 5\n"));
    const char *type = strstr(out.data, "# TYPE caducee_mx_messages_total counter");
    assert_non_null(type);
    assert_null(strstr(type + 1, "# TYPE caducee_mx_messages_total")); /* once a family */
    metrics_forget_gauges(1);
    str_clear(&out);
    metrics_print(&out);
    assert_non_null(strstr(out.data, "\ncaducee_sessions_open 0\n"));
    assert_non_null(strstr(out.data, "\ncaducee_mx_messages_total{result=\"accepted\"} 42\n"));
    str_free(&out);
    close(fd);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_line_cannot_be_forged),
        cmocka_unit_test(a_long_line_is_cut_but_ends),
        cmocka_unit_test(ids_differ),
        cmocka_unit_test(a_patients_address_is_hidden),
        cmocka_unit_test(dates_are_as_mail_writes_them),
        cmocka_unit_test(metrics_of_several_processes_add_up),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
