/* IDLE (RFC 2177). While it runs, session.c looks for changes at each wake-up and once in 15 seconds. */
#include "imapd/commands.h"
#include "imapd/reply.h"

static enum outcome on_done(struct session *s, struct command *c, struct span line)
{
    s->idle = false;
    if (!span_is_nocase(line, "DONE"))
        return reply_bad(c, "DONE is expected.");
    return reply_ok(c, NULL, "IDLE completed.");
}

enum outcome cmd_idle(struct session *s, struct command *c)
{
    if (!imap_at_end(&c->r))
        return reply_bad(c, "IDLE takes nothing.");
    str_puts(&s->out, "+ idling\r\n");
    if (s->view)
        (void)session_sync(s, true);
    c->on_line = on_done;
    arena_destroy(&c->arena); /* it may idle for long: what is not needed goes */
    s->idle = true;
    return CMD_LINE;
}
