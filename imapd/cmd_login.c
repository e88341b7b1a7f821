/* LOGIN (RFC 9051 6.2.3): there are no passwords here; always refused, in TLS too. */
#include "imapd/commands.h"
#include "imapd/reply.h"

enum outcome cmd_login(struct session *s, struct command *c)
{
    if (!s->tls)
        return reply_no(c, "PRIVACYREQUIRED", "LOGIN is disabled; use STARTTLS, then AUTHENTICATE.");
    return reply_no(c, "AUTHENTICATIONFAILED", "LOGIN is disabled; use AUTHENTICATE with a token or a certificate.");
}
