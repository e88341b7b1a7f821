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

/* tls.c, for tls_names.c */
bool tls_use_certificate(SSL_CTX *, const char *certificate, const char *key, struct str *error);
/* tls_names.c: what SNI chooses from; lives as long as the context. */
struct tls_names;
struct tls_names *tls_names_new(SSL_CTX *, const struct tls_pair *, size_t count, struct str *error);
void tls_names_free(struct tls_names **);

/* tls_shared.c: in what a peer has shown, equal certificates of many sessions are made one object. */
void tls_share_certificates(X509_STORE_CTX *);

/* tickets.c: how a context encrypts its tickets and what rides in them. */
void tickets_use(SSL_CTX *);

#endif
