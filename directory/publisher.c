/* The publisher: empties the outbox towards the Annuaire, one BAL after the other, with patience. */
#include "directory/publish_fhir.h"
#include "directory/sync.h"

#include "lib/base/clock.h"
#include "lib/base/log.h"
#include "lib/store/fetches.h"

#include <stdio.h>

enum { BATCH = 20, LOOK_MS = 1000 };

struct publishing {
    uint64_t due_ms;
    struct duty_alarm failed;
};

/* 1 min, 5, 15, 1 h, 4 h, then once a day. */
static uint64_t pause_after(unsigned attempts)
{
    static const uint64_t seconds[] = {60, 300, 900, 3600, 14400, 86400};
    return seconds[attempts < COUNT(seconds) ? attempts : COUNT(seconds) - 1];
}

static void publish_one(struct duty *duty, const struct publication *p)
{
    struct str words;
    str_init(&words, 2048);
    enum publish_outcome outcome = publish_fhir(duty->conf, p, &words);
    const char *answer = words.len ? words.data : "";
    if (outcome == PUBLISH_DONE)
        (void)publication_done(duty->db, p->id, answer);
    else
        (void)publication_failed(duty->db, p->id, answer, outcome == PUBLISH_AGAIN ? pause_after(p->attempts) : 0);
    log_event(outcome == PUBLISH_DONE ? LOG_INFO : LOG_WARN, NULL, "publication", LS("address", p->address),
              LS("operation", p->operation), LS("answer", answer));
    str_free(&words);
}

void publisher_beat(struct duty *duty)
{
    struct publishing *s = duty->memory;
    publication_list due;
    int64_t waiting = 0, failed = 0;
    if (!s)
        s = duty->memory = xcalloc(1, sizeof(*s));
    duty->next_ms = clock_ms() + LOOK_MS;
    if (clock_ms() < s->due_ms && fetch_take(duty->db, "publication") != STORE_OK)
        return;
    s->due_ms = clock_ms() + duty->conf->publication_interval * 1000;
    if (publications_due(duty->db, BATCH, &due) != STORE_OK)
        return;
    for (size_t i = 0; i < due.len; i++)
        publish_one(duty, &due.items[i]);
    if (due.len == BATCH)
        s->due_ms = 0;
    vec_free(&due);
    if (publications_waiting(duty->db, &waiting, &failed) == STORE_OK)
        duty_alarm(
            duty, &s->failed, failed > 0, "publication.failed", "L'Annuaire a refusé la publication de BAL à nous.",
            "« caducee publication list » dit lesquelles et pourquoi ; corriger, puis « caducee publication retry ».");
}
