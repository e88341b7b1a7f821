/* Are these recipients ones that a message may go to? Asked by compose.js as they are typed, so that an address outside the
 * trust space is said at once. By POST: an address may be a patient's.
 */
#include "webmail-cgi/json_writer.h"
#include "webmail-cgi/mail.h"
#include "webmail-cgi/outgoing.h"
#include "webmail-cgi/pages.h"
#include "webmail-cgi/shared.h"

#include "lib/store/send.h"

enum { JUDGED_MAX = 50 };

static void judge(struct request *rq, const struct trust_snapshot *trust, struct json *j, struct span address)
{
    struct send_verdict verdict = {0};
    send_judge_recipient(rq->thread->db, trust, rq->thread->conf, address, 0, &verdict);
    if (verdict.judgement != SEND_RECIPIENT_REFUSED)
        return;
    json_object(j, NULL);
    json_text(j, "address", names_patient(address) ? span_of(tr(rq, "Patient")) : address);
    json_text(j, "words", span_of(verdict.words));
    json_end(j);
}

void page_recipients(struct request *rq)
{
    outgoing_addresses list = {0};
    struct span bad = SPAN_NONE;
    struct json j;
    struct trust_snapshot *trust = shared_trust(rq->thread->shared, rq->thread->db);
    (void)!outgoing_read_addresses(in_text(&rq->in, "adresses"), &list, &bad);
    rq->out.type = "application/json";
    rq->out.status = trust ? 200 : 503;
    json_init(&j, &rq->out.body);
    json_object(&j, NULL);
    json_array(&j, "refused");
    for (size_t i = 0; trust && i < list.len && i < JUDGED_MAX; i++)
        judge(rq, trust, &j, list.items[i].address);
    json_end(&j);
    json_text(&j, "unreadable", bad);
    json_end(&j);
    if (trust)
        trust_release(&trust);
    vec_free(&list);
}
