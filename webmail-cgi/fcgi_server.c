/* The FastCGI service: a few threads of a worker process accept on the shared socket, each with its own database
 * connection and clients of keyd and parse. The only place of libfcgi.
 */
#include "webmail-cgi/fcgi_server.h"

#include "webmail-cgi/web.h"

#include "lib/base/clock.h"
#include "lib/base/num.h"

#include <fcgiapp.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdatomic.h>
#include <string.h>

enum { ARENA_MAX = 64 << 20 };

struct web_sink {
    FCGX_Stream *out;
};
struct transport {
    FCGX_Request fcgi;
};
struct server_thread {
    pthread_t thread;
    const struct worker_context *context;
    struct web_shared *shared;
    int fd;
    atomic_bool accepting, ended;
};
static atomic_bool draining;

bool sink_write(struct web_sink *sink, struct span bytes)
{
    while (bytes.n > 0) {
        int part = bytes.n > (1 << 20) ? 1 << 20 : (int)bytes.n;
        if (FCGX_PutStr(bytes.p, part, sink->out) != part)
            return false;
        bytes = (struct span){bytes.p + part, bytes.n - (size_t)part};
    }
    return true;
}

static bool read_body(struct request *rq, size_t limit, bool (*take)(void *, struct span), void *arg)
{
    struct transport *t = rq->transport;
    const char *length = FCGX_GetParam("CONTENT_LENGTH", t->fcgi.envp);
    char piece[16 << 10];
    uint64_t left = 0;
    if (!num_u64(span_of(length), limit, &left))
        return !length || !length[0];
    while (left > 0) {
        int got = FCGX_GetStr(piece, left < sizeof(piece) ? (int)left : (int)sizeof(piece), t->fcgi.in);
        if (got <= 0 || !take(arg, (struct span){piece, (size_t)got}))
            break;
        left -= (uint64_t)got;
    }
    explicit_bzero(piece, sizeof(piece));
    return left == 0;
}

static const char *param(struct transport *t, const char *name)
{
    return FCGX_GetParam(name, t->fcgi.envp);
}

/* The path as the client wrote it, before any rewriting: REQUEST_URI without its query. */
static void read_target(struct request *rq, struct transport *t)
{
    struct span uri = span_of(param(t, "REQUEST_URI")), path;
    rq->query = SPAN_NONE;
    if (!span_cut(&uri, '?', &path))
        path = SPAN_LIT("/");
    rq->path = path;
    rq->query = uri;
}

static bool read_request(struct request *rq, struct transport *t)
{
    const char *method = param(t, "REQUEST_METHOD");
    if (!method)
        return false;
    rq->head_only = strcmp(method, "HEAD") == 0;
    bool get = rq->head_only || strcmp(method, "GET") == 0;
    if (!get && strcmp(method, "POST") != 0)
        return false;
    rq->method = get ? WEB_GET : WEB_POST;
    read_target(rq, t);
    rq->client_certificate = param(t, "SSL_CLIENT_CERT");
    rq->client_verified = param(t, "SSL_CLIENT_VERIFY");
    rq->host = param(t, "HTTP_HOST");
    rq->cookies = param(t, "HTTP_COOKIE");
    rq->content_type = param(t, "CONTENT_TYPE");
    rq->peer = param(t, "REMOTE_ADDR");
    rq->origin = param(t, "HTTP_ORIGIN");
    rq->fetch_site = param(t, "HTTP_SEC_FETCH_SITE");
    rq->none_match = param(t, "HTTP_IF_NONE_MATCH");
    rq->accept_language = param(t, "HTTP_ACCEPT_LANGUAGE");
    rq->user_agent = param(t, "HTTP_USER_AGENT");
    const char *encodings = param(t, "HTTP_ACCEPT_ENCODING");
    rq->wants_gzip = encodings && strstr(encodings, "gzip");
    rq->wants_fragment = param(t, "HTTP_X_CADUCEE_FRAGMENT") != NULL;
    rq->read_body = read_body;
    rq->transport = t;
    return true;
}

static void write_answer(struct request *rq, struct transport *t)
{
    struct web_sink sink = {t->fcgi.out};
    struct str header;
    str_init(&header, 64 << 10);
    if (rq->out.body.overflow) {
        log_event(LOG_ERROR, &rq->log, "web.page_too_large");
        answer_error(rq, 500, tr(rq, "Page trop grande"), tr(rq, "Cette page n’a pas pu être produite."));
    }
    answer_headers_write(rq, &header);
    bool alive = sink_write(&sink, str_span(&header));
    str_free(&header);
    bool has_body = !rq->head_only && rq->out.status != 304;
    if (alive && has_body && rq->out.stream)
        rq->out.stream(rq, &sink, rq->out.stream_arg);
    else if (alive && has_body)
        sink_write(&sink, str_span(&rq->out.body));
}

static void log_request(const struct request *rq, uint64_t started)
{
    log_event(LOG_INFO, &rq->log, "web.request", LS("page", rq->route ? rq->route->pattern : "-"),
              LS("method", rq->method == WEB_GET ? "GET" : "POST"), LI("status", rq->out.status),
              LU("bytes", rq->out.stream ? rq->out.stream_length : rq->out.body.len), LU("us", clock_us() - started));
}

static void serve_one(struct web_thread *web, struct transport *t)
{
    uint64_t started = clock_us();
    struct request rq = {.thread = web, .out = {.status = 200, .type = "text/html; charset=utf-8"}};
    rq.arena = arena_new(ARENA_MAX);
    spool_init(&rq.uploads, 1);
    str_init(&rq.out.headers, 16 << 10);
    str_init(&rq.out.body, WEB_PAGE_MAX);
    html_init(&rq.html, &rq.out.body);
    log_new_id(&rq.log);
    answer_new_nonce(&rq);
    if (read_request(&rq, t)) {
        snprintf(rq.log.peer, sizeof(rq.log.peer), "%s", rq.peer ? rq.peer : "");
        web_handle(&rq);
    } else {
        answer_error(&rq, 405, tr(&rq, "Méthode refusée"), tr(&rq, "Seules GET et POST sont admises."));
    }
    write_answer(&rq, t);
    log_request(&rq, started);
    web_finish(&rq);
    str_free(&rq.out.headers);
    str_free(&rq.out.body);
    arena_destroy(&rq.arena);
}

static void thread_open(struct web_thread *web, struct server_thread *self)
{
    const struct conf *conf = self->context->conf;
    char path[512];
    *web = (struct web_thread){.conf = conf, .shared = self->shared};
    web->db = db_new(conf, "caducee_webmail", "caducee-webmail");
    web->audit = db_new(conf, "caducee_auditor", "caducee-webmail");
    snprintf(path, sizeof(path), "%s/keyd.sock", conf->general_run_folder);
    web->keyd = keyd_client_new(path);
    snprintf(path, sizeof(path), "%s/webmail-parse.sock", conf->general_run_folder);
    web->parse = parse_client_new(path);
}

static void *thread_run(void *arg)
{
    struct server_thread *self = arg;
    struct web_thread web;
    struct transport t = {0};
    thread_open(&web, self);
    FCGX_InitRequest(&t.fcgi, self->fd, FCGI_FAIL_ACCEPT_ON_INTR);
    while (!atomic_load(&draining)) {
        atomic_store(&self->accepting, true);
        int status = FCGX_Accept_r(&t.fcgi);
        atomic_store(&self->accepting, false);
        if (status < 0)
            continue;
        serve_one(&web, &t);
        FCGX_Finish_r(&t.fcgi);
    }
    FCGX_Free(&t.fcgi, 1);
    parse_client_destroy(&web.parse);
    keyd_client_destroy(&web.keyd);
    db_destroy(&web.db);
    db_destroy(&web.audit);
    atomic_store(&self->ended, true);
    return NULL;
}

static void interrupted(int signal_number)
{
    (void)signal_number;
}

/* accept() is woken by a signal without SA_RESTART; one that came just before accept() is lost, hence again. */
static void drain(struct server_thread *threads, unsigned count)
{
    atomic_store(&draining, true);
    for (unsigned i = 0; i < count; i++) {
        while (!atomic_load(&threads[i].ended)) {
            if (atomic_load(&threads[i].accepting))
                pthread_kill(threads[i].thread, SIGUSR2);
            poll(NULL, 0, 20);
        }
        pthread_join(threads[i].thread, NULL);
    }
}

int fcgi_serve(struct worker_context *context, struct web_shared *shared)
{
    unsigned count = (unsigned)context->conf->webmail_threads;
    struct server_thread *threads = xcalloc(count, sizeof(*threads));
    struct sigaction wake = {.sa_handler = interrupted};
    sigaction(SIGUSR2, &wake, NULL);
    if (FCGX_Init() != 0)
        fatal("FCGX_Init");
    for (unsigned i = 0; i < count; i++) {
        threads[i].context = context;
        threads[i].shared = shared;
        threads[i].fd = context->listening[0].fd;
        if (pthread_create(&threads[i].thread, NULL, thread_run, &threads[i]) != 0)
            fatal("pthread_create");
    }
    struct pollfd stop = {.fd = context->stop_fd, .events = POLLIN};
    while (poll(&stop, 1, -1) < 1)
        ;
    drain(threads, count);
    xfree(&threads);
    return 0;
}
