/* The client's certificate. See certificate.h. */
#include "imapd/certificate.h"

#include "imapd/session.h"
#include "lib/base/clock.h"
#include "lib/store/certificates.h"

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

/* All of the chain's bytes: they lie behind one another. */
static void digest_of(const struct client_certificate *certificate, uint8_t out[SHA256_BYTES])
{
    size_t bytes = 0;
    for (size_t i = 0; i < certificate->count; i++)
        bytes += certificate->chain[i].n;
    sha256(out, (struct span){certificate->chain[0].p, bytes});
}

static void judge_now(struct client_certificate *certificate, struct trust_snapshot *trust, struct verdict_cache *cache)
{
    uint8_t digest[SHA256_BYTES];
    digest_of(certificate, digest);
    struct accepted_chain *kept = cache ? &cache->slots[digest[0] % VERDICTS_KEPT] : NULL;
    int64_t now = wall_s();
    if (kept && kept->generation == certificate->generation && now - kept->judged_at < VERDICT_LIFE_S &&
        now >= kept->judged_at && crypto_equal(kept->digest, digest, sizeof(digest))) {
        certificate->accepted = true;
        return;
    }
    certificate->verdict = xcalloc(1, sizeof(*certificate->verdict));
    trust_judge_certificate(trust, TRUST_PROFILE_APPLICATION, certificate->chain, certificate->count, now,
                            certificate->verdict);
    certificate->accepted = certificate->verdict->rule == TRUST_OK;
    if (certificate->accepted)
        certificate_note(certificate->chain[0]);
    if (kept && certificate->accepted) {
        *kept = (struct accepted_chain){.generation = certificate->generation, .judged_at = now};
        memcpy(kept->digest, digest, sizeof(digest));
    }
}

bool client_certificate_judge(struct client_certificate *certificate, struct trust_snapshot *trust,
                              struct verdict_cache *cache)
{
    uint64_t generation = trust ? trust_generation(trust) : 0;
    if (certificate->judged && trust && certificate->generation == generation &&
        (certificate->accepted || certificate->verdict))
        return certificate->accepted;
    client_certificate_trim(certificate);
    certificate->judged = true;
    certificate->generation = generation;
    if (trust) {
        judge_now(certificate, trust, cache);
        return certificate->accepted;
    }
    certificate->verdict = xcalloc(1, sizeof(*certificate->verdict));
    *certificate->verdict = (struct trust_verdict){.rule = TRUST_SNAPSHOT_MISSING, .temporary = true};
    certificate->accepted = false;
    return false;
}
