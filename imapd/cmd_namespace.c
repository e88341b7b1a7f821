/* NAMESPACE (RFC 2342): one's own BAL, and those shared with one under Partages/. */
#include "imapd/commands.h"
#include "imapd/reply.h"

enum outcome cmd_namespace(struct session *s, struct command *c)
{
    if (!imap_at_end(&c->r))
        return reply_bad(c, "NAMESPACE takes nothing.");
    reply_untagged(s, "NAMESPACE ((\"\" \"/\")) ((\"" SHARED_PREFIX "/\" \"/\")) NIL");
    return reply_ok(c, NULL, "NAMESPACE completed.");
}
