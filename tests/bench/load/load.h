/* The load generator of `make bench`: blocking sockets and threads, so cheap that the server is what is measured. Nothing
 * of ours is linked in: the same bytes go to both servers. */
#ifndef CADUCEE_BENCH_LOAD_H
#define CADUCEE_BENCH_LOAD_H

#include <openssl/ssl.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct target {
    const char *host, *port;
    const char *certificate, *key; /* of the client; NULL: none */
    const char *starttls;          /* "smtp", "imap", NULL: implicit TLS */
};

struct line_stream { /* one TLS connection, read by lines */
    int fd;
    SSL *tls;
    char buffer[65536];
    size_t start, end;
    uint64_t bytes_read;
};

uint64_t now_us(void);
extern _Thread_local bool lenient; /* die() ends this thread only */
void die(const char *what, const char *detail) __attribute__((noreturn));
SSL_CTX *client_context(const struct target *);
void stream_open(struct line_stream *, const struct target *, SSL_CTX *);
void stream_close(struct line_stream *);
void stream_write(struct line_stream *, const void *, size_t);
/* The next line without its CRLF, cut to `max`; literals are not lines. Returns its length. */
size_t stream_line(struct line_stream *, char *out, size_t max);
void stream_skip(struct line_stream *, size_t bytes);
/* Reads more into the buffer; dies at the end. */
void stream_fill(struct line_stream *);

/* A server's side of a connection that was accepted. */
void stream_serve(struct line_stream *, int fd, SSL_CTX *);
unsigned number_of(const char *word);
/* Lines of a file, as many as `count` says afterwards. */
char **lines_of(const char *path, unsigned *count);
/* Sorts the latencies and prints "seconds count p50_us p95_us p99_us". */
void print_latencies(uint32_t *latency, unsigned count, double seconds);
/* Runs `count` threads of `run`, each with its own number in a struct job, and waits for them all. */
struct job {
    unsigned number;
    void *plan;
};
void run_threads(unsigned count, void *(*run)(void *), void *plan);
void sleep_until_us(uint64_t when);

/* IMAP, shared by its modes: connects, logs in; sends one command and reads to its tagged answer. */
void imap_greet(struct line_stream *, const struct target *, SSL_CTX *, const char *login);
void imap_command(struct line_stream *, const char *text);
void imap_finish(struct line_stream *, const char *tag);
/* SMTP: reads one reply, dies when its code is another. */
void smtp_expect(struct line_stream *, const char *code, const char *after);

typedef int mode_main(const struct target *, int argc, char **argv);
mode_main smtp_main, sink_main, imap_main, idle_main, login_main, append_main, poll_main, wake_main, http_main;

#endif
