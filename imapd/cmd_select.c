/* SELECT and EXAMINE (RFC 9051 6.3.2, 6.3.3): one folder row, and its keywords. Which messages there are is not read here
 * (see view.h). UNSEEN, which rev2 took out, would be the one answer that needs states: it is left out (it was optional to
 * act upon, and RFC 9051 says that clients must not need it). */
#include "imapd/commands.h"
#include "imapd/reply.h"
#include "imapd/sync.h"
#include "lib/base/clock.h"

struct select {
    struct span name;
    bool condstore;
};

static bool parse_parameters(struct imap_reader *r, struct select *select)
{
    if (!imap_sp(r) || !imap_char(r, '('))
        return false;
    do {
        if (!imap_word(r, "CONDSTORE"))
            return false;
        select->condstore = true;
    } while (imap_sp(r));
    return imap_char(r, ')');
}

static void say_number(struct session *s, const char *before, uint64_t number, const char *after)
{
    str_puts(&s->out, before);
    imap_write_u64(&s->out, number);
    str_puts(&s->out, after);
}

static enum store_status answer(struct session *s, const struct folder *folder)
{
    enum store_status status = sync_keywords(s, true);
    say_number(s, "* ", folder->messages, " EXISTS\r\n");
    if (!session_enabled(s, ENABLED_REV2))
        reply_untagged(s, "0 RECENT");
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
    view_free(&s->view);
    s->saved.len = 0;
    s->saved_any = false;
    session_set_state(s, STATE_AUTHENTICATED);
    reply_untagged(s, "OK [CLOSED] The previous mailbox is closed.");
}

static enum outcome open_folder(struct session *s, struct command *c, bool read_only)
{
    struct select select = {0};
    struct access *access;
    struct folder folder;
    char local[1024];
    if (!imap_sp(&c->r) || !imap_mailbox(&c->r, &select.name) ||
        (!imap_at_end(&c->r) && !parse_parameters(&c->r, &select)) || !imap_at_end(&c->r))
        return reply_bad(c, "A mailbox is expected.");
    close_view(s); /* RFC 9051 6.3.2: also when the new one cannot be opened */
    enum store_status status = access_find(s, select.name, &access, local);
    if (status == STORE_OK)
        status = folder_by_name(s->thread->db, access->mailbox, local, &folder);
    if (status == STORE_OK && (folder.no_select || !(access->rights & RIGHT_READ)))
        status = folder.no_select ? STORE_NOT_FOUND : STORE_REFUSED;
    if (status != STORE_OK)
        return reply_store(c, status);
    read_only = read_only || !(access->rights & ~(unsigned)(RIGHT_LOOKUP | RIGHT_READ));
    s->view = view_new(access, &folder, read_only);
    status = answer(s, &folder);
    if (status != STORE_OK) {
        view_free(&s->view);
        return reply_store(c, status);
    }
    s->enabled |= select.condstore ? ENABLED_CONDSTORE : 0u;
    s->synced_ms = clock_ms();
    session_set_state(s, STATE_SELECTED);
    return reply_ok(c, read_only ? "READ-ONLY" : "READ-WRITE", "Selected.");
}

enum outcome cmd_select(struct session *s, struct command *c)
{
    return open_folder(s, c, false);
}

enum outcome cmd_examine(struct session *s, struct command *c)
{
    return open_folder(s, c, true);
}
