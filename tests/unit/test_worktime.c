#include "tests/unit/unit.h"

#include "lib/base/worktime.h"

#include <stdlib.h>
#include <time.h>

static const struct worktime usual = {.begins = 8, .ends = 18, .days = 5, .place = HOLIDAYS_FRANCE};

/* Easter as published for these years; a holiday of each kind, and days that are none. */
static void knows_the_days(void **state UNUSED)
{
    static const struct {
        int year, month, day;
        enum holiday_place place;
        bool worked;
    } table[] = {
        {2026, 4, 6, HOLIDAYS_FRANCE, false},  /* lundi de Pâques */
        {2026, 5, 14, HOLIDAYS_FRANCE, false}, /* Ascension */
        {2026, 5, 25, HOLIDAYS_FRANCE, false}, /* Pentecôte */
        {2027, 3, 29, HOLIDAYS_FRANCE, false}, /* Pâques le 28 mars */
        {2027, 3, 26, HOLIDAYS_FRANCE, true},  /* Vendredi saint */
        {2027, 3, 26, HOLIDAYS_ALSACE_MOSELLE, false},
        {2038, 4, 26, HOLIDAYS_FRANCE, false}, /* Pâques le 25 avril, le plus tard possible */
        {2000, 4, 24, HOLIDAYS_FRANCE, false},
        {2026, 7, 14, HOLIDAYS_FRANCE, false},
        {2026, 7, 14, HOLIDAYS_NONE, true},
        {2026, 12, 25, HOLIDAYS_REUNION, false},
        {2027, 12, 20, HOLIDAYS_REUNION, false},
        {2027, 12, 20, HOLIDAYS_FRANCE, true},
        {2026, 11, 20, HOLIDAYS_FRANCE, true},  /* vendredi */
        {2026, 11, 21, HOLIDAYS_FRANCE, false}, /* samedi */
        {2026, 11, 22, HOLIDAYS_FRANCE, false},
        {2024, 2, 29, HOLIDAYS_FRANCE, true},
    };
    for (size_t i = 0; i < COUNT(table); i++) {
        struct worktime w = usual;
        w.place = table[i].place;
        if (worktime_is_day(&w, table[i].year, table[i].month, table[i].day) != table[i].worked)
            fail_msg("%04d-%02d-%02d", table[i].year, table[i].month, table[i].day);
    }
    struct worktime closed = usual;
    closed.closed = SPAN_LIT("2026-12-24 2026-12-31");
    assert_false(worktime_is_day(&closed, 2026, 12, 31));
    assert_true(worktime_is_day(&closed, 2026, 12, 30));
}

static int64_t at(int month, int day, int hour, int minute)
{
    struct tm t = {
        .tm_year = 126, .tm_mon = month - 1, .tm_mday = day, .tm_hour = hour, .tm_min = minute, .tm_isdst = -1};
    return (int64_t)mktime(&t);
}

/* Eight working hours back, over an evening, a week-end, Easter, the change to summer time. */
static void counts_working_hours(void **state UNUSED)
{
    static const struct {
        int now[4], hours, want[4];
    } table[] = {
        {{11, 20, 17, 0}, 8, {11, 20, 9, 0}},   {{11, 20, 10, 30}, 8, {11, 19, 12, 30}},
        {{11, 20, 23, 0}, 8, {11, 20, 10, 0}},  {{11, 20, 6, 0}, 8, {11, 19, 10, 0}},
        {{11, 23, 9, 0}, 8, {11, 20, 11, 0}},  /* lundi matin */
        {{11, 22, 12, 0}, 8, {11, 20, 10, 0}}, /* dimanche */
        {{4, 7, 9, 0}, 8, {4, 3, 11, 0}},      /* mardi de Pâques */
        {{3, 30, 9, 0}, 8, {3, 27, 11, 0}},    /* l'heure d'été est passée dimanche */
        {{11, 20, 17, 0}, 40, {11, 16, 17, 0}}, {{11, 12, 9, 0}, 8, {11, 10, 11, 0}}, /* le 11 novembre */
        {{1, 2, 9, 0}, 8, {0, 0, 0, 0}},                                              /* 31 décembre 2025, 11 h */
    };
    for (size_t i = 0; i < COUNT(table); i++) {
        const int *n = table[i].now, *w = table[i].want;
        int64_t want = w[0] ? at(w[0], w[1], w[2], w[3]) : at(1, 1, 11, 0) - 86400;
        assert_int_equal(worktime_before(&usual, at(n[0], n[1], n[2], n[3]), table[i].hours * 3600), want);
    }
    struct worktime never = usual;
    never.days = 0;
    assert_int_equal(worktime_before(&never, at(11, 20, 12, 0), 3600), 0);
    struct worktime late = usual; /* until midnight */
    late.ends = 24;
    assert_int_equal(worktime_before(&late, at(11, 20, 9, 0), 2 * 3600), at(11, 19, 23, 0));
}

static void knows_the_places(void **state UNUSED)
{
    enum holiday_place place;
    assert_true(worktime_place(SPAN_LIT("saint-martin"), &place) && place == HOLIDAYS_SAINT_MARTIN);
    assert_false(worktime_place(SPAN_LIT("belgique"), &place));
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(knows_the_days), cmocka_unit_test(counts_working_hours),
                                       cmocka_unit_test(knows_the_places)};
    setenv("TZ", "Europe/Paris", 1);
    tzset();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
