/* Replies. See reply.h. */
#include "imapd/reply.h"

static enum outcome keep(struct command *c, const char *status, const char *code, const char *text)
{
    c->status = status;
    c->code = code;
    c->text = text;
    return CMD_DONE;
}

enum outcome reply_ok(struct command *c, const char *code, const char *text)
{
    return keep(c, "OK", code, text);
}

enum outcome reply_no(struct command *c, const char *code, const char *text)
{
    return keep(c, "NO", code, text);
}

enum outcome reply_bad(struct command *c, const char *text)
{
    return keep(c, "BAD", NULL, text);
}

enum outcome reply_uids_required(struct command *c)
{
    return keep(c, "BAD", "UIDREQUIRED", "Only UIDs are used in this session.");
}

enum outcome reply_store(struct command *c, enum store_status status)
{
    static const struct {
        const char *code, *text;
    } words[] = {
        [STORE_OK] = {NULL, "Done."},
        [STORE_NOT_FOUND] = {"NONEXISTENT", "There is no such mailbox."},
        [STORE_EXISTS] = {"ALREADYEXISTS", "That name is taken."},
        [STORE_CONFLICT] = {"INUSE", "Its present state forbids it."},
        [STORE_OVER_QUOTA] = {"OVERQUOTA", "It would pass the quota."},
        [STORE_REFUSED] = {"NOPERM", "You have no right to do this."},
        [STORE_INVALID] = {"CANNOT", "This cannot be done to that mailbox."},
        [STORE_DAMAGED] = {"CORRUPTION", "What is stored does not authenticate; the operator has been told."},
        [STORE_UNAVAILABLE] = {"UNAVAILABLE", "The database is away; try again in a moment."},
    };
    return reply_no(c, words[status].code, words[status].text);
}

void reply_tagged(struct session *s, struct command *c)
{
    str_add_span(&s->out, c->tag);
    str_putc(&s->out, ' ');
    str_puts(&s->out, c->status);
    str_putc(&s->out, ' ');
    if (c->code) {
        str_putc(&s->out, '[');
        str_puts(&s->out, c->code);
        str_puts(&s->out, "] ");
    }
    str_puts(&s->out, c->text);
    str_puts(&s->out, "\r\n");
}

void reply_highest(struct session *s, uint64_t modseq)
{
    str_addf(&s->out, "* OK [HIGHESTMODSEQ %llu] Told up to here.\r\n", (unsigned long long)modseq);
}

void reply_untagged(struct session *s, const char *text)
{
    str_puts(&s->out, "* ");
    str_puts(&s->out, text);
    str_puts(&s->out, "\r\n");
}
