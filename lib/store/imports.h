/* What `caducee bal import` needs beside deliver(): folders of any name, keywords, and the memory of what has come already,
 * so that a run that was interrupted is taken up again and brings nothing twice. Role caducee_admin: it writes, and can read
 * no message back.
 */
#ifndef CADUCEE_STORE_IMPORTS_H
#define CADUCEE_STORE_IMPORTS_H

#include "lib/base/vec.h"
#include "lib/store/db.h"

enum { IMPORT_ITEM_BYTES = 16, IMPORT_KEYWORDS_MAX = 58 };

struct import_item { /* where a message came from, digested: server, folder, UID; or a file's bytes */
    uint8_t b[IMPORT_ITEM_BYTES];
};
typedef VEC(struct import_item) import_item_list;

/* All that earlier runs have brought into that BAL, sorted by their bytes. */
enum store_status import_items(struct db *, int64_t bal_id, import_item_list *out);
/* In the transaction of the delivery (struct delivery's `also`): STORE_EXISTS when it has come already. */
enum store_status import_note(struct db *, int64_t bal_id, const struct import_item *);

/* The folder of that special use ("\\Sent"; NULL: of that full name, '/' between levels); made with its parents when the BAL
 * has none. */
enum store_status import_folder(struct db *, int64_t bal_id, const char *name, const char *special_use,
                                int64_t *folder_id);
/* The keyword's bit in that folder (0 when its 58 places are taken: the flag is lost, the message is not). */
enum store_status import_keyword(struct db *, int64_t bal_id, int64_t folder_id, const char *keyword, uint64_t *bit);

#endif
