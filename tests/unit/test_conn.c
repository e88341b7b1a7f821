#include "tests/unit/unit.h"

#include "lib/base/clock.h"
#include "lib/net/conn.h"
#include "tests/unit/pki.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <pthread.h>
#include <sys/socket.h>
#include <unistd.h>

static char folder[] = "/tmp/caducee-test-conn-XXXXXX";

/* One side under test: what it heard, and what it does with it. */
struct side {
    struct loop *loop;
    struct conn *conn;
    struct str heard;
    struct tls_context *tls; /* STARTTLS is answered with it */
    size_t wants;            /* stop the loop when so much was heard */
    bool closed, tls_done, drained, echo, with_tls_count;
    enum conn_end end;
    size_t chain_count;
    bool resumed;
    char leaf[16];
};

static struct conn_limits limits = {.input_max = 64 * 1024, .idle_ms = 5000};

static void on_input(struct conn *c, void *owner)
{
    struct side *s = owner;
    struct span in = conn_input(c);
    str_add_span(&s->heard, in);
    if (s->echo)
        conn_write(c, in);
    conn_consume(c, in.n);
    if (s->tls && !conn_is_tls(c) && span_find(str_span(&s->heard), SPAN_LIT("STARTTLS\r\n")) >= 0) {
        conn_write(c, SPAN_LIT("220 go\r\n"));
        conn_start_tls_server(c, s->tls);
        str_clear(&s->heard);
    }
    if (s->wants && s->heard.len >= s->wants)
        loop_stop(s->loop);
}

static void on_drained(struct conn *c, void *owner)
{
    struct side *s = owner;
    assert_int_equal(conn_pending_output(c), 0);
    s->drained = true;
}

static void on_tls(struct conn *c, void *owner)
{
    struct side *s = owner;
    struct tls_peer peer;
    assert_true(conn_tls_peer(c, &peer));
    s->tls_done = true;
    s->chain_count = peer.count;
    s->resumed = peer.resumed;
    conn_write(c, SPAN_LIT("hello in TLS\r\n"));
}

static void on_closed(struct conn *c UNUSED, enum conn_end end, void *owner)
{
    struct side *s = owner;
    s->closed = true;
    s->end = end;
    loop_stop(s->loop);
}

static const struct conn_events events = {on_input, on_drained, on_tls, on_closed};

/* Gives the other end, blocking. */
static int begin(struct side *s)
{
    int fds[2];
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);
    s->loop = loop_new();
    s->conn = conn_adopt(s->loop, fds[0]);
    str_init(&s->heard, 64 << 20);
    conn_set(s->conn, &events, &limits, s);
    return fds[1];
}

static void finish(struct side *s, int fd)
{
    if (!s->closed) {
        conn_abort(s->conn);
        loop_run(s->loop);
    }
    if (fd >= 0)
        close(fd);
    loop_destroy(&s->loop);
    str_free(&s->heard);
    tls_context_destroy(&s->tls);
}

static void send_text(int fd, const char *text)
{
    assert_int_equal(write(fd, text, strlen(text)), strlen(text));
}

static void hears_answers_and_sees_the_end(void **state UNUSED)
{
    struct side s = {.echo = true};
    int fd = begin(&s);
    char answer[16] = "";
    send_text(fd, "NOOP\r\n");
    shutdown(fd, SHUT_WR);
    loop_run(s.loop);
    assert_true(s.closed);
    assert_int_equal(s.end, CONN_PEER_CLOSED);
    assert_int_equal(read(fd, answer, sizeof answer), 6); /* said before the end was seen */
    assert_string_equal(answer, "NOOP\r\n");
    finish(&s, fd);
}

static void closes_after_its_last_word(void **state UNUSED)
{
    struct side s = {0};
    int fd = begin(&s);
    struct str big;
    str_init(&big, 4 << 20);
    for (int i = 0; i < 100000; i++)
        str_puts(&big, "0123456789");
    size_t total = big.len, got = 0;
    conn_write(s.conn, SPAN_LIT("small"));
    conn_write_take(s.conn, &big);
    assert_int_equal(big.len, 0);
    assert_int_equal(conn_pending_output(s.conn), total + 5);
    conn_close(s.conn);
    conn_write(s.conn, SPAN_LIT("after the end"));
    fcntl(fd, F_SETFL, O_NONBLOCK);
    struct side peer = {.loop = s.loop};
    str_init(&peer.heard, 4 << 20);
    peer.conn = conn_adopt(s.loop, dup(fd));
    conn_set(peer.conn, &events, &limits, &peer);
    while (!s.closed)
        loop_run(s.loop);
    assert_int_equal(s.end, CONN_LOCAL_CLOSED);
    while (!peer.closed)
        loop_run(s.loop);
    got = peer.heard.len;
    assert_int_equal(got, total + 5);
    str_free(&peer.heard);
    str_free(&big);
    finish(&s, fd);
}

static void stop(void *loop)
{
    loop_stop(loop);
}

static void turn(struct loop *loop)
{
    loop_post(loop, stop, loop);
    loop_run(loop);
}

/* A peer that asks on and on and reads no answer: what waits for it is bounded, and it gets every answer once it reads. */
static void answers_that_nobody_reads_are_bounded(void **state UNUSED)
{
    enum { SENT = 8 << 20, BOUND = 128 * 1024 };
    static const struct conn_limits bounded = {.input_max = 64 * 1024, .output_max = 64 * 1024};
    struct side s = {.echo = true};
    int fd = begin(&s);
    conn_set(s.conn, &events, &bounded, &s);
    fcntl(fd, F_SETFL, O_NONBLOCK);
    static char bytes[16384];
    size_t sent = 0, read_back = 0;
    ssize_t n = 0;
    for (unsigned quiet = 0; quiet < 100; quiet++) {
        while ((n = write(fd, bytes, sizeof(bytes))) > 0) {
            sent += (size_t)n;
            quiet = 0;
        }
        turn(s.loop);
        assert_true(conn_pending_output(s.conn) <= BOUND);
    }
    assert_true(sent > 0 && sent < SENT);
    while (read_back < sent) {
        while ((n = read(fd, bytes, sizeof(bytes))) > 0)
            read_back += (size_t)n;
        turn(s.loop);
    }
    assert_int_equal(s.heard.len, sent);
    finish(&s, fd);
}

static void note_what_waits(struct conn *c, void *owner)
{
    struct side *s = owner;
    s->drained = true;
    s->wants = conn_pending_output(c);
    loop_stop(s->loop);
}

/* The peer reads nothing: the kernel takes some, and more may be made although most still waits. */
static void drained_is_said_at_the_low_water_mark(void **state UNUSED)
{
    enum { TOTAL = 4000000, MARK = TOTAL - 1000 };
    struct side s = {0};
    int fd = begin(&s);
    struct conn_events watching = events;
    watching.on_drained = note_what_waits;
    conn_set(s.conn, &watching, &limits, &s);
    conn_set_low_water(s.conn, MARK);
    char *block = xcalloc(1, TOTAL);
    conn_write(s.conn, (struct span){block, TOTAL});
    loop_run(s.loop);
    assert_true(s.drained);
    assert_false(s.closed);
    assert_in_range(s.wants, 1, MARK);
    xfree(&block);
    finish(&s, fd);
}

/* A peer that never stops sending is read no further than the limit. */
static void refuse_to_take(struct conn *c, void *owner)
{
    struct side *s = owner;
    s->wants = conn_input(c).n;
    if (s->wants >= 1000)
        loop_stop(s->loop);
}

static void reading_stops_at_the_limit(void **state UNUSED)
{
    struct side s = {0};
    int fd = begin(&s);
    static const struct conn_limits small = {.input_max = 1000};
    struct conn_events lazy = events;
    lazy.on_input = refuse_to_take;
    conn_set(s.conn, &lazy, &small, &s);
    char block[4096];
    memset(block, 'a', sizeof block);
    assert_int_equal(write(fd, block, sizeof block), sizeof block);
    loop_run(s.loop);
    assert_int_equal(conn_input(s.conn).n, 1000);
    conn_set(s.conn, &events, &small, &s);
    s.wants = 4096;
    conn_consume(s.conn, 10);
    conn_resume_input(s.conn);
    s.heard.len = 10;
    loop_run(s.loop);
    assert_int_equal(s.heard.len, 4096);
    finish(&s, fd);
}

static void silence_has_an_end(void **state UNUSED)
{
    struct side s = {0};
    int fd = begin(&s);
    static const struct conn_limits short_idle = {.input_max = 1000, .idle_ms = 30};
    static const struct conn_limits short_total = {.input_max = 1000, .idle_ms = 1000, .total_ms = 40};
    uint64_t before = clock_ms();
    conn_set_limits(s.conn, &short_idle);
    loop_run(s.loop);
    assert_int_equal(s.end, CONN_IDLE);
    assert_in_range(clock_ms() - before, 30, 1000);
    finish(&s, fd);
    struct side again = {0};
    fd = begin(&again);
    conn_set_limits(again.conn, &short_total);
    loop_run(again.loop);
    assert_int_equal(again.end, CONN_TOTAL_TIME);
    finish(&again, fd);
}

static void release_later(void *arg)
{
    struct side *s = arg;
    assert_false(s->closed);
    conn_release(s->conn);
}

/* A job owns the session: the peer goes, deadlines pass, and nobody is told before the job gives it back. */
static void a_held_connection_says_nothing(void **state UNUSED)
{
    struct side s = {.echo = true};
    int fd = begin(&s);
    static const struct conn_limits short_total = {.input_max = 1000, .total_ms = 10};
    conn_set_limits(s.conn, &short_total);
    conn_hold(s.conn);
    send_text(fd, "x");
    close(fd);
    struct timer *later = timer_new(s.loop, release_later, &s);
    timer_arm(later, 40);
    loop_run(s.loop);
    assert_true(s.closed);
    assert_int_equal(s.end, CONN_TOTAL_TIME);
    assert_int_equal(s.heard.len, 0);
    timer_destroy(&later);
    finish(&s, -1);
}

/* The client side of TLS, blocking, in a thread: what OpenSSL alone does. */
struct client {
    int fd;
    const char *certificate; /* name of files in the folder; NULL: none */
    const char *before_tls;  /* sent in clear in one packet with STARTTLS */
    SSL_SESSION *session;    /* in: to resume; out: the one made */
    int max_version;
    char heard[64];
    bool ok, reused;
    int tickets;
    pthread_t thread;
};

static int keep_session(SSL *ssl, SSL_SESSION *session)
{
    struct client *client = SSL_get_app_data(ssl);
    client->tickets++;
    SSL_SESSION_free(client->session);
    client->session = session;
    return 1;
}

static SSL_CTX *client_context(const struct client *client)
{
    SSL_CTX *context = SSL_CTX_new(TLS_client_method());
    if (client->max_version)
        SSL_CTX_set_max_proto_version(context, client->max_version);
    SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
    SSL_CTX_sess_set_new_cb(context, keep_session);
    if (client->certificate) {
        char *pem = xasprintf("%s/%s.pem", folder, client->certificate);
        char *key = xasprintf("%s/%s.key", folder, client->certificate);
        must(SSL_CTX_use_certificate_chain_file(context, pem) == 1);
        must(SSL_CTX_use_PrivateKey_file(context, key, SSL_FILETYPE_PEM) == 1);
        xfree(&pem);
        xfree(&key);
    }
    return context;
}

static void *run_client(void *arg)
{
    struct client *client = arg;
    char line[64];
    must(write(client->fd, client->before_tls, strlen(client->before_tls)) > 0);
    ssize_t n = read(client->fd, line, sizeof line);
    must(n == 8 && memcmp(line, "220 go\r\n", 8) == 0);
    SSL_CTX *context = client_context(client);
    SSL *ssl = SSL_new(context);
    SSL_set_app_data(ssl, client);
    if (client->session)
        SSL_set_session(ssl, client->session);
    SSL_set_fd(ssl, client->fd);
    client->ok = SSL_connect(ssl) == 1;
    int got = client->ok ? SSL_read(ssl, client->heard, sizeof client->heard - 1) : 0;
    client->heard[got > 0 ? got : 0] = '\0';
    client->reused = SSL_session_reused(ssl);
    if (client->ok && SSL_version(ssl) < TLS1_3_VERSION) { /* OpenSSL does not tell of a ticket renewed in TLS 1.2 */
        SSL_SESSION_free(client->session);
        client->session = SSL_get1_session(ssl);
    }
    if (client->ok) {
        SSL_write(ssl, "QUIT\r\n", 6);
        SSL_shutdown(ssl);
    }
    SSL_free(ssl);
    SSL_CTX_free(context);
    close(client->fd);
    return NULL;
}

static struct tls_context *server_context(void)
{
    struct str error;
    str_init(&error, 1000);
    char *pem = xasprintf("%s/server.pem", folder), *key = xasprintf("%s/server.key", folder);
    struct tls_context *context = tls_server_new(
        &(struct tls_server_options){.certificate_file = pem, .key_file = key, .client = TLS_CLIENT_ASKED}, &error);
    assert_str(&error, "");
    assert_non_null(context);
    xfree(&pem);
    xfree(&key);
    str_free(&error);
    return context;
}

static void talk(struct side *s, struct client *client)
{
    s->tls = server_context();
    client->fd = begin(s);
    assert_int_equal(pthread_create(&client->thread, NULL, run_client, client), 0);
    while (!s->closed)
        loop_run(s->loop);
    pthread_join(client->thread, NULL);
}

static void starttls_throws_clear_commands_away(void **state UNUSED)
{
    struct side s = {0};
    struct client client = {.certificate = "client", .before_tls = "EHLO x\r\nSTARTTLS\r\nMAIL FROM:<evil@x>\r\n"};
    talk(&s, &client);
    assert_true(client.ok);
    assert_string_equal(client.heard, "hello in TLS\r\n");
    assert_str(&s.heard, "QUIT\r\n"); /* nothing of what came in clear behind STARTTLS */
    assert_int_equal(s.chain_count, 2);
    assert_int_equal(s.end, CONN_PEER_CLOSED);
    assert_int_equal(client.tickets, 1); /* one, not two */
    SSL_SESSION_free(client.session);
    finish(&s, -1);
}

static void a_resumed_session_shows_the_same_chain(void **state UNUSED)
{
    static const int versions[] = {TLS1_3_VERSION, TLS1_2_VERSION};
    for (size_t i = 0; i < COUNT(versions); i++) {
        SSL_SESSION *session = NULL;
        for (int round = 0; round < 4; round++) { /* the third resumes what the second was given, and so on */
            struct side s = {0};
            struct client client = {
                .certificate = "client", .before_tls = "STARTTLS\r\n", .max_version = versions[i], .session = session};
            talk(&s, &client);
            assert_true(client.ok);
            assert_int_equal(s.resumed, round > 0);
            assert_int_equal(client.reused, round > 0);
            assert_int_equal(s.chain_count, 2);
            session = client.session;
            finish(&s, -1);
            if (round == 1)
                tickets_rotate(); /* tickets of the former key still open, and are renewed */
        }
        tickets_rotate();
        tickets_rotate();
        tickets_rotate();
        struct side s = {0};
        struct client client = {
            .certificate = "client", .before_tls = "STARTTLS\r\n", .max_version = versions[i], .session = session};
        talk(&s, &client);
        assert_true(client.ok);
        assert_false(s.resumed); /* the key is gone: a full handshake, no refusal */
        assert_int_equal(s.chain_count, 2);
        SSL_SESSION_free(client.session);
        finish(&s, -1);
    }
}

static void no_certificate_is_an_empty_chain(void **state UNUSED)
{
    struct side s = {0};
    struct client client = {.before_tls = "STARTTLS\r\n"};
    talk(&s, &client);
    assert_true(client.ok);
    assert_true(s.tls_done);
    assert_int_equal(s.chain_count, 0);
    SSL_SESSION_free(client.session);
    finish(&s, -1);
}

static void old_tls_is_refused(void **state UNUSED)
{
    struct side s = {0};
    struct client client = {.before_tls = "STARTTLS\r\n", .max_version = TLS1_1_VERSION};
    talk(&s, &client);
    assert_false(client.ok);
    assert_false(s.tls_done);
    assert_int_equal(s.end, CONN_TLS_FAILED);
    finish(&s, -1);
}

/* Both ends ours: a megabyte through TLS in small turns, and compressed. */
static void talk_to_ourselves(bool compressed)
{
    int fds[2];
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);
    struct side a = {.loop = loop_new(), .wants = 0}, b = {.loop = a.loop, .wants = 14 + (1 << 20)};
    struct str error, big;
    str_init(&error, 1000);
    str_init(&a.heard, 4 << 20);
    str_init(&b.heard, 4 << 20);
    str_init(&big, 1 << 20);
    while (big.len < big.max)
        str_putc(&big, (char)('a' + big.len % 23));
    a.conn = conn_adopt(a.loop, fds[0]);
    b.conn = conn_adopt(a.loop, fds[1]);
    struct conn_events quiet = events;
    quiet.on_tls = NULL;
    conn_set(a.conn, &events, &limits, &a);
    conn_set(b.conn, &quiet, &limits, &b);
    struct tls_context *server = server_context(), *client = tls_client_new(NULL, NULL, &error);
    conn_start_tls_server(a.conn, server);
    conn_start_tls_client(b.conn, client, "mx.exemple.mssante.fr");
    if (compressed) {
        conn_start_deflate(a.conn);
        conn_start_deflate(b.conn);
    }
    struct str copy;
    str_init(&copy, 1 << 20);
    str_add_span(&copy, str_span(&big));
    conn_write_take(a.conn, &copy);
    loop_run(a.loop);
    assert_int_equal(b.heard.len, 14 + big.len);
    ptrdiff_t at = span_find(str_span(&b.heard), SPAN_LIT("hello in TLS\r\n"));
    assert_true(at == 0 || at == (ptrdiff_t)big.len);
    assert_memory_equal(b.heard.data + (at ? 0 : 14), big.data, big.len);
    conn_close(a.conn);
    while (!a.closed || !b.closed)
        loop_run(a.loop);
    assert_int_equal(b.end, CONN_PEER_CLOSED);
    tls_context_destroy(&server);
    tls_context_destroy(&client);
    str_free(&error);
    str_free(&big);
    str_free(&copy);
    str_free(&a.heard);
    str_free(&b.heard);
    loop_destroy(&a.loop);
}

static void a_megabyte_crosses_tls(void **state UNUSED)
{
    talk_to_ourselves(false);
}

static void a_megabyte_crosses_compressed(void **state UNUSED)
{
    talk_to_ourselves(true);
}

static void *accept_owner(struct conn *c, void *arg)
{
    struct side *s = arg;
    s->conn = c;
    conn_set(c, &events, &limits, s);
    return s;
}

static void connects_and_accepts_over_tcp(void **state UNUSED)
{
    struct side a = {.loop = loop_new()}, b = {.loop = a.loop, .wants = 5};
    struct str error;
    str_init(&error, 1000);
    str_init(&a.heard, 1000);
    str_init(&b.heard, 1000);
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof at;
    assert_int_equal(bind(fd, (struct sockaddr *)&at, size), 0);
    assert_int_equal(listen(fd, 5), 0);
    getsockname(fd, (struct sockaddr *)&at, &size);
    struct listener *listener = listener_new(a.loop, fd, accept_owner, &b);
    a.conn = conn_connect(a.loop, "127.0.0.1", ntohs(at.sin_port), "127.0.0.1", &error);
    assert_non_null(a.conn);
    assert_string_equal(conn_peer_address(a.conn), "127.0.0.1");
    conn_set(a.conn, &events, &limits, &a);
    conn_write(a.conn, SPAN_LIT("hello"));
    loop_run(a.loop);
    assert_str(&b.heard, "hello");
    assert_string_equal(conn_peer_address(b.conn), "127.0.0.1");
    assert_true(conn_peer_port(b.conn) > 0);
    conn_abort(a.conn);
    while (!a.closed || !b.closed)
        loop_run(a.loop);
    listener_destroy(&listener);
    struct side refused = {.loop = a.loop};
    refused.conn = conn_connect(a.loop, "127.0.0.1", ntohs(at.sin_port), NULL, &error);
    conn_set(refused.conn, &events, &limits, &refused);
    loop_run(a.loop);
    assert_int_equal(refused.end, CONN_ERROR);
    assert_null(conn_connect(a.loop, "localhost", 25, NULL, &error));
    assert_str(&error, "localhost is not an IP address");
    str_free(&error);
    str_free(&a.heard);
    str_free(&b.heard);
    loop_destroy(&a.loop);
}

/* Sends more than all buffers hold and only then listens: what it hears, and how that ended. */
struct talker {
    struct loop *loop;
    uint16_t port;
    size_t bytes;
    char heard[64];
    bool cut, ended_well;
    _Atomic bool done;
};

static void *talk_on(void *arg)
{
    static char much[1 << 16];
    struct talker *t = arg;
    struct sockaddr_in at = {
        .sin_family = AF_INET, .sin_port = htons(t->port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    must(connect(fd, (struct sockaddr *)&at, sizeof at) == 0);
    for (size_t sent = 0; sent < t->bytes;) {
        ssize_t n = send(fd, much, sizeof much, MSG_NOSIGNAL);
        t->cut = n <= 0;
        if (t->cut)
            break;
        sent += (size_t)n;
    }
    size_t got = 0;
    ssize_t n;
    while ((n = read(fd, t->heard + got, sizeof t->heard - 1 - got)) > 0)
        got += (size_t)n;
    t->ended_well = n == 0;
    close(fd);
    t->done = true;
    loop_stop(t->loop);
    return NULL;
}

static void say_goodbye(struct conn *c, void *owner UNUSED)
{
    conn_write(c, SPAN_LIT("421 goodbye\r\n"));
    conn_close(c);
}

static void *accept_to_refuse(struct conn *c, void *arg)
{
    static const struct conn_events refuses = {.on_input = say_goodbye, .on_closed = on_closed};
    struct side *s = arg;
    conn_set(c, &refuses, &limits, s);
    return s;
}

static struct talker refuse_who_sends(size_t bytes)
{
    struct side s = {.loop = loop_new()};
    struct talker talker = {.loop = s.loop, .bytes = bytes};
    pthread_t thread;
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof at;
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    assert_int_equal(bind(fd, (struct sockaddr *)&at, size), 0);
    assert_int_equal(listen(fd, 5), 0);
    getsockname(fd, (struct sockaddr *)&at, &size);
    talker.port = ntohs(at.sin_port);
    struct listener *listener = listener_new(s.loop, fd, accept_to_refuse, &s);
    assert_int_equal(pthread_create(&thread, NULL, talk_on, &talker), 0);
    while (!talker.done)
        loop_run(s.loop);
    pthread_join(thread, NULL);
    assert_true(s.closed);
    assert_int_equal(s.end, CONN_LOCAL_CLOSED);
    listener_destroy(&listener);
    loop_destroy(&s.loop);
    return talker;
}

static void who_talks_on_hears_the_last_word(void **state UNUSED)
{
    struct talker talker = refuse_who_sends(3 << 20);
    assert_true(talker.ended_well);
    assert_false(talker.cut);
    assert_string_equal(talker.heard, "421 goodbye\r\n");
}

/* No peer holds a descriptor of ours for as long as it likes. */
static void who_never_stops_is_left(void **state UNUSED)
{
    assert_true(refuse_who_sends(SIZE_MAX).cut);
}

static int make_pki(void **state UNUSED)
{
    if (!mkdtemp(folder))
        return -1;
    struct pki_pair root = pki_make("root", NULL, true), ca = pki_make("issuing", &root, true);
    struct pki_pair server = pki_make("mx.exemple.mssante.fr", &ca, false), client = pki_make("client", &ca, false);
    pki_write(folder, "server", &server, &ca, 1);
    pki_write(folder, "client", &client, &ca, 1);
    pki_free(&root);
    pki_free(&ca);
    pki_free(&server);
    pki_free(&client);
    tickets_create();
    return 0;
}

static int remove_pki(void **state UNUSED)
{
    return remove_tree(folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(hears_answers_and_sees_the_end),
        cmocka_unit_test(closes_after_its_last_word),
        cmocka_unit_test(answers_that_nobody_reads_are_bounded),
        cmocka_unit_test(drained_is_said_at_the_low_water_mark),
        cmocka_unit_test(reading_stops_at_the_limit),
        cmocka_unit_test(silence_has_an_end),
        cmocka_unit_test(a_held_connection_says_nothing),
        cmocka_unit_test(starttls_throws_clear_commands_away),
        cmocka_unit_test(a_resumed_session_shows_the_same_chain),
        cmocka_unit_test(no_certificate_is_an_empty_chain),
        cmocka_unit_test(old_tls_is_refused),
        cmocka_unit_test(a_megabyte_crosses_tls),
        cmocka_unit_test(a_megabyte_crosses_compressed),
        cmocka_unit_test(connects_and_accepts_over_tcp),
        cmocka_unit_test(who_talks_on_hears_the_last_word),
        cmocka_unit_test(who_never_stops_is_left),
    };
    return cmocka_run_group_tests(tests, make_pki, remove_pki);
}
