/* Forms of one column: a label and its field, written alike on every page. What a field is called in routes.def is its
 * name and its id here.
 */
#ifndef CADUCEE_WEBMAIL_FORM_H
#define CADUCEE_WEBMAIL_FORM_H

#include "webmail-cgi/web.h"

void form_begin(struct request *, const char *css_class, const char *path); /* method post, with its CSRF token */
void form_end(struct request *);
void form_problem(struct request *, const char *words); /* a band above the forms: why it was not done; NULL: nothing */
void form_text(struct request *, const char *name, const char *label, struct span value, unsigned max, bool required);
void form_lines(struct request *, const char *name, const char *label, struct span value, unsigned max, unsigned rows);
void form_date(struct request *, const char *name, const char *label, struct span value, bool required);
void form_hidden(struct request *, const char *name, struct span value);
void form_hidden_number(struct request *, const char *name, uint64_t value);
void form_help(struct request *, const char *words); /* a small line under the field before it */
/* A form of one button: a change is never a link. */
void form_button(struct request *, const char *path, const char *hidden_name, struct span hidden, const char *act,
                 const char *words, const char *css_class);
void form_submit(struct request *, const char *act, const char *words); /* the form's main button */
struct choice {
    const char *value, *words;
};
void form_choice(struct request *, const char *name, const char *label, const struct choice *, size_t count,
                 struct span chosen);

/* "2026-11-20" of a wall second, and back (midnight, local; `days` later); 0: not a date. */
const char *date_input(struct request *, int64_t wall);
int64_t date_of_input(struct span date, int days);

#endif
