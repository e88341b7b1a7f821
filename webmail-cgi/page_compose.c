/* /b/:bal/ecrire: the form, and what its buttons do. */
#include "webmail-cgi/compose_extras.h"
#include "webmail-cgi/layout.h"
#include "webmail-cgi/pages.h"
#include "webmail-cgi/precautions.h"

#include "lib/store/queue.h"

#include <string.h>

void page_compose(struct request *rq)
{
    struct mail mail;
    struct compose c;
    if (!mail_open(rq, &mail))
        return;
    enum store_status status = compose_prefill(rq, &mail, &c);
    if (status == STORE_OK)
        compose_page(rq, &mail, &c);
    else
        answer_store_error(rq, status);
    compose_free(&c);
    mail_close(&mail);
}

static void go_to_inbox(struct request *rq, const struct mail *mail, const char *done)
{
    const struct folder *inbox = mail_special(mail, "INBOX");
    answer_redirect(
        rq, path_of(rq, "/b/%lld/d/%lld?fait=%s", (long long)rq->bal.id, inbox ? (long long)inbox->id : 0, done));
}

/* Whatever comes next, what was typed is in the drafts first when it holds files or is not being sent. */
static bool keep_as_draft(struct request *rq, const struct mail *mail, struct compose *c, struct span bytes)
{
    enum store_status status = compose_save(rq, mail, c, bytes);
    if (status == STORE_OK)
        return true;
    c->error = status == STORE_OVER_QUOTA
                   ? tr(rq, "La boîte est pleine : le brouillon n’a pas pu être gardé.")
                   : tr(rq, "Le brouillon n’a pas pu être gardé. Réessayez dans quelques instants.");
    return false;
}

/* The form again over the draft that was just kept: its files are numbered as the draft has them. */
static void show_again(struct request *rq, const struct mail *mail, struct compose *c, const char *error)
{
    compose_kept_again(rq, mail, c);
    c->error = error;
    compose_page(rq, mail, c);
}

static void save_and_go(struct request *rq, const struct mail *mail, struct compose *c, struct span bytes)
{
    if (!keep_as_draft(rq, mail, c, bytes)) {
        compose_page(rq, mail, c);
        return;
    }
    if (in_is(&rq->in, "acte", "garder"))
        go_to_inbox(rq, mail, "brouillon");
    else
        answer_redirect(
            rq, path_of(rq, "/b/%lld/ecrire?brouillon=%lu", (long long)rq->bal.id, (unsigned long)c->draft_uid));
}

static bool send_and_go(struct request *rq, const struct mail *mail, struct compose *c, struct span bytes)
{
    bool sent = compose_send(rq, mail, c, bytes);
    if (sent && c->send_at) {
        go_to_inbox(rq, mail, "programme");
        return true;
    }
    if (sent) {
        const struct folder *inbox = mail_special(mail, "INBOX");
        answer_redirect(rq,
                        path_of(rq, "/b/%lld/d/%lld?fait=envoye&envoi=%lld&copie=%lu", (long long)rq->bal.id,
                                inbox ? (long long)inbox->id : 0, (long long)c->queue_id, (unsigned long)c->sent_uid));
        return true;
    }
    const char *error = c->error;
    if (keep_as_draft(rq, mail, c, bytes))
        show_again(rq, mail, c, error);
    else
        compose_page(rq, mail, c);
    return false;
}

static void throw_away(struct request *rq, const struct mail *mail, const struct compose *c)
{
    const struct folder *drafts = mail_special(mail, "\\Drafts");
    uid_list gone = {0};
    uint64_t modseq;
    enum store_status status = STORE_OK;
    if (drafts && c->draft_uid)
        status = messages_expunge(rq->thread->db, rq->mailbox, drafts->id, &c->draft_uid, 1, &gone, &modseq);
    vec_free(&gone);
    if (status == STORE_OK)
        go_to_inbox(rq, mail, "jete");
    else
        answer_store_error(rq, status);
}

/* Patients' rights come before the message does. False: it is kept as a draft, and a page says what is wanted. */
static bool precautions_met(struct request *rq, const struct mail *mail, const struct precautions *p, struct compose *c,
                            struct spool *bytes)
{
    if (!p->refused && !p->unanswered)
        return true;
    if (!compose_build(rq, mail, c, bytes) || !keep_as_draft(rq, mail, c, spool_span(bytes))) {
        compose_page(rq, mail, c);
    } else if (p->refused) {
        show_again(rq, mail, c, p->refused);
    } else {
        compose_kept_again(rq, mail, c);
        precautions_page(rq, p, c);
    }
    return false;
}

static void send_with_precautions(struct request *rq, const struct mail *mail, struct compose *c, struct spool *bytes)
{
    struct precautions p;
    enum store_status status = precautions_judge(rq, mail, c, &p);
    if (status != STORE_OK) {
        answer_store_error(rq, status);
    } else if (precautions_met(rq, mail, &p, c, bytes)) {
        precautions_apply(rq, &p, c);
        if (!compose_build(rq, mail, c, bytes))
            compose_page(rq, mail, c);
        else if (send_and_go(rq, mail, c, spool_span(bytes)))
            precautions_record(rq, &p);
    }
    precautions_free(&p);
}

static void refuse_time(struct request *rq, const struct mail *mail, struct compose *c)
{
    c->error = tr(rq, "Choisissez un jour et une heure à venir, pour envoyer plus tard.");
    compose_page(rq, mail, c);
}

void page_compose_act(struct request *rq)
{
    struct mail mail;
    struct compose c;
    struct spool bytes;
    if (!mail_open(rq, &mail))
        return;
    enum store_status status = compose_from_form(rq, &mail, &c);
    bool later = in_is(&rq->in, "acte", "programmer");
    if (status == STORE_OK && in_has(&rq->in, "modele"))
        compose_insert_template(rq, &c);
    spool_init(&bytes, (size_t)rq->thread->conf->webmail_upload_max * 3 / 2);
    if (status != STORE_OK)
        answer_store_error(rq, status);
    else if (in_is(&rq->in, "acte", "jeter"))
        throw_away(rq, &mail, &c);
    else if (later && (c.send_at = compose_later_time(rq)) == 0)
        refuse_time(rq, &mail, &c);
    else if (later || in_is(&rq->in, "acte", "envoyer"))
        send_with_precautions(rq, &mail, &c, &bytes);
    else if (!compose_build(rq, &mail, &c, &bytes))
        compose_page(rq, &mail, &c);
    else
        save_and_go(rq, &mail, &c, spool_span(&bytes));
    spool_free(&bytes);
    compose_free(&c);
    mail_close(&mail);
}

/* The Sent copy becomes a draft again, and the writer is back in the form. */
static enum store_status sent_to_draft(struct request *rq, const struct mail *mail, uint32_t uid, uint32_t *draft)
{
    const struct folder *sent = mail_special(mail, "\\Sent"), *drafts = mail_special(mail, "\\Drafts");
    copied_list copied = {0};
    uint32_t uidvalidity;
    if (!sent || !drafts)
        return STORE_NOT_FOUND;
    enum store_status status =
        messages_copy(rq->thread->db, rq->mailbox, sent->id, drafts->id, &uid, 1, true, &copied, &uidvalidity);
    *draft = copied.len > 0 ? copied.items[0].to : 0;
    vec_free(&copied);
    return status == STORE_OK && *draft == 0 ? STORE_NOT_FOUND : status;
}

/* Undo send: while the queue has not begun with it. */
void page_send_cancel(struct request *rq)
{
    struct mail mail;
    uint32_t draft = 0;
    if (!mail_open(rq, &mail))
        return;
    enum store_status status = queue_cancel(rq->thread->db, rq->bal.id, param_number(rq, "envoi"));
    if (status == STORE_OK)
        status = sent_to_draft(rq, &mail, (uint32_t)in_number(&rq->in, "copie", 0), &draft);
    trace_act(rq, "web.send.cancel", store_status_name(status), NULL);
    if (status == STORE_OK)
        answer_redirect(rq, path_of(rq, "/b/%lld/ecrire?brouillon=%lu", (long long)rq->bal.id, (unsigned long)draft));
    else
        answer_error(rq, 409, tr(rq, "Trop tard"), tr(rq, "Ce message est déjà parti : il ne peut plus être retenu."));
    mail_close(&mail);
}
