/* What conn.c needs of TLS beyond tls.h; nobody else includes it. */
#ifndef CADUCEE_NET_TLS_PRIVATE_H
#define CADUCEE_NET_TLS_PRIVATE_H

#include "lib/net/tls.h"

#include <openssl/ssl.h>

SSL *tls_session_new(struct tls_context *, bool server, const char *server_name);
/* The chain of a connection whose handshake is over, copied once. */
struct tls_chain {
    struct span *spans;
    size_t count;
};
void tls_chain_take(struct tls_chain *, SSL *);
void tls_chain_free(struct tls_chain *);

/* tickets.c: how a context encrypts its tickets and what rides in them. */
void tickets_use(SSL_CTX *);

#endif
