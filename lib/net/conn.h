/* A connection in the loop: plain or TLS, with a bounded input buffer, an output queue, and timers. Everything here is
 * called in the loop thread only. SSL_* lives behind it.
 *
 * The owner gives callbacks. `on_input` is called when bytes came (conn_input() views them; take with conn_consume()),
 * on_drained when all output has left (or all but a low-water mark), on_closed once, last: the peer is gone, a deadline
 * passed, or conn_close() ran its course. No callback comes from inside a call of the owner's: closing or aborting in a
 * callback is safe. Output is collected and leaves at the end of the loop's turn, so that replies to pipelined commands
 * share a packet. After conn_pause_input() no more bytes are read (a job owns the session, or the buffer is the
 * back-pressure).
 */
#ifndef CADUCEE_NET_CONN_H
#define CADUCEE_NET_CONN_H

#include "lib/base/log.h"
#include "lib/net/loop.h"
#include "lib/net/tls.h"

struct conn;
struct listener;

enum conn_end { CONN_PEER_CLOSED, CONN_LOCAL_CLOSED, CONN_IDLE, CONN_TOTAL_TIME, CONN_TLS_FAILED, CONN_ERROR };

struct conn_events {
    void (*on_input)(struct conn *, void *owner);
    void (*on_drained)(struct conn *, void *owner);
    void (*on_tls)(struct conn *, void *owner);                   /* handshake finished */
    void (*on_closed)(struct conn *, enum conn_end, void *owner); /* conn is destroyed after it returns */
};

struct conn_limits {
    size_t input_max;           /* bytes buffered before reading stops */
    uint64_t idle_ms, total_ms; /* 0: none. Idle: neither a byte came nor one left while we waited for the peer (a
                                 * paused or held connection without pending output waits for us, not for it) */
    size_t output_max; /* nothing is read while more than this waits to leave; 0: no such bound. Who asks and never
                                 * reads the answers must not fill our memory with them. */
};

/* Server: the listener accepts; `on_accept` returns the owner, or NULL to refuse at once. */
struct listener *listener_new(struct loop *, int fd, void *(*on_accept)(struct conn *, void *arg), void *arg);
void listener_pause(struct listener *);
void listener_resume(struct listener *);
void listener_destroy(struct listener **);
/* Client: resolves nothing; address is numeric. on_tls or on_input tells of progress, on_closed of failure. */
struct conn *conn_connect(struct loop *, const char *address, uint16_t port, const char *bind_address,
                          struct str *error);

struct conn *conn_connect_unix(struct loop *, const char *path, struct str *error);
/* A descriptor that is connected already (tests over socket pairs, a helper's pipe); taken over. */
struct conn *conn_adopt(struct loop *, int fd);

void conn_set(struct conn *, const struct conn_events *, const struct conn_limits *, void *owner);
void conn_set_limits(struct conn *, const struct conn_limits *);
/* on_drained is called as soon as no more than that waits: who makes more does so while the rest leaves. 0 at first. */
void conn_set_low_water(struct conn *, size_t bytes);
struct span conn_input(const struct conn *);
void conn_consume(struct conn *, size_t bytes);
void conn_discard_input(struct conn *);
void conn_pause_input(struct conn *);
void conn_resume_input(struct conn *);                  /* on_input is called again at once when bytes wait */
void conn_write(struct conn *, struct span);            /* copied; kept until sent */
void conn_write_take(struct conn *, struct str *bytes); /* no copy; *bytes is left empty */
size_t conn_pending_output(const struct conn *);
/* After pending output has left in clear. Input that came in clear, read or still in the kernel, is thrown away first. */
void conn_start_tls_server(struct conn *, struct tls_context *);
void conn_start_tls_client(struct conn *, struct tls_context *, const char *server_name);
void conn_start_deflate(struct conn *); /* IMAP COMPRESS (RFC 4978); bounded expansion */
/* While held, no callback comes, not even on_closed: what a session needs while a job owns it. Released, what was held back
 * comes (in a later turn of the loop, never from inside the call). conn_write() and conn_close() may be called meanwhile
 * by the loop. Holds do not nest. */
void conn_hold(struct conn *);
void conn_release(struct conn *);
void conn_close(struct conn *); /* after pending output has left */
void conn_abort(struct conn *);
bool conn_is_tls(const struct conn *);
bool conn_tls_peer(const struct conn *, struct tls_peer *);
void conn_forget_chain(struct conn *);              /* who has copied the peer's chain needs no second one */
const char *conn_peer_address(const struct conn *); /* numeric */
uint16_t conn_peer_port(const struct conn *);

#endif
