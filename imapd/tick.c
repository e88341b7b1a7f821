/* What happens each second, and at each wake-up: the trust snapshot is refreshed, sessions that have lived long enough
 * end, those that idle look for changes. */
#include "imapd/worker.h"
#include "lib/base/clock.h"
#include "lib/base/log.h"
#include "lib/net/wake.h"
#include "lib/store/imap.h"
#include "lib/store/snapshot.h"

#include <stdio.h>

struct refresh {
    struct worker *worker;
    uint64_t known;
    struct trust_snapshot *fresh;
    enum store_status status;
};

static void refresh_run(void *thread, void *arg)
{
    struct refresh *r = arg;
    r->status = snapshot_load(((struct thread *)thread)->db, r->known, &r->fresh);
}

/* The certificates of open sessions are judged again: revoked or expired means BYE. */
static void judge_again(struct worker *w)
{
    for (struct session *s = w->sessions, *next; s; s = next) {
        next = s->next;
        if (s->in_job || !s->client || !s->own || s->grant.certificate_id == 0)
            continue;
        if (!client_certificate_judge(s->client, w->trust, NULL) && !s->client->verdict->temporary) {
            log_event(LOG_WARN, &s->log, "imap.certificate.refused",
                      LS("rule", trust_rule_name(s->client->verdict->rule)));
            session_bye(s, "Your certificate is no longer accepted.");
        }
        client_certificate_trim(s->client);
    }
}

static void refresh_done(void *arg)
{
    struct refresh *r = arg;
    struct worker *w = r->worker;
    w->refreshing = false;
    if (r->status == STORE_OK && r->fresh) {
        trust_release(&w->trust);
        w->trust = r->fresh;
        judge_again(w);
    }
    worker_listen(w);
    xfree(&r);
}

static void refresh(struct worker *w)
{
    if (w->refreshing)
        return;
    struct refresh *r = xcalloc(1, sizeof(*r));
    *r = (struct refresh){.worker = w, .known = w->trust ? trust_generation(w->trust) : 0};
    w->refreshing = true;
    jobs_submit(w->jobs, refresh_run, refresh_done, r);
}

/* Shares end, certificates are unbound, BALs are suspended: open sessions hear of it within a second (issue: "judged
 * again within a second of their change"). One statement for all; a change of role ends the session too, which comes
 * back with its new rights. */
struct judging {
    struct worker *worker;
    size_t count; /* of BALs: a session has its own, and those shared with its person that it has opened */
    uint64_t *serials;
    struct open_session *sessions;
    enum store_status status;
};

static void judging_run(void *thread, void *arg)
{
    struct judging *q = arg;
    q->status = open_sessions_judge(((struct thread *)thread)->db, q->sessions, q->count);
}

static void judging_done(void *arg)
{
    struct judging *q = arg;
    size_t i = 0;
    q->worker->judging = false;
    /* both lists are in the order of the worker's, newest first; some sessions may have gone, others come */
    for (struct session *s = q->worker->sessions, *next; q->status == STORE_OK && s && i < q->count; s = next) {
        next = s->next;
        while (i < q->count && q->serials[i] > s->serial)
            i++;
        while (i < q->count && q->serials[i] == s->serial && !q->sessions[i].refused)
            i++;
        if (i == q->count || q->serials[i] != s->serial)
            continue;
        log_event(LOG_WARN, &s->log, "imap.right.ended", LI("bal", q->sessions[i].bal_id));
        session_bye(s, "Your right on this BAL has ended or changed.");
    }
    xfree(&q->serials);
    xfree(&q->sessions);
    xfree(&q);
}

static void ask_about(struct judging *q, const struct session *s, const struct access *access)
{
    struct open_session *one = &q->sessions[q->count];
    q->serials[q->count++] = s->serial;
    *one = (struct open_session){
        .bal_id = access->bal.id, .person_id = s->grant.person_id, .binding_id = s->grant.certificate_id};
    (void)snprintf(one->role, sizeof(one->role), "%s", access_role_name(access->role));
}

static bool to_be_judged(const struct session *s)
{
    return !s->in_job && !s->closing && s->own;
}

static void judge_rights(struct worker *w)
{
    size_t most = 0;
    for (const struct session *s = w->sessions; s; s = s->next)
        most += to_be_judged(s) ? 1 + s->shared.len : 0;
    if (w->judging || most == 0)
        return;
    struct judging *q = xcalloc(1, sizeof(*q));
    q->worker = w;
    q->serials = xcalloc(most, sizeof(*q->serials));
    q->sessions = xcalloc(most, sizeof(*q->sessions));
    for (const struct session *s = w->sessions; s; s = s->next) {
        if (!to_be_judged(s))
            continue;
        ask_about(q, s, s->own);
        vec_each (&s->shared, access)
            ask_about(q, s, *access);
    }
    w->judging = true;
    jobs_submit(w->jobs, judging_run, judging_done, q);
}

static void look_at(struct worker *w, struct session *s, uint64_t now)
{
    if (s->in_job || s->closing || !s->own)
        return;
    if (now - s->authenticated_ms > w->conf->session_max_age * 1000)
        session_bye(s, "This session has lived long enough; please come again.");
    else if ((s->selected_bal || s->watches) && now - s->synced_ms > w->conf->imapd_poll * 1000 && command_may_poll(s))
        command_poll(s);
}

void worker_tick(void *worker)
{
    struct worker *w = worker;
    uint64_t now = clock_ms();
    refresh(w);
    judge_rights(w);
    for (struct session *s = w->sessions, *next; s; s = next) {
        next = s->next;
        look_at(w, s, now);
    }
    timer_arm(w->tick, TICK_MS);
}

void worker_wake(int fd, void *worker)
{
    struct worker *w = worker;
    struct wake_notice notice;
    while (wake_receive(fd, &notice)) {
        for (struct session *s = w->sessions, *next; s; s = next) {
            next = s->next;
            if (session_concerned(s, notice.bal_id, notice.folder_id))
                session_wake(s);
        }
    }
}
