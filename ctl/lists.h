/* Prints a listing of lib/store/listing.def: what it reads is what it shows. */
#ifndef CADUCEE_CTL_LISTS_H
#define CADUCEE_CTL_LISTS_H

#include "ctl/command.h"
#include "lib/store/listing.h"

/* Exit status; *rows (may be NULL) gets how many there were. */
int list_print(struct invocation *, enum listing_kind, const char *const *arguments, size_t count, size_t *rows);
/* A list whose last argument is the administrateur it is for (NULL: all), after `count` others. */
int list_governed(struct invocation *, enum listing_kind, const char *const *arguments, size_t count);

/* A report of several lists under their titles, or one JSON object of them by key; `why` may be NULL. */
struct list_part {
    enum listing_kind kind;
    const char *key, *fr, *en, *why_fr, *why_en;
};
int list_print_parts(struct invocation *, const struct list_part *, size_t count, const char *const *arguments,
                     size_t argument_count);

#endif
