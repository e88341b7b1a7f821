/* The erasure journal: which BALs' keys were erased, and when — a file of the key folder (`erasures`), appended and synced
 * before the erasure is committed, and replayed by keyd at start. So a restored database forgets again what it had
 * forgotten (design: sentence 4). It holds numbers and dates only. */
#ifndef CADUCEE_AUTH_ERASURE_H
#define CADUCEE_AUTH_ERASURE_H

#include "lib/base/str.h"
#include "lib/base/vec.h"

struct erased {
    int64_t bal_id, at;      /* wall seconds */
    uint8_t public_half[32]; /* of the BAL: a number given again to another BAL is not erased */
};
typedef VEC(struct erased) erased_list;

bool erasure_append(const char *folder, const struct erased *, struct str *error) MUST_USE;
/* No file is an empty journal; a line that cannot be read is an error: nothing may be guessed here. */
bool erasure_read(const char *folder, erased_list *out, struct str *error) MUST_USE;

#endif
