/* Where a person works, as Pro Santé Connect shows it at log-in (userinfo's SubjectRefPro.exercices[].activities[]: FINESS, SIRET).
 * A share of somebody whose exercises no longer show the structure is flagged (works_there(), schema/). */
#ifndef CADUCEE_STORE_EXERCISES_H
#define CADUCEE_STORE_EXERCISES_H

#include "lib/store/db.h"

enum { EXERCISES_MAX = 256 };
/* Replaces what was known of that person; numbers that are neither FINESS nor SIRET are passed over. None at all: what was
 * known is left, as a card says nothing of exercises. Role caducee_webmail. */
enum store_status exercises_put(struct db *, int64_t person_id, const char *const *numbers, size_t count);

#endif
