/* SELECT and EXAMINE (RFC 9051 6.3.2, 6.3.3): one folder row, and its keywords. Which messages there are is not read here
 * (see view.h). UNSEEN, which rev2 took out, would be the one answer that needs states: it is left out (it was optional to
 * act upon, and RFC 9051 says that clients must not need it). */
#include "imapd/commands.h"
#include "imapd/fetch.h"
#include "imapd/reply.h"
#include "imapd/sync.h"
#include "lib/base/clock.h"

struct select {
    struct span name;
    bool condstore, qresync;
    uint32_t uidvalidity;
    uint64_t modseq;
    imap_set known;
    imap_set sequences, uids; /* that belong together, as the peer knows it */
};

/* Without "*": it is nothing that a peer could have known (RFC 7162 7). */
static bool parse_set(struct imap_reader *r, imap_set *out)
{
    struct span text;
    if (!imap_set_text(r, &text) || !imap_set_parse(text, out))
        return false;
    vec_each (out, range) {
        if (range->to == IMAP_STAR)
            return false;
    }
    return true;
}

/* "(uidvalidity modseq [known-uids] [(known-sequence-set known-uid-set)])" (RFC 7162 3.2.5) */
static bool parse_qresync(struct imap_reader *r, struct select *select)
{
    select->qresync = true;
    bool ok = imap_sp(r) && imap_char(r, '(') && imap_nz_u32(r, &select->uidvalidity) && imap_sp(r) &&
              imap_u63(r, &select->modseq);
    if (ok && imap_sp(r) && !imap_peek(r, '(')) {
        ok = parse_set(r, &select->known);
        (void)(ok && imap_sp(r));
    }
    if (ok && imap_char(r, '('))
        ok = parse_set(r, &select->sequences) && imap_sp(r) && parse_set(r, &select->uids) && imap_char(r, ')');
    return ok && imap_char(r, ')');
}

static bool parse_parameters(struct imap_reader *r, struct select *select)
{
    if (!imap_sp(r) || !imap_char(r, '('))
        return false;
    do {
        if (imap_word(r, "CONDSTORE"))
            select->condstore = true;
        else if (!imap_word(r, "QRESYNC") || !parse_qresync(r, select))
            return false;
    } while (imap_sp(r));
    return imap_char(r, ')');
}

struct walk {
    const imap_set *set;
    size_t range;
    uint32_t offset;
};

static uint32_t walk_next(struct walk *w)
{
    if (w->range == w->set->len)
        return 0;
    const struct imap_range *range = &w->set->items[w->range];
    uint32_t number = range->from + w->offset++;
    if (number == range->to) {
        w->range++;
        w->offset = 0;
    }
    return number;
}

/* RFC 7162 3.2.5.2: as far as number and UID fit, the peer knows of all that went; the last UID of those. */
static uint32_t known_to_fit(const struct view *view, struct select *select)
{
    struct walk sequences = {.set = &select->sequences}, uids = {.set = &select->uids};
    uint32_t seq, uid, last = 0;
    imap_set_resolve(&select->sequences, 0);
    imap_set_resolve(&select->uids, 0);
    while ((seq = walk_next(&sequences)) && (uid = walk_next(&uids)) && view_uid(view, seq) == uid)
        last = uid;
    return last;
}

/* What has changed since the peer was here: what went, then what has new flags. */
static enum store_status resync(struct session *s, struct select *select)
{
    state_list states = {0};
    struct view *view = s->view;
    bool some = select->known.len > 0;
    imap_set_resolve(&select->known, view->uidnext - 1);
    if (select->uidvalidity != view->uidvalidity || select->modseq >= view->modseq)
        return STORE_OK;
    enum store_status status = view_load(view, s->thread->db);
    if (status == STORE_OK)
        status = fetch_vanished(s, some ? &select->known : NULL, select->modseq, known_to_fit(view, select));
    if (status == STORE_OK)
        status = folder_states(s->thread->db, view->access->mailbox, view->folder_id, 1, view->uidnext - 1,
                               select->modseq, &states);
    vec_each (&states, state) {
        uint32_t seq = view_seq(view, state->uid);
        if (status == STORE_OK && seq && (!some || imap_set_contains(&select->known, state->uid)))
            sync_write_state(s, seq, state);
    }
    vec_free(&states);
    return status;
}

static void say_number(struct session *s, const char *before, uint64_t number, const char *after)
{
    str_puts(&s->out, before);
    imap_write_u64(&s->out, number);
    str_puts(&s->out, after);
}

/* \Recent (RFC 3501 2.3.2) is what came since somebody last selected: written only when there is some, and never by
 * EXAMINE. It went with rev2. */
static enum store_status find_recent(struct session *s, const struct folder *folder)
{
    struct view *view = s->view;
    uint32_t count;
    if (session_enabled(s, ENABLED_REV2) || folder->recent_from >= folder->uidnext)
        return STORE_OK;
    enum store_status status = folder_count_recent(s->thread->db, view->access->mailbox, folder, &count);
    if (status == STORE_OK && !view->read_only)
        status = folder_take_recent(s->thread->db, view->access->mailbox, view->folder_id, folder->uidnext);
    if (status == STORE_OK) {
        view->recent_from = folder->recent_from;
        view->recent_to = folder->uidnext;
        view->recent = count;
    }
    return status == STORE_CONFLICT ? STORE_OK : status; /* another session was first: recent to it */
}

static enum store_status answer(struct session *s, const struct folder *folder)
{
    enum store_status status = find_recent(s, folder);
    sync_say_flags(s);
    say_number(s, "* ", folder->messages, " EXISTS\r\n");
    if (!session_enabled(s, ENABLED_REV2))
        say_number(s, "* ", s->view->recent, " RECENT\r\n");
    say_number(s, "* OK [UIDVALIDITY ", folder->uidvalidity, "] UIDs valid.\r\n");
    say_number(s, "* OK [UIDNEXT ", folder->uidnext, "] Predicted next UID.\r\n");
    say_number(s, "* OK [HIGHESTMODSEQ ", folder->highestmodseq, "] Highest.\r\n");
    say_number(s, "* OK [MAILBOXID (F", (uint64_t)folder->id, ")] Its id.\r\n");
    if (session_enabled(s, ENABLED_REV2)) { /* RFC 9051 6.3.2: LIST comes with SELECT */
        struct str name;
        str_init(&name, 2048);
        access_full_name(s->view->access, folder->name, &name);
        str_puts(&s->out, "* LIST () \"/\" ");
        imap_write_mailbox(&s->out, str_span(&name), true);
        str_puts(&s->out, "\r\n");
        str_free(&name);
    }
    return status;
}

static void close_view(struct session *s)
{
    if (!s->view)
        return;
    session_leave(s);
    session_set_state(s, STATE_AUTHENTICATED);
    reply_untagged(s, "OK [CLOSED] The previous mailbox is closed.");
}

/* RFC 4314 5.2: READ-ONLY to whom may change nothing that others see. Where \Seen is each one's own, a lecteur may set it
 * all the same: PERMANENTFLAGS says so. */
static bool writes_for_others(const struct access *access)
{
    unsigned shared = RIGHT_INSERT | RIGHT_EXPUNGE | RIGHT_WRITE | RIGHT_DELETED_FLAG;
    return access->rights & (access_seen_per_person(access) ? shared : shared | RIGHT_SEEN);
}

static enum outcome enter(struct session *s, struct command *c, struct select *select, bool read_only)
{
    struct access *access;
    struct folder folder;
    keyword_list keywords = {0};
    char local[1024];
    close_view(s); /* RFC 9051 6.3.2: also when the new one cannot be opened */
    enum store_status status = access_find(s, select->name, &access, local);
    if (status == STORE_OK)
        status = folder_select(s->thread->db, access->mailbox, local, &folder, &keywords);
    if (status == STORE_OK && (folder.no_select || !(access->rights & RIGHT_READ)))
        status = folder.no_select ? STORE_NOT_FOUND : STORE_REFUSED;
    if (status != STORE_OK) {
        keyword_list_free(&keywords);
        return reply_store(c, status);
    }
    read_only = read_only || !(access->rights & ~(unsigned)(RIGHT_LOOKUP | RIGHT_READ));
    const char *code = read_only || !writes_for_others(access) ? "READ-ONLY" : "READ-WRITE";
    s->view = view_new(access, &folder, read_only);
    s->view->keywords = keywords;
    if (select->condstore || select->qresync)
        session_enable_condstore(s);
    status = answer(s, &folder);
    if (status == STORE_OK && select->qresync)
        status = resync(s, select);
    s->wants_tidying = status == STORE_OK && folder_wants_tidying(&folder);
    if (status != STORE_OK) {
        view_free(&s->view);
        return reply_store(c, status);
    }
    s->synced_ms = clock_ms();
    session_set_state(s, STATE_SELECTED);
    return reply_ok(c, code, "Selected.");
}

static enum outcome open_folder(struct session *s, struct command *c, bool read_only)
{
    struct select select = {0};
    enum outcome outcome;
    if (!imap_sp(&c->r) || !imap_mailbox(&c->r, &select.name) ||
        (!imap_at_end(&c->r) && !parse_parameters(&c->r, &select)) || !imap_at_end(&c->r))
        outcome = reply_bad(c, "A mailbox is expected.");
    else if (select.qresync && !session_enabled(s, ENABLED_QRESYNC))
        outcome = reply_bad(c, "ENABLE QRESYNC first."); /* RFC 7162 3.2.5 */
    else
        outcome = enter(s, c, &select, read_only);
    vec_free(&select.known);
    vec_free(&select.sequences);
    vec_free(&select.uids);
    return outcome;
}

enum outcome cmd_select(struct session *s, struct command *c)
{
    return open_folder(s, c, false);
}

enum outcome cmd_examine(struct session *s, struct command *c)
{
    return open_folder(s, c, true);
}
