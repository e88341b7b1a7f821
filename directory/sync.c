/* The Annuaire, followed: by RFC 4533 where it is offered, else by pages; whole once a night and when somebody asks. Trouble
 * of the server's (empty, half, slow, a limit, a broken connection) drops the pass and changes nothing. */
#include "directory/sync.h"

#include "directory/ldap_server.h"

#include "lib/base/clock.h"
#include "lib/base/log.h"
#include "lib/store/alarms.h"
#include "lib/store/fetches.h"

#include <stdio.h>
#include <string.h>

enum {
    BEAT_MS = 200,
    QUIET_MS = 200, /* changes that come closer than this are one pass */
    TRY_AGAIN_MS = 15000,
    REFUSED_MS = 60000, /* a refused refresh is tried again, in case the server has come to itself */
    MESSAGES_MOST = 5000,
    FULL_LEAST_S = 20 * 3600,
    OVERLAP_S = 120 /* clocks of a replicated server differ a little */
};

struct sync {
    struct ldap_server *server;
    struct collector collector;
    uint64_t next_try_ms, next_pages_ms;
    bool following; /* the persistent search runs and its refresh has been applied */
};

static struct annuaire_limits limits_of(const struct conf *conf, bool complete)
{
    return (struct annuaire_limits){.vanish_percent = (unsigned)conf->directory_vanish_percent,
                                    .vanish_least = (unsigned)conf->directory_vanish_least,
                                    .vanish_window_s = conf->directory_vanish_window,
                                    .vanish_total_percent = (unsigned)conf->directory_vanish_total_percent,
                                    .complete = complete,
                                    .orphan_suspends = span_is(span_of(conf->directory_orphan), "suspend")};
}

static void disconnect(struct sync *s, uint64_t pause_ms)
{
    ldap_server_close(&s->server);
    s->following = false;
    s->next_try_ms = clock_ms() + pause_ms;
}

static void lost(struct duty *duty, struct sync *s, const struct str *error)
{
    const char *why = error->len ? error->data : "?";
    char *what = xasprintf("L'Annuaire ne répond pas comme il faut (%.300s). Le dernier miroir reste en service.", why);
    if (s->collector.open)
        collector_drop(&s->collector, why);
    (void)alarm_raise(duty->db, "annuaire.unreachable", "", what,
                      "Vérifier directory.url, directory.ca et le réseau ; « caducee directory status ».");
    log_event(LOG_WARN, NULL, "annuaire.lost", LS("why", why));
    xfree(&what);
    disconnect(s, TRY_AGAIN_MS);
}

static bool connect_server(struct duty *duty, struct sync *s)
{
    struct str error;
    str_init(&error, 1024);
    s->server = ldap_server_open(duty->conf, &error);
    if (s->server)
        (void)alarm_clear(duty->db, "annuaire.unreachable", "");
    else
        lost(duty, s, &error);
    str_free(&error);
    return s->server != NULL;
}

static void after_pass(struct duty *duty, bool applied)
{
    if (applied)
        provision_beat(duty);
}

/* Until the refresh is whole: one pass. */
static bool refresh(struct duty *duty, struct sync *s, struct str *error)
{
    uint64_t deadline = clock_ms() + duty->conf->directory_pass_time * 1000;
    enum ldap_progress progress = LDAP_CHANGED;
    while (progress == LDAP_CHANGED || progress == LDAP_QUIET) {
        progress = ldap_follow_poll(s->server, &s->collector, 1000, 256, error);
        if (!duty_wait(duty->context, clock_ms()) || clock_ms() > deadline) {
            str_puts(error, "the pass lasted too long, or we are to end");
            return false;
        }
    }
    return progress == LDAP_REFRESHED;
}

static void start_following(struct duty *duty, struct sync *s)
{
    struct annuaire_cookie cookie;
    struct str error;
    str_init(&error, 1024);
    enum store_status status = annuaire_cookie_read(duty->db, &cookie);
    bool known = span_is(span_of(cookie.method), "syncrepl");
    bool ok = status == STORE_OK && collector_open(&s->collector, "syncrepl") &&
              ldap_follow_start(s->server, known ? str_span(&cookie.value) : SPAN_NONE, &error);
    if (ok && refresh(duty, s, &error)) {
        const struct annuaire_limits limits = limits_of(duty->conf, ldap_follow_complete(s->server));
        s->following = collector_apply(&s->collector, &limits, ldap_follow_cookie(s->server));
        if (!s->following)
            disconnect(s, REFUSED_MS);
        after_pass(duty, s->following);
    } else {
        lost(duty, s, &error);
    }
    str_free(&cookie.value);
    str_free(&error);
}

static void follow(struct duty *duty, struct sync *s)
{
    struct str error;
    str_init(&error, 1024);
    enum ldap_progress progress = LDAP_CHANGED;
    if (!collector_open(&s->collector, "syncrepl")) {
        str_free(&error);
        return;
    }
    while (progress == LDAP_CHANGED && s->collector.seen < MESSAGES_MOST)
        progress = ldap_follow_poll(s->server, &s->collector, QUIET_MS, 256, &error);
    if (progress == LDAP_GONE || progress == LDAP_RESTART) {
        lost(duty, s, &error);
        s->next_try_ms = clock_ms() + 1000;
    } else if (s->collector.seen > 0) {
        const struct annuaire_limits limits = limits_of(duty->conf, false);
        bool applied = collector_apply(&s->collector, &limits, ldap_follow_cookie(s->server));
        if (!applied)
            disconnect(s, REFUSED_MS);
        after_pass(duty, applied);
    }
    str_free(&error);
}

/* "20261120170000Z" two minutes earlier; what is no such date asks for everything. */
static void earlier(char out[32], struct span stamp)
{
    struct tm tm = {.tm_isdst = 0};
    char text[32];
    out[0] = 0;
    if (stamp.n < 15 || stamp.n >= sizeof(text))
        return;
    memcpy(text, stamp.p, stamp.n);
    text[stamp.n] = 0;
    if (!strptime(text, "%Y%m%d%H%M%S", &tm))
        return;
    time_t when = timegm(&tm) - OVERLAP_S;
    if (gmtime_r(&when, &tm))
        strftime(out, 32, "%Y%m%d%H%M%SZ", &tm);
}

/* A pass by pages: everything, or what was modified since the last one. */
static bool pages(struct duty *duty, struct sync *s, bool complete, const struct annuaire_limits *limits)
{
    struct annuaire_cookie cookie;
    struct str error;
    char since[32] = "";
    str_init(&error, 1024);
    bool ok = annuaire_cookie_read(duty->db, &cookie) == STORE_OK;
    bool by_pages = span_is(span_of(cookie.method), "modified") || span_is(span_of(cookie.method), "full");
    if (!complete && by_pages)
        earlier(since, str_span(&cookie.value));
    struct annuaire_limits mine = *limits;
    mine.complete = since[0] == 0;
    ok = ok && collector_open(&s->collector, mine.complete ? "full" : "modified");
    if (ok &&
        ldap_read_pages(s->server, &s->collector, since, clock_ms() + duty->conf->directory_pass_time * 1000, &error)) {
        const char *newest = s->collector.newest;
        ok = collector_apply(&s->collector, &mine, *newest ? span_of(newest) : str_span(&cookie.value));
        after_pass(duty, ok);
    } else {
        lost(duty, s, &error);
        ok = false;
    }
    str_free(&cookie.value);
    str_free(&error);
    return ok;
}

/* What an operator asked for: now, a dry run, or past the thresholds. */
static void obey(struct duty *duty, struct sync *s, const struct fetch_asked *asked)
{
    struct annuaire_limits limits = limits_of(duty->conf, true);
    limits.dry_run = span_is(span_of(asked->detail), "dry-run");
    if (span_starts_nocase(span_of(asked->detail), "force:")) {
        limits.forced_by = asked->who;
        limits.forced_why = asked->detail + 6;
    }
    if (s->collector.open)
        collector_drop(&s->collector, "an operator asked for a whole pass");
    disconnect(s, 0);
    if (!connect_server(duty, s))
        return;
    (void)pages(duty, s, true, &limits);
    disconnect(s, 0); /* follows again from the cookie it had */
}

static bool is_night(const struct conf *conf, int64_t last_full)
{
    struct tm tm;
    time_t now = (time_t)wall_s();
    return localtime_r(&now, &tm) && (uint64_t)tm.tm_hour == conf->directory_full_hour &&
           now - last_full > FULL_LEAST_S;
}

static bool full_is_due(struct duty *duty)
{
    struct annuaire_cookie cookie;
    bool due = annuaire_cookie_read(duty->db, &cookie) == STORE_OK && cookie.method[0] &&
               is_night(duty->conf, cookie.last_full);
    str_free(&cookie.value);
    return due;
}

static void step(struct duty *duty, struct sync *s)
{
    uint64_t now = clock_ms();
    if (!s->server && (now < s->next_try_ms || !connect_server(duty, s)))
        return;
    if (ldap_server_follows(s->server)) {
        if (s->following)
            follow(duty, s);
        else
            start_following(duty, s);
        return;
    }
    if (now >= s->next_pages_ms) {
        const struct annuaire_limits limits = limits_of(duty->conf, false);
        (void)pages(duty, s, full_is_due(duty), &limits);
        s->next_pages_ms = clock_ms() + duty->conf->directory_interval * 1000;
    }
}

void sync_beat(struct duty *duty)
{
    struct sync *s = duty->memory;
    struct fetch_asked asked;
    if (!*duty->conf->directory_url)
        return;
    if (!s) {
        s = duty->memory = xcalloc(1, sizeof(*s));
        collector_init(&s->collector, duty->conf, duty->db);
    }
    if (fetch_take_asked(duty->db, "directory", &asked) == STORE_OK)
        obey(duty, s, &asked);
    step(duty, s);
    duty->next_ms = clock_ms() + BEAT_MS;
}
