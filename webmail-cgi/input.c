#include "webmail-cgi/input.h"

#include "lib/base/num.h"
#include "lib/base/text.h"

#include <string.h>

bool text_is_line(struct span value, size_t limit)
{
    if (value.n > limit || !utf8_valid(value))
        return false;
    for (size_t i = 0; i < value.n; i++)
        if ((unsigned char)value.p[i] < 0x20 || value.p[i] == 0x7f)
            return false;
    return true;
}

static bool is_lines(struct span value, size_t limit)
{
    if (value.n > limit || !utf8_valid(value))
        return false;
    for (size_t i = 0; i < value.n; i++) {
        unsigned char c = (unsigned char)value.p[i];
        if (c == 0x7f || (c < 0x20 && c != '\n' && c != '\r' && c != '\t'))
            return false;
    }
    return true;
}

static bool is_token(struct span value, size_t limit)
{
    for (size_t i = 0; i < value.n; i++) {
        char c = value.p[i];
        bool ok = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '.' ||
                  c == '_' || c == '~';
        if (!ok)
            return false;
    }
    return value.n <= limit;
}

static bool is_choice(struct span value, const char *choices)
{
    struct span rest = span_of(choices), choice;
    while (rest.n > 0 && span_cut(&rest, '|', &choice))
        if (span_eq(choice, value))
            return true;
    return false;
}

bool text_is_date(struct span value)
{
    static const uint8_t days[] = {31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    uint32_t year, month, day;
    if (value.n == 0)
        return true;
    if (value.n != 10 || value.p[4] != '-' || value.p[7] != '-')
        return false;
    return num_u32((struct span){value.p, 4}, 9999, &year) && num_u32((struct span){value.p + 5, 2}, 12, &month) &&
           num_u32((struct span){value.p + 8, 2}, 31, &day) && year >= 1800 && month >= 1 && day >= 1 &&
           day <= days[month - 1] &&
           (month != 2 || day != 29 || (year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)));
}

static bool value_fits(const struct input_rule *rule, const struct field *field)
{
    uint64_t number;
    uint64_t largest = rule->limit && rule->type == IN_NUMBER ? rule->limit : INT64_MAX;
    if (field->is_file != (rule->type == IN_FILES))
        return false;
    switch (rule->type) {
    case IN_NUMBER:
    case IN_NUMBERS:
        return num_u64(field->value, largest, &number);
    case IN_TEXT:
        return text_is_line(field->value, rule->limit);
    case IN_LINES:
        return is_lines(field->value, rule->limit);
    case IN_CHOICE:
        return is_choice(field->value, rule->choices);
    case IN_FLAG:
        return field->value.n <= 8;
    case IN_TOKEN:
        return is_token(field->value, rule->limit);
    case IN_DATE:
        return text_is_date(field->value);
    case IN_FILES:
        return text_is_line(field->file_name, 1024);
    case IN_END:
        break;
    }
    return false;
}

static const struct input_rule *find_rule(const struct input_rule *rules, struct span name)
{
    for (; rules->type != IN_END; rules++)
        if (span_is(name, rules->name))
            return rules;
    return NULL;
}

static size_t count_of(const struct input *in, struct span name)
{
    size_t n = 0;
    vec_each (&in->fields, f)
        n += span_eq(f->name, name);
    return n;
}

bool input_check(struct input *in, const struct input_rule *rules, field_list *raw)
{
    *in = (struct input){.rules = rules};
    vec_each (raw, field) {
        const struct input_rule *rule = find_rule(rules, field->name);
        if (!rule)
            continue;
        bool empty_number = rule->type == IN_NUMBER && field->value.n == 0 && !field->is_file;
        if (empty_number)
            continue;
        bool repeats = rule->type == IN_NUMBERS || rule->type == IN_FILES;
        size_t most = repeats ? (rule->limit ? rule->limit : FIELDS_MAX) : 1;
        if (!value_fits(rule, field) || count_of(in, field->name) >= most) {
            in->bad = rule->name;
            break;
        }
        vec_push(&in->fields, *field);
    }
    vec_free(raw);
    return in->bad == NULL;
}

void input_free(struct input *in)
{
    vec_free(&in->fields);
}

const struct field *in_nth(const struct input *in, const char *name, size_t n)
{
    must(find_rule(in->rules, span_of(name)) != NULL);
    vec_each (&in->fields, field)
        if (span_is(field->name, name) && n-- == 0)
            return field;
    return NULL;
}

bool in_declared(const struct input *in, const char *name)
{
    return find_rule(in->rules, span_of(name)) != NULL;
}

bool in_has(const struct input *in, const char *name)
{
    return in_nth(in, name, 0) != NULL;
}

uint64_t in_number(const struct input *in, const char *name, uint64_t otherwise)
{
    const struct field *field = in_nth(in, name, 0);
    uint64_t number;
    return field && num_u64(field->value, INT64_MAX, &number) ? number : otherwise;
}

struct span in_text(const struct input *in, const char *name)
{
    const struct field *field = in_nth(in, name, 0);
    return field ? field->value : SPAN_NONE;
}

bool in_is(const struct input *in, const char *name, const char *choice)
{
    return span_is(in_text(in, name), choice);
}
