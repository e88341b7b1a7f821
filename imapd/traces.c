/* Traces. See traces.h. */
#include "imapd/traces.h"

#include "lib/store/trace.h"

enum { TRACED_SET_BYTES = 4000 };

static struct trace trace_of(const struct session *s, const char *action)
{
    return (struct trace){.action = action,
                          .answer = "OK",
                          .session = s->log.id,
                          .peer = s->log.peer,
                          .actor_kind = s->grant.person_id ? TRACE_PERSON : TRACE_CERTIFICATE,
                          .actor = s->actor                          ? s->actor
                                   : s->client && s->client->verdict ? s->client->verdict->dn
                                                                     : NULL,
                          .person_id = s->grant.person_id,
                          .bal_id = s->own ? s->own->bal.id : s->grant.bal_id,
                          .structure_id = s->own ? s->own->bal.structure_id : 0};
}

enum store_status trace_read(struct session *s, const char *action, const struct view *view, const imap_set *uids)
{
    struct trace trace = trace_of(s, action);
    struct str which;
    str_init(&which, TRACED_SET_BYTES + 64);
    str_addf(&which, "%lld/", (long long)view->folder_id);
    for (size_t i = 0; i < uids->len; i++) {
        size_t before = which.len;
        str_addf(&which, i > 0 ? ",%u" : "%u", uids->items[i].from);
        if (uids->items[i].to != uids->items[i].from)
            str_addf(&which, ":%u", uids->items[i].to);
        if (which.len > TRACED_SET_BYTES) { /* very long: its first numbers, and its last */
            str_truncate(&which, before);
            str_addf(&which, ",…:%u", uids->items[uids->len - 1].to);
            break;
        }
    }
    trace.bal_id = view->access->bal.id;
    trace.structure_id = view->access->bal.structure_id;
    trace.messages = which.data;
    enum store_status status = trace_write(s->thread->db, &trace);
    str_free(&which);
    return status;
}

void trace_login(struct session *s, const char *answer, const char *rule, const char *detail)
{
    struct trace trace = trace_of(s, "imap.login");
    trace.answer = answer;
    trace.rule = rule;
    trace.detail = detail;
    (void)trace_write(s->thread->db, &trace); /* a trace that cannot be written must not open or keep shut */
}
