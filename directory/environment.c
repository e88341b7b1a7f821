/* Production and test never mix: an operator that takes the one's list, keys or CAs for the other's would admit test peers to
 * real mail. general.environment is held against the addresses that are asked, the installed CAs, and what the database
 * was made for. */
#include "directory/fetcher.h"

#include "lib/base/log.h"
#include "lib/base/text.h"
#include "lib/store/alarms.h"
#include "lib/store/anchors.h"
#include "lib/store/snapshot.h"

/* Where an address leads, as far as its name says so. mssante.md: Pro Santé Connect's two realms, the national whitelist. */
static const struct {
    const char *part, *environment;
} known[] = {
    {"//auth.esw.esante.gouv.fr", "production"},
    {"//wallet.esw.esante.gouv.fr", "production"},
    {"//espacedeconfiance.mssante.fr", "production"},
    {".bas.psc.esante.gouv.fr", "test"},
    {".test.", "test"},
    {".formation.", "test"},
    {"//localhost", "test"},
    {"//127.0.0.1", "test"},
    {"//[::1]", "test"},
};

static bool leads_elsewhere(const char *address, const char *environment)
{
    for (size_t i = 0; i < COUNT(known); i++)
        if (span_find(span_of(address), span_of(known[i].part)) >= 0)
            return !span_is(span_of(known[i].environment), environment);
    return false;
}

bool environment_fits(const struct conf *conf, const char *address)
{
    return !leads_elsewhere(address, conf->general_environment);
}

struct named_address {
    const char *setting, *address;
};
enum { ADDRESSES = 4 };

static void addresses_of(const struct conf *conf, struct named_address out[ADDRESSES])
{
    out[0] = (struct named_address){"whitelist.url", conf->whitelist_url};
    out[1] = (struct named_address){"psc.issuer", conf->psc_issuer};
    out[2] = (struct named_address){"psc.discovery", conf->psc_discovery};
    out[3] = (struct named_address){"psc.introspection_url", conf->psc_introspection_url};
}

/* One alarm a setting, so that it is over when the setting is mended or emptied. */
static void say_mixture(struct duty *duty)
{
    const char *mine = duty->conf->general_environment;
    struct named_address all[ADDRESSES];
    addresses_of(duty->conf, all);
    for (size_t i = 0; i < ADDRESSES; i++) {
        if (environment_fits(duty->conf, all[i].address)) {
            (void)alarm_clear(duty->db, "environment.mixed", all[i].setting);
            continue;
        }
        char *what = xasprintf("general.environment = %s, et %s (%s) est de l'autre environnement : rien n'y est pris.",
                               mine, all[i].setting, all[i].address);
        (void)alarm_raise(duty->db, "environment.mixed", all[i].setting, what,
                          "Donner l'adresse de cet environnement, ou corriger general.environment.");
        xfree(&what);
    }
}

static void refuse_addresses(const struct conf *conf)
{
    struct named_address all[ADDRESSES];
    addresses_of(conf, all);
    for (size_t i = 0; i < ADDRESSES; i++)
        if (leads_elsewhere(all[i].address, "production"))
            fatal("general.environment = production, and %s leads to a test environment", all[i].address);
}

/* What the database was first used for; the first fetcher says it. */
static void refuse_database(struct duty *duty)
{
    const char *mine = duty->conf->general_environment;
    struct str was;
    str_init(&was, 64);
    enum store_status status = setting_read(duty->db, "environment", &was);
    if (status == STORE_NOT_FOUND)
        (void)setting_write(duty->db, "environment", mine);
    else if (status == STORE_OK && !span_is(str_span(&was), mine))
        fatal("general.environment = %s, and this database was made for %s", mine, was.data);
    str_free(&was);
}

void environment_refuse_mixture(struct duty *duty)
{
    bool foreign = false;
    const char *mine = duty->conf->general_environment;
    if (span_is(span_of(mine), "production"))
        refuse_addresses(duty->conf);
    if (anchors_foreign(duty->db, mine, &foreign) == STORE_OK && foreign)
        fatal("general.environment = %s, and CAs of the other environment are installed (caducee trust list)", mine);
    refuse_database(duty);
    say_mixture(duty);
}
