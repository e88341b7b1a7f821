#include "webmail-cgi/shared.h"

#include "webmail-cgi/grants.h"
#include "webmail-cgi/pace.h"

#include "lib/base/clock.h"
#include "lib/base/file.h"
#include "lib/base/log.h"
#include "lib/store/snapshot.h"
#include "lib/store/web.h"

#include <pthread.h>

enum { PROVIDER_FRESH_MS = 60000, TRUST_FRESH_MS = 1000, CLIENT_SECRET_MAX = 512 };

struct web_shared {
    struct delivery_keys *keys;
    struct grants *grants;
    struct pace *pace;
    struct str client_secret;
    pthread_mutex_t lock;
    struct oidc_provider provider;
    bool provider_known;
    uint64_t provider_read_at;
    struct trust_snapshot *trust;
    uint64_t trust_read_at;
};

struct web_shared *shared_new(const struct conf *conf)
{
    struct web_shared *s = xcalloc(1, sizeof(*s));
    const char *file = conf->webmail_psc_client_secret_file; /* without one it starts, and nobody can log in */
    struct str error;
    str_init_secret(&s->client_secret, CLIENT_SECRET_MAX);
    str_init(&error, 512);
    bool ok = !file[0] || secret_read(&s->client_secret, file, &error);
    if (!ok)
        log_event(LOG_ERROR, NULL, "web.client_secret_unreadable", LP("why", str_span(&error)));
    str_free(&error);
    if (!ok) {
        shared_destroy(&s);
        return NULL;
    }
    pthread_mutex_init(&s->lock, NULL);
    s->keys = delivery_keys_new();
    s->grants = grants_new();
    s->pace = pace_new();
    return s;
}

void shared_destroy(struct web_shared **s)
{
    if (!*s)
        return;
    if ((*s)->keys)
        delivery_keys_destroy(&(*s)->keys);
    grants_destroy(&(*s)->grants);
    pace_destroy(&(*s)->pace);
    if ((*s)->trust)
        trust_release(&(*s)->trust);
    str_wipe(&(*s)->client_secret);
    xfree(s);
}

struct grants *shared_grants(struct web_shared *s)
{
    return s->grants;
}

struct pace *shared_pace(struct web_shared *s)
{
    return s->pace;
}

struct delivery_keys *shared_delivery_keys(struct web_shared *s)
{
    return s->keys;
}

const char *shared_client_secret(const struct web_shared *s)
{
    return s->client_secret.data ? s->client_secret.data : "";
}

static void read_provider(struct web_shared *s, struct db *db)
{
    struct str json;
    struct oidc_provider fresh;
    str_init(&json, OIDC_ANSWER_MAX);
    if (web_oidc_discovery(db, &json) == STORE_OK && oidc_provider_read(&fresh, str_span(&json))) {
        s->provider = fresh;
        s->provider_known = true;
        s->provider_read_at = clock_ms();
    }
    str_free(&json);
}

bool shared_provider(struct web_shared *s, struct db *db, struct oidc_provider *out)
{
    pthread_mutex_lock(&s->lock);
    if (!s->provider_known || clock_ms() - s->provider_read_at > PROVIDER_FRESH_MS)
        read_provider(s, db);
    bool known = s->provider_known;
    *out = s->provider;
    pthread_mutex_unlock(&s->lock);
    return known;
}

struct trust_snapshot *shared_trust(struct web_shared *s, struct db *db)
{
    struct trust_snapshot *fresh = NULL;
    pthread_mutex_lock(&s->lock);
    if (!s->trust || clock_ms() - s->trust_read_at > TRUST_FRESH_MS) {
        s->trust_read_at = clock_ms();
        if (snapshot_load(db, s->trust ? trust_generation(s->trust) : 0, &fresh) == STORE_OK) {
            if (s->trust)
                trust_release(&s->trust);
            s->trust = fresh;
        }
    }
    struct trust_snapshot *held = s->trust ? trust_hold(s->trust) : NULL;
    pthread_mutex_unlock(&s->lock);
    return held;
}
