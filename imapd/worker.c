/* A worker's life: open libraries, take sessions, drain when told. */
#include "imapd/worker.h"

#include "lib/auth/sasl.h"
#include "lib/base/log.h"
#include "lib/base/metrics.h"
#include "lib/net/wake.h"
#include "lib/proto/charset.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static struct tls_context *server_tls; /* made before seccomp, one a process */
static int wake_fd;                    /* likewise; -1: none */

/* Wake-ups come to a socket of this worker's own in <run_folder>/wake/. Without it the 15-second look is what is left. */
static int open_wake(const struct worker_context *context)
{
    struct str error;
    char *folder = xasprintf("%s/wake", context->conf->general_run_folder);
    char *path = xasprintf("%s/imapd-%u-%ld.sock", folder, context->index, (long)getpid());
    str_init(&error, 512);
    (void)mkdir(folder, 0770); /* the notifier makes it too: whoever comes first */
    /* A notice about nothing: sockets of workers that are dead go. Installed, the folder is sticky, and only we may. */
    (void)wake_send_all(folder, &(struct wake_notice){.bal_id = 0});
    int fd = wake_listen(path, &error);
    if (fd < 0)
        log_event(LOG_WARN, NULL, "imap.no_wake", LS("why", error.data ? error.data : ""));
    str_free(&error);
    xfree(&folder);
    xfree(&path);
    return fd;
}

int imapd_prepare(struct worker_context *context)
{
    const struct conf *conf = context->conf;
    struct str error;
    str_init(&error, 1024);
    charset_setup();
    sasl_start_library();
    server_tls = tls_server_of(conf, true, &error);
    if (!server_tls)
        fatal("TLS: %s", error.data);
    str_free(&error);
    wake_fd = open_wake(context);
    return 0;
}

bool worker_reserve(struct worker *w, uint64_t bytes)
{
    if (bytes > w->conf->imapd_memory_max - w->reserved)
        return false;
    w->reserved += bytes;
    return true;
}

void worker_release(struct worker *w, uint64_t bytes)
{
    must(bytes <= w->reserved);
    w->reserved -= bytes;
}

void worker_forget(struct worker *w, struct session *s)
{
    if (s->previous)
        s->previous->next = s->next;
    else
        w->sessions = s->next;
    if (s->next)
        s->next->previous = s->previous;
    w->session_count--;
    metric_set(M_IMAP_SESSIONS, w->session_count);
    if (w->draining && w->session_count == 0)
        loop_stop(w->loop);
}

static void *accept_session(struct worker *w, struct conn *conn, bool tls)
{
    if (w->draining || w->session_count >= w->conf->imapd_connections)
        return NULL;
    struct session *s = session_new(w, conn, tls);
    metric_add(M_IMAP_CONNECTIONS, 1);
    metric_set(M_IMAP_SESSIONS, w->session_count);
    return s;
}

static void *on_accept(struct conn *conn, void *worker)
{
    return accept_session(worker, conn, false);
}

static void *on_accept_tls(struct conn *conn, void *worker)
{
    return accept_session(worker, conn, true);
}

static void drain_over(void *worker)
{
    loop_stop(((struct worker *)worker)->loop);
}

static void on_stop(int fd UNUSED, void *worker)
{
    struct worker *w = worker;
    watch_destroy(&w->stop_watch);
    w->draining = true;
    for (size_t i = 0; i < w->listener_count; i++)
        listener_destroy(&w->listeners[i]);
    log_event(LOG_INFO, NULL, "worker.draining", LU("sessions", w->session_count));
    for (struct session *s = w->sessions, *next; s; s = next) {
        next = s->next;
        session_bye(s, "[UNAVAILABLE] This server is being stopped; please come again.");
    }
    if (w->session_count == 0)
        loop_stop(w->loop);
    else
        timer_arm(w->drain, DRAIN_MS);
}

static void *thread_start(void *worker)
{
    struct worker *w = worker;
    struct thread *thread = xcalloc(1, sizeof(*thread));
    char *keyd = xasprintf("%s/keyd.sock", w->conf->general_run_folder);
    char *parse = xasprintf("%s/imapd-parse.sock", w->conf->general_run_folder);
    thread->worker = w;
    thread->db = db_new(w->conf, "caducee_imapd", "imapd");
    thread->keyd = keyd_client_new(keyd);
    thread->parse = parse_client_new(parse);
    xfree(&keyd);
    xfree(&parse);
    return thread;
}

static void thread_end(void *state)
{
    struct thread *thread = state;
    db_destroy(&thread->db);
    keyd_client_destroy(&thread->keyd);
    parse_client_destroy(&thread->parse);
    xfree(&thread);
}

/* Once it is known whom to trust — or that it cannot be known now, which peers then hear. */
void worker_listen(struct worker *w)
{
    const struct worker_context *context = w->context;
    if (w->listener_count > 0 || w->draining)
        return;
    for (size_t i = 0; i < context->listening_count && i < COUNT(w->listeners); i++) {
        bool implicit = strcmp(context->listening[i].name, "imaps") == 0;
        w->listeners[w->listener_count++] =
            listener_new(w->loop, context->listening[i].fd, implicit ? on_accept_tls : on_accept, w);
    }
}

int imapd_run(struct worker_context *context)
{
    struct worker w = {.conf = context->conf, .tls = server_tls};
    w.all_extensions = strcmp(w.conf->imap_extensions, "all") == 0;
    w.loop = loop_new();
    w.jobs = jobs_new(w.loop, (unsigned)w.conf->imapd_threads, thread_start, thread_end, &w);
    w.tick = timer_new(w.loop, worker_tick, &w);
    w.drain = timer_new(w.loop, drain_over, &w);
    w.stop_watch = watch_new(w.loop, context->stop_fd, on_stop, &w);
    if (wake_fd >= 0)
        w.wake_watch = watch_new(w.loop, wake_fd, worker_wake, &w);
    w.context = context;
    worker_tick(&w);
    loop_run(w.loop);
    return 0; /* the process ends: what is left ends with it */
}
