/* Input as routes declare it. A page sees only what its row of routes.def declares, already of its type and size; a value
 * that breaks its rule is answered 400 before any page code runs; undeclared fields are dropped.
 */
#ifndef CADUCEE_WEBMAIL_INPUT_H
#define CADUCEE_WEBMAIL_INPUT_H

#include "webmail-cgi/fields.h"

enum input_type {
    IN_END,
    IN_NUMBER,  /* 0 … limit (0: 2^63 - 1) */
    IN_TEXT,    /* one line of UTF-8 without controls, at most `limit` bytes */
    IN_LINES,   /* several lines, at most `limit` bytes */
    IN_CHOICE,  /* one of `choices`, "a|b|c" */
    IN_FLAG,    /* present or not; a browser sends "on" or our value "1" */
    IN_NUMBERS, /* repeated, at most `limit` of them: ticked messages */
    IN_TOKEN,   /* letters, digits and -._~ only, at most `limit` bytes */
    IN_DATE,    /* AAAA-MM-JJ, as <input type=date> sends it, or empty */
    IN_FILES    /* uploads, repeated */
};
struct input_rule {
    enum input_type type;
    const char *name;
    uint64_t limit;
    const char *choices;
};
enum { INPUT_RULES_MAX = 24 };

struct input {
    const struct input_rule *rules; /* ends with IN_END */
    field_list fields;              /* only declared and valid ones */
    const char *bad;                /* the first that broke its rule: its declared name */
};
/* Takes over `raw`; false when a field breaks its rule. */
bool input_check(struct input *, const struct input_rule *rules, field_list *raw) MUST_USE;
void input_free(struct input *);

/* Reading. Asking for a name that the route does not declare is our bug (panic). */
bool in_declared(const struct input *, const char *name);
bool in_has(const struct input *, const char *name);
uint64_t in_number(const struct input *, const char *name, uint64_t otherwise);
struct span in_text(const struct input *, const char *name); /* empty when absent */
bool in_is(const struct input *, const char *name, const char *choice);
/* The n-th value of a repeated field; NULL past the last. */
const struct field *in_nth(const struct input *, const char *name, size_t n);

bool text_is_line(struct span, size_t limit);
bool text_is_date(struct span);

#endif
