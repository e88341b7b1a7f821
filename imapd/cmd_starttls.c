/* STARTTLS (RFC 9051 6.2.1). The handshake begins when the tagged line has left; what was pipelined behind it is lost. */
#include "imapd/commands.h"
#include "imapd/reply.h"

enum outcome cmd_starttls(struct session *s, struct command *c)
{
    if (!imap_at_end(&c->r))
        return reply_bad(c, "STARTTLS takes nothing.");
    if (s->tls)
        return reply_bad(c, "TLS is there already.");
    s->start_tls = true;
    return reply_ok(c, NULL, "Begin TLS now.");
}
