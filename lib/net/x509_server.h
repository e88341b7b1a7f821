/* Whose server is this? For the one TLS connection that is not made by net/tls.h: the IMAP client of `caducee bal import`
 * (libetpan's own TLS checks nothing). The handshake has proved that the peer holds the leaf's key; here is the rest. */
#ifndef CADUCEE_NET_X509_SERVER_H
#define CADUCEE_NET_X509_SERVER_H

#include "lib/base/str.h"

/* `chain` is what the peer sent, DER, leaf first. `ca_file` is PEM; NULL: the system's store — for another institution's server,
 * never for the trust space. False with words: not issued by one of those, expired, or another host's. */
bool x509_server_is(const struct span *chain, size_t count, const char *ca_file, const char *host,
                    struct str *error) MUST_USE;

#endif
