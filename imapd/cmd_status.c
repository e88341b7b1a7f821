/* STATUS (RFC 9051 6.3.11; SIZE: RFC 8438; HIGHESTMODSEQ: RFC 7162; MAILBOXID: RFC 8474; APPENDLIMIT: RFC 7889): one row. */
#include "imapd/commands.h"
#include "imapd/reply.h"
#include "imapd/status_items.h"
#include "imapd/worker.h"

enum status_item {
    ITEM_MESSAGES,
    ITEM_RECENT,
    ITEM_UIDNEXT,
    ITEM_UIDVALIDITY,
    ITEM_UNSEEN,
    ITEM_DELETED,
    ITEM_SIZE,
    ITEM_HIGHESTMODSEQ,
    ITEM_MAILBOXID,
    ITEM_APPENDLIMIT,
    ITEM_DELETED_STORAGE,
    ITEM_COUNT
};

static const char *const item_names[ITEM_COUNT] = {"MESSAGES",  "RECENT",      "UIDNEXT",        "UIDVALIDITY",
                                                   "UNSEEN",    "DELETED",     "SIZE",           "HIGHESTMODSEQ",
                                                   "MAILBOXID", "APPENDLIMIT", "DELETED-STORAGE"};

bool status_items_parse(struct imap_reader *r, unsigned *items)
{
    *items = 0;
    if (!imap_char(r, '('))
        return false;
    do {
        unsigned i = 0;
        while (i < ITEM_COUNT && !imap_word(r, item_names[i]))
            i++;
        if (i == ITEM_COUNT)
            return false;
        *items |= 1u << i;
    } while (imap_sp(r));
    return imap_char(r, ')');
}

unsigned status_items_of_events(bool condstore)
{
    return 1u << ITEM_MESSAGES | 1u << ITEM_UIDNEXT | 1u << ITEM_UIDVALIDITY | 1u << ITEM_UNSEEN |
           (condstore ? 1u << ITEM_HIGHESTMODSEQ : 0u);
}

/* The only item that is not a column: counted when there may be any. */
static uint32_t recent_of(struct session *s, const struct access *access, const struct folder *folder, unsigned items)
{
    uint32_t count = 0;
    if (items >> ITEM_RECENT & 1)
        (void)folder_count_recent(s->thread->db, access->mailbox, folder, &count);
    return count;
}

static bool add_size(const struct message_facts *facts, void *total)
{
    *(uint64_t *)total += facts->size;
    return true;
}

/* DELETED-STORAGE (RFC 9208 4.1.4), which no counter holds. */
static uint64_t deleted_bytes(struct session *s, const struct access *access, const struct folder *folder,
                              unsigned items)
{
    state_list states = {0};
    uid_list uids = {0};
    uint64_t total = 0;
    if (!(items >> ITEM_DELETED_STORAGE & 1) || folder->deleted == 0)
        return 0;
    (void)folder_states(s->thread->db, access->mailbox, folder->id, 1, UINT32_MAX, 0, &states);
    vec_each (&states, state) {
        if (state->flags & FLAG_DELETED)
            vec_push(&uids, state->uid);
    }
    if (uids.len > 0)
        (void)messages_each(s->thread->db, access->mailbox, folder->id, uids.items, uids.len, WANT_SIZE, add_size,
                            &total);
    vec_free(&states);
    vec_free(&uids);
    return total;
}

void status_write(struct session *s, const struct access *access, struct span full_name, const struct folder *folder,
                  unsigned items)
{
    const uint64_t values[ITEM_COUNT] = {
        [ITEM_MESSAGES] = folder->messages,
        [ITEM_RECENT] = recent_of(s, access, folder, items),
        [ITEM_UIDNEXT] = folder->uidnext,
        [ITEM_UIDVALIDITY] = folder->uidvalidity,
        [ITEM_UNSEEN] = folder->unseen,
        [ITEM_DELETED] = folder->deleted,
        [ITEM_SIZE] = folder->bytes,
        [ITEM_HIGHESTMODSEQ] = folder->highestmodseq,
        [ITEM_MAILBOXID] = (uint64_t)folder->id,
        [ITEM_APPENDLIMIT] = s->worker->conf->imap_append_max,
        [ITEM_DELETED_STORAGE] = deleted_bytes(s, access, folder, items),
    };
    str_puts(&s->out, "* STATUS ");
    imap_write_mailbox(&s->out, full_name, session_utf8(s));
    char before = '(';
    str_putc(&s->out, ' ');
    for (unsigned i = 0; i < ITEM_COUNT; i++) {
        if (!(items >> i & 1))
            continue;
        str_putc(&s->out, before);
        before = ' ';
        str_puts(&s->out, item_names[i]);
        str_puts(&s->out, i == ITEM_MAILBOXID ? " (F" : " ");
        imap_write_u64(&s->out, values[i]);
        if (i == ITEM_MAILBOXID)
            str_putc(&s->out, ')');
    }
    str_puts(&s->out, ")\r\n");
}

enum outcome cmd_status(struct session *s, struct command *c)
{
    struct span name;
    struct access *access;
    struct folder folder;
    unsigned items;
    char local[1024];
    if (!imap_sp(&c->r) || !imap_mailbox(&c->r, &name) || !imap_sp(&c->r) || !status_items_parse(&c->r, &items) ||
        !imap_at_end(&c->r))
        return reply_bad(c, "A mailbox and a list of items are expected.");
    enum store_status status = access_find(s, name, &access, local);
    if (status == STORE_OK)
        status = folder_by_name(s->thread->db, access->mailbox, local, &folder);
    if (status == STORE_OK && (folder.no_select || !(access->rights & RIGHT_READ)))
        status = folder.no_select ? STORE_NOT_FOUND : STORE_REFUSED;
    if (status != STORE_OK)
        return reply_store(c, status);
    if (items >> ITEM_HIGHESTMODSEQ & 1)
        session_enable_condstore(s);
    status_write(s, access, name, &folder, items);
    return reply_ok(c, NULL, "STATUS completed.");
}
