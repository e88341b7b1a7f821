/* One recipient judged now: on the whitelist or a BAL of ours that is open; a patient by an INS with a right key. */
#include "lib/store/send.h"

#include "lib/proto/address.h"
#include "lib/proto/address_patient.h"

#include <stdio.h>

static void say(struct send_verdict *v, enum send_judgement judgement, const char *rule, const char *reply,
                const char *words)
{
    v->judgement = judgement;
    snprintf(v->rule, sizeof(v->rule), "%s", rule);
    snprintf(v->reply, sizeof(v->reply), "%s", reply);
    snprintf(v->words, sizeof(v->words), "%s", words);
}

static void refuse(struct send_verdict *v, const char *rule, const char *reply, const char *words)
{
    say(v, SEND_RECIPIENT_REFUSED, rule, reply, words);
}

static void judge_local(struct db *db, struct span key, const char *postmaster, struct send_verdict *v)
{
    v->is_local = true;
    switch (bal_of_recipient(db, key, postmaster, &v->local)) {
    case STORE_OK:
        if (v->local.state == BAL_CLOSED)
            refuse(v, "recipient.state", "550 5.2.1 Mailbox is closed", "Cette boîte aux lettres est fermée.");
        break;
    case STORE_NOT_FOUND:
        refuse(v, "recipient.unknown", "550 5.1.1 No such mailbox here",
               "Cette boîte aux lettres n'existe pas. Vérifiez l'adresse dans l'Annuaire Santé.");
        break;
    default:
        say(v, SEND_RECIPIENT_TEMPORARY, "store.unavailable", "451 4.3.0 Mailboxes cannot be looked up now",
            "Le service est momentanément indisponible. Réessayez dans quelques minutes.");
    }
}

/* RFC 5321 replies are ASCII: the local part of a patient is a NIR and is never repeated. */
static void judge_patient(const struct address *address, uint64_t bytes, uint64_t bytes_max, struct send_verdict *v)
{
    if (!patient_local_part_valid(address->local))
        refuse(v, "patient.ins", "550 5.1.3 Not an INS with a right control key",
               "L'adresse d'un patient est son matricule INS, clé comprise : celui-ci n'est pas valide.");
    else if (bytes > bytes_max)
        refuse(v, "patient.size", "552 5.3.4 Message is too large for a patient",
               "Un message à un patient ne doit pas dépasser 25 Mo, pièces jointes comprises.");
}

static void judge_remote(const struct trust_snapshot *snapshot, struct span domain, struct send_verdict *v)
{
    struct trust_verdict verdict;
    trust_judge_recipient_domain(snapshot, domain, &verdict);
    if (verdict.rule == TRUST_OK)
        return;
    char reply[256];
    snprintf(reply, sizeof(reply), "%s %s %s [%s]", verdict.temporary ? "451" : "550",
             trust_rule_enhanced(verdict.rule), trust_rule_sentence_en(verdict.rule), trust_rule_name(verdict.rule));
    say(v, verdict.temporary ? SEND_RECIPIENT_TEMPORARY : SEND_RECIPIENT_REFUSED, trust_rule_name(verdict.rule), reply,
        trust_rule_sentence_fr(verdict.rule));
}

void send_judge_recipient(struct db *db, const struct trust_snapshot *snapshot, const struct conf *conf,
                          struct span text, uint64_t bytes, struct send_verdict *out)
{
    struct address address;
    struct str domain, key;
    *out = (struct send_verdict){.judgement = SEND_RECIPIENT_OK};
    str_init(&domain, ADDRESS_DOMAIN_MAX);
    str_init(&key, ADDRESS_MAX);
    if (!snapshot) {
        say(out, SEND_RECIPIENT_TEMPORARY, "snapshot.missing", "451 4.7.5 Trust data is not loaded yet",
            "Le service démarre. Réessayez dans quelques minutes.");
    } else if (!address_parse(text, true, &address) || !domain_normalise(&domain, address.domain) ||
               !address_key(&key, &address)) {
        refuse(out, "address.syntax", "501 5.1.3 Bad address syntax",
               "Cette adresse n'est pas une adresse de messagerie.");
    } else {
        snprintf(out->domain, sizeof(out->domain), "%s", domain.data);
        if (domain_is_patient(str_span(&domain)))
            judge_patient(&address, bytes, conf->submission_patient_message_size, out);
        if (out->judgement == SEND_RECIPIENT_OK && trust_is_ours(snapshot, str_span(&domain)))
            judge_local(db, str_span(&key), conf->mx_postmaster, out);
        else if (out->judgement == SEND_RECIPIENT_OK)
            judge_remote(snapshot, str_span(&domain), out);
    }
    str_free(&domain);
    str_free(&key);
}
