/* The sealer: each second it digests finished traces into their chains. The MAC key is keyd's; it is asked for when this
 * process first leads, and lives here alone. The ends of the chains go to the log once an hour: a checkpoint that the
 * database's owner cannot rewrite. */
#include "directory/duty.h"

#include "lib/auth/keyd.h"
#include "lib/base/clock.h"
#include "lib/base/log.h"
#include "lib/base/text.h"
#include "lib/store/sealer.h"

#include <stdio.h>
#include <string.h>

enum { BEAT_MS = 1000, AGAIN_MS = 5000, CHECKPOINT_MS = 3600 * 1000 };

struct sealing {
    struct key mac;
    bool has_key;
    struct duty_alarm no_key, horizon;
    uint64_t checkpoint_ms;
};

static bool take_key(struct duty *duty, struct sealing *s)
{
    char *path = xasprintf("%s/keyd.sock", duty->conf->general_run_folder);
    struct keyd_client *keyd = keyd_client_new(path);
    s->has_key = keyd_seal_key(keyd, &s->mac) == KEYD_OK;
    keyd_client_destroy(&keyd);
    xfree(&path);
    return s->has_key;
}

static bool print_checkpoint(const struct seal_checkpoint *point, void *arg)
{
    struct str hex;
    (void)arg;
    str_init(&hex, 64);
    hex_encode(&hex, (struct span){(const char *)point->mac, sizeof(point->mac)});
    log_event(LOG_INFO, NULL, "trace.checkpoint", LS("part", point->part), LI("seq", point->seq),
              LP("mac", str_span(&hex)));
    str_free(&hex);
    return true;
}

static void seal(struct duty *duty, struct sealing *s)
{
    bool more = false;
    enum store_status status = trace_seal_beat(duty->db, &s->mac, &more);
    duty_alarm(
        duty, &s->horizon, status == STORE_CONFLICT, "trace.horizon",
        "Les numéros de transaction sont revenus en arrière (base restaurée ?) : les traces ne sont plus scellées.",
        "« caducee trace verify » ; si la restauration est voulue : « caducee trace resume --reason … » (guide "
        "d'exploitation, « Après une restauration »).");
    duty->next_ms = clock_ms() + (status == STORE_OK && more ? 0 : BEAT_MS);
}

void sealer_beat(struct duty *duty)
{
    struct sealing *s = duty->memory;
    if (!s)
        s = duty->memory = xcalloc(1, sizeof(*s));
    bool locked = !s->has_key && !take_key(duty, s);
    duty_alarm(duty, &s->no_key, locked, "trace.no-key",
               "Le scelleur n'obtient pas sa clé de keyd : les traces attendent leur sceau.",
               "Vérifier que caducee-keyd tourne et qu'il admet ce processus.");
    if (locked) {
        duty->next_ms = clock_ms() + AGAIN_MS;
        return;
    }
    seal(duty, s);
    if (clock_ms() >= s->checkpoint_ms) {
        (void)trace_checkpoints(duty->db, print_checkpoint, NULL);
        s->checkpoint_ms = clock_ms() + CHECKPOINT_MS;
    }
}
