/* What happens each second, and at each wake-up: the trust snapshot is refreshed, sessions that have lived long enough
 * end, those that idle look for changes. */
#include "imapd/worker.h"
#include "lib/base/clock.h"
#include "lib/base/log.h"
#include "lib/net/wake.h"
#include "lib/store/snapshot.h"

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
        if (!client_certificate_judge(s->client, w->trust) && !s->client->verdict.temporary) {
            log_event(LOG_WARN, &s->log, "imap.certificate.refused",
                      LS("rule", trust_rule_name(s->client->verdict.rule)));
            session_bye(s, "Your certificate is no longer accepted.");
        }
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

static void look_at(struct worker *w, struct session *s, uint64_t now)
{
    if (s->in_job || s->closing || !s->own)
        return;
    if (now - s->authenticated_ms > w->conf->session_max_age * 1000)
        session_bye(s, "This session has lived long enough; please come again.");
    else if (s->idle && s->view && now - s->synced_ms > POLL_MS)
        command_poll(s);
}

void worker_tick(void *worker)
{
    struct worker *w = worker;
    uint64_t now = clock_ms();
    refresh(w);
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
            if (s->view && s->view->access->bal.id == notice.bal_id &&
                (notice.folder_id == 0 || s->view->folder_id == notice.folder_id))
                session_wake(s);
        }
    }
}
