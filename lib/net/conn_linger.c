/* After our last words. A peer that is still sending would lose them: close(2) with bytes unread sends a reset, which throws
 * away what it has not read yet (RFC 1122 4.2.2.13). So the sending side alone is closed, and what comes is thrown away until
 * the peer closes, for a while and a number of bytes that do not depend on it. The owner is gone by then; TLS too, whose
 * records need not be opened to be thrown away.
 */
#include "lib/net/conn_private.h"

#include <errno.h>
#include <stddef.h>
#include <sys/socket.h>

bool conn_drain(struct conn *c)
{
    ssize_t n;
    size_t turn = 0;
    do {
        n = recv(c->fd, loop_scratch(c->loop), LOOP_SCRATCH_BYTES, MSG_DONTWAIT);
        turn += n > 0 ? (size_t)n : 0;
    } while ((n > 0 && turn < TURN_READ_MAX) || (n < 0 && errno == EINTR));
    c->lingered += turn;
    return n > 0 || (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK));
}

static void leave(struct loop_guest *guest)
{
    struct conn *c = (struct conn *)(void *)((char *)guest - offsetof(struct conn, guest));
    loop_dismiss(c->loop, guest);
    conn_free(c);
}

void conn_linger(struct conn *c)
{
    struct timeval wait = {.tv_sec = LINGER_MS / 1000, .tv_usec = LINGER_MS % 1000 * 1000};
    if (loop_guests(c->loop) >= LINGERERS_MAX) {
        conn_free(c);
        return;
    }
    SSL_free(c->ssl);
    c->ssl = NULL;
    str_free(&c->input);
    deflate_free(&c->deflate);
    tls_chain_free(&c->chain);
    c->state = CONN_LINGERS;
    loop_host(c->loop, &c->guest, leave);
    event_add(c->readable, NULL);
    event_add(c->deadline, &wait);
}

void conn_linger_turn(struct conn *c)
{
    if (!conn_drain(c) || c->lingered >= LINGER_BYTES)
        leave(&c->guest);
}
