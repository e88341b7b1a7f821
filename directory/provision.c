#include "directory/sync.h"

#include "lib/base/log.h"
#include "lib/store/alarms.h"
#include "lib/store/provision.h"

#include <stdio.h>

static size_t create_all(struct duty *duty, const annuaire_proposal_list *proposals)
{
    size_t left = 0;
    for (size_t i = 0; i < proposals->len; i++) {
        const struct annuaire_proposal *p = &proposals->items[i];
        struct trace trace = {.action = "annuaire.create",
                              .answer = "OK",
                              .actor_kind = TRACE_SYSTEM,
                              .actor = "annuaire",
                              .detail = p->kind};
        enum store_status status = provision_proposal(duty->db, p, &trace, "directory.provision");
        log_event(status == STORE_OK ? LOG_INFO : LOG_WARN, NULL, "annuaire.create", LS("address", p->address),
                  LS("result", store_status_name(status)));
        left += status != STORE_OK;
    }
    return left;
}

void provision_beat(struct duty *duty)
{
    struct span how = span_of(duty->conf->directory_provision);
    annuaire_proposal_list proposals;
    if (span_is(how, "off") || annuaire_proposals(duty->db, NULL, &proposals) != STORE_OK)
        return;
    size_t waiting = span_is(how, "create") ? create_all(duty, &proposals) : proposals.len;
    if (waiting) {
        char *what = xasprintf("L'Annuaire porte %zu BAL de nos domaines qui n'existent pas ici.", waiting);
        (void)alarm_raise(duty->db, "annuaire.proposals", "", what,
                          "« caducee directory proposals », puis « accept » ou « refuse ».");
        xfree(&what);
    } else {
        (void)alarm_clear(duty->db, "annuaire.proposals", "");
    }
    vec_free(&proposals);
}
