/* Rules and out-of-office, as the webmail reads and writes them. */
#include "lib/store/rules.h"

#include "lib/store/web_run.h"

static const char *const field_names[] = {[RULE_FROM] = "from",         [RULE_TO] = "to",
                                          [RULE_SUBJECT] = "subject",   [RULE_ATTACHMENT] = "attachment",
                                          [RULE_DOCUMENT] = "document", [RULE_PATIENT] = "patient"};

const char *rule_field_name(enum rule_field field)
{
    return field_names[field];
}

static void add_rule(const PGresult *r, int row, void *out)
{
    bal_rule_list *list = out;
    struct bal_rule rule = {.id = sql_i64(r, row, 0), .folder_id = sql_i64(r, row, 4), .active = sql_bool(r, row, 6)};
    sql_copy(rule.name, sizeof(rule.name), r, row, 1);
    for (size_t i = 0; i < COUNT(field_names); i++)
        if (span_is(sql_span(r, row, 2), field_names[i]))
            rule.field = (enum rule_field)i;
    sql_copy(rule.value, sizeof(rule.value), r, row, 3);
    sql_copy(rule.folder, sizeof(rule.folder), r, row, 5);
    vec_push(list, rule);
}

enum store_status bal_rules_of(struct db *db, int64_t bal_id, bal_rule_list *out)
{
    struct sql_args a = {0};
    arg_i64(&a, bal_id);
    return web_rows_in(db, bal_id, SQL_rules_of, &a, &out->len, add_rule, out);
}

enum store_status bal_rule_add(struct db *db, int64_t bal_id, const struct bal_rule *rule)
{
    struct sql_args a = {0};
    arg_i64(&a, bal_id);
    arg_text(&a, rule->name);
    arg_text(&a, field_names[rule->field]);
    arg_text(&a, rule->value);
    arg_id(&a, rule->folder_id);
    arg_i64(&a, RULES_MAX);
    enum store_status status = web_change(db, bal_id, SQL_rule_add, &a);
    return status == STORE_NOT_FOUND ? STORE_OVER_QUOTA : status;
}

static enum store_status one(struct db *db, int64_t bal_id, enum sql sql, int64_t rule_id)
{
    struct sql_args a = {0};
    arg_i64(&a, bal_id);
    arg_i64(&a, rule_id);
    return web_change(db, bal_id, sql, &a);
}

enum store_status bal_rule_remove(struct db *db, int64_t bal_id, int64_t rule_id)
{
    return one(db, bal_id, SQL_rule_remove, rule_id);
}

enum store_status bal_rule_first(struct db *db, int64_t bal_id, int64_t rule_id)
{
    return one(db, bal_id, SQL_rule_first, rule_id);
}

enum store_status bal_rule_activate(struct db *db, int64_t bal_id, int64_t rule_id, bool active)
{
    struct sql_args a = {0};
    arg_i64(&a, bal_id);
    arg_i64(&a, rule_id);
    arg_bool(&a, active);
    return web_change(db, bal_id, SQL_rule_activate, &a);
}

static void read_absence(const PGresult *r, int row, void *out)
{
    struct bal_absence *a = out;
    a->starts = sql_i64(r, row, 0);
    a->ends = sql_i64(r, row, 1);
    sql_copy(a->subject, sizeof(a->subject), r, row, 2);
    sql_copy(a->body, sizeof(a->body), r, row, 3);
    sql_copy(a->patient_body, sizeof(a->patient_body), r, row, 4);
    sql_copy(a->structure_text, sizeof(a->structure_text), r, row, 5);
}

enum store_status bal_absence_get(struct db *db, const struct bal *bal, struct bal_absence *out)
{
    struct sql_args a = {0};
    *out = (struct bal_absence){0};
    arg_i64(&a, bal->id);
    arg_i64(&a, bal->structure_id);
    return web_rows_in(db, bal->id, SQL_absence_get, &a, NULL, read_absence, out);
}

enum store_status bal_absence_set(struct db *db, int64_t bal_id, int64_t person_id, const struct bal_absence *absence)
{
    struct sql_args a = {0};
    arg_i64(&a, bal_id);
    arg_i64(&a, absence->starts);
    arg_i64(&a, absence->ends);
    arg_text(&a, absence->subject);
    arg_text(&a, absence->body);
    arg_text(&a, absence->patient_body[0] ? absence->patient_body : NULL);
    arg_id(&a, person_id);
    return web_change(db, bal_id, SQL_absence_set, &a);
}

enum store_status bal_absence_end(struct db *db, int64_t bal_id)
{
    struct sql_args a = {0};
    arg_i64(&a, bal_id);
    enum store_status status = web_change(db, bal_id, SQL_absence_end, &a);
    return status == STORE_NOT_FOUND ? STORE_OK : status;
}
