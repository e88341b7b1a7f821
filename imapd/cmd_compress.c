/* COMPRESS=DEFLATE (RFC 4978), inside TLS too; what expands too far is cut by the connection. */
#include "imapd/commands.h"
#include "imapd/reply.h"
#include "imapd/worker.h"

enum outcome cmd_compress(struct session *s, struct command *c)
{
    if (!imap_sp(&c->r) || !imap_word(&c->r, "DEFLATE") || !imap_at_end(&c->r) || !s->worker->all_extensions)
        return reply_bad(c, "Only DEFLATE is known, where it is offered.");
    if (s->deflate)
        return reply_no(c, "COMPRESSIONACTIVE", "It is on already.");
    s->deflate = s->start_deflate = true;
    return reply_ok(c, NULL, "Compression begins.");
}
