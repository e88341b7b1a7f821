/* What the Annuaire must be told of our BALs: an outbox. One row an operation; of one BAL, in order. */
#ifndef CADUCEE_STORE_PUBLICATIONS_H
#define CADUCEE_STORE_PUBLICATIONS_H

#include "lib/base/vec.h"
#include "lib/store/db.h"

struct publication {
    int64_t id, bal_id;
    char operation[16]; /* insert, replace, delete */
    unsigned attempts;
    char address[321], kind[8];
    bool red_listed;
    char description[256], service[256], responsible[256];
    char national_id[80]; /* PER: the holder's, RPPS first */
    char finess[16], siret[16];
};
typedef VEC(struct publication) publication_list;

/* Due ones, the oldest of each BAL, at most `most`. */
enum store_status publications_due(struct db *, unsigned most, publication_list *out);
enum store_status publication_done(struct db *, int64_t id, const char *answer);
/* Again after `seconds`; 0: given up, a human looks (caducee publication retry). */
enum store_status publication_failed(struct db *, int64_t id, const char *answer, uint64_t again_seconds);
/* Puts an operation in the box; nothing for an APP BAL, and an insert only for a published one. */
enum store_status publication_add(struct db *, int64_t bal_id, const char *operation);
enum store_status publications_retry(struct db *, int64_t *count);
enum store_status publications_waiting(struct db *, int64_t *waiting, int64_t *failed);

/* The header that proves to the Annuaire's service who we are: its key from publication.api_key_file. `out` is a secret. */
bool publication_header(struct str *out, const struct conf *, struct str *error) MUST_USE;

#endif
