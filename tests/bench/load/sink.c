/* bench-load HOST PORT CERT KEY none sink CA COUNT: an SMTP server that wants client certificates of CA, and throws away what
 * it takes. Says "ready", after COUNT messages "seconds count" (from the first to the last), and ends. */
#include "load.h"

#include <arpa/inet.h>
#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>

static SSL_CTX *context;
static atomic_uint taken;
static _Atomic uint64_t first;
static unsigned wanted;

/* Replies to pipelined commands share a packet, as every real server's do (RFC 2920 3.2). */
static _Thread_local char replies[16384];
static _Thread_local size_t replied;

static void flush(struct line_stream *s)
{
    stream_write(s, replies, replied);
    replied = 0;
}

static void answer(struct line_stream *s, const char *text)
{
    size_t length = strlen(text);
    if (replied + length > sizeof replies)
        flush(s);
    memcpy(replies + replied, text, length);
    replied += length;
    if (s->start == s->end)
        flush(s);
}

static void count_one(void)
{
    uint64_t none = 0, now = now_us();
    atomic_compare_exchange_strong(&first, &none, now);
    if (atomic_fetch_add(&taken, 1) + 1 != wanted)
        return;
    printf("%.6f %u\n", (double)(now - first) / 1e6, wanted);
    fflush(stdout);
}

static void take_data(struct line_stream *s)
{
    static _Thread_local char line[65536];
    answer(s, "354 go on\r\n");
    flush(s);
    do
        stream_line(s, line, sizeof line);
    while (strcmp(line, "."));
    count_one();
    answer(s, "250 2.0.0 taken\r\n");
}

/* BDAT too: the relay under test may prefer it (RFC 3030). */
static void take_chunk(struct line_stream *s, const char *line)
{
    stream_skip(s, strtoul(line + 5, NULL, 10));
    if (strcasestr(line, " LAST"))
        count_one();
    answer(s, "250 2.0.0 taken\r\n");
}

static void session(struct line_stream *s)
{
    static _Thread_local char line[65536];
    static const char *const hello = "250-sink\r\n250-PIPELINING\r\n250-8BITMIME\r\n250-SMTPUTF8\r\n250-CHUNKING\r\n"
                                     "250-ENHANCEDSTATUSCODES\r\n250 SIZE 50000000\r\n";
    static const char *const clear = "250-sink\r\n250 STARTTLS\r\n";
    answer(s, "220 sink ESMTP\r\n");
    for (;;) {
        if (!stream_line(s, line, sizeof line))
            continue;
        if (!strncasecmp(line, "EHLO", 4))
            answer(s, s->tls ? hello : clear);
        else if (!strncasecmp(line, "STARTTLS", 8)) {
            answer(s, "220 go on\r\n");
            flush(s);
            stream_serve(s, s->fd, context);
        } else if (!strncasecmp(line, "DATA", 4))
            take_data(s);
        else if (!strncasecmp(line, "BDAT", 4))
            take_chunk(s, line);
        else if (!strncasecmp(line, "QUIT", 4)) {
            answer(s, "221 bye\r\n");
            flush(s);
            return;
        } else
            answer(s, "250 2.1.0 ok\r\n");
    }
}

static void *serve(void *arg)
{
    struct line_stream *s = arg;
    lenient = true;
    session(s);
    if (s->tls)
        stream_close(s);
    free(s);
    return NULL;
}

static int listen_on(const struct target *target)
{
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_port = htons((uint16_t)number_of(target->port))};
    inet_pton(AF_INET, target->host, &at.sin_addr);
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), on = 1;
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (fd < 0 || bind(fd, (struct sockaddr *)&at, sizeof at) || listen(fd, 512))
        die("listen", strerror(errno));
    return fd;
}

int sink_main(const struct target *target, int argc, char **argv)
{
    if (argc != 2)
        die("sink", "CA COUNT");
    context = SSL_CTX_new(TLS_server_method());
    if (SSL_CTX_use_certificate_chain_file(context, target->certificate) != 1 ||
        SSL_CTX_use_PrivateKey_file(context, target->key, SSL_FILETYPE_PEM) != 1 ||
        SSL_CTX_load_verify_locations(context, argv[0], NULL) != 1)
        die(target->certificate, "cannot be used");
    SSL_CTX_set_verify(context, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, NULL);
    SSL_CTX_set_session_id_context(context, (const unsigned char *)"sink", 4);
    wanted = number_of(argv[1]);
    int fd = listen_on(target);
    puts("ready");
    fflush(stdout);
    for (;;) {
        struct line_stream *s = malloc(sizeof *s);
        int got = accept(fd, NULL, NULL);
        if (got < 0)
            die("accept", strerror(errno));
        stream_serve(s, got, NULL);
        pthread_t thread;
        pthread_create(&thread, NULL, serve, s);
        pthread_detach(thread);
    }
}
