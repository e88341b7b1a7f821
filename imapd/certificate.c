/* The client's certificate. See certificate.h. */
#include "imapd/certificate.h"

#include "imapd/session.h"
#include "lib/base/clock.h"

#include <string.h>

void session_keep_certificate(struct session *s, const struct tls_peer *peer)
{
    size_t bytes = 0, count = peer->count < CHAIN_MAX ? peer->count : CHAIN_MAX;
    client_certificate_free(&s->client);
    if (count == 0)
        return;
    for (size_t i = 0; i < count; i++)
        bytes += peer->chain[i].n;
    s->client = xcalloc(1, sizeof(*s->client));
    char *at = xmalloc(bytes);
    for (size_t i = 0; i < count; i++) {
        memcpy(at, peer->chain[i].p, peer->chain[i].n);
        s->client->chain[i] = (struct span){at, peer->chain[i].n};
        at += peer->chain[i].n;
    }
    s->client->count = count;
}

void client_certificate_free(struct client_certificate **certificate)
{
    if (!*certificate)
        return;
    char *bytes = (char *)(uintptr_t)(*certificate)->chain[0].p;
    xfree(&bytes);
    xfree(&(*certificate)->verdict);
    xfree(certificate);
}

void client_certificate_trim(struct client_certificate *certificate)
{
    xfree(&certificate->verdict);
}

bool client_certificate_judge(struct client_certificate *certificate, struct trust_snapshot *trust)
{
    uint64_t generation = trust ? trust_generation(trust) : 0;
    if (certificate->judged && trust && certificate->generation == generation &&
        (certificate->accepted || certificate->verdict))
        return certificate->accepted;
    if (!certificate->verdict)
        certificate->verdict = xcalloc(1, sizeof(*certificate->verdict));
    certificate->judged = true;
    certificate->generation = generation;
    if (trust)
        trust_judge_certificate(trust, TRUST_PROFILE_APPLICATION, certificate->chain, certificate->count, wall_s(),
                                certificate->verdict);
    else
        *certificate->verdict = (struct trust_verdict){.rule = TRUST_SNAPSHOT_MISSING, .temporary = true};
    certificate->accepted = certificate->verdict->rule == TRUST_OK;
    return certificate->accepted;
}
