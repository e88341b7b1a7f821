/* The client of caducee-keyd. The worker decodes the certificate: keyd, which holds the master keys, reads no DER. */
#include "lib/auth/keyd.h"

#include "lib/auth/keyd_protocol.h"
#include "lib/base/text.h"
#include "lib/net/ipc.h"
#include "lib/net/x509.h"

#include <string.h>

enum { TIMEOUT_MS = 8000, IPC_READ_STEP = 64 << 10 };

struct keyd_client {
    struct ipc_client *ipc;
    struct str request, answer;
    struct ipc_message message;
};

struct keyd_client *keyd_client_new(const char *socket_path)
{
    struct keyd_client *client = xcalloc(1, sizeof(*client));
    client->ipc = ipc_client_new(socket_path, TIMEOUT_MS, KEYD_FRAME_MAX);
    str_init_secret(&client->request, KEYD_FRAME_MAX);
    str_init_secret(&client->answer, KEYD_FRAME_MAX + IPC_READ_STEP);
    return client;
}

void keyd_client_destroy(struct keyd_client **client)
{
    if (!*client)
        return;
    ipc_client_destroy(&(*client)->ipc);
    str_wipe(&(*client)->request);
    str_wipe(&(*client)->answer);
    xfree(client);
}

static void begin(struct keyd_client *client, enum keyd_request_type type)
{
    str_clear(&client->request);
    str_clear(&client->answer);
    ipc_begin(&client->request, (uint16_t)type);
}

static void put(struct keyd_client *client, enum keyd_tag tag, struct span value)
{
    if (value.n)
        ipc_put(&client->request, (uint16_t)tag, value);
}

static void put_text(struct keyd_client *client, enum keyd_tag tag, const char *value)
{
    put(client, tag, span_of(value));
}

static void wipe(struct str *text)
{
    if (text->data)
        crypto_wipe(text->data, text->capacity);
    str_clear(text);
}

static void reason(char *out, size_t size, struct span text)
{
    size_t n = text.n < size - 1 ? text.n : size - 1;
    if (n)
        memcpy(out, text.p, n);
    out[n] = '\0';
}

/* Sends; the outcome that keyd says, or KEYD_UNAVAILABLE. */
static enum keyd_outcome call(struct keyd_client *client)
{
    uint64_t outcome;
    if (client->request.overflow)
        return KEYD_REFUSED;
    ipc_end(&client->request);
    int status = ipc_call(client->ipc, str_span(&client->request), &client->answer, &client->message, NULL, 0);
    wipe(&client->request);
    if (status != 0 || client->message.type != KEYD_ANSWER ||
        !ipc_get_u64(&client->message, KEYD_T_OUTCOME, &outcome) || outcome > KEYD_TEMPORARY)
        return KEYD_UNAVAILABLE;
    return (enum keyd_outcome)outcome;
}

static bool take_key(const struct ipc_message *message, enum keyd_tag tag, struct key *key)
{
    struct span value;
    if (!ipc_get(message, (uint16_t)tag, &value) || value.n != KEY_BYTES)
        return false;
    memcpy(key->b, value.p, KEY_BYTES);
    return true;
}

static int64_t take_number(const struct ipc_message *message, enum keyd_tag tag)
{
    uint64_t value = 0;
    return ipc_get_u64(message, (uint16_t)tag, &value) ? (int64_t)value : 0;
}

static void take_text(const struct ipc_message *message, enum keyd_tag tag, char *out, size_t size)
{
    struct span value = SPAN_NONE;
    ipc_get(message, (uint16_t)tag, &value);
    reason(out, size, value);
}

static enum keyd_outcome grant_of(struct keyd_client *client, struct keyd_grant *grant)
{
    struct span proof;
    *grant = (struct keyd_grant){.bal_id = 0};
    enum keyd_outcome outcome = call(client);
    const struct ipc_message *m = &client->message;
    if (outcome != KEYD_UNAVAILABLE)
        take_text(m, KEYD_T_REASON, grant->reason, sizeof(grant->reason));
    if (outcome == KEYD_OK) {
        grant->bal_id = take_number(m, KEYD_T_BAL_ID);
        grant->person_id = take_number(m, KEYD_T_PERSON_ID);
        grant->certificate_id = take_number(m, KEYD_T_BINDING_ID);
        grant->role = (enum keyd_role)take_number(m, KEYD_T_ROLE);
        grant->may_send = take_number(m, KEYD_T_MAY_SEND) != 0;
        take_text(m, KEYD_T_BAL, grant->bal_address, sizeof(grant->bal_address));
        take_text(m, KEYD_T_NAME, grant->person_name, sizeof(grant->person_name));
        if (ipc_get(m, KEYD_T_PROOF, &proof) && proof.n == sizeof(grant->proof))
            memcpy(grant->proof, proof.p, proof.n);
        if (!take_key(m, KEYD_T_PUBLIC, &grant->key.public_half) ||
            !take_key(m, KEYD_T_PRIVATE, &grant->key.private_half))
            crypto_wipe(&grant->key, sizeof(grant->key));
    }
    wipe(&client->answer);
    return outcome;
}

static void put_session(struct keyd_client *client, bool want_key, const char *session, const char *peer)
{
    ipc_put_u64(&client->request, KEYD_T_WANT_KEY, want_key);
    put_text(client, KEYD_T_SESSION, session);
    put_text(client, KEYD_T_PEER, peer);
}

static void put_certificate(struct keyd_client *client, const struct certificate *certificate)
{
    struct str text;
    str_init(&text, 16 << 10);
    dn_canonical(&text, &certificate->issuer);
    put(client, KEYD_T_ISSUER, str_span(&text));
    str_clear(&text);
    dn_canonical(&text, &certificate->subject);
    put(client, KEYD_T_SUBJECT, str_span(&text));
    str_clear(&text);
    dn_print(&text, &certificate->subject);
    put(client, KEYD_T_SHOWN, (struct span){text.data, text.len < 1000 ? text.len : 1000});
    str_clear(&text);
    if (hex_decode(&text, span_of(certificate->key_fingerprint)))
        put(client, KEYD_T_KEY_SHA256, str_span(&text));
    str_free(&text);
    ipc_put_u64(&client->request, KEYD_T_NOT_AFTER, (uint64_t)certificate->not_after);
}

enum keyd_outcome keyd_by_certificate(struct keyd_client *client, struct span leaf_der, struct span issuer_der,
                                      struct span bal_address, bool want_key, const char *session, const char *peer,
                                      struct keyd_grant *grant)
{
    struct certificate certificate;
    struct str error;
    (void)issuer_der; /* trust has judged the chain; the leaf names its issuer */
    str_init(&error, 1024);
    *grant = (struct keyd_grant){.bal_id = 0};
    if (!certificate_decode(&certificate, leaf_der, &error)) {
        reason(grant->reason, sizeof(grant->reason), SPAN_LIT("certificate.unreadable"));
        str_free(&error);
        return KEYD_REFUSED;
    }
    str_free(&error);
    begin(client, KEYD_BY_CERTIFICATE);
    put_certificate(client, &certificate);
    certificate_free(&certificate);
    put(client, KEYD_T_BAL, bal_address);
    put_session(client, want_key, session, peer);
    return grant_of(client, grant);
}

enum keyd_outcome keyd_by_token(struct keyd_client *client, struct span token, struct span bal_address, bool want_key,
                                const char *session, const char *peer, struct span client_certificate_der,
                                struct keyd_grant *grant)
{
    uint8_t thumbprint[SHA256_BYTES];
    *grant = (struct keyd_grant){.bal_id = 0};
    if (!token.n || token.n > KEYD_TOKEN_MAX) {
        reason(grant->reason, sizeof(grant->reason), SPAN_LIT("token.size"));
        return KEYD_REFUSED;
    }
    begin(client, KEYD_BY_TOKEN);
    put(client, KEYD_T_TOKEN, token);
    put(client, KEYD_T_BAL, bal_address);
    if (client_certificate_der.n) {
        sha256(thumbprint, client_certificate_der);
        put(client, KEYD_T_THUMBPRINT, (struct span){(const char *)thumbprint, sizeof(thumbprint)});
    }
    put_session(client, want_key, session, peer);
    return grant_of(client, grant);
}

enum keyd_outcome keyd_shared(struct keyd_client *client, const struct keyd_grant *proven, int64_t bal_id,
                              struct keyd_grant *grant)
{
    begin(client, KEYD_SHARED);
    put(client, KEYD_T_PROOF, (struct span){(const char *)proven->proof, sizeof(proven->proof)});
    ipc_put_u64(&client->request, KEYD_T_BAL_ID, (uint64_t)bal_id);
    put_session(client, true, NULL, NULL);
    return grant_of(client, grant);
}

static void begin_managing(struct keyd_client *client, enum keyd_request_type type, const struct keyd_grant *proven,
                           int64_t bal_id)
{
    begin(client, type);
    put(client, KEYD_T_PROOF, (struct span){(const char *)proven->proof, sizeof(proven->proof)});
    ipc_put_u64(&client->request, KEYD_T_BAL_ID, (uint64_t)bal_id);
}

static enum keyd_outcome managed(struct keyd_client *client, const char *session, const char *peer, char why[512])
{
    struct keyd_grant grant;
    put_session(client, false, session, peer);
    enum keyd_outcome outcome = grant_of(client, &grant);
    reason(why, 512, span_of(grant.reason));
    return outcome;
}

enum keyd_outcome keyd_share(struct keyd_client *client, const struct keyd_grant *proven,
                             const struct keyd_sharing *share, const char *session, const char *peer, char why[512])
{
    begin_managing(client, KEYD_SHARE, proven, share->bal_id);
    put(client, KEYD_T_WHOM, share->whom);
    put_text(client, KEYD_T_NEW_ROLE, share->role);
    ipc_put_u64(&client->request, KEYD_T_NEW_SENDS, share->may_send);
    ipc_put_u64(&client->request, KEYD_T_UNTIL, (uint64_t)share->until);
    return managed(client, session, peer, why);
}

enum keyd_outcome keyd_bind(struct keyd_client *client, const struct keyd_grant *proven, int64_t bal_id,
                            const struct certificate *certificate, const char *mandate, int64_t until,
                            const char *session, const char *peer, char why[512])
{
    begin_managing(client, KEYD_BIND, proven, bal_id);
    put_certificate(client, certificate);
    put_text(client, KEYD_T_MANDATE, mandate);
    ipc_put_u64(&client->request, KEYD_T_UNTIL, (uint64_t)until);
    return managed(client, session, peer, why);
}

enum keyd_outcome keyd_unbind(struct keyd_client *client, const struct keyd_grant *proven, int64_t bal_id,
                              int64_t binding_id, const char *session, const char *peer, char why[512])
{
    begin_managing(client, KEYD_BIND, proven, bal_id);
    ipc_put_u64(&client->request, KEYD_T_BINDING_ID, (uint64_t)binding_id);
    return managed(client, session, peer, why);
}

enum keyd_outcome keyd_web_login(struct keyd_client *client, struct span id_token, const char *nonce,
                                 struct span session_hash, const char *peer, int64_t *person_id, char why[512])
{
    struct keyd_grant grant;
    begin(client, KEYD_WEB_LOGIN);
    put(client, KEYD_T_TOKEN, id_token);
    put_text(client, KEYD_T_NONCE, nonce);
    put(client, KEYD_T_SESSION_HASH, session_hash);
    put_text(client, KEYD_T_PEER, peer);
    enum keyd_outcome outcome = grant_of(client, &grant);
    *person_id = grant.person_id;
    reason(why, 512, span_of(grant.reason));
    return outcome;
}

enum keyd_outcome keyd_web_certificate(struct keyd_client *client, const struct certificate *certificate,
                                       struct span session_hash, const char *peer, int64_t *person_id, char why[512])
{
    struct keyd_grant grant;
    begin(client, KEYD_WEB_CERTIFICATE);
    put_certificate(client, certificate);
    put(client, KEYD_T_SESSION_HASH, session_hash);
    put_text(client, KEYD_T_PEER, peer);
    enum keyd_outcome outcome = grant_of(client, &grant);
    *person_id = grant.person_id;
    reason(why, 512, span_of(grant.reason));
    return outcome;
}

enum keyd_outcome keyd_by_web_session(struct keyd_client *client, struct span session_secret, int64_t bal_id,
                                      struct keyd_grant *grant)
{
    begin(client, KEYD_BY_WEB_SESSION);
    put(client, KEYD_T_SECRET, session_secret);
    ipc_put_u64(&client->request, KEYD_T_BAL_ID, (uint64_t)bal_id);
    put_session(client, true, NULL, NULL);
    return grant_of(client, grant);
}

static enum keyd_outcome service_key(struct keyd_client *client, enum keyd_request_type type, struct key_pair *pair)
{
    begin(client, type);
    enum keyd_outcome outcome = call(client);
    bool ok = outcome == KEYD_OK && take_key(&client->message, KEYD_T_PRIVATE, &pair->private_half) &&
              take_key(&client->message, KEYD_T_PUBLIC, &pair->public_half);
    wipe(&client->answer);
    return outcome == KEYD_OK && !ok ? KEYD_UNAVAILABLE : outcome;
}

enum keyd_outcome keyd_queue_key(struct keyd_client *client, struct key_pair *pair)
{
    return service_key(client, KEYD_QUEUE_KEY, pair);
}

enum keyd_outcome keyd_seal_key(struct keyd_client *client, struct key *key)
{
    struct key_pair pair;
    enum keyd_outcome outcome = service_key(client, KEYD_SEAL_KEY, &pair);
    *key = pair.private_half;
    crypto_wipe(&pair, sizeof(pair));
    return outcome;
}
