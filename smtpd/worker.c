/* A worker's life: read keys, enter the loop, refresh the trust snapshot every second, drain when told. */
#include "smtpd/worker.h"

#include "lib/base/clock.h"
#include "lib/base/metrics.h"
#include "lib/auth/keyfolder.h"
#include "smtpd/road.h"

#include <stdlib.h>
#include <string.h>

enum { DRAIN_MS = 30000 };

static struct tls_context *server_tls; /* made in prepare, before seccomp; one a process */

static void read_limits(struct worker *w)
{
    const struct conf *c = w->conf;
    if (w->role == ROLE_MX)
        w->limits = (struct role_limits){c->mx_recipients,
                                         c->mx_hops,
                                         c->mx_errors,
                                         c->mx_idle * 1000,
                                         c->mx_session * 1000,
                                         c->mx_connections,
                                         c->mx_connections_per_address,
                                         c->mx_connections_per_operator};
    else
        w->limits = (struct role_limits){c->submission_recipients,
                                         c->submission_hops,
                                         c->submission_errors,
                                         c->submission_idle * 1000,
                                         c->submission_session * 1000,
                                         c->submission_connections,
                                         c->submission_connections_per_address,
                                         c->submission_connections_per_bal};
}

/* Traces hold a patient's address as a keyed hash only; without the key the hash is left out. */
void worker_take_hash_key(const struct conf *conf)
{
    struct key key;
    struct str error;
    str_init(&error, 1024);
    if (keyfolder_hash_key(conf->general_key_folder, &key, &error)) {
        trace_set_hash_key(&key);
        log_set_hash_key(key.b);
        crypto_wipe(&key, sizeof(key));
    } else {
        log_event(LOG_WARN, NULL, "hash_key.absent", LS("error", error.data));
    }
    str_free(&error);
}

int smtpd_prepare(struct worker_context *context)
{
    struct str error;
    str_init(&error, 1024);
    bool mx = strcmp(context->role, "mx") == 0;
    domain_prepare();
    worker_take_hash_key(context->conf);
    if (!mx)
        sasl_start_library();
    if (!context->conf->general_hostname[0])
        fatal("[general] hostname is empty: smtpd must greet with a name");
    server_tls = tls_server_of(context->conf, mx || context->conf->submission_ask_certificate, &error);
    if (!server_tls)
        fatal("TLS: %s", error.data);
    str_free(&error);
    return inspect_may_start(context->conf) ? 0 : 1;
}

const struct trust_snapshot *worker_snapshot(const struct worker *w)
{
    return keeper_snapshot(w->keeper);
}

bool worker_reserve(struct worker *w, uint64_t bytes)
{
    if (bytes > w->conf->smtpd_memory - w->memory_used)
        return false;
    w->memory_used += bytes;
    return true;
}

void worker_release(struct worker *w, uint64_t bytes)
{
    must(bytes <= w->memory_used);
    w->memory_used -= bytes;
}

void worker_session_ended(struct worker *w)
{
    w->sessions--;
    metric_set(M_SESSIONS_OPEN, w->sessions);
    if (w->draining && w->sessions == 0)
        loop_stop(w->loop);
}

static void drain_over(void *arg)
{
    loop_stop(((struct worker *)arg)->loop);
}

static void on_stop(int fd UNUSED, void *arg)
{
    struct worker *w = arg;
    if (w->draining)
        return;
    w->draining = true;
    watch_destroy(&w->stop);
    for (size_t i = 0; i < w->listener_count; i++)
        listener_destroy(&w->listeners[i]);
    log_event(LOG_INFO, NULL, "worker.draining", LU("sessions", w->sessions));
    if (w->sessions == 0)
        loop_stop(w->loop);
    else
        timer_arm(w->drain, DRAIN_MS);
}

static void *thread_start(void *arg)
{
    struct worker *w = arg;
    struct job_thread *thread = xcalloc(1, sizeof(*thread));
    char *socket = xasprintf("%s/smtpd-parse.sock", w->conf->general_run_folder);
    thread->db = db_new(w->conf, w->role == ROLE_MX ? "caducee_mx" : "caducee_submission", "smtpd");
    thread->parse = parse_client_new(socket);
    xfree(&socket);
    if (w->role == ROLE_SUBMISSION) {
        socket = xasprintf("%s/keyd.sock", w->conf->general_run_folder);
        thread->keyd = keyd_client_new(socket);
        xfree(&socket);
    }
    return thread;
}

static struct db *db_of(void *state)
{
    return ((struct job_thread *)state)->db;
}

static void thread_end(void *state)
{
    struct job_thread *thread = state;
    db_destroy(&thread->db);
    parse_client_destroy(&thread->parse);
    if (thread->keyd)
        keyd_client_destroy(&thread->keyd);
    xfree(&thread);
}

static void open_listeners(void *arg)
{
    struct worker *w = arg;
    const struct worker_context *context = w->context;
    if (w->draining)
        return;
    for (size_t i = 0; i < context->listening_count && w->listener_count < COUNT(w->listeners); i++) {
        bool implicit = strcmp(context->listening[i].name, "submissions") == 0;
        w->listeners[w->listener_count++] =
            listener_new(w->loop, context->listening[i].fd, implicit ? connect_accept_tls : connect_accept, w);
    }
}

static void worker_free(struct worker *w)
{
    jobs_destroy(&w->jobs);
    keeper_destroy(&w->keeper);
    timer_destroy(&w->drain);
    for (size_t i = 0; i < w->listener_count; i++)
        listener_destroy(&w->listeners[i]);
    delivery_keys_destroy(&w->keys);
    bal_cache_destroy(&w->bals);
    tls_context_destroy(&w->tls);
    xfree(&w->wake_path);
}

int smtpd_run(struct worker_context *context)
{
    struct worker *w = xcalloc(1, sizeof(*w));
    w->conf = context->conf;
    w->context = context;
    w->role = strcmp(context->role, "mx") == 0 ? ROLE_MX : ROLE_SUBMISSION;
    w->road = w->role == ROLE_MX ? &road_mx : &road_submission;
    w->tls = server_tls;
    w->wake_path = xasprintf("%s/notifier.sock", w->conf->general_run_folder);
    read_limits(w);
    w->loop = loop_new();
    w->keys = delivery_keys_new();
    w->address_kind = w->role == ROLE_MX ? "mx.address" : "submission.address";
    w->operator_kind = w->role == ROLE_MX ? "mx.operator" : "submission.bal";
    w->bals = bal_cache_new();
    w->jobs = jobs_new(w->loop, (unsigned)w->conf->smtpd_job_threads, thread_start, thread_end, w);
    w->keeper = keeper_new(w->loop, w->jobs, db_of, open_listeners, w);
    w->drain = timer_new(w->loop, drain_over, w);
    w->stop = watch_new(w->loop, context->stop_fd, on_stop, w);
    inspect_probe(w);
    loop_run(w->loop);
    worker_free(w);
    return 0;
}
