/* Connections: TCP, STARTTLS or not, lines. */
#include "load.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

uint64_t now_us(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000 + (uint64_t)t.tv_nsec / 1000;
}

_Thread_local bool lenient;

void die(const char *what, const char *detail)
{
    if (lenient) /* a server outlives its clients */
        pthread_exit(NULL);
    fprintf(stderr, "bench-load: %s: %s\n", what, detail);
    exit(1);
}

SSL_CTX *client_context(const struct target *target)
{
    SSL_CTX *context = SSL_CTX_new(TLS_client_method());
    if (!context)
        die("TLS", "no context");
    /* A load measures handshakes as they are; nothing is resumed. */
    SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
    if (target->certificate && (SSL_CTX_use_certificate_chain_file(context, target->certificate) != 1 ||
                                SSL_CTX_use_PrivateKey_file(context, target->key, SSL_FILETYPE_PEM) != 1))
        die(target->certificate, "cannot be used");
    return context;
}

static int dial(const struct target *target)
{
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_NUMERICHOST | AI_NUMERICSERV}, *found;
    if (getaddrinfo(target->host, target->port, &hints, &found))
        die(target->host, "is no address");
    int fd = socket(found->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0), on = 1;
    if (fd < 0 || connect(fd, found->ai_addr, found->ai_addrlen))
        die("connect", strerror(errno));
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    struct timeval patience = {.tv_sec = 120}; /* a server that hangs costs a row, not the run */
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    freeaddrinfo(found);
    return fd;
}

void stream_fill(struct line_stream *s)
{
    if (s->start == s->end)
        s->start = s->end = 0;
    if (s->end == sizeof s->buffer) {
        memmove(s->buffer, s->buffer + s->start, s->end - s->start);
        s->end -= s->start;
        s->start = 0;
    }
    char *at = s->buffer + s->end;
    int room = (int)(sizeof s->buffer - s->end);
    long got = s->tls ? SSL_read(s->tls, at, room) : read(s->fd, at, (size_t)room);
    if (got <= 0)
        die("the server", "closed the connection");
    s->end += (size_t)got;
    s->bytes_read += (uint64_t)got;
}

size_t stream_line(struct line_stream *s, char *out, size_t max)
{
    size_t length = 0;
    for (;;) {
        char *newline = memchr(s->buffer + s->start, '\n', s->end - s->start);
        size_t have = newline ? (size_t)(newline - s->buffer) - s->start : s->end - s->start;
        size_t take = have < max - 1 - length ? have : max - 1 - length;
        memcpy(out + length, s->buffer + s->start, take);
        length += take;
        s->start += have;
        if (newline) {
            s->start++;
            break;
        }
        stream_fill(s);
    }
    if (length && out[length - 1] == '\r')
        length--;
    out[length] = 0;
    return length;
}

void stream_skip(struct line_stream *s, size_t bytes)
{
    while (bytes) {
        if (s->start == s->end)
            stream_fill(s);
        size_t have = s->end - s->start, take = have < bytes ? have : bytes;
        s->start += take;
        bytes -= take;
    }
}

void stream_write(struct line_stream *s, const void *bytes, size_t count)
{
    const char *p = bytes;
    while (count) {
        int chunk = count > 1 << 20 ? 1 << 20 : (int)count;
        long sent = s->tls ? SSL_write(s->tls, p, chunk) : write(s->fd, p, (size_t)chunk);
        if (sent <= 0)
            die("write", strerror(errno));
        p += sent;
        count -= (size_t)sent;
    }
}

static void start_tls(struct line_stream *s, SSL_CTX *context)
{
    s->tls = SSL_new(context);
    SSL_set_fd(s->tls, s->fd);
    if (SSL_connect(s->tls) != 1)
        die("TLS handshake", ERR_error_string(ERR_get_error(), NULL));
}

/* The clear words before STARTTLS, in either protocol. */
static void ask_starttls(struct line_stream *s, const char *protocol)
{
    char line[1024];
    if (!strcmp(protocol, "imap")) {
        stream_line(s, line, sizeof line);
        stream_write(s, "t STARTTLS\r\n", 12);
        do
            stream_line(s, line, sizeof line);
        while (strncmp(line, "t ", 2));
        return;
    }
    do
        stream_line(s, line, sizeof line);
    while (line[3] == '-');
    stream_write(s, "EHLO bench.mssante.fr\r\n", 23);
    do
        stream_line(s, line, sizeof line);
    while (line[3] == '-');
    stream_write(s, "STARTTLS\r\n", 10);
    stream_line(s, line, sizeof line);
    if (strncmp(line, "220", 3))
        die("STARTTLS", line);
}

void stream_open(struct line_stream *s, const struct target *target, SSL_CTX *context)
{
    s->fd = dial(target);
    s->tls = NULL;
    s->start = s->end = 0;
    s->bytes_read = 0;
    if (target->starttls)
        ask_starttls(s, target->starttls);
    start_tls(s, context);
}

void stream_serve(struct line_stream *s, int fd, SSL_CTX *context)
{
    *s = (struct line_stream){.fd = fd};
    int on = 1;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    if (!context)
        return;
    s->tls = SSL_new(context);
    SSL_set_fd(s->tls, s->fd);
    if (SSL_accept(s->tls) != 1)
        die("TLS handshake", ERR_error_string(ERR_get_error(), NULL));
}

void stream_close(struct line_stream *s)
{
    SSL_shutdown(s->tls);
    SSL_free(s->tls);
    close(s->fd);
}
