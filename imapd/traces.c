/* Traces. See traces.h. */
#include "imapd/traces.h"

#include "lib/base/log.h"

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

/* "folder/1:7,9"; a very long set is cut: its first numbers, and its last. */
static void write_which(struct str *out, int64_t folder_id, const imap_set *uids)
{
    str_addf(out, "%lld/", (long long)folder_id);
    for (size_t i = 0; uids && i < uids->len; i++) {
        size_t before = out->len;
        str_addf(out, i > 0 ? ",%u" : "%u", uids->items[i].from);
        if (uids->items[i].to != uids->items[i].from)
            str_addf(out, ":%u", uids->items[i].to);
        if (out->len > TRACED_SET_BYTES) {
            str_truncate(out, before);
            str_addf(out, ",...:%u", uids->items[uids->len - 1].to);
            return;
        }
    }
}

struct trace trace_of_act(const struct session *s, const char *action, const struct access *access)
{
    struct trace trace = trace_of(s, action);
    trace.bal_id = access->bal.id;
    trace.structure_id = access->bal.structure_id;
    return trace;
}

enum store_status trace_act(struct session *s, const char *action, const struct access *access, int64_t folder_id,
                            const imap_set *uids)
{
    struct trace trace = trace_of_act(s, action, access);
    struct str which;
    str_init(&which, TRACED_SET_BYTES + 64);
    if (folder_id) {
        write_which(&which, folder_id, uids);
        trace.messages = which.data;
    }
    enum store_status status = trace_write(s->thread->db, &trace);
    str_free(&which);
    return status;
}

void trace_done(struct session *s, const char *action, const struct access *access, int64_t folder_id,
                const imap_set *uids)
{
    if (trace_act(s, action, access, folder_id, uids) != STORE_OK)
        log_event(LOG_ERROR, &s->log, "imap.not_traced", LS("action", action), LI("bal", access->bal.id));
}

void trace_login(struct session *s, const char *answer, const char *rule, const char *detail)
{
    struct trace trace = trace_of(s, "imap.login");
    trace.answer = answer;
    trace.rule = rule;
    trace.detail = detail;
    (void)trace_write(s->thread->db, &trace); /* a trace that cannot be written must not open or keep shut */
}
