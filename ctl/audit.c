/* caducee audit rules: each rule of the specifications, where it is enforced, what tests it, and — against this installation —
 * what doctor finds. `--markdown` prints docs/rules.md. */
#include "ctl/doctor.h"
#include "ctl/table.h"

#include <string.h>

struct rule {
    const char *rule, *sure, *fr, *en, *code, *test, *check;
};
static const struct rule rules[] = {
#define RULE(rule, sure, fr, en, code, test, check) {rule, sure, fr, en, code, test, check},
#include "ctl/rules.def"
#undef RULE
};

static const struct table_column columns[] = {{"rule", "règle", "rule", false},
                                              {"what", "ce qui est demandé", "what is asked", false},
                                              {"state", "ici", "here", false},
                                              {"found", "constat", "found", false},
                                              {"code", "code", "code", false},
                                              {"test", "essai", "test", false},
                                              {"check", "contrôle de doctor", "doctor's check", false}};

static void print_markdown(struct str *out)
{
    str_puts(
        out,
        "# Rules\n\nEach rule of the specifications that this operator enforces: where, what tests it, and the "
        "check of\n"
        "`caducee doctor` that looks at it on an installation (`caducee audit rules` runs them all and says what it "
        "found). \"–\":\n"
        "no setting and nothing of an installation changes it, the program holds it or its test fails.\n"
        "Printed by `caducee audit rules --markdown` from `ctl/rules.def`; \"sure\" says how sure we are of the rule "
        "(seed:\n"
        "a source document; public: public material; recalled: general knowledge, hence a setting).\n\n"
        "| rule | sure | what is asked | code | test | command |\n|---|---|---|---|---|---|\n");
    for (size_t n = 0; n < COUNT(rules); n++)
        str_addf(out, "| %s | %s | %s | `%s` | `%s` | %s |\n", rules[n].rule, rules[n].sure, rules[n].en, rules[n].code,
                 rules[n].test, *rules[n].check ? rules[n].check : "–");
}

static enum finding_level judge(struct examination *e, const struct rule *rule, struct str *words)
{
    enum finding_level level = FINDING_ABSENT;
    if (*rule->check && !doctor_check(e, rule->check, &level, words))
        panic("no check %s", rule->check);
    return level;
}

static unsigned add(struct examination *e, struct table *t, const struct rule *rule)
{
    struct str words;
    str_init(&words, 8192);
    enum finding_level level = judge(e, rule, &words);
    table_cell(t, rule->rule);
    table_cell(t, LANG(e->i, rule->fr, rule->en));
    table_cell(t, *rule->check ? doctor_word(e->i, level) : NULL);
    table_cell(t, words.len ? words.data
                            : LANG(e->i, "tenue par le programme : rien ici ne la change",
                                   "held by the program: nothing here changes it"));
    table_cell(t, rule->code);
    table_cell(t, rule->test);
    table_cell(t, *rule->check ? rule->check : NULL);
    str_free(&words);
    return level == FINDING_WRONG;
}

int command_audit_rules(struct invocation *i)
{
    bool markdown = take_flag(i, "--markdown");
    unsigned wrong = 0;
    if (!words_end(i))
        return STATUS_USAGE;
    if (markdown) {
        print_markdown(&i->out);
        return STATUS_OK;
    }
    struct examination e;
    struct table table;
    doctor_examine(i, &e);
    table_init(&table, columns, COUNT(columns));
    for (size_t n = 0; n < COUNT(rules); n++)
        wrong += add(&e, &table, &rules[n]);
    table_print(i, &table);
    doctor_done(&e);
    say(i, LANG(i, "\n%zu règles, %u en défaut ici.", "\n%zu rules, %u not held here."), COUNT(rules), wrong);
    return wrong ? STATUS_NO : STATUS_OK;
}
