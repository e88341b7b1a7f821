/* A letter's life outside the connection: made of a claim's message, read by a job before it is its turn. */
#include "smtpd/relay.h"

#include "lib/base/fault.h"
#include "lib/proto/address.h"
#include "lib/store/alarms.h"
#include "lib/store/send_rate.h"

#include <stdio.h>

struct letter *letter_new(struct relay *r, const char *domain, struct queue_message *message)
{
    struct letter *l = xcalloc(1, sizeof(*l));
    l->relay = r;
    l->message = *message;
    *message = (struct queue_message){.id = 0};
    struct queue_message *m = &l->message;
    snprintf(l->domain, sizeof(l->domain), "%s", domain);
    log_new_id(&l->log);
    l->identity = relay_identity_of(r, m->own_domain);
    str_init(&l->body, (size_t)r->conf->smtpd_message_size * 2);
    vec_each (&m->recipients, q)
        vec_push(&l->recipients,
                 (struct relay_recipient){.address = q->address, .notify = q->notify, .orcpt = q->orcpt});
    l->mail = (struct relay_mail){.sender = m->sender,
                                  .envid = m->envid,
                                  .ret = m->ret,
                                  .smtputf8 = m->smtputf8,
                                  .recipients = l->recipients.items,
                                  .count = l->recipients.len,
                                  .letter = l};
    return l;
}

void letter_free(struct letter **at)
{
    struct letter *l = *at;
    if (!l)
        return;
    trust_release(&l->snapshot);
    vec_free(&l->message.recipients);
    vec_free(&l->recipients);
    str_free(&l->body);
    xfree(at);
}

static void withdraw(struct letter *l, struct relay_recipient *r)
{
    l->withdrawn = true;
    r->code = 550;
    snprintf(r->enhanced, sizeof(r->enhanced), "5.7.1");
    snprintf(r->reply, sizeof(r->reply), "550 5.7.1 No right to send this any more");
}

/* FUTURERELEASE: what was true when the message was accepted is asked again when it leaves; a patient's opposition, always. */
static enum store_status judge_again(struct relay_thread *thread, struct letter *l)
{
    bool allowed = true, opposed = false, patients = domain_is_patient(span_of(l->domain));
    int64_t structure = 0;
    if (!patients && !l->message.waits)
        return STORE_OK;
    enum store_status status = queue_still_allowed(thread->db, l->message.id, &allowed, &structure);
    for (size_t i = 0; i < l->recipients.len && status == STORE_OK; i++) {
        struct relay_recipient *r = &l->recipients.items[i];
        if (allowed && patients)
            status = patient_opposed(thread->db, structure, span_of(r->address), &opposed);
        if (status == STORE_OK && (!allowed || opposed))
            withdraw(l, r);
    }
    return status;
}

bool relay_queue_key(struct relay_thread *thread)
{
    struct key_pair pair;
    if (!thread->queue_key && keyd_queue_key(thread->keyd, &pair) == KEYD_OK) {
        thread->queue_key = queue_opener_new(&pair);
        crypto_wipe(&pair, sizeof(pair));
    }
    return thread->queue_key != NULL;
}

/* It waits as for any failure of the store, but no later try will mend it: somebody must know. One alarm for all, raised again
 * with each try that meets one, cleared by claim_run() when none has for long. */
static void tell_damage(struct relay_thread *thread, struct letter *const *letters, size_t count)
{
    char what[200];
    size_t i = 0;
    while (i < count && letters[i]->status != STORE_DAMAGED)
        i++;
    if (i == count)
        return;
    snprintf(what, sizeof(what),
             "le message %lld de la file ne s'ouvre plus : ce qui est enregistré est abîmé, rien n'en part",
             (long long)letters[i]->message.id);
    (void)!alarm_raise(
        thread->db, "relay.damaged", "", what,
        "caducee queue list (règle store, damaged) ; restaurer la base, ou prévenir l'expéditeur puis caducee "
        "queue drop MESSAGE");
}

void relay_load(struct relay_thread *thread, struct letter *const *letters, size_t count)
{
    VEC(struct queue_reading) readings = {0};
    VEC(struct letter *) read = {0};
    bool key = relay_queue_key(thread);
    for (size_t i = 0; i < count; i++) {
        struct letter *l = letters[i];
        l->status = key ? judge_again(thread, l) : STORE_UNAVAILABLE;
        if (l->status != STORE_OK)
            continue;
        vec_push(&read, l);
        vec_push(&readings, (struct queue_reading){l->message.id, l->message.bal_id, &l->body, STORE_UNAVAILABLE});
    }
    enum store_status status = queue_read_many(thread->db, thread->queue_key, readings.items, readings.len);
    for (size_t i = 0; i < read.len; i++) {
        read.items[i]->status = status == STORE_OK ? readings.items[i].status : status;
        read.items[i]->mail.body = str_span(&read.items[i]->body);
    }
    vec_free(&readings);
    vec_free(&read);
    tell_damage(thread, letters, count);
    FAULT("relay.after_load");
}
