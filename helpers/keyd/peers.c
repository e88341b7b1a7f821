/* Which process may ask what, by the uid the kernel says (SO_PEERCRED). mx is in no row: it reaches no key.
 *
 * Installed, each role runs under a user of its own ([users.role], else caducee-<role>). Where all run under one user (the
 * sandbox), that user may ask everything: there the kernel can tell nobody apart.
 */
#include "helpers/keyd/keyd.h"

#include "lib/base/log.h"

#include <pwd.h>
#include <stdio.h>
#include <unistd.h>

#define MAY(type) (1U << (type))

static struct peer {
    const char *role;
    unsigned may;
    bool known;
    uint32_t uid;
} peers[] = {
    {.role = "imap", .may = MAY(KEYD_BY_CERTIFICATE) | MAY(KEYD_BY_TOKEN) | MAY(KEYD_SHARED) | MAY(KEYD_SHARE)},
    {.role = "submission", .may = MAY(KEYD_BY_CERTIFICATE) | MAY(KEYD_BY_TOKEN)},
    {.role = "web",
     .may = MAY(KEYD_WEB_LOGIN) | MAY(KEYD_BY_WEB_SESSION) | MAY(KEYD_SHARED) | MAY(KEYD_SHARE) | MAY(KEYD_BIND) |
            MAY(KEYD_WEB_CERTIFICATE)},
    {.role = "relay", .may = MAY(KEYD_QUEUE_KEY)},
    {.role = "sealer", .may = MAY(KEYD_SEAL_KEY)},
};
static uint32_t own_uid;
static bool one_user;

static const char *user_of(const struct conf *conf, const char *role, char fallback[64])
{
    vec_each (&conf->users_role, pair)
        if (span_is(span_of(pair->key), role))
            return pair->value;
    int n = snprintf(fallback, 64, "caducee-%s", role);
    must(n > 0 && n < 64);
    return fallback;
}

void peers_setup(const struct conf *conf)
{
    char name[64];
    own_uid = (uint32_t)geteuid();
    one_user = true;
    for (size_t i = 0; i < COUNT(peers); i++) {
        const struct passwd *user = getpwnam(user_of(conf, peers[i].role, name));
        peers[i].known = user != NULL;
        peers[i].uid = user ? (uint32_t)user->pw_uid : 0;
        one_user &= !user || peers[i].uid == own_uid;
    }
    if (one_user)
        log_event(LOG_WARN, NULL, "keyd.one_user", LU("uid", own_uid));
}

static unsigned allowed(uint32_t uid)
{
    unsigned may = one_user && uid == own_uid ? ~0U : 0;
    for (size_t i = 0; i < COUNT(peers); i++)
        if (peers[i].known && peers[i].uid == uid)
            may |= peers[i].may;
    return may;
}

bool peer_may_connect(uint32_t uid, void *arg)
{
    (void)arg;
    return allowed(uid) != 0;
}

bool peer_may_ask(uint32_t uid, uint16_t type)
{
    return type > 0 && type < KEYD_REQUEST_END && (allowed(uid) & MAY(type));
}
