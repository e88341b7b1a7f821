/* CAPABILITY (RFC 9051 6.1.1): one row a capability, in the order we show them; a name stands here only when it is done. */
#include "imapd/commands.h"
#include "imapd/reply.h"
#include "imapd/worker.h"

enum shown {
    IN_CLEAR = 1,
    IN_TLS = 2,
    WITH_CERTIFICATE = 4,
    LOGGED_IN = 8,
    ONLY_ALL = 16,
    APPEND_LIMIT = 32,
    MESSAGE_LIMIT = 64
};
enum { BEFORE = IN_CLEAR | IN_TLS, ALWAYS = IN_CLEAR | IN_TLS | LOGGED_IN };

static const struct {
    const char *name;
    unsigned shown;
} capabilities[] = {
    {"IMAP4rev1", ALWAYS},
    {"IMAP4rev2", ALWAYS},
    {"SASL-IR", BEFORE},
    {"AUTH=OAUTHBEARER", IN_TLS},
    {"AUTH=XOAUTH2", IN_TLS},
    {"AUTH=EXTERNAL", IN_TLS | WITH_CERTIFICATE},
    {"LOGINDISABLED", BEFORE},
    {"STARTTLS", IN_CLEAR},
    {"ID", ALWAYS},
    {"ENABLE", ALWAYS},
    {"IDLE", LOGGED_IN},
    {"NAMESPACE", LOGGED_IN},
    {"UNSELECT", LOGGED_IN},
    {"UIDPLUS", LOGGED_IN},
    {"MOVE", LOGGED_IN},
    {"CHILDREN", LOGGED_IN},
    {"SPECIAL-USE", LOGGED_IN},
    {"CREATE-SPECIAL-USE", LOGGED_IN},
    {"LIST-EXTENDED", LOGGED_IN},
    {"LIST-STATUS", LOGGED_IN},
    {"LIST-MYRIGHTS", LOGGED_IN},
    {"STATUS=SIZE", LOGGED_IN},
    {"CONDSTORE", LOGGED_IN},
    {"QRESYNC", LOGGED_IN},
    {"ESEARCH", LOGGED_IN},
    {"SEARCHRES", LOGGED_IN},
    {"WITHIN", LOGGED_IN},
    {"SORT", LOGGED_IN},
    {"SORT=DISPLAY", LOGGED_IN},
    {"ESORT", LOGGED_IN},
    {"THREAD=REFERENCES", LOGGED_IN},
    {"THREAD=ORDEREDSUBJECT", LOGGED_IN},
    {"ACL", LOGGED_IN},
    {"RIGHTS=kxte", LOGGED_IN},
    {"QUOTA", LOGGED_IN},
    {"QUOTA=RES-STORAGE", LOGGED_IN},
    {"QUOTA=RES-MESSAGE", LOGGED_IN},
    {"METADATA", LOGGED_IN},
    {"LIST-METADATA", LOGGED_IN},
    {"OBJECTID", LOGGED_IN},
    {"PREVIEW", LOGGED_IN},
    {"SAVEDATE", LOGGED_IN},
    {"REPLACE", LOGGED_IN},
    {"BINARY", LOGGED_IN},
    {"MULTIAPPEND", LOGGED_IN},
    {"APPENDLIMIT=", LOGGED_IN | APPEND_LIMIT},
    {"LITERAL+", ALWAYS},
    {"UTF8=ACCEPT", LOGGED_IN},
    {"PARTIAL", LOGGED_IN},
    {"INPROGRESS", LOGGED_IN},
    {"MESSAGELIMIT=", LOGGED_IN | MESSAGE_LIMIT},
    {"I18NLEVEL=1", LOGGED_IN},
    {"UIDONLY", LOGGED_IN | ONLY_ALL},
    {"NOTIFY", LOGGED_IN | ONLY_ALL},
    {"CONTEXT=SEARCH", LOGGED_IN | ONLY_ALL},
    {"MULTISEARCH", LOGGED_IN | ONLY_ALL},
    {"CATENATE", LOGGED_IN | ONLY_ALL},
    {"SEARCH=FUZZY", LOGGED_IN | ONLY_ALL},
    {"UNAUTHENTICATE", LOGGED_IN | ONLY_ALL},
    {"COMPRESS=DEFLATE", LOGGED_IN | ONLY_ALL},
};

static bool is_shown(const struct session *s, unsigned shown)
{
    if ((shown & ONLY_ALL) && !s->worker->all_extensions)
        return false;
    if (s->state >= STATE_AUTHENTICATED)
        return (shown & LOGGED_IN) != 0;
    if ((shown & WITH_CERTIFICATE) && !s->client)
        return false;
    return (shown & (s->tls ? IN_TLS : IN_CLEAR)) != 0;
}

void reply_capability(struct session *s, struct str *out)
{
    const char *separator = "";
    for (size_t i = 0; i < COUNT(capabilities); i++) {
        if (!is_shown(s, capabilities[i].shown))
            continue;
        str_puts(out, separator);
        str_puts(out, capabilities[i].name);
        if (capabilities[i].shown & APPEND_LIMIT)
            imap_write_u64(out, s->worker->conf->imap_append_max);
        if (capabilities[i].shown & MESSAGE_LIMIT)
            imap_write_u64(out, s->worker->conf->imap_message_limit);
        separator = " ";
    }
}

enum outcome cmd_capability(struct session *s, struct command *c)
{
    if (!imap_at_end(&c->r))
        return reply_bad(c, "CAPABILITY takes nothing.");
    str_puts(&s->out, "* CAPABILITY ");
    reply_capability(s, &s->out);
    str_puts(&s->out, "\r\n");
    return reply_ok(c, NULL, "CAPABILITY completed.");
}
