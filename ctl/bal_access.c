/* Who and what opens a BAL: shares with persons, bindings of application certificates. */
#include "ctl/certificate.h"
#include "ctl/bal.h"

#include "lib/base/clock.h"
#include "lib/base/num.h"
#include "lib/base/text.h"
#include "lib/net/x509.h"
#include "lib/store/alarms.h"
#include "lib/store/anchors.h"
#include "lib/store/certificates.h"
#include "lib/store/exceptional.h"
#include "lib/store/fetches.h"
#include "lib/store/people.h"

#include <stdio.h>
#include <string.h>

enum { SHARE_DAYS = 365 };

static struct trace trace_of(const struct invocation *i, const struct bal *bal, const char *action)
{
    struct trace trace = invocation_trace(i, action);
    trace.bal_id = bal->id;
    trace.structure_id = bal->structure_id;
    return trace;
}

int command_bal_share(struct invocation *i)
{
    struct share share = {.role = take_option(i, "--role"), .may_send = take_flag(i, "--may-send")};
    const char *national_id = take_option(i, "--person"), *until = take_option(i, "--until");
    struct bal bal;
    struct person person;
    int status;
    if (!take_bal(i, &bal, &status))
        return status;
    if (!words_end(i) || !national_id || !share.role || strcmp(share.role, "titulaire") == 0)
        return usage(i, "--person et --role lecteur, membre ou gestionnaire",
                     "--person and --role lecteur, membre or gestionnaire");
    if (bal.kind == BAL_PER) /* design: sharing a PER BAL belongs to its holder */
        return fail(
            i, STATUS_REFUSED, "%s",
            LANG(i, "une BAL PER ne se partage que par son titulaire", "a PER BAL is shared by its holder only"));
    share.until = wall_s() + (int64_t)SHARE_DAYS * 86400;
    if (until && !read_date(until, &share.until))
        return usage(i, "--until : 2027-01-31 ou +90d", "--until: 2027-01-31 or +90d");
    status = fail_store(i, person_find(invocation_db(i), national_id, &person), national_id);
    if (status != STATUS_OK)
        return status;
    share.bal_id = bal.id;
    share.person_id = person.id;
    share.may_send = share.may_send || strcmp(share.role, "lecteur") != 0;
    struct trace trace = trace_of(i, &bal, "bal.share");
    trace.person_id = person.id;
    trace.detail = share.role;
    return fail_store(i, share_put(invocation_db(i), &share, &trace), bal.address);
}

int command_bal_unshare(struct invocation *i)
{
    const char *national_id = take_option(i, "--person");
    struct bal bal;
    struct person person;
    int status;
    if (!take_bal(i, &bal, &status))
        return status;
    if (!words_end(i) || !national_id)
        return usage(i, "--person", "--person");
    status = fail_store(i, person_find(invocation_db(i), national_id, &person), national_id);
    if (status != STATUS_OK)
        return status;
    struct trace trace = trace_of(i, &bal, "bal.unshare");
    trace.person_id = person.id;
    return fail_store(i, share_end(invocation_db(i), bal.id, person.id, &trace), bal.address);
}

/* The first certificate of its authority says where that one's CRL is: fetched, it can be judged. */
static int ask_for_crl(struct invocation *i, const struct certificate *c)
{
    if (anchor_learn_url(invocation_db(i), c) != STORE_OK ||
        fetch_ask(invocation_db(i), "crl", i->operator_name) != STORE_OK)
        return STATUS_UNAVAILABLE;
    return fail(i, STATUS_UNAVAILABLE,
                LANG(i,
                     "pas encore de CRL de son autorité : demandée à caducee-directoryd, recommencer dans un instant",
                     "no CRL of its authority yet: caducee-directoryd has been asked, try again in a moment"));
}

/* The application CA issued it, and it is good now: what imapd and submission will ask of it. */
static int check_chain(struct invocation *i, const struct str *der, const struct certificate *c)
{
    struct trust_verdict verdict;
    int status = certificate_judge(i, str_span(der), TRUST_PROFILE_APPLICATION, &verdict);
    if (status == STATUS_OK && verdict.rule == TRUST_CRL_UNAVAILABLE)
        return ask_for_crl(i, c); /* its chain and its authority's right are good (lib/trust/judge.c) */
    return status == STATUS_OK ? certificate_verdict(i, &verdict) : status;
}

static int check_structure(struct invocation *i, const struct bal *bal, const struct certificate *c,
                           const char *mandate)
{
    struct structure structure;
    char number[32];
    snprintf(number, sizeof(number), "%lld", (long long)bal->structure_id);
    int status = fail_store(i, structure_find(invocation_db(i), number, &structure), number);
    if (status != STATUS_OK || mandate || structure_is_named(&structure, &c->subject))
        return status;
    const char *ou = dn_first(&c->subject, "2.5.4.11");
    return fail(i, STATUS_BAD_INPUT,
                LANG(i, "OU « %s » n'est pas la structure « %s » : un éditeur a besoin d'un mandat (--mandate --until)",
                     "OU \"%s\" is not the structure \"%s\": an editor needs a mandate (--mandate --until)"),
                ou ? ou : "", structure.name);
}

static int bind_certificate(struct invocation *i, const struct bal *bal, const struct certificate *c, struct binding *b)
{
    struct certificate_names names;
    struct str key;
    certificate_names_of(&names, c);
    str_init(&key, sizeof(b->key_sha256));
    if (hex_decode(&key, span_of(c->key_fingerprint)) && key.len == sizeof(b->key_sha256))
        memcpy(b->key_sha256, key.data, key.len);
    b->bal_id = bal->id;
    b->issuer = names.issuer.data;
    b->subject = names.subject.data;
    b->subject_shown = names.shown.data;
    b->not_after = c->not_after;
    struct trace trace = trace_of(i, bal, "bal.bind-cert");
    trace.detail = names.shown.data;
    int status = fail_store(i, binding_put(invocation_db(i), b, &trace), bal->address);
    if (status == STATUS_OK)
        (void)!alarm_clear(invocation_db(i), "certificate.key-changed", bal->address);
    if (status == STATUS_OK)
        say(i, "%s ← %s", bal->address, names.shown.data);
    str_free(&key);
    certificate_names_free(&names);
    return status;
}

int command_bal_bind_cert(struct invocation *i)
{
    struct binding b = {.mandate = take_option(i, "--mandate"), .may_send = take_flag(i, "--may-send")};
    const char *until = take_option(i, "--until");
    struct bal bal;
    struct certificate c;
    struct str der;
    int status;
    if (!take_bal(i, &bal, &status))
        return status;
    const char *path = take_word(i);
    if (!path || !words_end(i) || (b.mandate && !until) || (until && !read_date(until, &b.until)))
        return usage(i, "un fichier ; un mandat a une fin (--until)", "a file; a mandate has an end (--until)");
    if (bal.kind == BAL_PER)
        return fail(i, STATUS_REFUSED, "%s",
                    LANG(i, "aucun certificat d'application n'ouvre une BAL PER",
                         "no application's certificate opens a PER BAL"));
    if (b.may_send && bal.kind != BAL_APP)
        return fail(i, STATUS_REFUSED, "%s",
                    LANG(i, "sur une BAL ORG un certificat lit et marque, il n'envoie pas",
                         "on an ORG BAL a certificate reads and flags, it never sends"));
    b.may_send = bal.kind == BAL_APP;
    status = read_certificate(i, path, &der, &c);
    if (status != STATUS_OK)
        return status;
    status = check_chain(i, &der, &c);
    if (status == STATUS_OK)
        status = check_structure(i, &bal, &c, b.mandate);
    if (status == STATUS_OK)
        status = bind_certificate(i, &bal, &c, &b);
    if (status == STATUS_OK)
        (void)anchor_learn_url(invocation_db(i), &c);
    if (status == STATUS_OK)
        (void)certificate_add(invocation_db(i), str_span(&der));
    certificate_free(&c);
    str_free(&der);
    return status;
}

int command_bal_unbind_cert(struct invocation *i)
{
    struct bal bal;
    struct certificate c;
    struct str der;
    struct certificate_names names;
    uint64_t number;
    int status;
    if (!take_bal(i, &bal, &status))
        return status;
    const char *which = take_word(i);
    if (!which || !words_end(i))
        return usage(i, "un fichier, ou le numéro que dit « bal show »",
                     "a file, or the number that \"bal show\" gives");
    struct trace trace = trace_of(i, &bal, "bal.unbind-cert");
    trace.detail = which;
    if (num_u64(span_of(which), INT64_MAX, &number))
        return fail_store(i, binding_end(invocation_db(i), bal.id, which, &trace), which);
    status = read_certificate(i, which, &der, &c);
    if (status != STATUS_OK)
        return status;
    certificate_names_of(&names, &c);
    trace.detail = names.shown.data;
    status = fail_store(i, binding_end(invocation_db(i), bal.id, names.subject.data, &trace), which);
    certificate_names_free(&names);
    certificate_free(&c);
    str_free(&der);
    return status;
}

enum { EXCEPTIONAL_DAYS_MAX = 90 };

/* The second person's turn, under their own name. */
static int approve_exceptional(struct invocation *i, const struct bal *bal, const char *who)
{
    struct person reader;
    struct exceptional_approved approved;
    if (!words_end(i))
        return STATUS_USAGE;
    int status = fail_store(i, person_find(invocation_db(i), who, &reader), who);
    if (status != STATUS_OK)
        return status;
    struct trace trace = trace_of(i, bal, "bal.exceptional-access");
    trace.person_id = reader.id;
    enum store_status done = exceptional_approve(invocation_db(i), bal->id, reader.id, &trace, &approved);
    if (done == STORE_NOT_FOUND)
        return fail(i, STATUS_NOT_FOUND, "%s",
                    LANG(i, "aucune demande n'attend votre accord : qui a demandé ne peut pas approuver",
                         "no request waits for your word: who asked cannot approve"));
    if (done == STORE_OK)
        say(i, LANG(i, "ouvert : %s (demandé par %s)", "open: %s (asked for by %s)"), approved.reason,
            approved.asked_by);
    return fail_store(i, done, bal->address);
}

static int ask_exceptional(struct invocation *i, const struct exceptional *e, const struct trace *trace,
                           const struct bal *bal, const char *who)
{
    bool open = false;
    enum store_status asked = exceptional_ask(invocation_db(i), e, trace, &open);
    if (asked == STORE_REFUSED)
        return fail(i, STATUS_REFUSED, "%s",
                    LANG(i,
                         "la seconde personne doit être un autre administrateur de la structure, connu par son "
                         "identifiant : operator add … --person",
                         "the second person must be another administrateur of the structure, known by a national id: "
                         "operator add … --person"));
    if (asked == STORE_OK && !open)
        say(i,
            LANG(i,
                 "demandé ; la seconde personne ouvre, sous son propre compte :\n  caducee bal exceptional-access %s "
                 "--person %s --approve",
                 "asked for; the second person opens, under their own account:\n  caducee bal exceptional-access %s "
                 "--person %s --approve"),
            bal->address, who);
    return fail_store(i, asked, bal->address);
}

int command_bal_exceptional_access(struct invocation *i)
{
    struct exceptional e = {.reason = take_option(i, "--reason")};
    const char *who = take_option(i, "--person"), *second = take_option(i, "--second"),
               *until = take_option(i, "--until");
    bool approve = take_flag(i, "--approve");
    struct bal bal;
    struct person reader, approver;
    int status;
    if (!take_bal(i, &bal, &status))
        return status;
    if (who && approve && !second)
        return approve_exceptional(i, &bal, who);
    if (!words_end(i) || approve || !who || !second || !e.reason || !until || !read_date(until, &e.until) ||
        e.until <= wall_s() || e.until > wall_s() + (int64_t)EXCEPTIONAL_DAYS_MAX * 86400)
        return usage(i, "--person, --second, --reason et --until (90 jours au plus)",
                     "--person, --second, --reason and --until (90 days at most)");
    status = fail_store(i, person_find(invocation_db(i), who, &reader), who);
    if (status == STATUS_OK)
        status = fail_store(i, person_find(invocation_db(i), second, &approver), second);
    if (status != STATUS_OK)
        return status;
    if (reader.id == approver.id)
        return fail(i, STATUS_REFUSED, "%s",
                    LANG(i, "deux personnes, et non deux fois la même", "two persons, not the same one twice"));
    e.bal_id = bal.id;
    e.person_id = reader.id;
    e.second_id = approver.id;
    struct trace trace = trace_of(i, &bal, "bal.exceptional-access");
    trace.person_id = reader.id;
    trace.detail = e.reason;
    return ask_exceptional(i, &e, &trace, &bal, who);
}
