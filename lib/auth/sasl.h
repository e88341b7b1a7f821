/* Proving who one is (RFC 4422), by libsasl2 — the only place of it: EXTERNAL (a client certificate that trust has judged),
 * OAUTHBEARER (RFC 7628) and XOAUTH2 (Google's form), whose tokens keyd verifies. No password mechanism exists here.
 * No socket: the protocol decodes base64 and hands octets in; blocking on keyd, hence called by jobs.
 */
#ifndef CADUCEE_AUTH_SASL_H
#define CADUCEE_AUTH_SASL_H

#include "lib/auth/keyd.h"

enum { SASL_TOKEN_MAX = 16 << 10 }; /* octets of a token; a message may have 2 KiB more */

enum sasl_outcome {
    SASL_CONTINUE,  /* send `challenge`, come back with the client's answer */
    SASL_DONE,      /* the grant is filled */
    SASL_REFUSED,   /* grant.reason says which rule, for the trace */
    SASL_TEMPORARY, /* keyd or the database is away, a key of PSC is being fetched */
    SASL_BAD        /* not what the mechanism says */
};

struct sasl_exchange;
struct sasl_peer {
    const char *service;      /* "imap", "smtp" */
    const struct span *chain; /* client certificate, already judged by trust, leaf first; copied */
    size_t chain_count;       /* 0: none, or refused */
    bool want_key;            /* false: identity only (submission) */
    const char *session, *peer;
    const char
        *discovery_url; /* told with a failure (RFC 7628 3.2.2); lives as long as the exchange; NULL or "": none */
};

/* Before seccomp, once a process. */
void sasl_start_library(void);

/* The mechanisms for EHLO and CAPABILITY, separated by spaces; EXTERNAL only when there is a certificate. */
const char *sasl_mechanisms(bool certificate);

/* NULL: not a mechanism that is offered to this peer. Any case. */
struct sasl_exchange *sasl_exchange_new(struct span mechanism, const struct sasl_peer *);
void sasl_exchange_free(struct sasl_exchange **);

/* One step. `has_answer` false: the client sent no initial response. `answer` is decoded; it is wiped by the caller when it
 * may hold a token. `challenge` is raw: with SASL_CONTINUE (an empty one, or the JSON by which RFC 7628 3.2.2 tells a
 * failure: the next step then is SASL_REFUSED or SASL_TEMPORARY whatever the client says). */
enum sasl_outcome sasl_exchange_step(struct sasl_exchange *, struct keyd_client *, bool has_answer, struct span answer,
                                     struct str *challenge, struct keyd_grant *);

#endif
