/* What a mailbox does with a message that comes in, wherever it comes from (mx, submission, the webmail, relay): its rules
 * (move, flag), its out-of-office, and the receipts for what it has sent. Rules read the summary, which is made before
 * anything is encrypted; who delivers can read nothing afterwards.
 *
 *   arrival_begin      once a message
 *   arrival_sort       for each target, before deliver(): folder and flags by the BAL's rules
 *   arrival_deliver    deliver(), with the receipts in the same transaction; a rule whose folder has just gone moves nothing
 *   arrival_answer     after COMMIT: the out-of-office answers that are due (RFC 3834)
 *   arrival_end
 */
#ifndef CADUCEE_STORE_ARRIVAL_H
#define CADUCEE_STORE_ARRIVAL_H

#include "lib/proto/dsn_read.h"
#include "lib/store/send.h"

struct arrival {
    struct span message; /* as received */
    const char *sender;  /* of the envelope; "" null */
    struct summary summary;
    struct summary_view view;
    bool readable; /* parse has read it */
    bool has_report;
    struct report report;
    /* May whoever handed the message over speak for that mailbox? For receipts; NULL: for nobody. */
    bool (*speaks_for)(struct span address, const void *);
    const void *arg;
};
void arrival_begin(struct arrival *, struct span message, const struct summary *, const char *sender);
void arrival_sort(struct db *, const struct arrival *, struct delivery_target *);
enum store_status arrival_deliver(struct db *, struct delivery_keys *, struct arrival *, struct delivery *);

/* `like`: conf, session, parse, wake_path, protocol of the answers; the rest of it is not read. */
void arrival_answer(struct db *, struct delivery_keys *, const struct trust_snapshot *, const struct arrival *,
                    const struct delivery_target *, size_t count, const struct send_request *like);

/* absence.c. RFC 3834 2 and 4: is this a message that no machine answers? Lists, bulk, reports, what is automatic itself. */
bool absence_is_silent(const struct arrival *, struct span own_address);

#endif
