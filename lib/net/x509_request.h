/* A certificate request for the IGC Santé (PKCS#10, RFC 2986): the subject's shape is the whitelist's. */
#ifndef CADUCEE_NET_X509_REQUEST_H
#define CADUCEE_NET_X509_REQUEST_H

#include "lib/base/str.h"

struct x509_subject {
    const char *common_name;  /* the server's host name; also its subjectAltName */
    const char *structure_id; /* OU: type digit and number, "3" + SIRET or "1" + FINESS */
    const char *organization, *state, *country;
};
/* Makes an RSA key of 3072 bits and the request; both PEM. The key is wiped by the caller. */
bool x509_request_make(const struct x509_subject *, struct str *key_pem, struct str *request_pem,
                       struct str *error) MUST_USE;

#endif
