/* The client certificate of a TLS session, kept for AUTHENTICATE EXTERNAL and judged by trust — again when the snapshot
 * has changed (design: the verdict belongs to the TLS session).
 */
#ifndef CADUCEE_IMAPD_CERTIFICATE_H
#define CADUCEE_IMAPD_CERTIFICATE_H

#include "lib/base/crypto.h"
#include "lib/net/tls.h"
#include "lib/trust/trust.h"

struct session;
enum { CHAIN_MAX = 8, VERDICTS_KEPT = 256, VERDICT_LIFE_S = 60 };

/* Chains that were accepted a moment ago, a job thread's own: a client that comes back each second is not verified each
 * time. Never longer than a minute, never past a new snapshot; a refusal is always judged anew. */
struct verdict_cache {
    struct accepted_chain {
        uint8_t digest[SHA256_BYTES];
        uint64_t generation;
        int64_t judged_at;
    } slots[VERDICTS_KEPT];
};

struct client_certificate {
    struct span chain[CHAIN_MAX]; /* DER, leaf first; one allocation behind chain[0] */
    size_t count;
    bool judged;
    uint64_t generation; /* of the snapshot it was judged by */
    bool accepted;
    struct trust_verdict *verdict; /* its words; forgotten once they are of no more use: an idle session is small */
};

void session_keep_certificate(struct session *, const struct tls_peer *);
void client_certificate_free(struct client_certificate **);
/* Judges it when the snapshot is newer than the verdict; false: refused, see ->verdict (never NULL then). */
bool client_certificate_judge(struct client_certificate *, struct trust_snapshot *,
                              struct verdict_cache * /* or NULL */);

void client_certificate_trim(struct client_certificate *);

#endif
