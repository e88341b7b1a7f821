/* caducee doctor: runs every check of doctor.def and shows them; exit status 0 all good, 1 something is wrong. */
#include "ctl/doctor.h"
#include "ctl/table.h"

#include "lib/base/num.h"

#include <string.h>

struct check {
    const char *code, *fr, *en;
    void (*run)(struct examination *, struct finding *);
};

static const struct check checks[] = {
#define DOCTOR(function, code, fr, en) {code, fr, en, check_##function},
#include "ctl/doctor.def"
#undef DOCTOR
};

static const struct table_column columns[] = {{"state", "", "", false},
                                              {"code", "contrôle", "check", false},
                                              {"title", "objet", "what", false},
                                              {"found", "constat", "found", false},
                                              {"remedy", "que faire", "remedy", false}};

void found(struct finding *f, enum finding_level level, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    f->level = level;
    str_clear(&f->found);
    str_vaddf(&f->found, format, arguments);
    va_end(arguments);
}

void remedy(struct finding *f, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    str_clear(&f->remedy);
    str_vaddf(&f->remedy, format, arguments);
    va_end(arguments);
}

const char *health(const struct examination *e, const char *key)
{
    for (size_t row = 0; row + 1 < e->health.cells.len; row += 2)
        if (strcmp(e->health.cells.items[row], key) == 0)
            return e->health.cells.items[row + 1];
    return NULL;
}

int64_t health_number(const struct examination *e, const char *key)
{
    const char *text = health(e, key);
    int64_t value;
    return num_i64(span_of(text), &value) ? value : -1;
}

bool doctor_is_test(const struct examination *e)
{
    return strcmp(e->conf->general_environment, "test") == 0;
}

/* Words, not only a colour: a log or a screen reader shows them too. */
const char *doctor_word(const struct invocation *i, enum finding_level level)
{
    static const char *const fr[] = {"bon", "à noter", "absent", "ROUGE"};
    static const char *const en[] = {"good", "note", "absent", "RED"};
    return i->french ? fr[level] : en[level];
}

static void show(struct table *t, struct invocation *i, const struct check *c, const struct finding *f)
{
    static const char *const keys[] = {"good", "note", "absent", "wrong"};
    table_cell(t, i->json ? keys[f->level] : doctor_word(i, f->level));
    table_cell(t, c->code);
    table_cell(t, LANG(i, c->fr, c->en));
    table_cell(t, f->found.data);
    table_cell(t, f->remedy.len ? f->remedy.data : NULL);
}

static void look(struct examination *e, const struct check *c, struct finding *f)
{
    *f = (struct finding){.level = FINDING_GOOD};
    str_init(&f->found, 4096);
    str_init(&f->remedy, 4096);
    str_puts(&f->found, "");
    c->run(e, f);
}

static void forget(struct finding *f)
{
    str_free(&f->found);
    str_free(&f->remedy);
}

static enum finding_level run_check(struct examination *e, const struct check *c, struct table *t)
{
    struct finding f;
    look(e, c, &f);
    show(t, e->i, c, &f);
    forget(&f);
    return f.level;
}

bool doctor_check(struct examination *e, const char *code, enum finding_level *level, struct str *words)
{
    for (size_t n = 0; n < COUNT(checks); n++) {
        struct finding f;
        if (strcmp(checks[n].code, code) != 0)
            continue;
        look(e, &checks[n], &f);
        *level = f.level;
        str_add_span(words, str_span(&f.found));
        forget(&f);
        return true;
    }
    return false;
}

void doctor_examine(struct invocation *i, struct examination *e)
{
    *e = (struct examination){.i = i, .conf = i->conf};
    e->database = listing_read(invocation_db(i), LISTING_health, NULL, 0, &e->health) == STORE_OK;
}

void doctor_done(struct examination *e)
{
    listing_free(&e->health);
}

int command_doctor(struct invocation *i)
{
    if (!words_end(i))
        return STATUS_USAGE;
    struct examination e;
    doctor_examine(i, &e);
    struct table table;
    unsigned wrong = 0;
    table_init(&table, columns, COUNT(columns));
    for (size_t n = 0; n < COUNT(checks); n++)
        wrong += run_check(&e, &checks[n], &table) == FINDING_WRONG;
    table_print(i, &table);
    doctor_done(&e);
    say(i, LANG(i, "\n%zu contrôles, %u rouge(s).", "\n%zu checks, %u red."), COUNT(checks), wrong);
    return wrong ? STATUS_NO : STATUS_OK;
}
