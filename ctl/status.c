/* caducee status: a glance. */
#include "ctl/lists.h"

#include "lib/base/clock.h"
#include "lib/store/whitelists.h"

int command_status(struct invocation *i)
{
    struct whitelist_state s;
    size_t alarms = 0;
    if (!words_end(i))
        return STATUS_USAGE;
    enum store_status status = whitelist_state_read(invocation_db(i), &s);
    if (status != STORE_OK && status != STORE_NOT_FOUND)
        return fail_store(i, status, LANG(i, "base", "database"));
    if (status == STORE_OK)
        say(i,
            LANG(i, "liste blanche : génération %lld, %lld entrées, reçue il y a %lld s",
                 "whitelist: generation %lld, %lld entries, received %lld s ago"),
            (long long)s.generation, (long long)s.entries, (long long)(wall_s() - s.imported));
    else
        say(i, "%s", LANG(i, "liste blanche : AUCUNE", "whitelist: NONE"));
    say(i, "%s", "");
    if (i->json)
        str_addf(&i->out, "{\"whitelist\":{\"generation\":%lld,\"entries\":%lld,\"imported\":%lld},\"cas\":",
                 (long long)s.generation, (long long)s.entries, (long long)s.imported);
    int code = list_print(i, LISTING_cas, NULL, 0, NULL);
    str_puts(&i->out, i->json ? ",\"alarms\":" : "\n");
    if (code == STATUS_OK)
        code = list_print(i, LISTING_alarms, NULL, 0, &alarms);
    if (i->json)
        str_puts(&i->out, "}\n");
    return code == STATUS_OK && alarms ? STATUS_NO : code;
}
