/* From an LDAP entry's values to a row of the mirror. Pure. Values are hostile: bytes that are not UTF-8, line breaks, marks
 * that turn the writing direction, addresses that are none. What names nobody is skipped with a reason.
 */
#ifndef CADUCEE_DIRECTORY_ANNUAIRE_MAP_H
#define CADUCEE_DIRECTORY_ANNUAIRE_MAP_H

#include "lib/base/arena.h"
#include "lib/base/conf.h"
#include "lib/store/annuaire.h"

struct raw_value {
    const char *attribute;
    struct span value;
};

/* The attributes to ask for: NULL-terminated, living as long as the configuration. */
enum { ANNUAIRE_ATTRIBUTES_MAX = 20 };
size_t annuaire_attributes(const struct conf *, const char *out[ANNUAIRE_ATTRIBUTES_MAX]);

/* False: skipped, *why says so. Strings live in the arena. source_key is the caller's. */
bool annuaire_map(const struct conf *, struct arena *, const struct raw_value *, size_t count, const char *source_key,
                  struct annuaire_entry *out, const char **why);

#endif
