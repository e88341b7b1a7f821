/* caducee bal delete: the BAL's key is erased. Its mail is unreadable at once; in backups, when the epoch of today has been
 * destroyed. The journal is written and synced before the database commits: a crash between the two erases again. */
#include "ctl/bal.h"
#include "ctl/key.h"

#include "lib/auth/erasure.h"
#include "lib/base/clock.h"
#include "lib/store/epochs.h"

#include <string.h>

static int erase(struct invocation *i, const struct bal *bal, const char *reason)
{
    struct erased erased = {.bal_id = bal->id, .at = wall_s()};
    struct str error, date;
    int64_t until = wall_s() + (int64_t)i->conf->retention_backup;
    struct trace trace = invocation_trace(i, "bal.delete");
    trace.bal_id = bal->id;
    trace.structure_id = bal->structure_id;
    trace.answer = "OK";
    trace.detail = reason;
    memcpy(erased.public_half, bal->public_half.b, sizeof(erased.public_half));
    str_init(&error, 4096);
    str_init(&date, 64);
    show_date(&date, until);
    int status = STATUS_OK;
    if (!erasure_append(i->conf->general_key_folder, &erased, &error))
        status =
            fail(i, STATUS_CONFIGURATION, LANG(i, "journal des effacements : %s", "erasure journal: %s"), error.data);
    if (status == STATUS_OK)
        status = fail_store(i, bal_erase(invocation_db(i), bal->id, until, &trace), bal->address);
    if (status == STATUS_OK)
        say(i,
            LANG(i,
                 "%s : clé effacée, plus rien ne s'ouvre.\nIllisible aussi dans les sauvegardes à partir du %s, si "
                 "l'époque en service est remplacée aujourd'hui (caducee key rotate) et détruite ce jour-là.",
                 "%s: key erased, nothing of it opens any more.\nUnreadable in backups too from %s on, if today's "
                 "epoch is "
                 "replaced today (caducee key rotate) and destroyed on that day."),
            bal->address, date.data);
    str_free(&error);
    str_free(&date);
    return status;
}

int command_bal_delete(struct invocation *i)
{
    const char *reason = take_option(i, "--reason");
    struct bal bal;
    int taken;
    if (!take_bal(i, &bal, &taken)) /* another structure's does not exist for its administrateur */
        return taken;
    if (!reason || !words_end(i))
        return usage(i, "ADRESSE --reason TEXTE", "ADDRESS --reason TEXT");
    if (bal.state != BAL_CLOSED)
        return fail(
            i, STATUS_CONFLICT,
            LANG(i, "%s est encore ouverte : caducee bal close d'abord", "%s is still open: caducee bal close first"),
            bal.address);
    int64_t held = 0;
    enum store_status status = bal_on_hold(invocation_db(i), bal.id, &held);
    if (status != STORE_OK || held)
        return held ? fail(i, STATUS_CONFLICT, LANG(i, "%s est sous conservation légale", "%s is under a legal hold"),
                           bal.address)
                    : fail_store(i, status, bal.address);
    return key_folder_enter(i) ? erase(i, &bal, reason) : STATUS_CONFIGURATION;
}
