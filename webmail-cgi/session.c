#include "webmail-cgi/session.h"

#include "webmail-cgi/grants.h"
#include "webmail-cgi/shared.h"

#include "lib/base/clock.h"
#include "lib/base/text.h"

#include <string.h>

/* The quiet time is written at most once a minute: a lock a minute late costs nothing, a write a click would. */
enum { TOUCH_EVERY_S = 60 };

static bool read_secret(const char *cookies, uint8_t secret[32])
{
    struct span value;
    struct str bytes;
    if (!cookies || !cookie_get(span_of(cookies), SESSION_COOKIE, &value) || value.n > 64)
        return false;
    str_init_secret(&bytes, 64);
    bool ok = base64url_decode(&bytes, value) && bytes.len == 32;
    if (ok)
        memcpy(secret, bytes.data, 32);
    str_wipe(&bytes);
    return ok;
}

enum session_status session_read(struct request *rq)
{
    struct session *s = &rq->session;
    const struct conf *conf = rq->thread->conf;
    uint8_t secret[32];
    if (!read_secret(rq->cookies, secret))
        return SESSION_NONE;
    session_from_secret(s, secret);
    crypto_wipe(secret, sizeof(secret));
    enum store_status status = web_session_get(rq->thread->db, s->hash, &s->row);
    if (status == STORE_NOT_FOUND)
        return SESSION_NONE;
    if (status != STORE_OK)
        return SESSION_UNAVAILABLE;
    int64_t now = wall_s();
    int64_t quiet = now - s->row.seen_at;
    s->known = true;
    s->locked = s->row.locked_at != 0 || quiet > (int64_t)conf->webmail_lock_after;
    if (s->locked)
        grants_forget(shared_grants(rq->thread->shared), s->hash);
    if (s->locked && s->row.locked_at == 0)
        return web_session_lock(rq->thread->db, s->hash) == STORE_OK ? SESSION_OK : SESSION_UNAVAILABLE;
    bool awake = rq->route && !(rq->route->flags & WEB_QUIET);
    if (!s->locked && awake && quiet > TOUCH_EVERY_S)
        return web_session_touch(rq->thread->db, s->hash) == STORE_OK ? SESSION_OK : SESSION_UNAVAILABLE;
    return SESSION_OK;
}

void session_new(struct session *fresh)
{
    uint8_t secret[32];
    crypto_random(secret, sizeof(secret));
    session_from_secret(fresh, secret);
    crypto_wipe(secret, sizeof(secret));
}

void session_give(struct request *rq, const struct session *fresh)
{
    enum { COOKIE_LIFE_S = 10 * 3600 };
    struct str cookie;
    str_init_secret(&cookie, 64);
    base64url_encode(&cookie, (struct span){(const char *)fresh->secret, sizeof(fresh->secret)});
    answer_cookie(rq, SESSION_COOKIE, str_span(&cookie), COOKIE_LIFE_S);
    str_wipe(&cookie);
}

void session_lock(struct request *rq)
{
    grants_forget(shared_grants(rq->thread->shared), rq->session.hash);
    if (web_session_lock(rq->thread->db, rq->session.hash) == STORE_OK)
        rq->session.locked = true;
}

void session_end(struct request *rq)
{
    grants_forget(shared_grants(rq->thread->shared), rq->session.hash);
    if (rq->session.known)
        (void)!web_session_end(rq->thread->db, rq->session.hash);
    answer_cookie(rq, SESSION_COOKIE, SPAN_NONE, 0);
    rq->session.known = false;
}
