/* SEARCH and UID SEARCH (RFC 9051 6.4.4), with ESEARCH's answers (RFC 4731), SAVE (RFC 5182), PARTIAL (RFC 9394) and
 * UPDATE (RFC 5267: context.c). */
#include "imapd/commands.h"
#include "imapd/context.h"
#include "imapd/limit.h"
#include "imapd/reply.h"
#include "imapd/search.h"

static void cursor_free(void *arg)
{
    struct searching *g = arg;
    searching_free(g);
    xfree(&g);
}

/* RFC 5182 2.1: a SEARCH that fails with NO empties "$"; BAD leaves it. */
void search_not_saved(struct session *s, const struct imap_search *program)
{
    if (program->returns & RETURN_SAVE)
        s->saved.len = 0;
}

enum outcome search_reply_parse(struct session *s, struct command *c, const struct imap_search *program,
                                const char *text)
{
    if (!program->unknown_charset)
        return reply_bad(c, text);
    search_not_saved(s, program);
    return reply_no(c, "BADCHARSET (US-ASCII UTF-8 ISO-8859-1)", "That charset is not known here.");
}

static uint32_t number_of(const struct searching *g, const struct command *c, uint32_t uid)
{
    return c->uid || g->mailbox.p ? uid : view_seq(g->view, uid);
}

/* Of what is said: RFC 4731 3.2 looks at the ends alone where nothing but MIN and MAX is asked. */
static uint64_t highest(const struct searching *g)
{
    uint64_t modseq = 0;
    unsigned ends = RETURN_MIN | RETURN_MAX, asked = g->program.returns & ~(unsigned)RETURN_SAVE;
    bool only_ends = g->program.extended && asked && !(asked & ~ends);
    for (size_t i = 0; i < g->found.len; i++) {
        bool said = !only_ends || (i == 0 && (asked & RETURN_MIN)) || (i + 1 == g->found.len && (asked & RETURN_MAX));
        if (said && g->found.items[i].modseq > modseq)
            modseq = g->found.items[i].modseq;
    }
    return modseq;
}

static void reply_plain(struct session *s, struct command *c, struct searching *g)
{
    str_puts(&s->out, "* SEARCH");
    vec_each (&g->found, one) {
        uint32_t number = number_of(g, c, one->uid);
        if (number) {
            str_putc(&s->out, ' ');
            imap_write_u64(&s->out, number);
        }
    }
    if (g->program.uses_modseq && g->found.len > 0) {
        str_puts(&s->out, " (MODSEQ ");
        imap_write_u64(&s->out, highest(g));
        str_putc(&s->out, ')');
    }
    str_puts(&s->out, "\r\n");
}

/* RFC 9394 3.1: the part of the results that PARTIAL names, by place from one end: [first, behind). */
static void part_asked(const struct searching *g, size_t *first, size_t *behind)
{
    int64_t from = g->program.partial_from, to = g->program.partial_to, count = (int64_t)g->found.len;
    int64_t a = from > 0 ? from - 1 : count + from, b = from > 0 ? to - 1 : count + to;
    int64_t low = a < b ? a : b, high = a < b ? b : a;
    *first = low < 0 ? 0 : (size_t)low;
    *behind = high < 0 ? 0 : high < count ? (size_t)high + 1 : (size_t)count;
}

/* RFC 5182 2.1, RFC 9394 3.4: without ALL and COUNT, what MIN, MAX and PARTIAL say is what is saved. */
static void save(struct session *s, const struct searching *g)
{
    unsigned returns = g->program.returns;
    s->saved.len = 0;
    s->saved_any = true;
    if (g->found.len == 0)
        return;
    bool all = (returns & (RETURN_ALL | RETURN_COUNT)) || !(returns & (RETURN_MIN | RETURN_MAX | RETURN_PARTIAL));
    size_t first = 0, behind = all ? g->found.len : 0;
    if (!all && (returns & RETURN_PARTIAL))
        part_asked(g, &first, &behind);
    if (!all && (returns & RETURN_MIN))
        imap_set_add(&s->saved, g->found.items[0].uid);
    for (size_t i = first; i < behind; i++)
        imap_set_add(&s->saved, g->found.items[i].uid);
    if (!all && (returns & RETURN_MAX))
        imap_set_add(&s->saved, g->found.items[g->found.len - 1].uid);
    imap_set_resolve(&s->saved, 0); /* SORT's results come in another order */
}

/* RFC 9394 3.1: "PARTIAL (1:500 2,4:7)" */
static void reply_partial(struct session *s, const struct command *c, const struct searching *g)
{
    imap_set set = {0};
    size_t first, behind;
    part_asked(g, &first, &behind);
    str_addf(&s->out, " PARTIAL (%lld:%lld ", (long long)g->program.partial_from, (long long)g->program.partial_to);
    for (size_t i = first; i < behind; i++) {
        uint32_t number = number_of(g, c, g->found.items[i].uid);
        if (number)
            imap_set_add(&set, number);
    }
    if (set.len > 0)
        imap_set_write(&s->out, &set);
    else
        str_puts(&s->out, "NIL");
    str_putc(&s->out, ')');
    vec_free(&set);
}

/* RFC 6203 3: a score for each result; what matches here matches fully. */
static void reply_relevancy(struct session *s, const struct searching *g)
{
    str_puts(&s->out, " RELEVANCY (");
    for (size_t i = 0; i < g->found.len; i++)
        str_puts(&s->out, i > 0 ? " 100" : "100");
    str_putc(&s->out, ')');
}

/* "* ESEARCH (TAG "x" MAILBOX f UIDVALIDITY 1) UID" (RFC 4731 3.1, RFC 7377 2.1) */
void search_reply_head(struct session *s, struct span tag, const struct searching *g, bool uid)
{
    str_puts(&s->out, "* ESEARCH (TAG ");
    imap_write_string(&s->out, tag, false);
    if (g->mailbox.p) {
        str_puts(&s->out, " MAILBOX ");
        imap_write_mailbox(&s->out, g->mailbox, session_utf8(s));
        str_puts(&s->out, " UIDVALIDITY ");
        imap_write_u64(&s->out, g->view->uidvalidity);
    }
    str_puts(&s->out, uid || g->mailbox.p ? ") UID" : ")");
}

void search_reply_extended(struct session *s, struct command *c, struct searching *g)
{
    unsigned returns = g->program.returns;
    if (returns & RETURN_SAVE)
        save(s, g);
    if (!(returns & ~(unsigned)RETURN_SAVE))
        return; /* RFC 5182 2.1: SAVE alone says nothing */
    search_reply_head(s, c->tag, g, c->uid);
    if (g->found.len > 0 && (returns & RETURN_MIN)) {
        str_puts(&s->out, " MIN ");
        imap_write_u64(&s->out, number_of(g, c, g->found.items[0].uid));
    }
    if (g->found.len > 0 && (returns & RETURN_MAX)) {
        str_puts(&s->out, " MAX ");
        imap_write_u64(&s->out, number_of(g, c, g->found.items[g->found.len - 1].uid));
    }
    if (returns & RETURN_COUNT) {
        str_puts(&s->out, " COUNT ");
        imap_write_u64(&s->out, g->found.len);
    }
    if (g->found.len > 0 && (returns & RETURN_ALL)) {
        imap_set set = {0};
        vec_each (&g->found, one) {
            uint32_t number = number_of(g, c, one->uid);
            if (number)
                imap_set_add(&set, number);
        }
        str_puts(&s->out, " ALL ");
        imap_set_write(&s->out, &set);
        vec_free(&set);
    }
    if (returns & RETURN_PARTIAL)
        reply_partial(s, c, g);
    if ((returns & RETURN_RELEVANCY) && g->found.len > 0)
        reply_relevancy(s, g);
    if (g->program.uses_modseq && g->found.len > 0) {
        str_puts(&s->out, " MODSEQ ");
        imap_write_u64(&s->out, highest(g));
    }
    str_puts(&s->out, "\r\n");
}

static enum outcome go_on(struct session *s, struct command *c, struct searching *g)
{
    bool more;
    enum store_status status = searching_go(s, c, g, &more);
    if (status != STORE_OK) {
        search_not_saved(s, &g->program);
        return reply_store(c, status);
    }
    if (more)
        return CMD_MORE;
    /* RFC 9051 6.4.4: once IMAP4rev2 is enabled, every SEARCH is answered by ESEARCH */
    if (!g->program.extended && session_enabled(s, ENABLED_REV2)) {
        g->program.extended = true;
        g->program.returns = RETURN_ALL;
    }
    if (g->program.extended)
        search_reply_extended(s, c, g);
    else
        reply_plain(s, c, g);
    const char *code = limit_code(s, c, NULL);
    if (g->program.returns & RETURN_UPDATE)
        context_keep(s, c, g); /* with the command's arena, in which the code stands */
    return reply_ok(c, code, "SEARCH completed.");
}

enum outcome cmd_search(struct session *s, struct command *c)
{
    struct searching *g = c->cursor;
    if (g)
        return go_on(s, c, g);
    g = c->cursor = xcalloc(1, sizeof(*g));
    c->cursor_free = cursor_free;
    g->view = s->view;
    g->arena = c->arena;
    if (!imap_sp(&c->r) || !imap_search_parse(&c->r, &g->program)) {
        return search_reply_parse(s, c, &g->program, "That is not a search program.");
    }
    if (g->program.uses_numbers && session_uidonly(s))
        return reply_uids_required(c);
    if (g->program.charset.p && session_enabled(s, ENABLED_UTF8))
        return reply_bad(c, "With UTF8=ACCEPT there is one charset."); /* RFC 6855 3 */
    if ((g->program.returns & RETURN_UPDATE) && context_known(s, c->tag))
        return reply_bad(c, "That tag is in use."); /* RFC 5267 4.3 */
    c->no_expunge = g->program.uses_numbers;        /* UID SEARCH too (RFC 7162 3.2.10) */
    if (g->program.uses_modseq)
        session_enable_condstore(s);
    return go_on(s, c, g);
}
