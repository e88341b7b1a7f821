/* Checks of what the specifications ask of an installation's own choices: bounds, bound certificates, what clients write, and the
 * helpers that read documents. */
#include "ctl/doctor.h"

#include "lib/net/parse.h"

#include <string.h>

enum { ENS6_MOST = 25000000, IE58_MOST = 120 * 60, DAY = 86400 };

/* ENS.6: 25 MB at most to a patient. */
void check_patient_size(struct examination *e, struct finding *f)
{
    uint64_t most = e->conf->submission_patient_message_size;
    found(f, most > ENS6_MOST ? FINDING_WRONG : FINDING_GOOD, LANG(e->i, "%llu octets au plus", "%llu bytes at most"),
          (unsigned long long)most);
    if (f->level == FINDING_WRONG)
        remedy(f, "[submission] patient_message_size = %d", ENS6_MOST);
}

/* SC.SSI/IE.58; the setting itself takes no more than that: shown for the audit. */
void check_session_lock(struct examination *e, struct finding *f)
{
    uint64_t after = e->conf->webmail_lock_after;
    found(f, after > IE58_MOST ? FINDING_WRONG : FINDING_GOOD,
          LANG(e->i, "après %llu min sans un geste", "after %llu min without a gesture"),
          (unsigned long long)after / 60);
    if (f->level == FINDING_WRONG)
        remedy(f, "[webmail] lock_after = 15m");
}

/* An application whose certificate has expired is locked out of its BAL, and no person is there to see it. */
void check_bindings(struct examination *e, struct finding *f)
{
    const char *expired = health(e, "bindings.expired"), *soon = health(e, "bindings.soon");
    if (!e->database)
        found(f, FINDING_ABSENT, "%s", LANG(e->i, "la base ne répond pas", "the database does not answer"));
    else if (expired)
        found(f, FINDING_WRONG, LANG(e->i, "expiré : %s", "expired: %s"), expired);
    else if (soon)
        found(f, FINDING_NOTE, LANG(e->i, "expire dans les 30 jours : %s", "expires within 30 days: %s"), soon);
    else
        found(f, FINDING_GOOD, LANG(e->i, "%lld rattaché(s), aucun près de sa fin", "%lld bound, none near its end"),
              (long long)health_number(e, "bindings"));
    if (expired || soon)
        remedy(f, "%s",
               LANG(e->i, "l'éditeur renouvelle ; caducee bal bind-cert ADRESSE FICHIER, ou bal unbind-cert",
                    "the editor renews it; caducee bal bind-cert ADDRESS FILE, or bal unbind-cert"));
}

/* ECO.2.4.*: never corrected in secret; who wrote them is told. */
void check_header_facts(struct examination *e, struct finding *f)
{
    long long count = (long long)health_number(e, "headers.wrong");
    if (!e->database) {
        found(f, FINDING_ABSENT, "%s", LANG(e->i, "la base ne répond pas", "the database does not answer"));
        return;
    }
    found(f, count > 0 ? FINDING_NOTE : FINDING_GOOD,
          LANG(e->i, "%lld message(s) en 31 jours dont un champ dit autre chose que leurs documents",
               "%lld message(s) in 31 days with a field that says otherwise than their documents"),
          count > 0 ? count : 0);
    if (count > 0)
        remedy(f, "caducee bal headers");
}

/* A document is read by a helper that holds no key: it is given one, and what it makes of it is looked at. */
static bool reads_documents(const char *socket)
{
    static const char document[] =
        "<?xml version=\"1.0\"?><ClinicalDocument xmlns=\"urn:hl7-org:v3\"><title>Essai</title>"
        "<component><structuredBody><component><section><title>Lisible</title><text>oui</text>"
        "</section></component></structuredBody></component></ClinicalDocument>";
    struct parse_answer answer = {0};
    struct parse_client *client = parse_client_new(socket);
    bool good = parse_call(client, PARSE_CDA_HTML, SPAN_LIT(document), SPAN_NONE, &answer) == PARSE_OK &&
                span_find(str_span(&answer.bytes), SPAN_LIT("Lisible")) >= 0;
    parse_answer_free(&answer);
    parse_client_destroy(&client);
    return good;
}

void check_readers(struct examination *e, struct finding *f)
{
    static const char *const owners[] = {"smtpd", "imapd", "webmail"};
    struct str silent;
    str_init(&silent, 256);
    for (size_t n = 0; n < COUNT(owners); n++) {
        char *socket = xasprintf("%s/%s-parse.sock", e->conf->general_run_folder, owners[n]);
        if (!reads_documents(socket))
            str_addf(&silent, "%s ", owners[n]);
        xfree(&socket);
    }
    found(f, silent.len ? FINDING_WRONG : FINDING_GOOD, "%s%s",
          silent.len ? LANG(e->i, "muets : ", "silent: ")
                     : LANG(e->i, "un CDA d'essai est rendu lisible", "a CDA made for it is made readable"),
          silent.len ? silent.data : "");
    for (size_t n = 0; silent.len && n < COUNT(owners); n++)
        if (strstr(silent.data, owners[n])) {
            remedy(f, "systemctl status caducee-%s", owners[n]);
            break;
        }
    str_free(&silent);
}
