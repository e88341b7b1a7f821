/* caducee incident: what a certificate, a BAL or an operator touched since a moment — messages, persons, partners — ready for
 * the notice that is due within 72 hours (CERT Santé, ANS, CNIL). Reading it is itself traced. */
#include "ctl/lists.h"

#include "lib/base/clock.h"
#include "lib/base/json.h"

#include <stdio.h>

static const struct list_part parts[] = {
    {LISTING_incident_summary, "summary", "en bref", "in short", NULL, NULL},
    {LISTING_incident_bals, "bals", "BAL touchées", "BALs touched", NULL, NULL},
    {LISTING_incident_persons, "persons", "personnes", "persons", NULL, NULL},
    {LISTING_incident_partners, "partners", "correspondants", "partners", NULL, NULL},
    {LISTING_incident_acts, "acts", "actes", "acts", NULL, NULL}};

int command_incident(struct invocation *i)
{
    const char *certificate = take_option(i, "--cert"), *bal = take_option(i, "--bal"),
               *operator_dn = take_option(i, "--operator"), *since = take_option(i, "--since");
    int64_t from;
    int given = (certificate != NULL) + (bal != NULL) + (operator_dn != NULL);
    if (given != 1 || !since || !words_end(i))
        return usage(i, "--cert DN | --bal ADRESSE | --operator DN|DOMAINE --since DATE",
                     "--cert DN | --bal ADDRESS | --operator DN|DOMAIN --since DATE");
    if (!read_date(since, &from))
        return fail(i, STATUS_BAD_INPUT,
                    LANG(i, "« %s » n'est pas une date : 2026-11-20", "\"%s\" is no date: 2026-11-20"), since);
    char moment[32];
    snprintf(moment, sizeof(moment), "%lld", (long long)from);
    struct trace trace = invocation_trace(i, "trace.incident");
    char *detail = xasprintf("%s since=%s", certificate ? certificate : bal ? bal : operator_dn, since);
    trace.answer = "OK";
    trace.detail = detail;
    enum store_status traced = trace_write(invocation_db(i), &trace);
    xfree(&detail);
    if (traced != STORE_OK)
        return fail_store(i, traced, "trace");
    const char *const arguments[] = {certificate ? certificate : operator_dn, bal, moment};
    int status = list_print_parts(i, parts, COUNT(parts), arguments, COUNT(arguments));
    say(i, "%s",
        LANG(i,
             "\nNotification sous 72 h : CNIL (RGPD art. 33), CERT Santé, ANS. Joignez ce rapport (--json pour les "
             "chiffres).",
             "\nNotice within 72 hours: CNIL (GDPR art. 33), CERT Santé, ANS. Attach this report (--json for the "
             "figures)."));
    return status;
}
