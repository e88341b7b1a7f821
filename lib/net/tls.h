/* TLS as the trust space asks for it (OpenSSL, the only place with base/crypto): 1.2 at least, the suites of
 * docs/rules, one session ticket, SSL_MODE_RELEASE_BUFFERS, no renegotiation, no compression, only the CAs given.
 *
 * A server never refuses a certificate inside the handshake: it asks for one, lets the handshake finish, and hands the
 * chain to trust, so that the peer gets an SMTP or IMAP reply that names the rule. The verdict belongs to the TLS session.
 */
#ifndef CADUCEE_NET_TLS_H
#define CADUCEE_NET_TLS_H

#include "lib/base/arena.h"
#include "lib/base/str.h"

struct tls_context;

enum tls_client_certificate { TLS_CLIENT_NONE, TLS_CLIENT_ASKED };

/* [tls.domains]: further certificates of ours, each of some of our domains. */
struct tls_pair {
    const char *certificate_file, *key_file;
};
/* "CERTIFICATE KEY" of such a line; false: not that. Both live in `arena`. */
bool tls_pair_read(struct arena *, const char *value, struct tls_pair *out) MUST_USE;

struct tls_server_options {
    const char *certificate_file, *key_file; /* PEM, chain included */
    enum tls_client_certificate client;
    const char *ca_names_file;   /* PEM: the CA names sent with the request; NULL for none */
    const struct tls_pair *more; /* shown to whoever asks for one of their names (SNI) */
    size_t more_count;
};
struct tls_context *tls_server_new(const struct tls_server_options *, struct str *error) MUST_USE;
/* By the settings of [tls] and [tls.domains]. */
struct conf;
struct tls_context *tls_server_of(const struct conf *, bool ask_client, struct str *error) MUST_USE;
struct tls_context *tls_client_new(const char *certificate_file, const char *key_file, struct str *error) MUST_USE;
void tls_context_destroy(struct tls_context **);

/* Session tickets. A daemon's workers share the supervisor's keys through a memfd (daemon.c does it): a ticket of one opens
 * in all, keys rotate every six hours, and one that is eighteen hours old opens nothing. Without, a context has keys of
 * its own. */
int tickets_create(void);
void tickets_attach(int fd);
void tickets_rotate(void);

/* The peer's certificate and the chain it sent, leaf first, each DER; owned by the connection. Count 0: none sent.
 * A resumed session gives the same chain: OpenSSL's tickets keep the leaf alone, the rest travels in the ticket beside it
 * (up to 16 KiB; a longer chain gets no ticket). The dates and revocation are judged again, now: the verdict is never in
 * the ticket. */
struct tls_peer {
    const struct span *chain;
    size_t count;
    const char *protocol, *cipher; /* "TLSv1.3", "TLS_AES_256_GCM_SHA384" */
    bool resumed;
};

#endif
