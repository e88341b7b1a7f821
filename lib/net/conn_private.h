/* A connection's inside, shared by conn.c (what owners call), conn_io.c (bytes in and out) and conn_open.c (listening,
 * connecting).
 *
 * Everything that may call the owner, or free the connection, happens in one place: on_turn() in conn_io.c, run by the
 * event `turn` which any function may activate. So no callback comes from inside a call.
 */
#ifndef CADUCEE_NET_CONN_PRIVATE_H
#define CADUCEE_NET_CONN_PRIVATE_H

#include "lib/net/conn.h"
#include "lib/net/loop_private.h"
#include "lib/net/tls_private.h"

enum {
    CHUNK_BYTES = 16 * 1024,    /* small writes are collected up to a TLS record */
    TURN_READ_MAX = 256 * 1024, /* bytes one connection may move before others have their turn */
    TURN_WRITE_MAX = 512 * 1024,
    LINGER_MS = 2000, /* at most, and so many bytes, and so many connections of a loop (conn_linger.c) */
    LINGER_BYTES = 4 << 20,
    LINGERERS_MAX = 1000,
    INPUT_KEPT = 4096, /* a larger buffer is given back when it is empty: idle sessions cost little */
    OUTPUT_MAX = 1 << 30
};

enum conn_state {
    CONN_CONNECTING, /* connect(2) has not ended */
    CONN_OPEN,       /* bytes flow, in clear or in TLS */
    CONN_BEFORE_TLS, /* what was written in clear leaves, nothing is read */
    CONN_HANDSHAKE,
    CONN_CLOSING, /* the owner closed: pending output leaves, nothing is read */
    CONN_LINGERS, /* nobody's any more: what the peer still sends is thrown away, within bounds */
    CONN_ENDED    /* on_closed is due */
};

struct chunk {
    struct chunk *next;
    struct str bytes;
    size_t sent;
};

struct deflate;

struct conn {
    struct loop *loop;
    int fd;
    enum conn_state state;
    enum conn_end end;
    bool paused, held, input_news, tls_news, drained_news, peer_closed, wants_write_to_read, server;
    bool accepted;      /* by a listener of ours */
    bool lingers;       /* our last words have left, and the peer has not closed */
    bool reads, writes; /* what libevent watches now */
    bool more_to_read;  /* the turn's share was used up, or TLS holds bytes */
    SSL *ssl;
    struct tls_chain chain;
    struct event *readable, *writable, *turn, *deadline;
    struct conn_events events;
    struct conn_limits limits;
    void *owner;
    struct str input;
    size_t input_taken; /* bytes at the front of `input` that were consumed */
    struct chunk *out_first, *out_last;
    size_t low_water;
    size_t out_pending, clear_pending; /* clear_pending: CONN_BEFORE_TLS, what must leave before the handshake */
    struct deflate *deflate;
    uint64_t opened_ms, active_ms;
    struct loop_guest guest;      /* CONN_LINGERS: the loop's */
    size_t lingered;              /* bytes */
    struct tls_context *tls_next; /* CONN_BEFORE_TLS */
    char *server_name;
    char address[64];
    uint16_t port;
};

void conn_append(struct conn *, struct str *bytes); /* takes them */
struct conn *conn_new(struct loop *, int fd, enum conn_state);
void conn_schedule(struct conn *); /* a turn comes */
void conn_end(struct conn *, enum conn_end);
void conn_free(struct conn *);
void conn_begin_handshake(struct conn *);
void conn_update_interest(struct conn *);
void conn_on_readable(evutil_socket_t, short, void *);
void conn_on_writable(evutil_socket_t, short, void *);
void conn_on_turn(evutil_socket_t, short, void *);
void conn_on_deadline(evutil_socket_t, short, void *);
void conn_drop_clear_input(struct conn *);

/* conn_linger.c */
bool conn_drain(struct conn *);       /* throws away what has come; false: the peer has closed */
void conn_linger(struct conn *);      /* or frees it, when there are too many */
void conn_linger_turn(struct conn *); /* more came, or its time is over */

/* deflate.c: RFC 4978. Output is compressed as it is written; input is expanded up to what fits. */
struct deflate *deflate_new(void);
void deflate_free(struct deflate **);
void deflate_compress(struct deflate *, struct str *out, struct span plain);
void deflate_flush(struct deflate *, struct str *out);
/* Takes all of `raw` (kept inside until it is expanded) and appends up to `room` bytes; false: not deflate data. */
bool deflate_expand(struct deflate *, struct span raw, struct str *out, size_t room, bool *more) MUST_USE;

#endif
