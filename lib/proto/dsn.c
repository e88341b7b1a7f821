#include "lib/proto/dsn.h"

#include "lib/base/clock.h"
#include "lib/base/text.h"
#include "lib/proto/header_fields.h"

#include <string.h>

static const struct {
    const char *fr, *en;
} causes[DSN_CAUSE_COUNT] = {
    [DSN_CAUSE_NONE] = {"", ""},
    [DSN_CAUSE_NOT_LISTED] =
        {"Ce domaine n'est pas, ou n'est plus, dans l'espace de confiance MSSanté. Vérifiez l'adresse "
         "dans l'Annuaire Santé.",
         "This domain is not, or no longer, in the MSSanté trust space. Check the address in the "
         "Annuaire Santé."},
    [DSN_CAUSE_UNKNOWN] =
        {"Cette boîte aux lettres n'existe pas chez son opérateur. Vérifiez l'adresse dans l'Annuaire "
         "Santé.",
         "Its operator knows no such mailbox. Check the address in the Annuaire Santé."},
    [DSN_CAUSE_CLOSED] = {"Cette boîte aux lettres est fermée ou suspendue. Joignez le destinataire autrement.",
                          "This mailbox is closed or suspended. Reach its owner by other means."},
    [DSN_CAUSE_FULL] = {"La boîte aux lettres du destinataire est pleine. Prévenez-le, puis renvoyez votre message.",
                        "The recipient's mailbox is full. Tell them, then send again."},
    [DSN_CAUSE_TOO_LARGE] = {"Votre message est trop gros pour l'opérateur du destinataire. Envoyez moins de pièces "
                             "jointes à la fois.",
                             "Your message is too large for the recipient's operator. Send fewer attachments at once."},
    [DSN_CAUSE_CERTIFICATE] =
        {"Le serveur de l'opérateur destinataire n'a pas présenté un certificat conforme à la liste "
         "blanche : le message n'a pas été transmis. Votre support est prévenu.",
         "The recipient operator's server did not show a certificate of the whitelist: the message "
         "was not handed over. Your support team knows."},
    [DSN_CAUSE_POLICY] = {"L'opérateur du destinataire refuse ce message. Sa réponse figure ci-dessous.",
                          "The recipient's operator refuses this message. Its answer is below."},
    [DSN_CAUSE_VIRUS] = {"L'opérateur du destinataire a trouvé un virus dans ce message. Faites vérifier votre poste.",
                         "The recipient's operator found a virus in this message. Have your computer checked."},
    [DSN_CAUSE_UNREACHABLE] = {"Le serveur de l'opérateur destinataire ne répond pas.",
                               "The recipient operator's server cannot be reached."},
    [DSN_CAUSE_NO_MAIL] = {"Le domaine du destinataire déclare ne recevoir aucun message. Vérifiez l'adresse.",
                           "The recipient's domain says that it takes no mail. Check the address."},
    [DSN_CAUSE_NOT_SUPPORTED] = {"Le serveur de l'opérateur destinataire ne sait pas recevoir ce message tel qu'il est "
                                 "(adresse ou contenu non ASCII).",
                                 "The recipient operator's server cannot take this message as it is (non-ASCII address "
                                 "or content)."},
    [DSN_CAUSE_TEMPORARY] = {"L'opérateur du destinataire ne peut pas recevoir ce message pour l'instant.",
                             "The recipient's operator cannot take this message for now."},
    [DSN_CAUSE_WITHDRAWN] =
        {"Au moment prévu pour l'envoi, cette boîte aux lettres n'avait plus le droit d'envoyer ce message, "
         "ou le patient s'y était opposé.",
         "When its time came, this mailbox had no right any more to send this message, or the patient "
         "had opposed it."},
    [DSN_CAUSE_OTHER] = {"L'opérateur du destinataire a refusé ce message. Sa réponse figure ci-dessous.",
                         "The recipient's operator refused this message. Its answer is below."},
};

const char *dsn_cause_fr(enum dsn_cause cause)
{
    return causes[cause].fr;
}

const char *dsn_cause_en(enum dsn_cause cause)
{
    return causes[cause].en;
}

/* RFC 3463: subject and detail of the enhanced code, whatever its class. */
enum dsn_cause dsn_cause_of_reply(unsigned code, const char *enhanced)
{
    static const struct {
        const char *detail;
        enum dsn_cause cause;
    } rows[] = {
        {".1.1", DSN_CAUSE_UNKNOWN},       {".1.2", DSN_CAUSE_UNKNOWN},     {".1.3", DSN_CAUSE_UNKNOWN},
        {".1.6", DSN_CAUSE_CLOSED},        {".2.1", DSN_CAUSE_CLOSED},      {".2.2", DSN_CAUSE_FULL},
        {".2.3", DSN_CAUSE_TOO_LARGE},     {".3.4", DSN_CAUSE_TOO_LARGE},   {".6.3", DSN_CAUSE_NOT_SUPPORTED},
        {".6.7", DSN_CAUSE_NOT_SUPPORTED}, {".4.1", DSN_CAUSE_UNREACHABLE},
    };
    for (size_t i = 0; enhanced[0] && i < COUNT(rows); i++)
        if (strcmp(enhanced + 1, rows[i].detail) == 0)
            return rows[i].cause;
    if (code == 552)
        return DSN_CAUSE_TOO_LARGE;
    if (code >= 400 && code < 500)
        return DSN_CAUSE_TEMPORARY;
    return enhanced[0] && strncmp(enhanced + 1, ".7.", 3) == 0 ? DSN_CAUSE_POLICY : DSN_CAUSE_OTHER;
}

/* One line of printable text: what peers wrote never makes a field of ours. */
static void add_line(struct str *out, const char *text)
{
    struct str clean;
    str_init(&clean, 4096);
    text_sanitize(&clean, span_of(text));
    for (size_t i = 0; i < clean.len; i++)
        str_putc(out, clean.data[i] == '\r' || clean.data[i] == '\n' ? ' ' : clean.data[i]);
    str_free(&clean);
}

static void add_field(struct str *out, const char *name, const char *type, const char *value)
{
    if (!value[0])
        return;
    str_addf(out, "%s: %s", name, type);
    add_line(out, value);
    str_puts(out, "\r\n");
}

static void add_date(struct str *out, const char *name, int64_t when)
{
    str_addf(out, "%s: ", name);
    clock_rfc5322(out, when);
    str_puts(out, "\r\n");
}

static const char *const subject_fr[] = {
    "=?utf-8?Q?Message_non_remis_=28Undelivered=29?=", "=?utf-8?Q?Message_en_attente_=28Delayed=29?=",
    "=?utf-8?Q?Message_remis_=28Delivered=29?=", "=?utf-8?Q?Message_transmis_=28Relayed=29?="};
static const char *const opening_fr[] = {
    "Votre message n'a pas pu être remis à :",
    "Votre message n'a pas encore pu être remis. Nous continuons d'essayer pour :", "Votre message a été remis à :",
    "Votre message a été accepté par l'opérateur de ces destinataires, qui ne confirme pas la remise :"};
static const char *const opening_en[] = {
    "Your message could not be delivered to:", "Your message is not delivered yet. We keep trying for:",
    "Your message was delivered to:",
    "Your message was accepted by the operator of these recipients, which does not confirm delivery:"};

/* A report speaks of one kind of outcome: of the gravest that is in it. */
static enum dsn_action report_action(const struct dsn *dsn)
{
    enum dsn_action action = dsn->recipients[0].action;
    for (size_t i = 1; i < dsn->count; i++)
        if (dsn->recipients[i].action < action)
            action = dsn->recipients[i].action;
    return action;
}

static void add_header(struct str *out, const struct dsn *dsn)
{
    str_addf(out, "From: \"Messagerie %s\" <MAILER-DAEMON@%s>\r\nTo: <", dsn->hostname, dsn->hostname);
    add_line(out, dsn->to);
    str_addf(out, ">\r\nSubject: %s\r\n", subject_fr[report_action(dsn)]);
    add_date(out, "Date", dsn->now);
    str_addf(out, "Message-ID: <dsn.%s@%s>\r\n", dsn->boundary, dsn->hostname);
    if (dsn->message_id[0] == '<') {
        add_field(out, "In-Reply-To", "", dsn->message_id);
        add_field(out, "References", "", dsn->message_id);
    }
    str_addf(out,
             "Auto-Submitted: auto-replied\r\nMIME-Version: 1.0\r\nContent-Type: multipart/report; "
             "report-type=delivery-status;\r\n\tboundary=\"%s\"\r\n\r\n",
             dsn->boundary);
}

static void add_words(struct str *out, const struct dsn *dsn, bool french)
{
    str_addf(out, "%s\r\n\r\n", (french ? opening_fr : opening_en)[report_action(dsn)]);
    for (size_t i = 0; i < dsn->count; i++) {
        const struct dsn_recipient *r = &dsn->recipients[i];
        str_puts(out, "  <");
        add_line(out, r->address);
        str_puts(out, ">\r\n");
        const char *cause = french ? dsn_cause_fr(r->cause) : dsn_cause_en(r->cause);
        if (cause[0])
            str_addf(out, "    %s\r\n", cause);
        if (r->diagnostic[0]) {
            str_puts(out, french ? "    Réponse du serveur : " : "    Server's answer: ");
            add_line(out, r->diagnostic);
            str_puts(out, "\r\n");
        }
        if (r->action == DSN_DELAYED && r->will_retry_until) {
            str_puts(out, french ? "    Nous essayons jusqu'au " : "    We try until ");
            clock_rfc5322(out, r->will_retry_until);
            str_puts(out, french ? ". Vous n'avez rien à faire.\r\n" : ". There is nothing for you to do.\r\n");
        }
        str_puts(out, "\r\n");
    }
}

static const char *const action_names[] = {"failed", "delayed", "delivered", "relayed"};

static bool is_ascii(struct span text)
{
    for (size_t i = 0; i < text.n; i++)
        if ((unsigned char)text.p[i] >= 0x80)
            return false;
    return true;
}

/* RFC 6533 3: where a recipient's address is not ASCII, the report is a global one. */
static bool is_global(const struct dsn *dsn)
{
    for (size_t i = 0; i < dsn->count; i++)
        if (!is_ascii(span_of(dsn->recipients[i].address)) || !is_ascii(span_of(dsn->recipients[i].orcpt)))
            return true;
    return false;
}

/* RFC 3464 2: fields of the message, an empty line, then each recipient's. */
static void add_status(struct str *out, const struct dsn *dsn)
{
    add_field(out, "Original-Envelope-Id", "", dsn->envid);
    add_field(out, "Reporting-MTA", "dns; ", dsn->hostname);
    add_date(out, "Arrival-Date", dsn->arrived);
    for (size_t i = 0; i < dsn->count; i++) {
        const struct dsn_recipient *r = &dsn->recipients[i];
        str_puts(out, "\r\n");
        add_field(out, "Original-Recipient", "", r->orcpt);
        add_field(out, "Final-Recipient", is_ascii(span_of(r->address)) ? "rfc822; " : "utf-8; ", r->address);
        add_field(out, "Action", "", action_names[r->action]);
        add_field(out, "Status", "", r->status);
        add_field(out, "Remote-MTA", "dns; ", r->remote);
        add_field(out, "Diagnostic-Code", "smtp; ", r->diagnostic);
        if (r->last_attempt)
            add_date(out, "Last-Attempt-Date", r->last_attempt);
        if (r->will_retry_until)
            add_date(out, "Will-Retry-Until", r->will_retry_until);
    }
}

/* RFC 6533 4: a header that is not ASCII makes it message/global, or message/global-headers. */
static const char *returned_type(const struct dsn *dsn)
{
    struct span header = {dsn->original.p, header_length(dsn->original)};
    if (is_ascii(header))
        return dsn->whole ? "message/rfc822" : "text/rfc822-headers";
    return dsn->whole ? "message/global" : "message/global-headers";
}

bool dsn_build(struct str *out, const struct dsn *dsn)
{
    must(dsn->count > 0);
    add_header(out, dsn);
    str_addf(out, "--%s\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n",
             dsn->boundary);
    add_words(out, dsn, true);
    str_puts(out, "-- \r\n");
    add_words(out, dsn, false);
    str_addf(out, "\r\n--%s\r\nContent-Type: %s\r\n\r\n", dsn->boundary,
             is_global(dsn) ? "message/global-delivery-status\r\nContent-Transfer-Encoding: 8bit"
                            : "message/delivery-status");
    add_status(out, dsn);
    str_addf(out, "\r\n--%s\r\nContent-Type: %s\r\nContent-Transfer-Encoding: 8bit\r\n\r\n", dsn->boundary,
             returned_type(dsn));
    size_t n = dsn->whole ? dsn->original.n : header_length(dsn->original);
    str_add(out, dsn->original.p, n);
    return str_addf(out, "\r\n--%s--\r\n", dsn->boundary);
}
