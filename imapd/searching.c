/* A search's passes. See search.h. */
#include "imapd/search.h"

#include "imapd/worker.h"

#include "lib/base/clock.h"
#include "lib/base/num.h"
#include "lib/proto/charset.h"
#include "lib/proto/imap_write.h"

#include <stdlib.h>
#include <string.h>

static void fold_text(struct searching *g, struct imap_key *key)
{
    struct str folded;
    str_init(&folded, 8 * key->text.n + 64);
    (void)(key->fuzzy ? charset_fold_bare(&folded, key->text) : charset_fold(&folded, key->text));
    struct span kept = arena_span(g->arena, str_span(&folded));
    key->text = folded.len > 0 ? kept : (struct span){"", 0};
    str_free(&folded);
}

static uint64_t keyword_bit(const struct view *view, struct span name)
{
    for (size_t i = 0; i < view->keywords.len; i++) {
        if (span_eq_nocase(name, span_of(view->keywords.items[i])))
            return (uint64_t)1 << (FLAG_KEYWORD_FIRST + i);
    }
    return 0;
}

/* What a key needs read, and its argument in the form that judging wants. */
static void prepare_key(struct searching *g, struct imap_key *key)
{
    struct view *view = g->view;
    switch (key->key) {
    case KEY_KEYWORD:
    case KEY_UNKEYWORD:
        key->number = keyword_bit(view, key->text);
        g->want_states = true;
        break;
    case KEY_FLAG:
    case KEY_NOFLAG:
    case KEY_NEW:
    case KEY_MODSEQ:
        g->want_states = true;
        break;
    case KEY_SEQUENCE:
        imap_set_resolve(&key->set, view->count);
        break;
    case KEY_UID:
        imap_set_resolve(&key->set, view->count ? view_last_uid(view) : 0);
        break;
    case KEY_BCC:
    case KEY_CC:
    case KEY_FROM:
    case KEY_TO:
    case KEY_SUBJECT:
        fold_text(g, key);
        g->want |= WANT_SUMMARY;
        break;
    case KEY_HEADER:
    case KEY_BODY:
    case KEY_TEXT:
        fold_text(g, key);
        g->want_text = true;
        break;
    case KEY_SENTBEFORE:
    case KEY_SENTON:
    case KEY_SENTSINCE:
        g->want |= WANT_SUMMARY;
        break;
    case KEY_EMAILID: /* "M<blob>" */
        if (key->text.n < 2 || key->text.p[0] != 'M' ||
            !num_u64((struct span){key->text.p + 1, key->text.n - 1}, INT64_MAX, &key->number))
            key->number = 0;
        g->want |= WANT_SIZE;
        break;
    case KEY_AND:
    case KEY_OR:
    case KEY_NOT:
    case KEY_FUZZY:
    case KEY_ALL:
    case KEY_SAVED:
    case KEY_SAVEDATESUPPORTED:
    case KEY_THREADID:
        break;
    default:
        g->want |= WANT_SIZE | WANT_DATES;
    }
}

static void prepare(struct searching *g, struct imap_key *key, bool fuzzy)
{
    for (; key; key = key->next) {
        key->fuzzy = fuzzy;
        prepare_key(g, key);
        prepare(g, key->child, fuzzy || key->key == KEY_FUZZY);
    }
}

static void judge_state(struct searching *g, const struct candidate *m)
{
    enum verdict verdict = search_judge(&g->context, g->program.root, m);
    if (verdict == VERDICT_YES)
        vec_push(&g->found, m->state);
    else if (verdict == VERDICT_LATER)
        vec_push(&g->undecided, m->state);
}

static void judge_states(struct searching *g, const state_list *states)
{
    size_t j = 0;
    uint32_t passed = g->limit < g->view->count ? g->view->count - g->limit : 0; /* the lowest are left out */
    vec_each (&g->view->runs, run) {
        for (uint32_t i = run->before < passed ? passed - run->before : 0; i < run->count; i++) {
            struct candidate m = {.state = {.uid = run->uid + i}, .seq = run->before + 1 + i};
            if (states) {
                while (j < states->len && states->items[j].uid < m.state.uid)
                    j++;
                if (j == states->len || states->items[j].uid != m.state.uid)
                    continue; /* expunged by another session: no answer is right about it */
                m.state = states->items[j];
                m.state.flags = view_flags(g->view, &m.state);
            }
            judge_state(g, &m);
        }
    }
}

static enum store_status first_pass(struct session *s, struct command *c, struct searching *g)
{
    state_list states = {0};
    struct view *view = g->view;
    enum store_status status = view_load(view, s->thread->db);
    g->prepared = true;
    g->command = c;
    g->limit =
        s->worker->conf->imap_message_limit < UINT32_MAX ? (uint32_t)s->worker->conf->imap_message_limit : UINT32_MAX;
    g->context = (struct search_context){.s = s, .now = wall_s()};
    str_init(&g->context.scratch, 64 << 20);
    prepare(g, g->program.root, false);
    if (g->want_text)
        g->want |= WANT_TEXT | WANT_SIZE;
    if (status == STORE_OK && g->want_states && view->count > 0)
        status =
            folder_states(s->thread->db, view->access->mailbox, view->folder_id, 1, view_last_uid(view), 0, &states);
    if (status == STORE_OK && view->count > g->limit)
        c->cut_at = view_uid(view, view->count - g->limit + 1);
    if (status == STORE_OK)
        judge_states(g, g->want_states ? &states : NULL);
    vec_free(&states);
    return status;
}

struct batch {
    struct session *s;
    struct searching *g;
    size_t at, end; /* of undecided */
    uint64_t until; /* ms: then others get the thread */
    bool stopped;
};

/* One more is judged. Is there time for the next? */
static bool step(struct batch *batch)
{
    batch->at++;
    batch->stopped = clock_ms() > batch->until;
    return !batch->stopped;
}

static void split_text(struct candidate *m, struct span text)
{
    const char *nul = text.n ? memchr(text.p, '\0', text.n) : NULL;
    size_t headers = nul ? (size_t)(nul - text.p) : text.n;
    m->headers = (struct span){text.p, headers};
    m->text = nul ? (struct span){nul + 1, text.n - headers - 1} : SPAN_NONE;
}

static bool judge_facts(const struct message_facts *facts, void *arg)
{
    struct batch *batch = arg;
    struct searching *g = batch->g;
    while (batch->at < batch->end && g->undecided.items[batch->at].uid < facts->uid)
        batch->at++;
    if (batch->at == batch->end)
        return false;
    struct candidate m = {.state = g->undecided.items[batch->at], .facts = facts, .text_known = g->want_text};
    if (m.state.uid != facts->uid)
        return true;
    if (g->want_text && (facts->summary_flags & (SUMMARY_CUT | SUMMARY_BROKEN))) {
        vec_push(&g->deep, m.state);
        return step(batch);
    }
    m.seq = view_seq(g->view, facts->uid);
    m.summary_ok = (g->want & WANT_SUMMARY) && summary_open(&m.summary, facts->structure);
    if (g->want_text)
        split_text(&m, facts->text);
    if (search_judge(&g->context, g->program.root, &m) == VERDICT_YES)
        vec_push(&g->found, m.state);
    return step(batch);
}

/* What search_deep() reads of the database needs a copy of the facts: they are shown while the database is busy. */
struct kept_facts {
    struct message_facts facts;
    struct str structure;
};

static bool keep_facts(const struct message_facts *facts, void *arg)
{
    struct kept_facts *kept = arg;
    str_add_span(&kept->structure, facts->structure);
    kept->facts = *facts;
    kept->facts.structure = str_span(&kept->structure);
    return false;
}

static enum store_status judge_deep(struct session *s, struct searching *g, const struct message_state *state)
{
    struct kept_facts kept = {0};
    struct candidate m = {.state = *state, .facts = &kept.facts, .text_known = true, .deep = true};
    str_init(&kept.structure, SUMMARY_MAX + 1);
    enum store_status status = messages_each(s->thread->db, g->view->access->mailbox, g->view->folder_id, &state->uid,
                                             1, WANT_SIZE | WANT_DATES | WANT_SUMMARY, keep_facts, &kept);
    if (status == STORE_OK && kept.facts.uid == state->uid) { /* else it went meanwhile */
        m.seq = view_seq(g->view, state->uid);
        m.summary_ok = summary_open(&m.summary, kept.facts.structure);
        status = search_deep(s, g, &kept.facts);
        if (status == STORE_OK && search_judge(&g->context, g->program.root, &m) == VERDICT_YES)
            vec_push(&g->found, m.state);
    }
    str_free(&kept.structure);
    return status;
}

static enum store_status judge_batch(struct session *s, struct searching *g, uint64_t until)
{
    struct batch batch = {.s = s, .g = g, .at = g->at, .until = until};
    uid_list uids = {0};
    size_t left = g->undecided.len - g->at;
    batch.end = g->at + (left < SEARCH_BATCH ? left : SEARCH_BATCH);
    for (size_t i = g->at; i < batch.end; i++)
        vec_push(&uids, g->undecided.items[i].uid);
    enum store_status status = messages_each(s->thread->db, g->view->access->mailbox, g->view->folder_id, uids.items,
                                             uids.len, g->want, judge_facts, &batch);
    vec_each (&g->deep, state) {
        if (status == STORE_OK)
            status = judge_deep(s, g, state);
    }
    g->deep.len = 0;
    g->at = batch.stopped ? batch.at : batch.end;
    vec_free(&uids);
    return status;
}

int search_by_uid(const void *a, const void *b)
{
    const struct message_state *x = a, *y = b;
    return x->uid < y->uid ? -1 : x->uid > y->uid;
}

/* RFC 9585: so that a client knows that its search is alive. */
static void tell_progress(struct session *s, const struct command *c, const struct searching *g)
{
    str_puts(&s->out, "* OK [INPROGRESS (");
    imap_write_string(&s->out, c->tag, false);
    str_putc(&s->out, ' ');
    imap_write_u64(&s->out, g->at);
    str_putc(&s->out, ' ');
    imap_write_u64(&s->out, g->undecided.len);
    str_puts(&s->out, ")] Still looking.\r\n");
}

enum store_status searching_go(struct session *s, struct command *c, struct searching *g, bool *more)
{
    uint64_t until = clock_ms() + SEARCH_TURN_MS;
    *more = false;
    if (!g->prepared)
        g->status = first_pass(s, c, g);
    while (g->status == STORE_OK && g->at < g->undecided.len) {
        if (clock_ms() > until) {
            *more = true;
            tell_progress(s, c, g);
            return STORE_OK;
        }
        g->status = judge_batch(s, g, until);
    }
    if (g->status == STORE_OK && g->found.len > 1)
        qsort(g->found.items, g->found.len, sizeof(g->found.items[0]), search_by_uid);
    return g->status;
}

/* Keywords may have come since: their bits are looked up anew. */
static void renew_keywords(struct searching *g, struct imap_key *key)
{
    for (; key; key = key->next) {
        if (key->key == KEY_KEYWORD || key->key == KEY_UNKEYWORD)
            key->number = keyword_bit(g->view, key->text);
        renew_keywords(g, key->child);
    }
}

enum store_status searching_again(struct session *s, struct searching *g, const state_list *states)
{
    g->found.len = g->undecided.len = g->at = 0;
    g->context.s = s;
    g->context.now = wall_s();
    renew_keywords(g, g->program.root);
    vec_each (states, state) {
        struct candidate m = {.state = *state, .seq = view_seq(g->view, state->uid)};
        m.state.flags = view_flags(g->view, state);
        judge_state(g, &m);
    }
    enum store_status status = STORE_OK;
    while (status == STORE_OK && g->at < g->undecided.len)
        status = judge_batch(s, g, UINT64_MAX);
    if (g->found.len > 1)
        qsort(g->found.items, g->found.len, sizeof(g->found.items[0]), search_by_uid);
    return status;
}

void searching_free(struct searching *g)
{
    imap_search_free(&g->program);
    if (g->prepared)
        str_free(&g->context.scratch);
    vec_free(&g->undecided);
    vec_free(&g->deep);
    vec_free(&g->found);
}
