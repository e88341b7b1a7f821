/* caducee-directoryd: what keeps an operator inside the trust space, and the work that belongs to no session. */
#include "directory/duty.h"
#include "directory/introspector.h"
#include "directory/sync.h"

#include "lib/net/https.h"
#include "lib/proto/whitelist_signature.h"
#include "lib/store/lead.h"

static unsigned one(const struct conf *conf)
{
    (void)conf;
    return 1;
}

static int fetcher_prepare(struct worker_context *context)
{
    (void)context;
    https_setup();
    whitelist_prepare();
    return 0;
}

static int fetcher_run(struct worker_context *context)
{
    return duty_run(context, "caducee_fetcher", LEAD_FETCHER, fetcher_beat);
}

static int sync_run(struct worker_context *context)
{
    return duty_run(context, "caducee_sync", LEAD_SYNC, sync_beat);
}

static int sealer_run(struct worker_context *context)
{
    return duty_run(context, "caducee_sealer", LEAD_SEALER, sealer_beat);
}

static int sweeper_run(struct worker_context *context)
{
    return duty_run(context, "caducee_sweeper", LEAD_SWEEPER, sweeper_beat);
}

static int retention_run(struct worker_context *context)
{
    return duty_run(context, "caducee_retention", LEAD_RETENTION, retention_beat);
}

static int reminder_run(struct worker_context *context)
{
    return duty_run(context, "caducee_reminder", LEAD_REMINDER, reminder_beat);
}

static unsigned reminder_count(const struct conf *conf)
{
    return conf->work_reminder ? 1 : 0;
}

static unsigned sync_count(const struct conf *conf)
{
    return *conf->directory_url ? 1 : 0;
}

static int https_prepare(struct worker_context *context)
{
    (void)context;
    https_setup();
    return 0;
}

static int publisher_run(struct worker_context *context)
{
    return duty_run(context, "caducee_sync", LEAD_PUBLISHER, publisher_beat);
}

static unsigned publisher_count(const struct conf *conf)
{
    return span_is(span_of(conf->publication_mode), "fhir") ? 1 : 0;
}

static const char *metrics_address(const struct conf *conf)
{
    return conf->directoryd_metrics_listen;
}

static const struct role roles[] = {
    {.name = "notifier", .count = one, .network = NETWORK_NONE, .prepare = notifier_prepare, .run = notifier_run},
    {.name = "fetcher",
     .count = one,
     .database_role = "caducee_fetcher",
     .network = NETWORK_ANY,
     .prepare = fetcher_prepare,
     .run = fetcher_run},
    {.name = "introspector",
     .user = "fetcher",
     .count = introspector_count,
     .database_role = "caducee_fetcher",
     .listeners = {{.name = "introspector", .addresses = introspector_addresses}},
     .network = NETWORK_ANY,
     .prepare = introspector_prepare,
     .run = introspector_run},
    {.name = "sealer", .count = one, .database_role = "caducee_sealer", .run = sealer_run},
    {.name = "sweeper", .count = one, .database_role = "caducee_sweeper", .run = sweeper_run},
    {.name = "retention", .count = one, .database_role = "caducee_retention", .run = retention_run},
    {.name = "reminder",
     .count = reminder_count,
     .database_role = "caducee_reminder",
     .prepare = reminder_prepare,
     .run = reminder_run},
    {.name = "publisher",
     .user = "sync",
     .count = publisher_count,
     .database_role = "caducee_sync",
     .network = NETWORK_ANY,
     .prepare = https_prepare,
     .run = publisher_run},
    {.name = "sync", .count = sync_count, .database_role = "caducee_sync", .network = NETWORK_ANY, .run = sync_run},
};

static const struct daemon directoryd = {
    .program = "caducee-directoryd",
    .summary = "liste blanche, CRL, Annuaire, scellement des traces, effacements, réveils",
    .roles = roles,
    .role_count = COUNT(roles),
    .metrics_address = metrics_address,
};

int main(int argc, char **argv)
{
    return daemon_main(argc, argv, &directoryd);
}
