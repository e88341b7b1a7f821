/* ENABLE (RFC 5161). */
#include "imapd/commands.h"
#include "imapd/reply.h"
#include "imapd/worker.h"

static const struct {
    const char *name;
    unsigned bits;
} enables[] = {
    {"CONDSTORE", ENABLED_CONDSTORE}, {"QRESYNC", ENABLED_QRESYNC | ENABLED_CONDSTORE}, /* RFC 7162 3.2.3 */
    {"IMAP4rev2", ENABLED_REV2},      {"UTF8=ACCEPT", ENABLED_UTF8},
    {"UIDONLY", ENABLED_UIDONLY},
};

enum outcome cmd_enable(struct session *s, struct command *c)
{
    struct span name;
    unsigned asked = 0;
    if (imap_at_end(&c->r))
        return reply_bad(c, "ENABLE what?");
    while (!imap_at_end(&c->r)) {
        if (!imap_sp(&c->r) || !imap_atom(&c->r, &name))
            return reply_bad(c, "ENABLE takes names of capabilities.");
        for (size_t i = 0; i < COUNT(enables); i++) {
            if (span_is_nocase(name, enables[i].name) &&
                (enables[i].bits != ENABLED_UIDONLY || s->worker->all_extensions))
                asked |= enables[i].bits;
        }
    }
    str_puts(&s->out, "* ENABLED");
    for (size_t i = 0; i < COUNT(enables); i++) {
        unsigned bit = enables[i].bits & ~(i == 1 ? (unsigned)ENABLED_CONDSTORE : 0u);
        if ((asked & bit) && !(s->enabled & bit)) {
            str_putc(&s->out, ' ');
            str_puts(&s->out, enables[i].name);
        }
    }
    str_puts(&s->out, "\r\n");
    if (asked & ENABLED_CONDSTORE)
        session_enable_condstore(s);
    s->enabled |= asked;
    return reply_ok(c, NULL, "ENABLE completed.");
}
