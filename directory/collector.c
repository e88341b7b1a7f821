#include "directory/collector.h"

#include "lib/base/log.h"
#include "lib/store/alarms.h"
#include "lib/store/trace.h"

#include <stdio.h>
#include <string.h>

enum { BATCH_ROWS = 2000 };

void collector_init(struct collector *c, const struct conf *conf, struct db *db)
{
    *c = (struct collector){.conf = conf, .db = db, .arena = arena_new(0)};
    annuaire_batch_init(&c->batch);
}

void collector_free(struct collector *c)
{
    arena_destroy(&c->arena);
    annuaire_batch_free(&c->batch);
}

bool collector_open(struct collector *c, const char *method)
{
    if (c->open)
        return true;
    c->method = method;
    c->seen = c->skipped = 0;
    c->failed = false;
    c->newest[0] = 0;
    c->open = annuaire_pass_begin(c->db, method, false, &c->pass) == STORE_OK;
    return c->open;
}

static void flush(struct collector *c, size_t rows)
{
    if (c->batch.count >= rows && annuaire_stage(c->db, c->pass, &c->batch) != STORE_OK)
        c->failed = true;
}

static void note_timestamp(struct collector *c, const struct raw_value *values, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct span v = values[i].value;
        if (!span_is_nocase(span_of(values[i].attribute), "modifyTimestamp") || v.n == 0 || v.n >= sizeof(c->newest))
            continue;
        char text[sizeof(c->newest)];
        memcpy(text, v.p, v.n);
        text[v.n] = 0;
        if (strcmp(text, c->newest) > 0)
            memcpy(c->newest, text, sizeof(text));
    }
}

void collector_entry(struct collector *c, const struct raw_value *values, size_t count, const char *source_key)
{
    struct annuaire_entry entry;
    const char *why = "";
    if (c->failed)
        return;
    note_timestamp(c, values, count);
    c->seen++;
    if (annuaire_map(c->conf, c->arena, values, count, source_key, &entry, &why)) {
        annuaire_batch_add(&c->batch, &entry);
        flush(c, BATCH_ROWS);
    } else if (c->skipped++ < 20) {
        log_event(LOG_WARN, NULL, "annuaire.skipped", LS("entry", source_key), LS("why", why));
    }
    arena_reset(c->arena);
}

void collector_mark(struct collector *c, enum annuaire_op op, const char *source_key)
{
    if (c->failed)
        return;
    c->seen++;
    annuaire_batch_mark(&c->batch, op, source_key);
    flush(c, BATCH_ROWS);
}

void collector_drop(struct collector *c, const char *why)
{
    str_clear(&c->batch.rows);
    c->batch.count = 0;
    if (c->open)
        (void)annuaire_pass_fail(c->db, c->pass, why);
    c->open = false;
    log_event(LOG_WARN, NULL, "annuaire.pass-dropped", LS("why", why));
}

static void report(struct collector *c, const struct annuaire_limits *limits, const struct annuaire_result *r)
{
    struct str detail;
    str_init(&detail, 1024);
    str_addf(&detail, "method=%s seen=%lld added=%lld changed=%lld vanished=%lld proposed=%lld orphans=%lld", c->method,
             (long long)r->seen, (long long)r->added, (long long)r->changed, (long long)r->vanished,
             (long long)r->proposed, (long long)r->orphans);
    log_event(r->refused ? LOG_WARN : LOG_INFO, NULL, "annuaire.pass", LP("what", str_span(&detail)),
              LS("refused", r->refused ? r->why : ""));
    if (r->refused || limits->forced_by || limits->dry_run) {
        struct trace trace = {.action = "annuaire.pass",
                              .answer = r->refused        ? "refused"
                                        : limits->dry_run ? "dry-run"
                                                          : "forced",
                              .actor_kind = limits->forced_by ? TRACE_ADMIN : TRACE_SYSTEM,
                              .actor = limits->forced_by ? limits->forced_by : "annuaire",
                              .detail = detail.data};
        (void)trace_write(c->db, &trace);
    }
    str_free(&detail);
}

static void set_alarms(struct collector *c, const struct annuaire_result *r)
{
    if (r->refused) {
        char *what = xasprintf(
            "L'Annuaire perdrait trop d'entrées d'un coup (%s) : la passe est refusée, rien n'a changé.", r->why);
        (void)alarm_raise(c->db, "annuaire.vanishing", "", what,
                          "« caducee directory diff » montre l'écart ; s'il est juste : « caducee directory sync "
                          "--force --reason … ».");
        xfree(&what);
    } else {
        (void)alarm_clear(c->db, "annuaire.vanishing", "");
    }
    if (r->orphans)
        (void)alarm_raise(c->db, "annuaire.orphan", "",
                          "Des BAL publiées ont disparu de l'Annuaire : elles sont orphelines.",
                          "« caducee bal list --orphan » ; fermer, ou publier à nouveau.");
}

bool collector_apply(struct collector *c, const struct annuaire_limits *limits, struct span cookie)
{
    struct annuaire_result result;
    flush(c, 1);
    if (c->failed) {
        collector_drop(c, "the database did not take a batch");
        return false;
    }
    enum store_status status = annuaire_apply(c->db, c->pass, limits, c->skipped, cookie, &result);
    if (status != STORE_OK) {
        collector_drop(c, store_status_name(status));
        return false;
    }
    c->open = false;
    report(c, limits, &result);
    if (!limits->dry_run)
        set_alarms(c, &result);
    return !result.refused && !limits->dry_run;
}
