/* Prints a listing of lib/store/listing.def: what it reads is what it shows. */
#ifndef CADUCEE_CTL_LISTS_H
#define CADUCEE_CTL_LISTS_H

#include "ctl/command.h"
#include "lib/store/listing.h"

/* Exit status; *rows (may be NULL) gets how many there were. */
int list_print(struct invocation *, enum listing_kind, const char *const *arguments, size_t count, size_t *rows);
/* A list whose last argument is the administrateur it is for (NULL: all), after `count` others. */
int list_governed(struct invocation *, enum listing_kind, const char *const *arguments, size_t count);

#endif
