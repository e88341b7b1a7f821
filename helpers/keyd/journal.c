#include "helpers/keyd/journal.h"

#include "lib/auth/erasure.h"
#include "lib/base/clock.h"
#include "lib/base/log.h"
#include "lib/store/epochs.h"

#include <string.h>

void journal_beat(struct db *db, const char *key_folder)
{
    erasure_list meant;
    struct str error;
    if (erasures_meant(db, &meant) != STORE_OK)
        return;
    str_init(&error, 512);
    vec_each (&meant, one) {
        struct erased erased = {.bal_id = one->bal_id, .at = wall_s()};
        memcpy(erased.public_half, one->public_half.b, sizeof(erased.public_half));
        if (!erasure_append(key_folder, &erased, &error)) {
            log_event(LOG_ERROR, NULL, "keyd.journal", LP("error", str_span(&error)));
            break; /* not marked: nothing is erased without its line */
        }
        if (erasure_journaled(db, one->erasure_id) != STORE_OK)
            break; /* written twice next time, which changes nothing */
        log_event(LOG_INFO, NULL, "keyd.journaled", LU("bal", one->bal_id));
    }
    vec_free(&meant);
    str_free(&error);
}
