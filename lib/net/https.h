/* HTTPS client (libcurl), blocking, bounded: fetcher, LDAP-less publication and the webmail's OIDC calls. https only,
 * except for CRLs and OCSP whose URL is http by design. The CA bundle is the caller's, never the system's by accident.
 */
#ifndef CADUCEE_NET_HTTPS_H
#define CADUCEE_NET_HTTPS_H

#include "lib/base/str.h"

struct https_request {
    const char *method; /* "GET", "POST", "PATCH" */
    const char *url;
    const char *ca_file;                     /* NULL: the system's store, for public sites only (PSC) */
    const char *certificate_file, *key_file; /* client certificate; NULL */
    const char *const *headers;              /* NULL-terminated */
    struct span body;
    const char *etag; /* sent as If-None-Match; NULL */
    bool allow_http;
    uint64_t timeout_ms;
    size_t answer_max;
};
struct https_answer {
    long status;
    struct str body;
    char etag[256];
    char content_type[128];
    struct str error; /* in words, when https_fetch() is false */
};
void https_setup(void); /* in prepare(), before threads and seccomp */
/* True: the server answered, whatever its status. A redirection is an answer, never followed. The answer is to be freed
 * in both cases. */
bool https_fetch(const struct https_request *, struct https_answer *) MUST_USE;
void https_answer_free(struct https_answer *);

#endif
