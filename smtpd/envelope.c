/* From whom, to whom: the state between MAIL and the end of DATA. */
#include "smtpd/session.h"

#include <string.h>

enum { KEEP_MESSAGE_BYTES = 16384 }; /* a session's buffer is kept between messages up to here */

bool envelope_open(const struct session *s)
{
    return s->envelope.arena != NULL;
}

static struct span keep(struct arena *arena, struct span text)
{
    return text.p ? arena_span(arena, text) : SPAN_NONE;
}

void envelope_start(struct session *s, const struct smtp_mail *mail, const char *sender_domain)
{
    struct envelope *e = &s->envelope;
    envelope_reset(s);
    e->arena = arena_new(0);
    e->mail = *mail;
    e->mail.from.text = keep(e->arena, mail->from.text);
    e->mail.envid = keep(e->arena, mail->envid);
    e->sender_domain = arena_strdup(e->arena, sender_domain);
    /* The address again, as views of our own copy. */
    if (!mail->from.null && !address_parse(e->mail.from.text, true, &e->mail.from.address))
        panic("an address that was read cannot be read again");
}

void envelope_reset(struct session *s)
{
    struct envelope *e = &s->envelope;
    struct str message = e->message;
    worker_release(s->worker, e->reserved);
    vec_free(&e->recipients);
    arena_destroy(&e->arena);
    *e = (struct envelope){.sender_domain = ""};
    if (message.capacity > KEEP_MESSAGE_BYTES)
        str_free(&message);
    else
        str_clear(&message);
    if (message.max == 0)
        str_init(&message, (size_t)s->worker->conf->smtpd_message_size + INPUT_BYTES_DATA);
    e->message = message;
}

void envelope_add(struct session *s, const struct bal *bal)
{
    struct envelope *e = &s->envelope;
    struct span key = str_span(&s->rcpt_key);
    e->accepted_recipients++;
    vec_each (&e->recipients, known)
        if (span_eq(known->key, key))
            return; /* delivered once all the same */
    struct recipient r = {.text = s->rcpt.to.text,
                          .key = keep(e->arena, key),
                          .orcpt = s->rcpt.orcpt,
                          .notify = s->rcpt.notify,
                          .local = bal != NULL};
    if (bal)
        r.bal = *bal;
    vec_push(&e->recipients, r);
}
