#include "webmail-cgi/receipt.h"

#include "webmail-cgi/layout.h"
#include "webmail-cgi/outgoing.h"
#include "webmail-cgi/pages.h"
#include "webmail-cgi/panes.h"
#include "webmail-cgi/shared.h"

#include "lib/base/clock.h"
#include "lib/base/crypto.h"
#include "lib/base/text.h"
#include "lib/store/send.h"

#include <stdio.h>
#include <string.h>

static const char sent_mark[] = "$MDNSent"; /* RFC 3503 3.1 */

static void text_field(struct str *out, const char *name, struct span value)
{
    str_puts(out, name);
    str_puts(out, ": ");
    outgoing_header_text(out, strlen(name) + 2, value);
    str_puts(out, "\r\n");
}

void receipt_write(struct str *out, const struct receipt *r)
{
    uint8_t random[12];
    struct str boundary;
    crypto_random(random, sizeof(random));
    str_init(&boundary, 64);
    base64url_encode(&boundary, (struct span){(const char *)random, sizeof(random)});
    str_puts(out, "Date: ");
    clock_rfc5322(out, r->date);
    str_addf(out, "\r\nFrom: <%.*s>\r\nTo: <%.*s>\r\n", (int)r->from.n, r->from.p, (int)r->to.n, r->to.p);
    text_field(out, "Subject", r->subject);
    if (r->original_id.n > 0)
        text_field(out, "In-Reply-To", r->original_id);
    str_addf(out,
             "Auto-Submitted: auto-replied\r\nMIME-Version: 1.0\r\n"
             "Content-Type: multipart/report; report-type=disposition-notification; boundary=\"=_%s\"\r\n\r\n"
             "--=_%s\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n%s\r\n"
             "--=_%s\r\nContent-Type: message/disposition-notification\r\n\r\nReporting-UA: %s\r\n"
             "Final-Recipient: rfc822;%.*s\r\n",
             boundary.data, boundary.data, r->words, boundary.data, r->reporting_ua, (int)r->from.n, r->from.p);
    if (r->original_id.n > 0)
        text_field(out, "Original-Message-ID", r->original_id);
    str_addf(out, "Disposition: manual-action/MDN-sent-manually; displayed\r\n\r\n--=_%s--\r\n", boundary.data);
    str_free(&boundary);
}

static bool already_answered(struct request *rq, const struct mail *mail, const struct card *card)
{
    keyword_list keywords = {0};
    bool found = false;
    if (folder_keywords(rq->thread->db, rq->mailbox, mail->folder->id, &keywords) == STORE_OK)
        for (size_t i = 0; i < keywords.len; i++)
            found = found || (keywords.items[i] && strcmp(keywords.items[i], sent_mark) == 0 &&
                              (card->flags >> (FLAG_KEYWORD_FIRST + i) & 1));
    keyword_list_free(&keywords);
    return found;
}

void receipt_band(struct request *rq, const struct mail *mail, const struct card *card)
{
    struct html *h = &rq->html;
    bool may = rq->grant.may_send || rq->grant.role == KEYD_ROLE_OWNER;
    if (card->summary.field[SUMMARY_MDN_TO].n == 0 || !may || mail->folder->special_use[0] == '\\' ||
        already_answered(rq, mail, card))
        return;
    OPEN(h, "div", CLASS("band"), ATTR("role", "note"));
    icon(h, "eye");
    OPEN(h, "div");
    LEAF(h, "p", tr(rq, "L’expéditeur demande un accusé de lecture."));
    CLOSE(h, "div");
    OPEN(h, "form", ATTR("method", "post"), URL("action", message_path(rq, mail, card->uid, "/accuse")));
    csrf_field(rq);
    OPEN(h, "span", CLASS("bar"));
    LEAF(h, "button", tr(rq, "L’envoyer"), ATTR("name", "acte"), ATTR("value", "envoyer"));
    LEAF(h, "button", tr(rq, "Ne pas l’envoyer"), ATTR("name", "acte"), ATTR("value", "taire"));
    CLOSE(h, "span");
    CLOSE(h, "form");
    CLOSE(h, "div");
}

static enum send_outcome send_receipt(struct request *rq, const struct card *card, struct span to)
{
    struct str bytes;
    struct send_recipient recipient = {0};
    struct trust_snapshot *trust = shared_trust(rq->thread->shared, rq->thread->db);
    struct span subject = card_subject(card);
    struct receipt receipt = {
        .from = span_of(rq->bal.address),
        .to = to,
        .subject = span_of(arena_printf(rq->arena, "Lu : %.*s", (int)subject.n, subject.n ? subject.p : "")),
        .original_id = card->summary.field[SUMMARY_MESSAGE_ID],
        .reporting_ua = "caducee-webmail",
        .date = wall_s(),
        .words = "Votre message a été affiché à son destinataire."};
    snprintf(recipient.address, sizeof(recipient.address), "%.*s", (int)to.n, to.p);
    str_init(&bytes, 64 << 10);
    receipt_write(&bytes, &receipt);
    struct send_request request = {.conf = rq->thread->conf,
                                   .from = &rq->bal,
                                   .person_id = rq->session.row.person_id,
                                   .message = str_span(&bytes),
                                   .to = &recipient,
                                   .to_count = 1,
                                   .eight_bit = true,
                                   .session = rq->log.id,
                                   .peer = rq->peer,
                                   .actor = rq->session.row.person_name,
                                   .actor_kind = TRACE_PERSON,
                                   .product = rq->thread->conf->webmail_product,
                                   .parse = rq->thread->parse};
    enum send_outcome outcome =
        trust ? send_message(rq->thread->db, shared_delivery_keys(rq->thread->shared), trust, &request)
              : SEND_TEMPORARY;
    if (trust)
        trust_release(&trust);
    str_free(&bytes);
    return outcome;
}

static enum store_status mark(struct request *rq, const struct mail *mail, const struct card *card)
{
    unsigned bit;
    struct flag_result result = {0};
    enum store_status status = folder_keyword_bit(rq->thread->db, rq->mailbox, mail->folder->id, sent_mark, &bit);
    if (status == STORE_OK)
        status = messages_store_flags(rq->thread->db, rq->mailbox, mail->folder->id, &card->uid, 1, FLAGS_ADD,
                                      (uint64_t)1 << bit, UINT64_MAX, &result);
    vec_free(&result.changed);
    vec_free(&result.refused);
    return status;
}

void page_receipt(struct request *rq)
{
    struct mail mail;
    struct card card;
    outgoing_addresses to = {0};
    struct span bad;
    if (!mail_open(rq, &mail))
        return;
    enum store_status status = card_load(rq, mail.folder, (uint32_t)param_number(rq, "uid"), &card);
    bool readable =
        status == STORE_OK && outgoing_read_addresses(card.summary.field[SUMMARY_MDN_TO], &to, &bad) && to.len == 1;
    if (status == STORE_OK && in_is(&rq->in, "acte", "envoyer"))
        status =
            readable && send_receipt(rq, &card, to.items[0].address) == SEND_ACCEPTED ? STORE_OK : STORE_UNAVAILABLE;
    if (status == STORE_OK)
        status = mark(rq, &mail, &card);
    if (status == STORE_OK)
        answer_redirect(rq, message_path(rq, &mail, card.uid, ""));
    else
        answer_store_error(rq, status);
    vec_free(&to);
    mail_close(&mail);
}
