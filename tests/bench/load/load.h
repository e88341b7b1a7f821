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
void die(const char *what, const char *detail) __attribute__((noreturn));
SSL_CTX *client_context(const struct target *);
void stream_open(struct line_stream *, const struct target *, SSL_CTX *);
void stream_close(struct line_stream *);
void stream_write(struct line_stream *, const void *, size_t);
/* The next line without its CRLF, cut to `max`; literals are not lines. Returns its length. */
size_t stream_line(struct line_stream *, char *out, size_t max);
void stream_skip(struct line_stream *, size_t bytes);

int smtp_main(const struct target *, int argc, char **argv);
int imap_main(const struct target *, int argc, char **argv);
int idle_main(const struct target *, int argc, char **argv);

#endif
