/* What the files of x509.h share. Private to them: it shows OpenSSL's types. */
#ifndef CADUCEE_NET_X509_PARTS_H
#define CADUCEE_NET_X509_PARTS_H

#include "lib/net/x509.h"

#include <openssl/x509.h>

bool x509_fail(struct str *error, const char *what); /* always false; clears OpenSSL's error queue */
X509 *x509_parse(struct span der);                   /* NULL: not one certificate and nothing else */
bool x509_time(const ASN1_TIME *, int64_t *out);
void x509_hex(char *out, size_t size, const void *bytes, size_t n); /* "" when it does not fit */
void x509_number(char *out, size_t size, const ASN1_INTEGER *);

X509_CRL *x509_parse_crl(struct span der);

#endif
