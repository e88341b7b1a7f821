/* Lists for people: one row of listing.def = one statement whose columns are all text, and what each column is called.
 * The `caducee` command and the administration screens print them; nothing decides on them.
 */
#ifndef CADUCEE_STORE_LISTING_H
#define CADUCEE_STORE_LISTING_H

#include "lib/base/vec.h"
#include "lib/store/db.h"

enum listing_kind {
#define LISTING(name, columns, text) LISTING_##name,
#include "lib/store/listing.def"
#undef LISTING
    LISTING_COUNT
};

struct listing {
    size_t columns;
    VEC(char *) cells; /* row by row; NULL where the database has NULL */
};

/* "key:French title:English title[:n]" for each column, separated by '|'; n = a number. */
const char *listing_columns(enum listing_kind);
/* Arguments are text; NULL is "any". */
enum store_status listing_read(struct db *, enum listing_kind, const char *const *arguments, size_t count,
                               struct listing *out);
void listing_free(struct listing *);

#endif
