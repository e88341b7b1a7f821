/* The limit on messages of one command. See limit.h. */
#include "imapd/limit.h"

#include "imapd/reply.h"
#include "imapd/worker.h"

#include <string.h>

bool limit_passed(const struct session *s, size_t count)
{
    return count > s->worker->conf->imap_message_limit;
}

void limit_uids(struct session *s, struct command *c, uid_list *uids)
{
    size_t most = (size_t)s->worker->conf->imap_message_limit;
    if (uids->len <= most)
        return;
    memmove(uids->items, uids->items + (uids->len - most), most * sizeof(uids->items[0]));
    uids->len = most;
    c->cut_at = uids->items[0];
}

const char *limit_refusal(struct session *s, struct command *c)
{
    return arena_printf(c->arena, "MESSAGELIMIT %llu", (unsigned long long)s->worker->conf->imap_message_limit);
}

const char *limit_code(struct session *s, struct command *c, const char *otherwise)
{
    if (c->cut_at == 0)
        return otherwise;
    if (otherwise)
        str_addf(&s->out, "* OK [%s] And more:\r\n", otherwise);
    return arena_printf(c->arena, "MESSAGELIMIT %llu %u", (unsigned long long)s->worker->conf->imap_message_limit,
                        c->cut_at);
}
