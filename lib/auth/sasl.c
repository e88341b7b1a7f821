/* The exchanges, over libsasl2. EXTERNAL is the library's own mechanism; OAUTHBEARER and XOAUTH2 are a plug-in of ours
 * (sasl_plugin.c), which hands the token to the exchange it runs in. What libsasl2 says is only "this is who they claim to
 * be"; keyd says whether it holds.
 */
#include "lib/auth/sasl_private.h"

#include <sasl/sasl.h>
#include <string.h>

enum { LIBRARY_CONTINUE = SASL_CONTINUE };
#undef SASL_CONTINUE /* ours has the name */
#include "lib/auth/sasl.h"

enum state { STATE_START, STATE_STEP, STATE_FAILED, STATE_OVER };

struct sasl_exchange {
    enum sasl_mechanism mechanism;
    enum state state;
    enum sasl_outcome failure; /* in STATE_FAILED: what the client's next word leads to */
    sasl_conn_t *conn;
    struct span leaf, issuer; /* copies */
    bool want_key;
    char session[32], peer[72];
    const char *discovery_url;
};

static const char *const names[] = {
    [SASL_EXTERNAL] = "EXTERNAL", [SASL_OAUTHBEARER] = "OAUTHBEARER", [SASL_XOAUTH2] = "XOAUTH2"};

const char *sasl_mechanisms(bool certificate)
{
    return certificate ? "EXTERNAL OAUTHBEARER XOAUTH2" : "OAUTHBEARER XOAUTH2";
}

static struct span copied(struct span from)
{
    return from.n ? (struct span){xmemdup(from.p, from.n), from.n} : SPAN_NONE;
}

static void copy_text(char *out, size_t size, const char *text)
{
    struct span from = span_of(text);
    size_t n = from.n < size - 1 ? from.n : size - 1;
    if (n)
        memcpy(out, from.p, n);
    out[n] = '\0';
}

static bool open_connection(struct sasl_exchange *x, const struct sasl_peer *peer)
{
    if (sasl_server_new(peer->service, NULL, NULL, NULL, NULL, NULL, 0, &x->conn) != SASL_OK)
        return false;
    sasl_ssf_t strength = 256; /* TLS stands under it: no security layer of SASL's own */
    sasl_security_properties_t properties = {.max_ssf = 0, .security_flags = SASL_SEC_NOANONYMOUS};
    bool ok = sasl_setprop(x->conn, SASL_SSF_EXTERNAL, &strength) == SASL_OK &&
              sasl_setprop(x->conn, SASL_SEC_PROPS, &properties) == SASL_OK;
    if (ok && x->leaf.n)
        ok = sasl_setprop(x->conn, SASL_AUTH_EXTERNAL, SASL_CERTIFICATE_ID) == SASL_OK;
    return ok;
}

struct sasl_exchange *sasl_exchange_new(struct span mechanism, const struct sasl_peer *peer)
{
    size_t which = 0;
    while (which < COUNT(names) && !span_is_nocase(mechanism, names[which]))
        which++;
    if (which == COUNT(names) || (which == SASL_EXTERNAL && !peer->chain_count))
        return NULL;
    struct sasl_exchange *x = xcalloc(1, sizeof(*x));
    x->mechanism = (enum sasl_mechanism)which;
    x->want_key = peer->want_key;
    x->discovery_url = peer->discovery_url && *peer->discovery_url ? peer->discovery_url : NULL;
    if (peer->chain_count)
        x->leaf = copied(peer->chain[0]);
    if (peer->chain_count > 1)
        x->issuer = copied(peer->chain[1]);
    copy_text(x->session, sizeof(x->session), peer->session);
    copy_text(x->peer, sizeof(x->peer), peer->peer);
    if (!open_connection(x, peer))
        sasl_exchange_free(&x);
    return x;
}

void sasl_exchange_free(struct sasl_exchange **at)
{
    struct sasl_exchange *x = *at;
    if (!x)
        return;
    if (x->conn)
        sasl_dispose(&x->conn);
    if (x->leaf.n)
        xfree(&x->leaf.p);
    if (x->issuer.n)
        xfree(&x->issuer.p);
    xfree(at);
}

/* Runs libsasl2; fills `handed` with what the client claims. */
static int run_library(struct sasl_exchange *x, bool has_answer, struct span answer, struct sasl_handed *handed,
                       struct str *challenge)
{
    const char *out = NULL;
    unsigned out_bytes = 0;
    const char *in = has_answer ? (answer.n ? answer.p : "") : NULL;
    sasl_hand_over_to(handed);
    int status = x->state == STATE_START
                     ? sasl_server_start(x->conn, names[x->mechanism], in, (unsigned)answer.n, &out, &out_bytes)
                     : sasl_server_step(x->conn, in, (unsigned)answer.n, &out, &out_bytes);
    sasl_hand_over_to(NULL);
    x->state = STATE_STEP;
    if (status == SASL_OK && x->mechanism == SASL_EXTERNAL &&
        !sasl_read_external(has_answer ? answer : SPAN_NONE, &handed->claim))
        return SASL_BADPROT;
    if (status == LIBRARY_CONTINUE && out_bytes)
        str_add(challenge, out, out_bytes);
    return status;
}

static enum keyd_outcome ask_keyd(const struct sasl_exchange *x, struct keyd_client *keyd,
                                  const struct sasl_token *claim, struct keyd_grant *grant)
{
    if (x->mechanism == SASL_EXTERNAL)
        return keyd_by_certificate(keyd, x->leaf, x->issuer, claim->identity, x->want_key, x->session, x->peer, grant);
    return keyd_by_token(keyd, claim->token, claim->identity, x->want_key, x->session, x->peer, x->leaf, grant);
}

/* A token's failure is told in JSON and acknowledged by the client before the exchange fails (RFC 7628 3.2.3). */
static enum sasl_outcome failed(struct sasl_exchange *x, enum sasl_outcome outcome, struct str *challenge)
{
    if (x->mechanism == SASL_EXTERNAL) {
        x->state = STATE_OVER;
        return outcome;
    }
    x->state = STATE_FAILED;
    x->failure = outcome;
    sasl_write_failure(challenge, outcome == SASL_TEMPORARY, x->discovery_url);
    return SASL_CONTINUE;
}

enum sasl_outcome sasl_exchange_step(struct sasl_exchange *x, struct keyd_client *keyd, bool has_answer,
                                     struct span answer, struct str *challenge, struct keyd_grant *grant)
{
    struct sasl_handed handed;
    str_clear(challenge);
    if (x->state == STATE_FAILED) {
        x->state = STATE_OVER;
        return x->failure;
    }
    if (x->state == STATE_OVER || answer.n > SASL_TOKEN_MAX + 2048)
        return SASL_BAD;
    *grant = (struct keyd_grant){.bal_id = 0};
    sasl_handed_init(&handed);
    int status = run_library(x, has_answer, answer, &handed, challenge);
    enum sasl_outcome outcome = status == LIBRARY_CONTINUE ? SASL_CONTINUE : SASL_BAD;
    if (status == SASL_OK) {
        enum keyd_outcome said = ask_keyd(x, keyd, &handed.claim, grant);
        x->state = STATE_OVER;
        outcome =
            said == KEYD_OK ? SASL_DONE : failed(x, said == KEYD_REFUSED ? SASL_REFUSED : SASL_TEMPORARY, challenge);
    } else if (status != LIBRARY_CONTINUE) {
        x->state = STATE_OVER;
    }
    sasl_handed_free(&handed);
    return outcome;
}
