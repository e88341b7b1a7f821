/* ACL (RFC 4314): who may do what on a BAL, as its roles give it; all folders of a BAL have the same. Identifiers are national
 * ids; SETACL takes the address of somebody's own BAL too. Rights are read here and changed by keyd alone (cmd_setacl.c). */
#include "imapd/acl.h"
#include "imapd/commands.h"
#include "imapd/expunge.h"
#include "imapd/reply.h"
#include "lib/store/imap.h"

enum store_status acl_folder(struct session *s, struct span name, struct access **access, struct folder *folder)
{
    char local[1024];
    enum store_status status = access_find(s, name, access, local);
    return status == STORE_OK ? folder_by_name(s->thread->db, (*access)->mailbox, local, folder) : status;
}

enum outcome cmd_myrights(struct session *s, struct command *c)
{
    struct span name;
    struct access *access;
    struct folder folder;
    if (!imap_sp(&c->r) || !imap_mailbox(&c->r, &name) || !imap_at_end(&c->r))
        return reply_bad(c, "A mailbox is expected.");
    enum store_status status = acl_folder(s, name, &access, &folder);
    if (status != STORE_OK)
        return reply_store(c, status);
    str_puts(&s->out, "* MYRIGHTS ");
    imap_write_mailbox(&s->out, name, session_utf8(s));
    str_putc(&s->out, ' ');
    access_write_rights(&s->out, expunge_rights_in(access, folder.special_use));
    str_puts(&s->out, "\r\n");
    return reply_ok(c, NULL, "MYRIGHTS completed.");
}

enum outcome cmd_getacl(struct session *s, struct command *c)
{
    struct span name;
    struct access *access;
    struct folder folder;
    bal_member_list members = {0};
    if (!imap_sp(&c->r) || !imap_mailbox(&c->r, &name) || !imap_at_end(&c->r))
        return reply_bad(c, "A mailbox is expected.");
    enum store_status status = acl_folder(s, name, &access, &folder);
    if (status == STORE_OK && !(access->rights & RIGHT_ADMIN))
        status = STORE_REFUSED;
    if (status == STORE_OK)
        status = bal_members(s->thread->db, access->bal.id, &members);
    if (status == STORE_OK) {
        str_puts(&s->out, "* ACL ");
        imap_write_mailbox(&s->out, name, session_utf8(s));
        vec_each (&members, member) {
            str_putc(&s->out, ' ');
            imap_write_astring(&s->out, span_of(member->name), session_utf8(s));
            str_putc(&s->out, ' ');
            access_write_rights(&s->out, access_rights_of_name(member->role));
        }
        str_puts(&s->out, "\r\n");
    }
    vec_free(&members);
    return status == STORE_OK ? reply_ok(c, NULL, "GETACL completed.") : reply_store(c, status);
}

/* RFC 4314 3.7: what could be given to that identifier: nothing always, each role's rights together. */
enum outcome cmd_listrights(struct session *s, struct command *c)
{
    struct span name, identifier;
    struct access *access;
    struct folder folder;
    if (!imap_sp(&c->r) || !imap_mailbox(&c->r, &name) || !imap_sp(&c->r) || !imap_astring(&c->r, &identifier) ||
        !imap_at_end(&c->r))
        return reply_bad(c, "A mailbox and an identifier are expected.");
    enum store_status status = acl_folder(s, name, &access, &folder);
    if (status == STORE_OK && !(access->rights & RIGHT_ADMIN))
        status = STORE_REFUSED;
    if (status != STORE_OK)
        return reply_store(c, status);
    str_puts(&s->out, "* LISTRIGHTS ");
    imap_write_mailbox(&s->out, name, session_utf8(s));
    str_putc(&s->out, ' ');
    imap_write_astring(&s->out, identifier, session_utf8(s));
    str_puts(&s->out, " \"\" lrs wited kxac\r\n");
    return reply_ok(c, NULL, "LISTRIGHTS completed.");
}
