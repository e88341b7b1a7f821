/* SETACL and DELETEACL (RFC 4314 3.1, 3.2). Rights map to roles: lrs lecteur, lrswite membre, lrswitekxa gestionnaire, none
 * the end of the share; any other set is NO. A share opens a mailbox's key, which is not for a process that faces the
 * Internet to give: keyd judges the proven session again and writes the share, with a date (a year) and a trace.
 */
#include "imapd/acl.h"
#include "imapd/commands.h"
#include "imapd/reply.h"
#include "lib/store/imap.h"

#include <string.h>

/* RFC 4314 2.1.1: c and d stand for what they once meant. False: a letter that is no right. */
static bool read_rights(struct span text, unsigned *rights)
{
    static const char letters[] = "lrswikxtea";
    for (size_t i = 0; i < text.n; i++) {
        const char *at = memchr(letters, text.p[i], sizeof(letters) - 1);
        if (text.p[i] == 'c')
            *rights |= RIGHT_CREATE | RIGHT_DELETE;
        else if (text.p[i] == 'd')
            *rights |= RIGHT_DELETED_FLAG | RIGHT_EXPUNGE;
        else if (at)
            *rights |= 1u << (at - letters);
        else
            return false;
    }
    return true;
}

/* What the identifier has now, for "+x" and "-x". */
static enum store_status present_rights(struct session *s, const struct access *access, struct span identifier,
                                        unsigned *rights)
{
    bal_member_list members = {0};
    enum store_status status = bal_members(s->thread->db, access->bal.id, &members);
    vec_each (&members, member) {
        if (span_eq_nocase(identifier, span_of(member->name)))
            *rights |= access_rights_of_name(member->role);
    }
    vec_free(&members);
    return status;
}

/* The role that gives just these rights; NULL for none. False: no role does. */
static bool role_of(unsigned rights, const char **role)
{
    static const enum keyd_role roles[] = {KEYD_ROLE_READER, KEYD_ROLE_MEMBER, KEYD_ROLE_MANAGER};
    *role = NULL;
    for (size_t i = 0; i < COUNT(roles); i++) {
        if (access_rights_of(roles[i]) == rights)
            *role = access_role_name(roles[i]);
    }
    return rights == 0 || *role;
}

static enum outcome ask_keyd(struct session *s, struct command *c, const struct access *access, struct span identifier,
                             const char *role)
{
    char reason[512];
    struct keyd_sharing share = {.bal_id = access->bal.id, .whom = identifier, .role = role, .may_send = true};
    switch (keyd_share(s->thread->keyd, &s->grant, &share, s->log.id, s->log.peer, reason)) {
    case KEYD_OK:
        return reply_ok(c, NULL, "Completed.");
    case KEYD_REFUSED:
        if (span_is(span_of(reason), "share.whom"))
            return reply_no(c, "CANNOT", "That identifier is nobody's here, or its rights are not to be changed.");
        return reply_no(c, "NOPERM", "You have no right to share this BAL.");
    default:
        return reply_store(c, STORE_UNAVAILABLE);
    }
}

/* Given rights become the whole set: RFC 4314 3.1's "+" and "-" are worked out here. */
static enum store_status whole_set(struct session *s, const struct access *access, struct span identifier, char sign,
                                   unsigned given, unsigned *rights)
{
    unsigned present = 0;
    enum store_status status = sign ? present_rights(s, access, identifier, &present) : STORE_OK;
    *rights = sign == '+' ? present | given : sign == '-' ? present & ~given : given;
    return status;
}

static enum outcome change(struct session *s, struct command *c, struct span name, struct span identifier,
                           struct span text)
{
    struct access *access;
    struct folder folder;
    const char *role;
    unsigned given = 0, rights;
    char sign = text.n > 0 && (text.p[0] == '+' || text.p[0] == '-') ? text.p[0] : '\0';
    if (sign)
        text = (struct span){text.p + 1, text.n - 1};
    if (identifier.n == 0 || !read_rights(text, &given))
        return reply_bad(c, "That is not a set of rights.");
    enum store_status status = acl_folder(s, name, &access, &folder);
    if (status == STORE_OK && !(access->rights & RIGHT_ADMIN))
        status = STORE_REFUSED;
    if (status == STORE_OK)
        status = whole_set(s, access, identifier, sign, given, &rights);
    if (status != STORE_OK)
        return reply_store(c, status);
    if (identifier.p[0] == '-' || !role_of(rights, &role)) /* negative rights: RFC 4314 2 lets us refuse them */
        return reply_no(c, "CANNOT", "Rights go by roles: lrs, lrswite or lrswitekxa.");
    return ask_keyd(s, c, access, identifier, role);
}

enum outcome cmd_setacl(struct session *s, struct command *c)
{
    struct span name, identifier, rights;
    if (!imap_sp(&c->r) || !imap_mailbox(&c->r, &name) || !imap_sp(&c->r) || !imap_astring(&c->r, &identifier) ||
        !imap_sp(&c->r) || !imap_astring(&c->r, &rights) || !imap_at_end(&c->r))
        return reply_bad(c, "A mailbox, an identifier and rights are expected.");
    return change(s, c, name, identifier, rights);
}

enum outcome cmd_deleteacl(struct session *s, struct command *c)
{
    struct span name, identifier;
    if (!imap_sp(&c->r) || !imap_mailbox(&c->r, &name) || !imap_sp(&c->r) || !imap_astring(&c->r, &identifier) ||
        !imap_at_end(&c->r))
        return reply_bad(c, "A mailbox and an identifier are expected.");
    return change(s, c, name, identifier, SPAN_LIT(""));
}
