#include "directory/introspector.h"

#include "directory/fetcher.h"

#include "lib/auth/introspection.h"
#include "lib/base/clock.h"
#include "lib/base/file.h"
#include "lib/base/log.h"
#include "lib/net/https.h"
#include "lib/net/ipc.h"
#include "lib/proto/token_discovery.h"
#include "lib/store/alarms.h"
#include "lib/store/keyd.h"

#include <pwd.h>
#include <stdio.h>
#include <unistd.h>

enum {
    JOB_THREADS = 4,
    WAITING_MAX = 256, /* keyd has four threads a process: more than these are somebody's mistake */
    URL_FRESH_MS = 60000
};

static struct {
    const struct conf *conf;
    struct str secret;
    uint32_t keyd_uid;
    struct jobs *jobs;
    struct loop *loop;
    size_t pending;
    bool stopping;
} self;

/* What a job thread owns. */
struct asker {
    struct db *db;
    struct str url;
    uint64_t url_ms; /* when it was read; 0: never */
    bool alarmed;
};

unsigned introspector_count(const struct conf *conf)
{
    return span_is(span_of(conf->psc_introspection), "never") ? 0 : 1;
}

const char *introspector_addresses(const struct conf *conf)
{
    static char address[1024];
    char *path = introspection_socket(conf->general_run_folder);
    int n = snprintf(address, sizeof(address), "unix:%s", path);
    must(n > 0 && (size_t)n < sizeof(address));
    xfree(&path);
    return introspector_count(conf) ? address : "";
}

static bool read_secret(struct str *error)
{
    const char *file = self.conf->psc_introspection_secret_file;
    if (span_is(span_of(self.conf->psc_introspection_auth), "certificate"))
        return *self.conf->psc_introspection_certificate && *self.conf->psc_introspection_private_key
                   ? true
                   : (str_puts(error, "psc.introspection_certificate and _private_key are wanted"), false);
    if (!*file) {
        str_puts(error, "psc.introspection_secret_file is wanted");
        return false;
    }
    return secret_read(&self.secret, file, error);
}

int introspector_prepare(struct worker_context *context)
{
    struct str error;
    const char *user = "caducee-keyd";
    self.conf = context->conf;
    str_init_secret(&self.secret, 4096);
    str_init(&error, 512);
    vec_each (&self.conf->users_role, pair)
        if (span_is(span_of(pair->key), "keyd"))
            user = pair->value;
    const struct passwd *keyd = getpwnam(user);
    self.keyd_uid = keyd ? (uint32_t)keyd->pw_uid : (uint32_t)geteuid();
    https_setup();
    bool ok = read_secret(&error);
    if (!ok)
        log_event(LOG_ERROR, NULL, "introspector.client", LP("why", str_span(&error)));
    str_free(&error);
    return ok ? 0 : 78;
}

/* ---- one question, in a job ---- */

static const char *endpoint(struct asker *a)
{
    struct str document;
    int64_t fetched;
    if (*self.conf->psc_introspection_url)
        return self.conf->psc_introspection_url;
    if (a->url_ms && clock_ms() - a->url_ms < URL_FRESH_MS)
        return a->url.data;
    str_init(&document, 1 << 20);
    str_clear(&a->url);
    bool ok = oidc_document(a->db, "discovery", &document, &fetched) == STORE_OK &&
              discovery_field(&a->url, str_span(&document), "introspection_endpoint");
    a->url_ms = ok ? clock_ms() : 0;
    str_free(&document);
    return ok ? a->url.data : NULL;
}

static enum introspection post(const char *url, struct span token, char why[160])
{
    const struct conf *conf = self.conf;
    struct span auth = span_of(conf->psc_introspection_auth);
    bool basic = span_is(auth, "basic"), by_certificate = span_is(auth, "certificate");
    struct str form, authorization;
    struct https_answer answer;
    str_init_secret(&form, 64 << 10);
    str_init_secret(&authorization, 16 << 10);
    introspection_form(&form, token, basic ? NULL : conf->psc_introspection_client_id,
                       basic || by_certificate ? NULL : self.secret.data);
    if (basic) {
        str_puts(&authorization, "Authorization: ");
        introspection_basic(&authorization, conf->psc_introspection_client_id, self.secret.data);
    }
    const char *headers[] = {"Accept: application/json", "Content-Type: application/x-www-form-urlencoded",
                             basic ? authorization.data : NULL, NULL};
    const struct https_request request = {.method = "POST",
                                          .url = url,
                                          .ca_file = *conf->psc_ca ? conf->psc_ca : NULL,
                                          .certificate_file =
                                              by_certificate ? conf->psc_introspection_certificate : NULL,
                                          .key_file = by_certificate ? conf->psc_introspection_private_key : NULL,
                                          .headers = headers,
                                          .body = str_span(&form),
                                          .timeout_ms = conf->psc_introspection_timeout * 1000,
                                          .answer_max = INTROSPECTION_ANSWER_MAX};
    bool reached = https_fetch(&request, &answer);
    enum introspection said =
        reached && answer.status == 200 ? introspection_read(str_span(&answer.body)) : INTROSPECTION_UNKNOWN;
    if (said == INTROSPECTION_UNKNOWN)
        snprintf(why, 160, "HTTP %ld %.120s", answer.status, answer.error.len ? answer.error.data : "");
    https_answer_free(&answer); /* wiped: it tells about a person */
    str_wipe(&form);
    str_wipe(&authorization);
    return said;
}

static void tell(struct asker *a, bool trouble, const char *why)
{
    if (trouble) {
        char *what = xasprintf("Pro Santé Connect ne dit pas si un jeton est encore valable (%s) : les connexions par "
                               "jeton attendent.",
                               why);
        log_event(LOG_WARN, NULL, "introspection.failed", LS("why", why));
        a->alarmed = alarm_raise(a->db, "psc.introspection", "", what,
                                 "Vérifier psc.introspection_*, psc.ca et l'accès réseau ; à défaut, "
                                 "psc.introspection = never le temps de la panne.") == STORE_OK;
        xfree(&what);
    } else if (a->alarmed) {
        a->alarmed = alarm_clear(a->db, "psc.introspection", "") != STORE_OK;
    }
}

struct question {
    struct ipc_request *request;
    enum introspection answer;
};

static void run_question(void *state, void *arg)
{
    struct asker *a = state;
    struct question *q = arg;
    struct span token = SPAN_NONE;
    char why[160] = "introspection_endpoint unknown";
    (void)ipc_get(&q->request->message, INTROSPECTION_T_TOKEN, &token);
    const char *url = endpoint(a);
    bool fits = url && environment_fits(self.conf, url); /* a token of the one environment is not shown to the other */
    q->answer = fits && token.n ? post(url, token, why) : INTROSPECTION_UNKNOWN;
    tell(a, q->answer == INTROSPECTION_UNKNOWN, why);
}

static void stop_loop(void *arg)
{
    (void)arg;
    loop_stop(self.loop);
}

static void stop_when_idle(void)
{
    if (self.stopping && !self.pending)
        loop_post(self.loop, stop_loop, NULL);
}

static void finish_question(void *arg)
{
    struct question *q = arg;
    struct str answer;
    str_init(&answer, 256);
    ipc_begin(&answer, INTROSPECTION_SAID);
    ipc_put_u64(&answer, INTROSPECTION_T_ANSWER, (uint64_t)q->answer);
    ipc_end(&answer);
    str_wipe(&q->request->bytes);
    ipc_reply(q->request, &answer);
    str_free(&answer);
    xfree(&q);
    self.pending--;
    stop_when_idle();
}

static bool may_connect(uint32_t uid, void *arg)
{
    (void)arg;
    return uid == self.keyd_uid;
}

static void on_request(struct ipc_request *request, void *arg)
{
    (void)arg;
    if (request->message.type != INTROSPECTION_ASK || request->fd_count || self.stopping ||
        self.pending >= WAITING_MAX) {
        ipc_reply(request, NULL);
        return;
    }
    struct question *q = xcalloc(1, sizeof(*q));
    q->request = request;
    self.pending++;
    jobs_submit(self.jobs, run_question, finish_question, q);
}

static void *asker_new(void *arg)
{
    struct asker *a = xcalloc(1, sizeof(*a));
    (void)arg;
    a->db = db_new(self.conf, "caducee_fetcher", "introspector");
    str_init(&a->url, 1024);
    a->alarmed = true; /* one from before our start is cleared by the first answer */
    return a;
}

static void asker_end(void *state)
{
    struct asker *a = state;
    db_destroy(&a->db);
    str_free(&a->url);
    xfree(&a);
}

static void on_stop(int fd, void *arg)
{
    (void)fd;
    (void)arg;
    if (!self.stopping) {
        self.stopping = true;
        stop_when_idle();
    }
}

int introspector_run(struct worker_context *context)
{
    must(context->listening_count == 1);
    self.loop = loop_new();
    self.jobs = jobs_new(self.loop, JOB_THREADS, asker_new, asker_end, NULL);
    struct watch *stop = watch_new(self.loop, context->stop_fd, on_stop, NULL);
    struct ipc_server *ipc =
        ipc_server_new(self.loop, context->listening[0].fd, INTROSPECTION_FRAME_MAX, may_connect, on_request, NULL);
    loop_run(self.loop);
    jobs_destroy(&self.jobs);
    ipc_server_destroy(&ipc);
    watch_destroy(&stop);
    loop_destroy(&self.loop);
    str_wipe(&self.secret);
    return 0;
}
