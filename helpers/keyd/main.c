/* caducee-keyd: the only holder of the master private keys. It hands out one BAL's private key for one proven session, and
 * each time leaves a trace. It reads no certificate, no MIME, no XML; tokens it verifies itself (token.c).
 */
#include "helpers/keyd/journal.h"
#include "helpers/keyd/keyd.h"

#include "lib/store/epochs.h"

#include "lib/base/clock.h"
#include "lib/base/log.h"
#include "lib/net/daemon.h"
#include "lib/store/db.h"

#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { JOB_THREADS = 4, JOURNAL_MS = 5000 };

static struct keyd keyd;

static const char *listen_addresses(const struct conf *conf)
{
    static char address[1024];
    int n = snprintf(address, sizeof(address), "unix:%s/keyd.sock", conf->general_run_folder);
    must(n > 0 && (size_t)n < sizeof(address));
    return address;
}

static unsigned one(const struct conf *conf)
{
    (void)conf;
    return 1;
}

/* A test installation makes its keys by itself; a real one has an officer who does it, and a safe for the copy. */
static bool prepare_keys(struct str *error)
{
    const char *folder = keyd.conf->general_key_folder;
    if (!keyfolder_exists(folder)) {
        if (!span_is(span_of(keyd.conf->general_environment), "test")) {
            str_addf(error, "%s holds no keys: run `caducee key init` first", folder);
            return false;
        }
        if (!keyfolder_create(folder, error))
            return false;
        log_event(LOG_INFO, NULL, "keyd.keys_made", LS("folder", folder));
    }
    return keyfolder_load(&keyd.keys, folder, error) && erasure_read(folder, &keyd.erased, error);
}

/* The keys never reach a swap device. (Not everything: libraries would be pulled into memory whole.) */
static void lock_keys(void)
{
    size_t bytes = keyd.keys.epochs.capacity * sizeof(keyd.keys.epochs.items[0]);
    if (mlock(&keyd, sizeof(keyd)) != 0 || mlock(keyd.keys.epochs.items, bytes) != 0)
        log_event(LOG_WARN, NULL, "keyd.not_locked");
}

static int prepare(struct worker_context *context)
{
    struct str error;
    keyd.conf = context->conf;
    str_init(&error, 1024);
    bool ok = prepare_keys(&error);
    if (!ok)
        log_event(LOG_ERROR, NULL, "keyd.keys", LP("error", str_span(&error)));
    str_free(&error);
    if (!ok)
        return 78;
    lock_keys();
    hkdf_sha256(&keyd.proof_key, (struct span){(const char *)keyd.keys.seal.b, KEY_BYTES}, SPAN_NONE,
                SPAN_LIT("keyd proof 1"));
    keyd.limits = limits_new(keyd.conf->keyd_grants_per_bal, keyd.conf->keyd_grants);
    peers_setup(context->conf);
    return 0;
}

/* A database restored from before an erasure holds keys that were erased: they go again (design: sentence 4). */
static enum store_status erase_again(struct db *db)
{
    enum store_status status = STORE_OK;
    int64_t gone = 0;
    vec_each (&keyd.erased, erased) {
        struct key half;
        memcpy(half.b, erased->public_half, sizeof(half.b));
        if (status == STORE_OK)
            status = bal_erase_again(db, erased->bal_id, &half, &gone);
    }
    if (gone)
        log_event(LOG_WARN, NULL, "keyd.erased_again", LU("bals", gone));
    return status;
}

/* Public halves reach the database: whoever creates a BAL or queues a message needs them. */
static enum store_status publish(struct db *db)
{
    const struct epoch *current = keyfolder_epoch(&keyd.keys, keyd.keys.current);
    enum store_status status = STORE_OK;
    vec_each (&keyd.keys.epochs, epoch)
        if (status == STORE_OK && epoch != current)
            status = epoch_publish(db, epoch->id, &epoch->pair.public_half, false);
    if (status == STORE_OK)
        status = epoch_publish(db, current->id, &current->pair.public_half, true);
    if (status == STORE_OK)
        status = queue_key_publish(db, &keyd.keys.queue.public_half);
    return status == STORE_OK ? erase_again(db) : status;
}

static void *thread_start(void *arg)
{
    (void)arg;
    return db_new(keyd.conf, "caducee_keyd", "keyd");
}

static void thread_end(void *state)
{
    struct db *db = state;
    db_destroy(&db);
}

/* ---- requests ---- */

static struct server {
    struct jobs *jobs;
    struct loop *loop;
    struct timer *publish_again, *journal;
    size_t pending; /* jobs */
    bool stopping;
} server;

static void stop_loop(void *arg)
{
    (void)arg;
    loop_stop(server.loop);
}

/* What has been asked is answered first; the answers leave by the loop. */
static void stop_when_idle(void)
{
    if (server.stopping && !server.pending)
        loop_post(server.loop, stop_loop, NULL);
}

struct work {
    struct ipc_request *request;
    struct str answer;
};

static void (*const handlers[KEYD_REQUEST_END])(struct asking *) = {
    [KEYD_BY_CERTIFICATE] = handle_by_certificate,
    [KEYD_BY_TOKEN] = handle_by_token,
    [KEYD_SHARED] = handle_shared,
    [KEYD_SHARE] = handle_share,
    [KEYD_BIND] = handle_bind,
    [KEYD_WEB_CERTIFICATE] = handle_web_certificate,
    [KEYD_WEB_LOGIN] = handle_web_login,
    [KEYD_BY_WEB_SESSION] = handle_by_web_session,
    [KEYD_QUEUE_KEY] = handle_queue_key,
    [KEYD_SEAL_KEY] = handle_seal_key,
};

static void run_request(void *thread_state, void *arg)
{
    struct work *work = arg;
    struct asking asking = {.keyd = &keyd,
                            .db = thread_state,
                            .message = &work->request->message,
                            .uid = work->request->uid,
                            .answer = &work->answer};
    handlers[work->request->message.type](&asking);
    ipc_end(&work->answer);
}

static void finish_request(void *arg)
{
    struct work *work = arg;
    ipc_reply(work->request, &work->answer);
    str_wipe(&work->answer);
    xfree(&work);
    server.pending--;
    server.stopping = server.stopping || keyd.outdated;
    stop_when_idle();
}

static void on_request(struct ipc_request *request, void *arg)
{
    (void)arg;
    if (server.stopping) {
        ipc_reply(request, NULL);
        return;
    }
    if (!peer_may_ask(request->uid, request->message.type) || request->fd_count) {
        log_event(LOG_ERROR, NULL, "keyd.not_allowed", LU("uid", request->uid), LU("type", request->message.type));
        ipc_reply(request, NULL);
        return;
    }
    struct work *work = xcalloc(1, sizeof(*work));
    work->request = request;
    str_init_secret(&work->answer, KEYD_FRAME_MAX);
    server.pending++;
    jobs_submit(server.jobs, run_request, finish_request, work);
}

static void run_publish(void *thread_state, void *arg)
{
    enum store_status *status = arg;
    *status = publish(thread_state);
}

static enum store_status published;

static void after_publish(void *arg)
{
    (void)arg;
    server.pending--;
    stop_when_idle();
    if (published == STORE_OK || server.stopping)
        return;
    if (published == STORE_CONFLICT)
        log_event(LOG_ERROR, NULL, "keyd.foreign_folder",
                  LS("why", "the database knows another key under one of this folder's epochs"));
    log_event(LOG_ERROR, NULL, "keyd.publish", LS("status", store_status_name(published)));
    timer_arm(server.publish_again, 2000);
}

static void start_publish(void *arg)
{
    (void)arg;
    server.pending++;
    jobs_submit(server.jobs, run_publish, after_publish, &published);
}

static void run_journal(void *thread_state, void *arg)
{
    (void)arg;
    journal_beat(thread_state, keyd.conf->general_key_folder);
}

static void after_journal(void *arg)
{
    (void)arg;
    server.pending--;
    stop_when_idle();
    if (!server.stopping)
        timer_arm(server.journal, JOURNAL_MS);
}

static void start_journal(void *arg)
{
    (void)arg;
    server.pending++;
    jobs_submit(server.jobs, run_journal, after_journal, NULL);
}

static void on_stop(int fd, void *arg)
{
    (void)fd;
    (void)arg;
    if (server.stopping)
        return;
    server.stopping = true;
    timer_disarm(server.publish_again);
    timer_disarm(server.journal);
    stop_when_idle();
}

static int run(struct worker_context *context)
{
    server.loop = loop_new();
    server.jobs = jobs_new(server.loop, JOB_THREADS, thread_start, thread_end, NULL);
    server.publish_again = timer_new(server.loop, start_publish, NULL);
    server.journal = timer_new(server.loop, start_journal, NULL);
    struct watch *stop = watch_new(server.loop, context->stop_fd, on_stop, NULL);
    must(context->listening_count == 1);
    struct ipc_server *ipc =
        ipc_server_new(server.loop, context->listening[0].fd, KEYD_FRAME_MAX, peer_may_connect, on_request, NULL);
    start_publish(NULL);
    timer_arm(server.journal, JOURNAL_MS);
    loop_run(server.loop);
    jobs_destroy(&server.jobs);
    ipc_server_destroy(&ipc);
    watch_destroy(&stop);
    timer_destroy(&server.publish_again);
    timer_destroy(&server.journal);
    loop_destroy(&server.loop);
    limits_destroy(&keyd.limits);
    crypto_wipe(&keyd.proof_key, sizeof(keyd.proof_key));
    keyfolder_wipe(&keyd.keys);
    return 0;
}

static const char *metrics_address(const struct conf *conf)
{
    return conf->keyd_metrics;
}

int main(int argc, char **argv)
{
    /* a line of the journal is written, and on disk, before its BAL goes */
    static const int journal_syscalls[] = {SYS_openat, SYS_fsync, -1};
    static const struct role roles[] = {{.name = "keyd",
                                         .count = one,
                                         .database_role = "caducee_keyd",
                                         .listeners = {{.name = "keyd", .addresses = listen_addresses}},
                                         .network = NETWORK_DATABASE,
                                         .extra_syscalls = journal_syscalls,
                                         .prepare = prepare,
                                         .run = run}};
    static const struct daemon daemon = {.program = "caducee-keyd",
                                         .summary =
                                             "holds the master keys and opens one mailbox for one proven session",
                                         .roles = roles,
                                         .role_count = COUNT(roles),
                                         .metrics_address = metrics_address};
    return daemon_main(argc, argv, &daemon);
}
