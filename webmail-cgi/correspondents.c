#include "webmail-cgi/correspondents.h"

#include "webmail-cgi/mail.h"

#include "lib/base/text.h"
#include "lib/proto/charset.h"

enum { NEWEST = 200 };

struct looking {
    struct request *rq;
    struct span words; /* folded */
    size_t limit;
    outgoing_addresses *out;
    bool sent;
};

static bool holds_each(const struct outgoing_address *a, struct span words)
{
    struct str folded;
    struct span word;
    bool all = true;
    str_init(&folded, 4096);
    charset_fold(&folded, a->name);
    str_putc(&folded, ' ');
    charset_fold(&folded, a->address);
    while (all && words.n > 0 && span_cut(&words, ' ', &word))
        all = word.n == 0 || span_find(str_span(&folded), word) >= 0;
    str_wipe(&folded);
    return all;
}

static bool known(const struct looking *l, struct span address)
{
    vec_each (l->out, a)
        if (span_eq_nocase(a->address, address))
            return true;
    return span_eq_nocase(address, span_of(l->rq->bal.address));
}

static void take_list(struct looking *l, struct span list)
{
    outgoing_addresses found = {0};
    struct span bad;
    (void)!outgoing_read_addresses(list, &found, &bad);
    vec_each (&found, a)
        if (l->out->len < l->limit && !known(l, a->address) && holds_each(a, l->words))
            vec_push(l->out, ((struct outgoing_address){arena_span(l->rq->arena, a->name),
                                                        arena_span(l->rq->arena, a->address)}));
    vec_free(&found);
}

static bool look(const struct message_facts *facts, void *arg)
{
    struct looking *l = arg;
    struct summary_view view;
    if (!summary_open(&view, facts->structure))
        return true;
    if (!l->sent)
        take_list(l, view.field[SUMMARY_FROM]);
    else
        take_list(l, view.field[SUMMARY_TO]);
    if (l->sent)
        take_list(l, view.field[SUMMARY_CC]);
    return l->out->len < l->limit;
}

static enum store_status look_in(struct looking *l, const struct folder *folder)
{
    state_list states = {0};
    uid_list uids = {0};
    uint32_t from = folder->uidnext > NEWEST ? folder->uidnext - NEWEST : 1;
    enum store_status status =
        folder_states(l->rq->thread->db, l->rq->mailbox, folder->id, from, UINT32_MAX, 0, &states);
    vec_each (&states, s)
        vec_push(&uids, s->uid);
    if (status == STORE_OK && uids.len > 0)
        status =
            messages_each(l->rq->thread->db, l->rq->mailbox, folder->id, uids.items, uids.len, WANT_SUMMARY, look, l);
    vec_free(&states);
    vec_free(&uids);
    return status;
}

enum store_status correspondents_search(struct request *rq, struct span typed, size_t limit, outgoing_addresses *out)
{
    struct mail mail;
    struct str words;
    if (!mail_open(rq, &mail))
        return STORE_UNAVAILABLE;
    str_init(&words, 4096);
    charset_fold(&words, typed);
    struct looking l = {.rq = rq, .words = str_span(&words), .limit = limit, .out = out};
    enum store_status status = STORE_OK;
    static const char *const places[] = {"\\Sent", "INBOX"};
    for (size_t i = 0; i < COUNT(places) && status == STORE_OK; i++) {
        const struct folder *folder = mail_special(&mail, places[i]);
        l.sent = i == 0;
        if (folder)
            status = look_in(&l, folder);
    }
    str_wipe(&words);
    mail_close(&mail);
    return status;
}
