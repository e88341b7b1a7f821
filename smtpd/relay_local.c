/* Recipients of ours whose message waited: FUTURERELEASE, "send later", a hold. Judged again now, delivered as submission
 * would have done.
 */
#include "smtpd/relay.h"

#include "lib/base/clock.h"
#include "lib/net/wake.h"
#include "lib/proto/address.h"
#include "lib/proto/summary.h"
#include "lib/store/arrival.h"

#include <stdio.h>
#include <string.h>

static void say(struct relay_recipient *r, unsigned code, const char *enhanced, const char *words)
{
    r->code = code;
    snprintf(r->enhanced, sizeof(r->enhanced), "%s", enhanced);
    snprintf(r->reply, sizeof(r->reply), "%u %s %s", code, enhanced, words);
}

static void say_status(struct relay_recipient *r, enum store_status status)
{
    switch (status) {
    case STORE_OK:
        say(r, 250, "2.0.0", "Delivered");
        break;
    case STORE_NOT_FOUND:
        say(r, 550, "5.1.1", "No such mailbox here");
        break;
    case STORE_REFUSED:
        say(r, 550, "5.2.1", "Mailbox is closed");
        break;
    case STORE_OVER_QUOTA:
        say(r, 452, "4.2.2", "Mailbox is full");
        break;
    default:
        say(r, 451, "4.3.0", "Mailbox cannot be reached now");
    }
}

struct inside {
    struct relay_thread *thread;
    struct letter *letter;
    struct arrival arrival;
    const struct summary *summary;
};

/* An own mailbox's read receipt. */
static bool speaks_for(struct span address, const void *sender)
{
    return span_is_nocase(address, sender);
}

static enum store_status into_bal(struct inside *in, const struct bal *bal, struct span head)
{
    struct letter *l = in->letter;
    struct relay *r = l->relay;
    struct db *db = in->thread->db;
    struct delivery_target target = {.bal = bal,
                                     .head = head,
                                     .trace = {.action = "relay.deliver",
                                               .answer = "250 2.0.0",
                                               .session = l->log.id,
                                               .actor_kind = TRACE_SYSTEM,
                                               .actor = r->name,
                                               .counterpart = l->domain,
                                               .direction = "inside"}};
    struct delivery delivery = {.body = str_span(&l->body),
                                .summary = *in->summary,
                                .internal_date = wall_s(),
                                .targets = &target,
                                .target_count = 1};
    struct send_request like = {
        .conf = r->conf, .session = l->log.id, .parse = in->thread->parse, .wake_path = r->wake_path};
    arrival_sort(db, &in->arrival, &target);
    enum store_status status = arrival_deliver(db, r->keys, &in->arrival, &delivery);
    if (status == STORE_OK) {
        wake_send(r->wake_path, &(struct wake_notice){bal->id, target.folder_id, target.modseq});
        arrival_answer(db, r->keys, l->snapshot, &in->arrival, &target, 1, &like);
    }
    return status;
}

static enum store_status deliver_one(struct inside *in, struct relay_recipient *r)
{
    struct str key, head;
    struct bal bal;
    enum store_status status = STORE_NOT_FOUND;
    str_init(&key, ADDRESS_MAX);
    str_init(&head, 1024);
    str_addf(&head, "Return-Path: <%s>\r\n", in->letter->mail.sender);
    if (address_key_of(&key, span_of(r->address)))
        status = bal_of_recipient(in->thread->db, str_span(&key), in->letter->relay->conf->mx_postmaster, &bal);
    if (status == STORE_OK)
        status = into_bal(in, &bal, str_span(&head));
    str_free(&key);
    str_free(&head);
    return status;
}

void relay_deliver_local(struct relay_thread *thread, struct letter *l)
{
    struct parse_answer parsed = {.flags = 0};
    struct str opaque;
    struct summary summary;
    struct inside in = {.thread = thread, .letter = l, .summary = &summary};
    str_init(&opaque, SUMMARY_MAX);
    if (parse_call(thread->parse, PARSE_SUMMARY, str_span(&l->body), SPAN_NONE, &parsed) == PARSE_OK) {
        summary = (struct summary){parsed.flags, parsed.structure, parsed.text};
    } else {
        summary_opaque(&opaque, (uint32_t)l->body.len);
        summary = (struct summary){SUMMARY_BROKEN, str_span(&opaque), SPAN_NONE};
    }
    arrival_begin(&in.arrival, str_span(&l->body), &summary, l->mail.sender);
    in.arrival.speaks_for = speaks_for;
    in.arrival.arg = l->mail.sender;
    for (size_t i = 0; i < l->recipients.len; i++)
        say_status(&l->recipients.items[i], deliver_one(&in, &l->recipients.items[i]));
    parse_answer_free(&parsed);
    str_free(&opaque);
}
