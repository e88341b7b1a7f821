/* SORT (RFC 5256, RFC 5957; RETURN: RFC 5267) and THREAD: a search, then what is compared of what it found (lib/store/order.h). */
#include "imapd/commands.h"
#include "imapd/context.h"
#include "imapd/limit.h"
#include "imapd/reply.h"
#include "imapd/search.h"
#include "lib/proto/imap_thread.h"
#include "lib/store/order.h"

#include <stdlib.h>

struct sorting {
    struct searching search;
    struct imap_sort sort;
    bool thread, by_subject;
    struct order order;
    uint64_t modseq;
};

static void cursor_free(void *arg)
{
    struct sorting *g = arg;
    searching_free(&g->search);
    order_free(&g->order);
    xfree(&g);
}

static unsigned wanted(const struct sorting *g)
{
    unsigned kinds = ORDER_FACTS | (g->thread && !g->by_subject ? ORDER_THREAD : 0u);
    for (size_t i = 0; i < g->sort.count; i++) {
        enum imap_sort_by by = g->sort.keys[i].by;
        if (by == SORT_CC || by == SORT_FROM || by == SORT_TO || by == SORT_DISPLAYFROM || by == SORT_DISPLAYTO)
            kinds |= ORDER_PEOPLE;
    }
    return kinds;
}

static enum store_status read_found(struct session *s, struct sorting *g)
{
    uid_list uids = {0};
    enum store_status status = STORE_OK;
    vec_each (&g->search.found, one) {
        vec_push(&uids, one->uid);
        g->modseq = one->modseq > g->modseq ? one->modseq : g->modseq;
    }
    if (uids.len > 0)
        status = messages_order(s->thread->db, s->view->access->mailbox, s->view->folder_id, uids.items, uids.len,
                                view_last_uid(s->view), wanted(g), &g->order);
    vec_free(&uids);
    return status;
}

static void reply_plain(struct session *s, const struct command *c, const struct sorting *g, const uint32_t *uids,
                        size_t count)
{
    str_puts(&s->out, "* SORT");
    for (size_t i = 0; i < count; i++) {
        uint32_t number = c->uid ? uids[i] : view_seq(s->view, uids[i]);
        if (number) {
            str_putc(&s->out, ' ');
            imap_write_u64(&s->out, number);
        }
    }
    if (g->search.program.uses_modseq && count > 0) {
        str_puts(&s->out, " (MODSEQ ");
        imap_write_u64(&s->out, g->modseq);
        str_putc(&s->out, ')');
    }
    str_puts(&s->out, "\r\n");
}

/* What was found, by UID until now, as the sort has it: each with its own MODSEQ. */
static void put_in_order(struct searching *g, const uint32_t *uids, size_t count)
{
    state_list sorted = {0};
    for (size_t i = 0; i < count; i++) {
        struct message_state wanted = {.uid = uids[i]};
        const struct message_state *one =
            bsearch(&wanted, g->found.items, g->found.len, sizeof(g->found.items[0]), search_by_uid);
        vec_push(&sorted, one ? *one : wanted);
    }
    vec_free(&g->found);
    g->found.items = sorted.items;
    g->found.len = sorted.len;
    g->found.capacity = sorted.capacity;
}

static void reply_sorted(struct session *s, struct command *c, struct sorting *g)
{
    size_t count = g->order.items.len;
    uint32_t *uids = xcalloc(count + 1, sizeof(*uids));
    imap_sort_order(uids, g->order.items.items, count, &g->sort);
    if (g->search.program.extended) { /* ESORT (RFC 5267 3): MIN is the first in order, MAX the last */
        put_in_order(&g->search, uids, count);
        search_reply_extended(s, c, &g->search);
        if (g->search.program.returns & RETURN_UPDATE)
            context_refuse(s, c->tag, "Only SEARCH is kept."); /* CONTEXT=SORT is not offered */
    } else {
        reply_plain(s, c, g, uids, count);
    }
    xfree(&uids);
}

static void reply_threads(struct session *s, const struct command *c, const struct sorting *g)
{
    VEC(struct imap_thread_item) items = {0};
    vec_each (&g->order.items, item) {
        uint32_t seq = view_seq(s->view, item->uid);
        if (seq)
            vec_push(&items, (struct imap_thread_item){.number = c->uid ? item->uid : seq,
                                                       .sent = item->sent,
                                                       .id = item->id,
                                                       .references = item->references,
                                                       .subject = item->subject,
                                                       .reply = item->reply});
    }
    str_puts(&s->out, "* THREAD");
    if (g->by_subject) {
        imap_thread_ordered_subject(&s->out, items.items, items.len);
    } else {
        uint64_t seed;
        crypto_random(&seed, sizeof(seed));
        imap_thread_references(&s->out, items.items, items.len, seed);
    }
    str_puts(&s->out, "\r\n");
    vec_free(&items);
}

static enum outcome go_on(struct session *s, struct command *c, struct sorting *g)
{
    bool more;
    enum store_status status = searching_go(s, c, &g->search, &more);
    if (status == STORE_OK && more)
        return CMD_MORE;
    if (status == STORE_OK)
        status = read_found(s, g);
    if (status != STORE_OK) {
        search_not_saved(s, &g->search.program);
        return reply_store(c, status);
    }
    if (!g->thread) {
        reply_sorted(s, c, g);
        return reply_ok(c, limit_code(s, c, NULL), "SORT completed.");
    }
    reply_threads(s, c, g);
    return reply_ok(c, limit_code(s, c, NULL), "THREAD completed.");
}

/* "[RETURN (…)] (criteria) charset keys", or "algorithm charset keys" */
static bool parse(struct imap_reader *r, struct sorting *g)
{
    struct span charset;
    if (!imap_sp(r))
        return false;
    if (g->thread) {
        g->by_subject = imap_word(r, "ORDEREDSUBJECT");
        if (!g->by_subject && !imap_word(r, "REFERENCES"))
            return false;
    } else {
        if (imap_word(r, "RETURN") && (!imap_search_returns(r, &g->search.program) || !imap_sp(r)))
            return false;
        if (!imap_sort_parse(r, &g->sort))
            return false;
    }
    return imap_sp(r) && imap_astring(r, &charset) && imap_sp(r) && imap_search_charset(&g->search.program, charset) &&
           imap_search_keys(r, &g->search.program);
}

static enum outcome run(struct session *s, struct command *c, bool thread)
{
    struct sorting *g = c->cursor;
    if (g)
        return go_on(s, c, g);
    g = c->cursor = xcalloc(1, sizeof(*g));
    c->cursor_free = cursor_free;
    g->thread = thread;
    g->search.view = s->view;
    g->search.arena = c->arena;
    if (!parse(&c->r, g))
        return search_reply_parse(s, c, &g->search.program, "Criteria, a charset and a search program are expected.");
    if (g->search.program.uses_numbers && session_uidonly(s))
        return reply_uids_required(c);
    c->no_expunge = g->search.program.uses_numbers;
    if (g->search.program.uses_modseq)
        session_enable_condstore(s);
    return go_on(s, c, g);
}

enum outcome cmd_sort(struct session *s, struct command *c)
{
    return run(s, c, false);
}

enum outcome cmd_thread(struct session *s, struct command *c)
{
    return run(s, c, true);
}
