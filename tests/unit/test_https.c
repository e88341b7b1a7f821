/* The client against a server of ours, made of lib/net: what is sent, what is refused. */
#include "tests/unit/unit.h"

#include "lib/net/conn.h"
#include "lib/net/https.h"
#include "tests/unit/pki.h"

#include <arpa/inet.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

static char folder[] = "/tmp/caducee-test-https-XXXXXX";

static struct {
    struct loop *loop;
    struct listener *listener;
    struct tls_context *tls;
    uint16_t port;
    pthread_t thread;
    char request[4096]; /* the last one, whole; written by the server's thread before it answers */
} t;

static void on_input(struct conn *c, void *owner UNUSED)
{
    struct span in = conn_input(c);
    if (span_find(in, SPAN_LIT("\r\n\r\n")) < 0)
        return;
    snprintf(t.request, sizeof t.request, "%.*s", (int)in.n, in.p);
    conn_consume(c, in.n);
    if (strstr(t.request, " /moved "))
        conn_write(c, SPAN_LIT("HTTP/1.1 302 Found\r\nLocation: https://elsewhere/\r\nContent-Length: 0\r\n\r\n"));
    else if (strstr(t.request, "If-None-Match: \"v1\""))
        conn_write(c, SPAN_LIT("HTTP/1.1 304 Not Modified\r\n\r\n"));
    else
        conn_write(c, SPAN_LIT("HTTP/1.1 200 OK\r\nETag: \"v1\"\r\nContent-Type: text/xml\r\nContent-Length: 10\r\n"
                               "Connection: close\r\n\r\n0123456789"));
    conn_close(c);
}

static void *on_accept(struct conn *c, void *arg)
{
    static const struct conn_events events = {.on_input = on_input};
    static const struct conn_limits limits = {.input_max = 4096, .idle_ms = 5000};
    conn_set(c, &events, &limits, arg);
    conn_start_tls_server(c, t.tls);
    return arg;
}

static void *serve(void *arg UNUSED)
{
    loop_run(t.loop);
    return NULL;
}

static bool fetch(const char *path, const char *ca, const char *etag, size_t max, struct https_answer *answer)
{
    char *url = xasprintf("https://localhost:%u%s", t.port, path);
    char *ca_file = ca ? xasprintf("%s/%s.pem", folder, ca) : NULL;
    bool ok = https_fetch(
        &(struct https_request){
            .method = "GET", .url = url, .ca_file = ca_file, .etag = etag, .timeout_ms = 5000, .answer_max = max},
        answer);
    xfree(&url);
    xfree(&ca_file);
    return ok;
}

static void fetches_and_asks_again_only_for_news(void **state UNUSED)
{
    struct https_answer answer;
    assert_true(fetch("/list", "root", NULL, 1000, &answer));
    assert_int_equal(answer.status, 200);
    assert_str(&answer.body, "0123456789");
    assert_string_equal(answer.etag, "\"v1\"");
    assert_string_equal(answer.content_type, "text/xml");
    assert_non_null(strstr(t.request, "GET /list HTTP/1.1\r\n"));
    https_answer_free(&answer);
    assert_true(fetch("/list", "root", "\"v1\"", 1000, &answer));
    assert_int_equal(answer.status, 304);
    https_answer_free(&answer);
}

static void an_answer_too_large_is_refused(void **state UNUSED)
{
    struct https_answer answer;
    assert_false(fetch("/list", "root", NULL, 9, &answer));
    assert_true(answer.error.len > 0);
    https_answer_free(&answer);
}

static void another_ca_is_not_trusted(void **state UNUSED)
{
    struct https_answer answer;
    assert_false(fetch("/list", "other", NULL, 1000, &answer));
    assert_true(answer.error.len > 0);
    https_answer_free(&answer);
    assert_false(fetch("/list", NULL, NULL, 1000, &answer)); /* nor is ours by the system's store */
    https_answer_free(&answer);
}

static void a_redirection_is_not_followed(void **state UNUSED)
{
    struct https_answer answer;
    assert_true(fetch("/moved", "root", NULL, 1000, &answer));
    assert_int_equal(answer.status, 302);
    https_answer_free(&answer);
}

static void clear_http_is_only_for_those_who_say_so(void **state UNUSED)
{
    struct https_answer answer;
    struct https_request request = {.url = "http://127.0.0.1:1/crl", .timeout_ms = 2000, .answer_max = 100};
    assert_false(https_fetch(&request, &answer));
    assert_non_null(strstr(answer.error.data, "rotocol")); /* refused before anything is connected */
    https_answer_free(&answer);
    request.allow_http = true;
    assert_false(https_fetch(&request, &answer));
    assert_null(strstr(answer.error.data, "rotocol"));
    https_answer_free(&answer);
}

static int start(void **state UNUSED)
{
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof at;
    struct str error;
    str_init(&error, 1000);
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    if (!mkdtemp(folder) || bind(fd, (struct sockaddr *)&at, size) != 0 || listen(fd, 10) != 0)
        return -1;
    getsockname(fd, (struct sockaddr *)&at, &size);
    t.port = ntohs(at.sin_port);
    struct pki_pair root = pki_make("root", NULL, true), other = pki_make("other", NULL, true);
    struct pki_pair server = pki_make("localhost", &root, false);
    pki_write(folder, "root", &root, NULL, 0);
    pki_write(folder, "other", &other, NULL, 0);
    pki_write(folder, "server", &server, NULL, 0);
    pki_free(&root);
    pki_free(&other);
    pki_free(&server);
    char *pem = xasprintf("%s/server.pem", folder), *key = xasprintf("%s/server.key", folder);
    t.tls = tls_server_new(&(struct tls_server_options){.certificate_file = pem, .key_file = key}, &error);
    must(t.tls);
    xfree(&pem);
    xfree(&key);
    str_free(&error);
    t.loop = loop_new();
    t.listener = listener_new(t.loop, fd, on_accept, &t);
    return pthread_create(&t.thread, NULL, serve, NULL);
}

static int stop(void **state UNUSED)
{
    loop_stop(t.loop);
    pthread_join(t.thread, NULL);
    listener_destroy(&t.listener);
    loop_destroy(&t.loop);
    tls_context_destroy(&t.tls);
    return remove_tree(folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fetches_and_asks_again_only_for_news),
        cmocka_unit_test(an_answer_too_large_is_refused),
        cmocka_unit_test(another_ca_is_not_trusted),
        cmocka_unit_test(a_redirection_is_not_followed),
        cmocka_unit_test(clear_http_is_only_for_those_who_say_so),
    };
    return cmocka_run_group_tests(tests, start, stop);
}
