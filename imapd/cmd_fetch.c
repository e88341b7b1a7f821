/* FETCH and UID FETCH (RFC 9051 6.4.5; CHANGEDSINCE, VANISHED: RFC 7162 3.1.4, 3.2.6). */
#include "imapd/commands.h"
#include "imapd/fetch.h"
#include "imapd/limit.h"
#include "imapd/reply.h"
#include "imapd/selection.h"
#include "imapd/traces.h"
#include "lib/proto/imap_search.h"

#include <string.h>

struct fetch *fetch_new(void)
{
    struct fetch *f = xcalloc(1, sizeof(*f));
    str_init(&f->structures, 1u << 31);
    str_init(&f->flags_text, 1 << 16);
    str_init(&f->ahead, 2 << 20);
    return f;
}

void fetch_free(void *arg)
{
    struct fetch *f = arg;
    imap_fetch_free(&f->items);
    vec_free(&f->uids);
    vec_free(&f->batch);
    vec_free(&f->read);
    str_free(&f->structures);
    str_free(&f->ahead);
    str_free(&f->flags_text);
    xfree(&f);
}

static bool parse_modifiers(struct imap_reader *r, struct fetch *f)
{
    if (imap_at_end(r))
        return true;
    if (!imap_sp(r) || !imap_char(r, '('))
        return false;
    do {
        if (imap_word(r, "CHANGEDSINCE")) {
            if (!imap_sp(r) || !imap_u63(r, &f->changed_since))
                return false;
            f->changed = true;
        } else if (imap_word(r, "VANISHED")) {
            f->vanished = true;
        } else if (imap_word(r, "PARTIAL")) {
            if (!imap_sp(r) || !imap_partial_range(r, &f->partial_from, &f->partial_to))
                return false;
        } else {
            return false;
        }
    } while (imap_sp(r));
    return imap_char(r, ')') && imap_at_end(r);
}

void fetch_plan(struct session *s, struct fetch *f, bool by_uid)
{
    enum { SUMMARY = FETCH_ENVELOPE | FETCH_BODY | FETCH_BODYSTRUCTURE | FETCH_PREVIEW };
    enum { FACTS = SUMMARY | FETCH_INTERNALDATE | FETCH_SIZE | FETCH_SAVEDATE | FETCH_EMAILID };
    unsigned *items = &f->items.items;
    if (by_uid && !session_uidonly(s))
        *items |= FETCH_UID;
    if (f->changed || (*items & FETCH_MODSEQ)) {
        session_enable_condstore(s);
        *items |= FETCH_MODSEQ;
    }
    f->wants_states = (*items & (FETCH_FLAGS | FETCH_MODSEQ)) || imap_fetch_marks_seen(&f->items);
    f->wants_facts = (*items & FACTS) || f->items.bodies.len > 0;
    f->wants_more = (*items & FACTS & ~(unsigned)(SUMMARY | FETCH_EMAILID)) || f->items.bodies.len > 0;
    f->wants_summary = (*items & SUMMARY) != 0;
    vec_each (&f->items.bodies, body)
        f->wants_summary = f->wants_summary || body->section.depth > 0 || body->section.kind != SECTION_ALL;
}

static enum outcome finish(struct session *s, struct command *c, struct fetch *f)
{
    enum store_status status = STORE_OK;
    if (f->read.len > 0) /* committed before the tagged OK (issue: traces) */
        status = trace_act(s, "imap.fetch", s->view->access, s->view->folder_id, &f->read);
    if (status != STORE_OK)
        return reply_store(c, status);
    if (f->unknown_cte)
        return reply_no(c, "UNKNOWN-CTE", "The transfer encoding of a part is not known.");
    return reply_ok(c, limit_code(s, c, f->missing ? "EXPUNGEISSUED" : NULL), "FETCH completed.");
}

/* One message that is more than its state; false when the slice is full. */
static enum store_status one_message(struct session *s, struct fetch *f, bool *full)
{
    const struct fetched *message = &f->batch.items[f->at];
    if (!f->line_open) {
        fetch_write_facts(s, f, message);
        f->line_open = true;
        f->body = 0;
        if (fetch_reads_bodies(f))
            imap_set_add(&f->read, message->uid);
    }
    enum store_status status = fetch_write_bodies(s, f, message, full);
    if (status != STORE_OK || *full)
        return status;
    str_puts(&s->out, ")\r\n");
    f->line_open = false;
    f->at++;
    *full = s->out.len >= SLICE_BYTES;
    return STORE_OK;
}

static enum outcome go_on(struct session *s, struct command *c, struct fetch *f)
{
    enum store_status status = STORE_OK;
    bool full = false;
    while (status == STORE_OK && !full) {
        if (f->at == f->batch.len) {
            status = fetch_batch(s, f);
            if (status == STORE_OK && f->batch.len == 0)
                return finish(s, c, f);
        } else if (f->wants_facts) {
            size_t line = f->line_open ? SIZE_MAX : s->out.len;
            status = one_message(s, f, &full);
            if (status != STORE_OK && !f->broken && line != SIZE_MAX)
                str_truncate(&s->out, line); /* the line is taken back: nothing of it has left */
            else if (status != STORE_OK)
                s->broken = true;
        } else {
            fetch_write_states(s, f);
            full = s->out.len >= SLICE_BYTES;
        }
    }
    return status == STORE_OK ? CMD_MORE : reply_store(c, status);
}

/* PARTIAL 1:500, or -1:-100 from the end (RFC 9394 3.2): places among the messages that are asked for. */
static void cut_partial(struct fetch *f)
{
    int64_t count = (int64_t)f->uids.len;
    int64_t a = f->partial_from > 0 ? f->partial_from - 1 : count + f->partial_from;
    int64_t b = f->partial_from > 0 ? f->partial_to - 1 : count + f->partial_to;
    int64_t first = a < b ? a : b, last = a < b ? b : a;
    first = first < 0 ? 0 : first;
    last = last >= count ? count - 1 : last;
    if (first > last) {
        f->uids.len = 0;
        return;
    }
    memmove(f->uids.items, f->uids.items + first, (size_t)(last - first + 1) * sizeof(f->uids.items[0]));
    f->uids.len = (size_t)(last - first + 1);
}

static enum outcome begin(struct session *s, struct command *c, struct fetch *f)
{
    imap_set set = {0};
    enum store_status status = STORE_OK;
    enum selection selection = imap_sp(&c->r) ? selection_read(s, c, &set, &status) : SELECTION_BAD;
    if (selection != SELECTION_OK) {
        vec_free(&set);
        return selection_reply(c, selection, status);
    }
    if (!imap_sp(&c->r) || !imap_fetch_parse(&c->r, &f->items) || !parse_modifiers(&c->r, f)) {
        vec_free(&set);
        return reply_bad(c, "What is to be fetched is not clear.");
    }
    fetch_plan(s, f, c->uid);
    if (f->partial_from && !c->uid) {
        vec_free(&set);
        return reply_bad(c, "PARTIAL asks for UID FETCH.");
    }
    if (f->vanished && (!c->uid || !f->changed || !session_enabled(s, ENABLED_QRESYNC))) {
        vec_free(&set);
        return reply_bad(c, "VANISHED asks for UID FETCH, CHANGEDSINCE and QRESYNC.");
    }
    view_expand(s->view, &set, &f->uids);
    if (f->partial_from)
        cut_partial(f);
    limit_uids(s, c, &f->uids);
    if (f->vanished)
        status = fetch_vanished(s, &set, f->changed_since, 0);
    vec_free(&set);
    return status == STORE_OK ? go_on(s, c, f) : reply_store(c, status);
}

enum outcome cmd_fetch(struct session *s, struct command *c)
{
    struct fetch *f = c->cursor;
    if (f)
        return go_on(s, c, f);
    f = c->cursor = fetch_new();
    c->cursor_free = fetch_free;
    return begin(s, c, f);
}
