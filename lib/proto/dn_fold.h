/* Strings prepared for comparison: RFC 4518 (map, case fold, NFKC, insignificant spaces). Also what the directory's search
 * folds names with, there without accents. ICU does the Unicode part.
 */
#ifndef CADUCEE_PROTO_DN_FOLD_H
#define CADUCEE_PROTO_DN_FOLD_H

#include "lib/base/str.h"

/* False when `in` is not UTF-8 or does not fit. White space runs become one space; none at either end. */
bool fold_for_match(struct str *out, struct span in) MUST_USE;
/* The same, and accents and other marks off: "Élodie  LE GOFF" → "elodie le goff". */
bool fold_for_search(struct str *out, struct span in) MUST_USE;

#endif
