/* Checks of the database: reachable, durable, silent, walled. */
#include "ctl/doctor.h"

#include "lib/base/clock.h"
#include "lib/store/bal.h"

#include <stdio.h>
#include <string.h>

static bool asked(const struct examination *e, struct finding *f)
{
    if (!e->database)
        found(f, FINDING_ABSENT, "%s", LANG(e->i, "la base ne répond pas", "the database does not answer"));
    return e->database;
}

void check_environment(struct examination *e, struct finding *f)
{
    const struct conf *c = e->conf;
    if (*c->general_hostname)
        found(f, FINDING_GOOD, "%s, %s", c->general_environment, c->general_hostname);
    else
        found(f, FINDING_WRONG, "%s", LANG(e->i, "general.hostname est vide", "general.hostname is empty"));
    if (f->level == FINDING_WRONG)
        remedy(f, "%s",
               LANG(e->i, "donnez le nom du certificat : [general] hostname = mx.example.mssante.fr",
                    "give the certificate's name: [general] hostname = mx.example.mssante.fr"));
}

void check_database(struct examination *e, struct finding *f)
{
    struct str error;
    str_init(&error, 4096);
    enum store_status status = e->database ? db_check_version(invocation_db(e->i), &error) : STORE_UNAVAILABLE;
    if (status == STORE_OK)
        found(f, FINDING_GOOD,
              LANG(e->i, "PostgreSQL %lld, %lld Mio, %s structures, %s BAL",
                   "PostgreSQL %lld, %lld MiB, %s structures, %s BALs"),
              (long long)health_number(e, "setting.server_version_num") / 10000,
              (long long)(health_number(e, "database.bytes") >> 20), health(e, "structures"), health(e, "bals"));
    else if (status == STORE_UNAVAILABLE) {
        found(f, FINDING_WRONG, LANG(e->i, "injoignable sur %s : %s", "not reachable on %s: %s"),
              e->conf->database_host, db_why(invocation_db(e->i)));
        remedy(f, "%s",
               LANG(e->i, "démarrez PostgreSQL, vérifiez [database] et pg_hba.conf",
                    "start PostgreSQL, check [database] and pg_hba.conf"));
    } else {
        found(f, FINDING_WRONG, "%s", error.data);
        remedy(f, "caducee db migrate");
    }
    str_free(&error);
}

struct wanted_setting {
    const char *key, *want;
};

/* Every setting must have its value; the first that has not is named with what to write in postgresql.conf. */
static void check_settings(struct examination *e, struct finding *f, const struct wanted_setting *wanted, size_t count)
{
    char key[96];
    if (!asked(e, f))
        return;
    for (size_t n = 0; n < count; n++) {
        str_clear(&f->remedy);
        snprintf(key, sizeof(key), "setting.%s", wanted[n].key);
        const char *value = health(e, key);
        if (value && strcmp(value, wanted[n].want) == 0)
            continue;
        found(f, FINDING_WRONG, "%s = %s", wanted[n].key, value ? value : "?");
        remedy(f,
               LANG(e->i, "ALTER SYSTEM SET %s = '%s'; puis pg_reload_conf()",
                    "ALTER SYSTEM SET %s = '%s'; then pg_reload_conf()"),
               wanted[n].key, wanted[n].want);
        return;
    }
    found(f, FINDING_GOOD, "%s = %s …", wanted[0].key, wanted[0].want);
}

void check_durability(struct examination *e, struct finding *f)
{
    static const struct wanted_setting wanted[] = {
        {"fsync", "on"}, {"full_page_writes", "on"}, {"synchronous_commit", "on"}};
    check_settings(e, f, wanted, COUNT(wanted));
    if (f->level == FINDING_GOOD && health(e, "setting.data_checksums") &&
        strcmp(health(e, "setting.data_checksums"), "on") != 0) {
        found(f, FINDING_NOTE, "%s", LANG(e->i, "sommes de contrôle des pages absentes", "no page checksums"));
        remedy(f, "pg_checksums --enable");
    }
}

void check_database_log(struct examination *e, struct finding *f)
{
    static const struct wanted_setting wanted[] = {{"log_error_verbosity", "terse"},
                                                   {"log_parameter_max_length", "0"},
                                                   {"log_parameter_max_length_on_error", "0"}};
    check_settings(e, f, wanted, COUNT(wanted));
}

void check_row_security(struct examination *e, struct finding *f)
{
    if (!asked(e, f))
        return;
    const char *open = health(e, "rls.open"), *views = health(e, "views.open");
    found(f, FINDING_GOOD, "%s",
          LANG(e->i, "forcé sur toutes les tables du courrier", "forced on every table of mail"));
    if (!open && !views)
        return;
    found(f, FINDING_WRONG, LANG(e->i, "ouvert : %s %s", "open: %s %s"), open ? open : "", views ? views : "");
    remedy(f, "%s",
           LANG(e->i, "quelqu'un a changé le schéma à la main : comparez avec schema/*.sql",
                "somebody changed the schema by hand: compare with schema/*.sql"));
}

void check_role_rights(struct examination *e, struct finding *f)
{
    if (!asked(e, f))
        return;
    const char *strong = health(e, "roles.strong");
    if (!strong) {
        found(f, FINDING_GOOD, "%s", LANG(e->i, "aucun rôle n'a plus que sa part", "no role has more than its share"));
        return;
    }
    found(f, FINDING_WRONG, LANG(e->i, "trop de droits : %s", "too many rights: %s"), strong);
    remedy(f, "ALTER ROLE … NOSUPERUSER NOBYPASSRLS NOCREATEROLE NOCREATEDB NOREPLICATION NOINHERIT");
}

void check_clock(struct examination *e, struct finding *f)
{
    if (!asked(e, f))
        return;
    long long apart = (long long)(health_number(e, "clock") - wall_s());
    if (apart > -3 && apart < 3) {
        found(f, FINDING_GOOD, LANG(e->i, "écart avec la base : %lld s", "%lld s from the database"), apart);
        return;
    }
    found(f, FINDING_WRONG, LANG(e->i, "%lld s d'écart avec la base", "%lld s from the database"), apart);
    remedy(f, "%s",
           LANG(e->i, "activez la synchronisation du temps (chrony) sur les deux machines",
                "turn time synchronisation (chrony) on, on both machines"));
}

void check_queue(struct examination *e, struct finding *f)
{
    if (!asked(e, f))
        return;
    const char *held = health(e, "queue.held");
    long long waiting = (long long)health_number(e, "queue.waiting"),
              oldest = (long long)health_number(e, "queue.oldest");
    found(f,
          held             ? FINDING_WRONG
          : oldest > 86400 ? FINDING_NOTE
                           : FINDING_GOOD,
          LANG(e->i, "%lld destinataires en attente, le plus ancien depuis %lld min",
               "%lld recipients waiting, the oldest for %lld min"),
          waiting, oldest / 60);
    if (held)
        remedy(f,
               LANG(e->i, "file retenue (%s) : caducee queue release --all",
                    "queue held (%s): caducee queue release --all"),
               held);
    else if (f->level == FINDING_NOTE)
        remedy(f, "caducee queue list");
}

void check_seals(struct examination *e, struct finding *f)
{
    if (!asked(e, f))
        return;
    long long age = (long long)health_number(e, "seal.age");
    found(f, age >= 0 && age < 300 ? FINDING_GOOD : FINDING_WRONG,
          LANG(e->i, "la plus ancienne trace non scellée a %lld s", "the oldest unsealed trace is %lld s old"), age);
    if (f->level == FINDING_WRONG)
        remedy(f, "%s",
               LANG(e->i, "caducee-directoryd (rôle sealer) ne tourne pas : démarrez-le",
                    "caducee-directoryd (role sealer) does not run: start it"));
}

void check_operators(struct examination *e, struct finding *f)
{
    if (!asked(e, f))
        return;
    long long count = (long long)health_number(e, "operators");
    found(f, count > 0 ? FINDING_GOOD : FINDING_NOTE,
          LANG(e->i, "%lld rôle(s) d'exploitation", "%lld operator role(s)"), count);
    if (count <= 0)
        remedy(f, "caducee operator add");
}

void check_members(struct examination *e, struct finding *f)
{
    if (!asked(e, f))
        return;
    long long count = (long long)health_number(e, "members.flagged");
    found(f, count > 0 ? FINDING_NOTE : FINDING_GOOD,
          LANG(e->i, "%lld dont l'exercice ne montre plus la structure",
               "%lld whose exercise no longer shows the structure"),
          count);
    if (count > 0)
        remedy(f, "caducee bal flagged; caducee bal unshare");
}

/* RFC 5321 4.5.1: postmaster must be answered for in every domain; RFC 2142: abuse too. */
void check_postmaster(struct examination *e, struct finding *f)
{
    const char *address = e->conf->mx_postmaster;
    struct bal bal;
    if (!asked(e, f))
        return;
    enum store_status status = *address ? bal_by_address(invocation_db(e->i), span_of(address), &bal) : STORE_NOT_FOUND;
    if (status == STORE_OK && bal.state != BAL_CLOSED) {
        found(f, FINDING_GOOD, "%s", address);
        return;
    }
    found(f, FINDING_WRONG, "%s : %s", *address ? address : "mx.postmaster",
          *address ? LANG(e->i, "inconnue ou fermée", "unknown or closed") : LANG(e->i, "vide", "empty"));
    remedy(f, "%s",
           LANG(e->i, "[mx] postmaster = une BAL ouverte de chez nous (RFC 5321 4.5.1, RFC 2142)",
                "[mx] postmaster = an open BAL of ours (RFC 5321 4.5.1, RFC 2142)"));
}

void check_alarms(struct examination *e, struct finding *f)
{
    if (!asked(e, f))
        return;
    long long count = (long long)health_number(e, "alarms");
    found(f, count ? FINDING_WRONG : FINDING_GOOD, LANG(e->i, "%lld en cours", "%lld now"), count);
    if (count)
        remedy(f, "caducee status");
}
