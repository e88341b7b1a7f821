/* caducee person report | erase: what a person may ask of us (RGPD art. 15 and 17). The mail of a person's own BAL is in no report:
 * nobody here can read it; its holder has it, and `caducee bal export` gives it. */
#include "ctl/lists.h"

#include "lib/store/people.h"
#include "lib/store/person_erase.h"

#include <stdio.h>

/* why: what it is held for, and how long */
static const struct list_part parts[] = {
    {LISTING_person_about, "person", "identité", "identity",
     "ouverture et tenue des BAL ; tant que des traces la nomment", "running BALs; as long as traces name it"},
    {LISTING_person_ids, "national_ids", "identifiants nationaux", "national ids",
     "savoir qui se connecte (RPPS, ADELI…)", "knowing who logs in (RPPS, ADELI…)"},
    {LISTING_person_bals, "bals", "BAL, et à quel titre", "BALs, and as what",
     "droits d'accès ; le contenu est chiffré, l'exploitant ne peut le lire",
     "rights; the content is encrypted, no operator reads it"},
    {LISTING_person_answers_for, "responsible", "responsable de", "answers for", "déclaration à l'Annuaire",
     "declared to the Annuaire"},
    {LISTING_person_gave, "granted", "accès accordés", "accesses granted", "preuve de qui a décidé",
     "proof of who decided"},
    {LISTING_person_exercises, "exercises", "lieux d'exercice (Pro Santé Connect)", "exercises (Pro Santé Connect)",
     "revoir les partages ; remplacés à chaque connexion", "looking at shares; replaced at each log-in"},
    {LISTING_person_directory, "directory", "fiches de l'Annuaire Santé (copie d'une donnée publique)",
     "entries of the Annuaire Santé (copy of public data)", "recherche de correspondants ; à corriger à la source",
     "finding correspondents; to be corrected at the source"},
    {LISTING_person_sessions, "sessions", "sessions du webmail", "webmail sessions", "sécurité ; 1 jour après leur fin",
     "security; 1 day after their end"},
    {LISTING_person_roles, "operator_roles", "rôles d'exploitation", "operator's roles", "traçabilité",
     "accountability"},
    {LISTING_person_certificates, "certificates", "certificats personnels (administration)",
     "personal certificates (administration)", "entrée des exploitants ; jusqu'à leur fin",
     "log-in of operators; until they end"},
    {LISTING_person_held, "held", "ce qui la nomme ailleurs (compte)", "what names the person elsewhere (counted)",
     "travail d'une équipe, preuve de qui a décidé ; brouillons, marques et notes : tant que la personne est là",
     "work of a team, proof of who decided; drafts, marks and notes: while the person is there"},
    {LISTING_person_operated, "operated", "actes d'exploitation (compte par acte)",
     "acts as an operator (counted by act)", "traçabilité ; durées : caducee retention",
     "accountability; durations: caducee retention"},
    {LISTING_person_acts, "traces", "traces (compte par acte)", "traces (counted by act)",
     "SC.MSS/CONF.17 ; durées : caducee retention", "SC.MSS/CONF.17; durations: caducee retention"}};

static int find(struct invocation *i, const char *id, struct person *out)
{
    return fail_store(i, governed_person(i, id, out), id);
}

static int print_report(struct invocation *i, const struct person *person)
{
    char number[32];
    snprintf(number, sizeof(number), "%lld", (long long)person->id);
    const char *const arguments[] = {number};
    int status = list_print_parts(i, parts, COUNT(parts), arguments, COUNT(arguments));
    say(i, "%s",
        LANG(i,
             "\nLe courrier d'une BAL PER n'est lisible que de son titulaire : il l'a dans sa messagerie, et par "
             "caducee bal "
             "export.\nDroits : rectification (person add, l'Annuaire), effacement (person erase), réclamation auprès "
             "de la "
             "CNIL.",
             "\nThe mail of a PER BAL is readable by its holder alone: in the mail client, and by caducee bal "
             "export.\nRights: "
             "rectification (person add, the Annuaire), erasure (person erase), complaint to the CNIL."));
    return status;
}

int command_person_report(struct invocation *i)
{
    const char *id = take_word(i);
    struct person person;
    if (!id || !words_end(i))
        return usage(i, "un identifiant national", "a national id");
    int status = find(i, id, &person);
    if (status != STATUS_OK)
        return status;
    struct trace trace = invocation_trace(i, "person.report");
    trace.person_id = person.id;
    status = fail_store(i, trace_write(invocation_db(i), &trace), "trace");
    return status == STATUS_OK ? print_report(i, &person) : status;
}

static int say_conflict(struct invocation *i, const struct person_erasure *e)
{
    if (*e->holds)
        (void)fail(i, STATUS_CONFLICT,
                   LANG(i, "titulaire de BAL qui s'ouvrent encore : %s (caducee bal close, puis bal delete)",
                        "holds BALs that still open: %s (caducee bal close, then bal delete)"),
                   e->holds);
    if (*e->roles)
        (void)fail(i, STATUS_CONFLICT,
                   LANG(i, "exploite encore : %s (caducee operator end)", "still operates: %s (caducee operator end)"),
                   e->roles);
    return STATUS_CONFLICT;
}

static void say_kept(struct invocation *i, const struct person_erasure *e)
{
    struct str date;
    str_init(&date, 64);
    show_date(&date, e->kept_until);
    if (i->json)
        str_addf(&i->out,
                 "{\"shares\":%lld,\"sessions\":%lld,\"settings\":%lld,\"own\":%lld,\"traces\":%lld,\"identity_kept_"
                 "until\":%lld}\n",
                 (long long)e->shares, (long long)e->sessions, (long long)e->settings, (long long)e->own,
                 (long long)e->traces, (long long)e->kept_until);
    say(i,
        LANG(i, "effacés : %lld accès, %lld sessions, %lld réglages du webmail, %lld brouillons, marques et notes",
             "erased: %lld accesses, %lld sessions, %lld choices of the webmail, %lld drafts, marks and notes"),
        (long long)e->shares, (long long)e->sessions, (long long)e->settings, (long long)e->own);
    if (e->kept_until)
        say(i,
            LANG(i,
                 "gardés : l'identité et les identifiants nationaux jusqu'au %s, parce que %lld traces la nomment "
                 "(SC.MSS/CONF.17 ; RGPD, article 17.3 b et e) ; ils s'effacent ensuite d'eux-mêmes",
                 "kept: the identity and national ids until %s, because %lld traces name it (SC.MSS/CONF.17; GDPR, "
                 "article "
                 "17.3 b and e); they then go by themselves"),
            date.data, (long long)e->traces);
    else
        say(i, "%s",
            LANG(i, "aucune trace ne la nomme : l'identité est effacée", "no trace names it: the identity is erased"));
    say(i, "%s",
        LANG(i,
             "pas à nous : la fiche publique de l'Annuaire Santé (à demander à l'ANS) ; les sauvegardes s'effacent à "
             "leur terme",
             "not ours: the public entry of the Annuaire Santé (ask the ANS); backups go at their end"));
    str_free(&date);
}

int command_person_erase(struct invocation *i)
{
    const char *reason = take_option(i, "--reason");
    bool dry_run = take_flag(i, "--dry-run");
    const char *id = take_word(i);
    struct person person;
    struct person_erasure erasure;
    if (!id || !reason || !words_end(i))
        return usage(i, "un identifiant national et --reason", "a national id and --reason");
    int status = find(i, id, &person);
    if (status != STATUS_OK)
        return status;
    if (dry_run)
        return print_report(i, &person);
    struct trace trace = invocation_trace(i, "person.erase");
    trace.person_id = person.id;
    trace.detail = reason;
    enum store_status erased =
        person_erase(invocation_db(i), person.id, i->conf->retention_trace_functional, &trace, &erasure);
    if (erased == STORE_CONFLICT)
        return say_conflict(i, &erasure);
    if (erased == STORE_OK)
        say_kept(i, &erasure);
    return fail_store(i, erased, id);
}
