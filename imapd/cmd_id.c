/* ID (RFC 2971): who speaks, for the log; at most 30 pairs, names of 30 bytes, values of 1,024. */
#include "imapd/commands.h"
#include "imapd/reply.h"
#include "lib/base/log.h"

enum { ID_PAIRS_MAX = 30, ID_NAME_MAX = 30, ID_VALUE_MAX = 1024 };

static bool parse_pairs(struct imap_reader *r, struct span *name, struct span *version)
{
    struct span field, value;
    bool nil;
    if (imap_word(r, "NIL"))
        return true;
    if (!imap_char(r, '('))
        return false;
    for (unsigned i = 0; !imap_char(r, ')'); i++) {
        if (i == ID_PAIRS_MAX || (i > 0 && !imap_sp(r)) || !imap_string(r, &field) || !imap_sp(r) ||
            !imap_nstring(r, &value, &nil) || field.n > ID_NAME_MAX || value.n > ID_VALUE_MAX)
            return false;
        if (span_is_nocase(field, "name"))
            *name = value;
        if (span_is_nocase(field, "version"))
            *version = value;
    }
    return true;
}

enum outcome cmd_id(struct session *s, struct command *c)
{
    struct span name = SPAN_NONE, version = SPAN_NONE;
    if (!imap_sp(&c->r) || !parse_pairs(&c->r, &name, &version) || !imap_at_end(&c->r))
        return reply_bad(c, "ID takes NIL or a list of pairs.");
    log_event(LOG_INFO, &s->log, "imap.client", LP("name", name), LP("version", version));
    reply_untagged(s, "ID (\"name\" \"Caducee\")");
    return reply_ok(c, NULL, "ID completed.");
}
