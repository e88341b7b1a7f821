/* QUOTA (RFC 9208), resources STORAGE and MESSAGE: one quota root a BAL, named by its address. What is used is counted in the
 * transactions that deliver, copy and expunge. SETQUOTA is the operator's (`caducee bal quota`). */
#include "imapd/commands.h"
#include "imapd/reply.h"
#include "lib/store/imap.h"

static void write_resource(struct session *s, const char *name, uint64_t used, uint64_t limit)
{
    str_puts(&s->out, name);
    imap_write_u64(&s->out, used);
    str_putc(&s->out, ' ');
    imap_write_u64(&s->out, limit);
}

static enum store_status write_quota(struct session *s, const struct access *access)
{
    struct bal_usage usage;
    enum store_status status = bal_usage(s->thread->db, access->bal.id, &usage);
    if (status != STORE_OK)
        return status;
    str_puts(&s->out, "* QUOTA ");
    imap_write_astring(&s->out, span_of(access->bal.address), true);
    str_puts(&s->out, " (");
    if (usage.limit_bytes > 0) /* a resource without a limit is not shown (RFC 9208 4.1.1) */
        write_resource(s, "STORAGE ", (usage.used_bytes + 1023) / 1024, usage.limit_bytes / 1024);
    if (usage.limit_messages > 0)
        write_resource(s, usage.limit_bytes > 0 ? " MESSAGE " : "MESSAGE ", usage.messages, usage.limit_messages);
    str_puts(&s->out, ")\r\n");
    return STORE_OK;
}

enum outcome cmd_getquotaroot(struct session *s, struct command *c)
{
    struct span name;
    struct access *access;
    struct folder folder;
    char local[1024];
    if (!imap_sp(&c->r) || !imap_mailbox(&c->r, &name) || !imap_at_end(&c->r))
        return reply_bad(c, "A mailbox is expected.");
    enum store_status status = access_find(s, name, &access, local);
    if (status == STORE_OK)
        status = folder_by_name(s->thread->db, access->mailbox, local, &folder);
    if (status == STORE_OK) {
        str_puts(&s->out, "* QUOTAROOT ");
        imap_write_mailbox(&s->out, name, session_utf8(s));
        str_putc(&s->out, ' ');
        imap_write_astring(&s->out, span_of(access->bal.address), true);
        str_puts(&s->out, "\r\n");
        status = write_quota(s, access);
    }
    return status == STORE_OK ? reply_ok(c, NULL, "GETQUOTAROOT completed.") : reply_store(c, status);
}

enum outcome cmd_getquota(struct session *s, struct command *c)
{
    struct span root;
    struct access *access = s->own;
    enum store_status status = STORE_OK;
    if (!imap_sp(&c->r) || !imap_astring(&c->r, &root) || !imap_at_end(&c->r))
        return reply_bad(c, "A quota root is expected.");
    if (!span_eq_nocase(root, span_of(s->own->bal.address)))
        status = access_open_shared(s, root, &access);
    if (status == STORE_OK)
        status = write_quota(s, access);
    if (status == STORE_NOT_FOUND)
        return reply_no(c, "NONEXISTENT", "There is no such quota root.");
    return status == STORE_OK ? reply_ok(c, NULL, "GETQUOTA completed.") : reply_store(c, status);
}

enum outcome cmd_setquota(struct session *s UNUSED, struct command *c)
{
    return reply_no(c, "NOPERM", "Quotas are the operator's.");
}
