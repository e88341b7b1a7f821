/* A written message leaves the form: into bytes, into the drafts, into the send path that submission uses too. */
#include "webmail-cgi/compose.h"
#include "webmail-cgi/layout.h"
#include "webmail-cgi/patients.h"
#include "webmail-cgi/shared.h"

#include "lib/base/clock.h"
#include "lib/base/crypto.h"
#include "lib/base/text.h"
#include "lib/proto/smtp_command.h"
#include "lib/store/send.h"

#include <stdio.h>
#include <string.h>

const struct folder *compose_files_folder(const struct mail *mail, const struct compose *c, uint32_t *uid)
{
    *uid = c->draft_uid ? c->draft_uid : c->source_uid;
    return c->draft_uid ? mail_special(mail, "\\Drafts") : mail_numbered(mail, c->source_folder);
}

typedef VEC(struct spool) spool_list;

static void spools_free(spool_list *list)
{
    vec_each (list, spool)
        spool_free(spool);
    vec_free(list);
}

static bool into_spool(void *spool, struct span bytes)
{
    return spool_add(spool, bytes);
}

static enum store_status add_kept_part(struct request *rq, const struct card *card, const struct summary_part *part,
                                       struct outgoing *message, spool_list *kept)
{
    struct spool file;
    spool_init(&file, (size_t)rq->thread->conf->webmail_upload_max);
    enum store_status status = part_pass(rq, card, part, into_spool, &file);
    if (status == STORE_OK)
        vec_push(&message->files, (struct outgoing_file){part->name, part->type, spool_span(&file)});
    vec_push(kept, file);
    return status;
}

/* Files kept from the draft or the forwarded message: read and decoded again, each into a spool. */
static enum store_status add_kept(struct request *rq, const struct mail *mail, const struct compose *c,
                                  struct outgoing *message, spool_list *kept)
{
    uint32_t uid;
    struct card card;
    const struct folder *folder = compose_files_folder(mail, c, &uid);
    if (c->kept.len == 0 || !folder)
        return STORE_OK;
    enum store_status status = card_load(rq, folder, uid, &card);
    for (size_t i = 0; status == STORE_OK && i < c->kept.len; i++) {
        struct summary_part part;
        if (summary_part_at(&card.summary, c->kept.items[i].index, &part))
            status = add_kept_part(rq, &card, &part, message, kept);
    }
    return status;
}

static void add_uploaded(struct request *rq, struct outgoing *message)
{
    const struct field *field;
    for (size_t i = 0; in_declared(&rq->in, "fichier") && (field = in_nth(&rq->in, "fichier", i)) != NULL; i++)
        if (field->file_name.n > 0)
            vec_push(&message->files, (struct outgoing_file){field->file_name, field->content_type, field->value});
}

static struct span new_message_id(struct request *rq)
{
    uint8_t random[18];
    struct str id;
    crypto_random(random, sizeof(random));
    str_init(&id, 400);
    str_putc(&id, '<');
    base64url_encode(&id, (struct span){(const char *)random, sizeof(random)});
    const char *at = strchr(rq->bal.address, '@');
    str_addf(&id, "%s>", at ? at : "@invalid");
    struct span kept = arena_span(rq->arena, str_span(&id));
    str_free(&id);
    return kept;
}

static bool read_recipients(struct request *rq, struct compose *c, struct outgoing *message)
{
    struct span bad;
    if (outgoing_read_addresses(c->to, &message->to, &bad) && outgoing_read_addresses(c->cc, &message->cc, &bad) &&
        outgoing_read_addresses(c->bcc, &message->bcc, &bad))
        return true;
    c->error = arena_printf(rq->arena, "« %.*s » %s", (int)bad.n, bad.p,
                            tr(rq, "n’est pas une adresse : corrigez-la ou choisissez dans l’annuaire."));
    return false;
}

bool compose_build(struct request *rq, const struct mail *mail, struct compose *c, struct spool *out)
{
    spool_list kept = {0};
    struct outgoing message = {.from = {span_of(rq->bal.display_name), span_of(rq->bal.address)},
                               .subject = c->subject,
                               .text = c->text,
                               .message_id = new_message_id(rq),
                               .in_reply_to = c->in_reply_to,
                               .references = c->references,
                               .date = wall_s(),
                               .read_receipt = c->read_receipt,
                               .ends_exchange = c->ends_exchange,
                               .cda_codes = span_of(c->cda_codes),
                               .ins_qualified = c->ins_qualified,
                               .product = rq->thread->conf->webmail_product};
    bool ok = read_recipients(rq, c, &message);
    if (ok && add_kept(rq, mail, c, &message, &kept) != STORE_OK) {
        c->error = tr(rq, "Les pièces jointes n’ont pas pu être relues. Réessayez dans quelques instants.");
        ok = false;
    }
    if (ok) {
        add_uploaded(rq, &message);
        for (size_t i = 0; i < c->more_count; i++)
            vec_push(&message.files, c->more[i]);
        outgoing_write(out, &message);
        (void)spool_span(out);
    }
    spools_free(&kept);
    if (ok && out->overflow) {
        c->error = tr(rq, "Les pièces jointes sont trop volumineuses.");
        ok = false;
    }
    outgoing_free(&message);
    return ok;
}

static enum store_status drop_draft(struct request *rq, const struct folder *drafts, uint32_t uid)
{
    uid_list gone = {0};
    uint64_t modseq;
    if (!drafts || uid == 0)
        return STORE_OK;
    enum store_status status = messages_expunge(rq->thread->db, rq->mailbox, drafts->id, &uid, 1, &gone, &modseq);
    vec_free(&gone);
    return status;
}

enum store_status compose_save(struct request *rq, const struct mail *mail, struct compose *c, struct span bytes)
{
    const struct folder *drafts = mail_special(mail, "\\Drafts");
    struct parse_answer answer = {0};
    struct append append = {.bytes = bytes, .flags = FLAG_DRAFT | FLAG_SEEN, .internal_date = wall_s()};
    if (!drafts)
        return STORE_NOT_FOUND;
    if (parse_call(rq->thread->parse, PARSE_SUMMARY, bytes, SPAN_NONE, &answer) != PARSE_OK) {
        parse_answer_free(&answer);
        return STORE_UNAVAILABLE; /* a draft without its summary could not be opened again */
    }
    append.folder = drafts->name;
    append.summary = (struct summary){.flags = answer.flags, .structure = answer.structure, .text = answer.text};
    enum store_status status = messages_append(rq->thread->db, rq->mailbox, &append, 1, NULL);
    parse_answer_free(&answer);
    if (status != STORE_OK)
        return status;
    (void)!drop_draft(rq, drafts, c->draft_uid);
    c->draft_uid = append.uid;
    return STORE_OK;
}

static void add_send_recipient(struct send_recipient *out, const struct outgoing_address *a, bool receipt)
{
    *out =
        (struct send_recipient){.notify = receipt ? SMTP_NOTIFY_SUCCESS | SMTP_NOTIFY_FAILURE | SMTP_NOTIFY_DELAY : 0};
    snprintf(out->address, sizeof(out->address), "%.*s", (int)a->address.n, a->address.p);
}

static struct send_recipient *recipients(struct compose *c, size_t *count)
{
    outgoing_addresses all = {0};
    struct span bad;
    bool ok = outgoing_read_addresses(c->to, &all, &bad) && outgoing_read_addresses(c->cc, &all, &bad) &&
              outgoing_read_addresses(c->bcc, &all, &bad);
    struct send_recipient *list = xcalloc(all.len + 1, sizeof(*list));
    *count = ok ? all.len : 0;
    for (size_t i = 0; i < *count; i++)
        add_send_recipient(&list[i], &all.items[i], c->delivery_receipt);
    vec_free(&all);
    return list;
}

static void mark_answered(struct request *rq, const struct compose *c)
{
    struct flag_result result = {0};
    if (c->source_uid == 0 || (c->mode != COMPOSE_ANSWER && c->mode != COMPOSE_ANSWER_ALL))
        return;
    (void)!messages_store_flags(rq->thread->db, rq->mailbox, c->source_folder, &c->source_uid, 1, FLAGS_ADD,
                                FLAG_ANSWERED, UINT64_MAX, &result);
    vec_free(&result.changed);
    vec_free(&result.refused);
}

static bool refused(struct request *rq, struct compose *c, enum send_outcome outcome,
                    const struct send_request *request)
{
    if (outcome == SEND_ACCEPTED)
        return false;
    if (outcome == SEND_TEMPORARY)
        c->error = tr(rq, "L’envoi n’est pas possible pour l’instant ; le message est gardé en brouillon. Réessayez.");
    else if (request->refused_index < request->to_count &&
             !names_patient(span_of(request->to[request->refused_index].address)))
        c->error =
            arena_printf(rq->arena, "%s : %s", request->to[request->refused_index].address, request->verdict.words);
    else
        c->error = arena_strdup(rq->arena, request->verdict.words);
    return true;
}

bool compose_send(struct request *rq, const struct mail *mail, struct compose *c, struct span bytes)
{
    char wake_path[512];
    struct trust_snapshot *trust = shared_trust(rq->thread->shared, rq->thread->db);
    struct send_request request = {.conf = rq->thread->conf,
                                   .from = &rq->bal,
                                   .person_id = rq->session.row.person_id,
                                   .message = bytes,
                                   .session = rq->log.id,
                                   .peer = rq->peer,
                                   .actor = rq->session.row.person_name,
                                   .actor_kind = TRACE_PERSON,
                                   .product = rq->thread->conf->webmail_product,
                                   .overrules_register = c->overrules_register,
                                   .parse = rq->thread->parse,
                                   .not_before = c->send_at ? c->send_at
                                                            : wall_s() + (int64_t)rq->thread->conf->webmail_undo_send,
                                   .wake_path = wake_path};
    snprintf(wake_path, sizeof(wake_path), "%s/notifier.sock", rq->thread->conf->general_run_folder);
    struct send_recipient *list = recipients(c, &request.to_count);
    request.to = list;
    enum send_outcome outcome = SEND_TEMPORARY;
    if (request.to_count == 0)
        c->error = tr(rq, "Ce message n’a pas de destinataire.");
    else if (trust)
        outcome = send_message(rq->thread->db, shared_delivery_keys(rq->thread->shared), trust, &request);
    bool sent = request.to_count > 0 && !refused(rq, c, outcome, &request);
    if (sent) {
        (void)!drop_draft(rq, mail_special(mail, "\\Drafts"), c->draft_uid);
        c->queue_id = request.queue_id;
        c->sent_uid = (uint32_t)request.sent_uid;
        mark_answered(rq, c);
        patients_record(rq, c);
    }
    if (trust)
        trust_release(&trust);
    xfree(&list);
    return sent;
}
