/* SORT (RFC 5256, RFC 5957; RETURN: RFC 5267) and THREAD: a search, then the summaries of what it found. */
#include "imapd/commands.h"
#include "imapd/context.h"
#include "imapd/limit.h"
#include "imapd/reply.h"
#include "imapd/search.h"
#include "lib/proto/charset.h"
#include "lib/proto/imap_sort.h"
#include "lib/proto/imap_thread.h"

struct sorting {
    struct searching search;
    struct imap_sort sort;
    bool thread, by_subject;
    struct arena *texts;
    VEC(struct imap_sort_item) items;
    VEC(struct imap_thread_item) threads;
    struct str fold;
    uint64_t modseq;
    struct session *session;
    struct command *command;
};

static void cursor_free(void *arg)
{
    struct sorting *g = arg;
    searching_free(&g->search);
    arena_destroy(&g->texts);
    vec_free(&g->items);
    vec_free(&g->threads);
    str_free(&g->fold);
    xfree(&g);
}

static struct span kept(struct sorting *g, struct span text)
{
    return text.n ? arena_span(g->texts, text) : SPAN_NONE;
}

static struct span folded(struct sorting *g, struct span text)
{
    str_clear(&g->fold);
    charset_fold(&g->fold, text);
    return kept(g, str_span(&g->fold));
}

static void keep_sort(struct sorting *g, const struct message_facts *facts, const struct summary_view *v)
{
    struct imap_sort_item item = {.uid = facts->uid,
                                  .arrival = facts->internal_date,
                                  .sent = v->has_date ? v->sent : facts->internal_date,
                                  .size = facts->size};
    for (size_t i = 0; i < g->sort.count; i++) {
        switch (g->sort.keys[i].by) {
        case SORT_SUBJECT:
            item.subject = kept(g, v->field[SUMMARY_BASE_SUBJECT]);
            break;
        case SORT_FROM:
            item.from = kept(g, v->field[SUMMARY_SORT_FROM]);
            break;
        case SORT_TO:
            item.to = kept(g, v->field[SUMMARY_SORT_TO]);
            break;
        case SORT_CC:
            item.cc = kept(g, v->field[SUMMARY_SORT_CC]);
            break;
        case SORT_DISPLAYFROM:
            item.display_from = folded(g, v->field[SUMMARY_DISPLAY_FROM]);
            break;
        case SORT_DISPLAYTO:
            item.display_to = folded(g, v->field[SUMMARY_DISPLAY_TO]);
            break;
        default:
            break;
        }
    }
    vec_push(&g->items, item);
}

static void keep_thread(struct sorting *g, const struct message_facts *facts, const struct summary_view *v)
{
    struct span references = v->field[SUMMARY_REFERENCES];
    uint32_t seq = view_seq(g->session->view, facts->uid);
    if (references.n == 0) /* RFC 5256 4: else the first of In-Reply-To */
        references = v->field[SUMMARY_IN_REPLY_TO];
    if (seq)
        vec_push(&g->threads, (struct imap_thread_item){.number = g->command->uid ? facts->uid : seq,
                                                        .sent = v->has_date ? v->sent : facts->internal_date,
                                                        .id = kept(g, v->field[SUMMARY_MESSAGE_ID]),
                                                        .references = kept(g, references),
                                                        .subject = kept(g, v->field[SUMMARY_BASE_SUBJECT]),
                                                        .reply = v->field[SUMMARY_IS_REPLY].n > 0});
}

static bool take(const struct message_facts *facts, void *arg)
{
    struct sorting *g = arg;
    struct summary_view view;
    if (!summary_open(&view, facts->structure))
        view = (struct summary_view){0};
    if (g->thread)
        keep_thread(g, facts, &view);
    else
        keep_sort(g, facts, &view);
    return true;
}

/* A message without a Date counts by its arrival (RFC 5256 2.2). */
static unsigned wanted(const struct sorting *g)
{
    unsigned want = WANT_SUMMARY | (g->thread ? WANT_DATES : 0u);
    for (size_t i = 0; i < g->sort.count; i++) {
        enum imap_sort_by by = g->sort.keys[i].by;
        want |= by == SORT_SIZE ? WANT_SIZE : by == SORT_ARRIVAL || by == SORT_DATE ? WANT_DATES : 0u;
    }
    return want;
}

static enum store_status read_found(struct session *s, struct sorting *g)
{
    uid_list uids = {0};
    enum store_status status = STORE_OK;
    g->texts = arena_new(0);
    str_init(&g->fold, 1 << 16);
    vec_each (&g->search.found, one) {
        vec_push(&uids, one->uid);
        g->modseq = one->modseq > g->modseq ? one->modseq : g->modseq;
    }
    if (uids.len > 0)
        status = messages_each(s->thread->db, s->view->access->mailbox, s->view->folder_id, uids.items, uids.len,
                               wanted(g), take, g);
    vec_free(&uids);
    return status;
}

static void reply_sorted(struct session *s, struct command *c, struct sorting *g)
{
    imap_sort_order(g->items.items, g->items.len, &g->sort);
    if (g->search.program.extended) { /* ESORT (RFC 5267 3): MIN is the first in order, MAX the last */
        g->search.found.len = 0;
        vec_each (&g->items, item)
            vec_push(&g->search.found, (struct message_state){.uid = item->uid, .modseq = g->modseq});
        search_reply_extended(s, c, &g->search);
        if (g->search.program.returns & RETURN_UPDATE)
            context_refuse(s, c->tag, "Only SEARCH is kept."); /* CONTEXT=SORT is not offered */
        return;
    }
    str_puts(&s->out, "* SORT");
    vec_each (&g->items, item) {
        uint32_t number = c->uid ? item->uid : view_seq(s->view, item->uid);
        if (number) {
            str_putc(&s->out, ' ');
            imap_write_u64(&s->out, number);
        }
    }
    if (g->search.program.uses_modseq && g->items.len > 0) {
        str_puts(&s->out, " (MODSEQ ");
        imap_write_u64(&s->out, g->modseq);
        str_putc(&s->out, ')');
    }
    str_puts(&s->out, "\r\n");
}

static enum outcome go_on(struct session *s, struct command *c, struct sorting *g)
{
    bool more;
    enum store_status status = searching_go(s, c, &g->search, &more);
    if (status == STORE_OK && more)
        return CMD_MORE;
    if (status == STORE_OK)
        status = read_found(s, g);
    if (status != STORE_OK)
        return reply_store(c, status);
    if (!g->thread) {
        reply_sorted(s, c, g);
        return reply_ok(c, limit_code(s, c, NULL), "SORT completed.");
    }
    str_puts(&s->out, "* THREAD");
    if (g->by_subject) {
        imap_thread_ordered_subject(&s->out, g->threads.items, g->threads.len);
    } else {
        uint64_t seed;
        crypto_random(&seed, sizeof(seed));
        imap_thread_references(&s->out, g->threads.items, g->threads.len, seed);
    }
    str_puts(&s->out, "\r\n");
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
    g->session = s;
    g->command = c;
    g->search.view = s->view;
    g->search.arena = c->arena;
    if (!parse(&c->r, g)) {
        if (g->search.program.unknown_charset)
            return reply_no(c, "BADCHARSET (US-ASCII UTF-8 ISO-8859-1)", "That charset is not known here.");
        return reply_bad(c, "Criteria, a charset and a search program are expected.");
    }
    if (g->search.program.uses_numbers && session_uidonly(s))
        return reply_uids_required(c);
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
