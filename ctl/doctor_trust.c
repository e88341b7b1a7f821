/* Checks of trust: keys, our certificate, authorities, revocation, whitelist, Pro Santé Connect, Annuaire. */
#include "ctl/doctor.h"

#include "lib/auth/keyfolder.h"
#include "lib/base/clock.h"
#include "lib/base/file.h"
#include "lib/net/x509.h"
#include "lib/store/whitelists.h"

#include <string.h>
#include <sys/stat.h>

enum { DAY = 86400, CERTIFICATE_SOON = 30 * DAY, EPOCH_OLD = 40 * DAY };

void check_key_folder(struct examination *e, struct finding *f)
{
    const char *folder = e->conf->general_key_folder;
    struct stat s;
    if (stat(folder, &s) != 0 || !S_ISDIR(s.st_mode)) {
        found(f, FINDING_ABSENT, LANG(e->i, "%s n'est pas visible d'ici", "%s cannot be seen from here"), folder);
        remedy(f, "%s",
               LANG(e->i, "lancez doctor sur la machine de keyd, ou créez-le : caducee key init",
                    "run doctor on keyd's machine, or make it: caducee key init"));
    } else if (s.st_mode & 0007) {
        found(f, FINDING_WRONG, LANG(e->i, "%s est ouvert à tous", "%s is open to everybody"), folder);
        remedy(f, "chmod 0710 %s", folder);
    } else if (e->database && health_number(e, "epochs") <= 0) {
        found(f, FINDING_WRONG, "%s", LANG(e->i, "aucune époque en service", "no epoch in use"));
        remedy(f, "caducee key init");
    } else {
        long long age = (long long)health_number(e, "epoch.age") / DAY;
        found(f, age * DAY > EPOCH_OLD ? FINDING_NOTE : FINDING_GOOD,
              LANG(e->i, "époque en service depuis %lld j", "epoch in use for %lld days"), age);
        if (f->level == FINDING_NOTE)
            remedy(f, "caducee key rotate");
    }
}

void check_key_export(struct examination *e, struct finding *f)
{
    const char *verified = e->database ? health(e, "key.export") : NULL;
    bool test = strcmp(e->conf->general_environment, "test") == 0;
    if (verified) {
        found(f, FINDING_GOOD, LANG(e->i, "vérifiée le %s", "verified on %s"), verified);
        return;
    }
    /* A sandbox's keys are worth nothing; an operator's are its mail. */
    found(f, test ? FINDING_NOTE : FINDING_WRONG, "%s",
          LANG(e->i, "jamais vérifiée : sans elle, une sauvegarde de la base est illisible",
               "never verified: without it a backup of the database cannot be read"));
    remedy(f, "caducee key export --to cert.pem FILE && caducee key verify FILE --key key.pem");
}

/* The first certificate of the file: the leaf. */
static bool take_leaf(struct span der, void *arg)
{
    struct str *leaf = arg;
    return leaf->len ? true : str_add_span(leaf, der);
}

static bool own_certificate(const struct conf *conf, struct certificate *out, struct str *error)
{
    struct str file, leaf;
    str_init(&file, 1 << 20);
    str_init(&leaf, X509_DER_MAX);
    bool good = file_read(&file, conf->tls_certificate, error) &&
                certificates_each(str_span(&file), take_leaf, &leaf, error) && leaf.len &&
                certificate_decode(out, str_span(&leaf), error);
    str_free(&file);
    str_free(&leaf);
    return good;
}

void check_certificate(struct examination *e, struct finding *f)
{
    struct certificate c;
    struct str error, until;
    str_init(&error, 4096);
    str_init(&until, 64);
    if (!own_certificate(e->conf, &c, &error)) {
        found(f, FINDING_WRONG, "%s", error.len ? error.data : "tls.certificate");
        remedy(f, "%s",
               LANG(e->i, "[tls] certificate et private_key : le certificat IGC Santé SERV SSL et sa clé",
                    "[tls] certificate and private_key: the IGC Santé SERV SSL certificate and its key"));
    } else {
        int64_t left = c.not_after - wall_s();
        clock_iso8601(&until, c.not_after);
        found(f,
              left <= 0                 ? FINDING_WRONG
              : left < CERTIFICATE_SOON ? FINDING_NOTE
                                        : FINDING_GOOD,
              LANG(e->i, "%s, jusqu'au %s", "%s, until %s"), c.common_name, until.data);
        if (f->level != FINDING_GOOD)
            remedy(f, "%s",
                   LANG(e->i, "demandez son renouvellement à l'ANS, puis ajoutez le nouveau DN à la liste blanche",
                        "have it renewed by the ANS, then have the new DN put on the whitelist"));
        certificate_free(&c);
    }
    str_free(&error);
    str_free(&until);
}

void check_anchors(struct examination *e, struct finding *f)
{
    const char *environments = e->database ? health(e, "ca.environments") : NULL;
    if (!environments) {
        found(f, e->database ? FINDING_WRONG : FINDING_ABSENT, "%s",
              LANG(e->i, "aucune autorité installée", "no CA installed"));
        remedy(f, "caducee trust import-ca FILE --sha256 … --issues servers");
    } else if (strcmp(environments, e->conf->general_environment) != 0) {
        found(f, FINDING_WRONG,
              LANG(e->i, "autorités de « %s » dans un environnement « %s »", "CAs of \"%s\" in a \"%s\" environment"),
              environments, e->conf->general_environment);
        remedy(f, "%s",
               LANG(e->i, "essai et production ne se mêlent jamais : caducee trust remove-ca",
                    "test and production never mix: caducee trust remove-ca"));
    } else if (health_number(e, "ca.servers") < 1 || health_number(e, "ca.applications") < 1) {
        found(f, FINDING_WRONG, "%s",
              LANG(e->i, "il manque l'autorité des serveurs ou celle des applications",
                   "the servers' or the applications' CA is missing"));
        remedy(f, "caducee trust import-ca FILE --sha256 … --issues servers|applications");
    } else
        found(f, FINDING_GOOD,
              LANG(e->i, "%s pour les serveurs, %s pour les applications", "%s for servers, %s for applications"),
              health(e, "ca.servers"), health(e, "ca.applications"));
}

void check_crls(struct examination *e, struct finding *f)
{
    const char *missing = health(e, "crl.missing"), *expired = health(e, "crl.expired");
    if (!e->database || missing || expired) {
        found(f, e->database ? FINDING_WRONG : FINDING_ABSENT, LANG(e->i, "%s : %s", "%s: %s"),
              expired ? LANG(e->i, "expirée", "expired") : LANG(e->i, "absente", "missing"),
              expired   ? expired
              : missing ? missing
                        : "?");
        remedy(f, "%s",
               LANG(e->i, "les pairs reçoivent 451 : caducee trust list ; en dernier recours, caducee trust crl extend",
                    "peers hear 451: caducee trust list; as a last resort, caducee trust crl extend"));
    } else
        found(f, FINDING_GOOD, "%s", LANG(e->i, "une par autorité, toutes en cours", "one a CA, all current"));
}

void check_whitelist(struct examination *e, struct finding *f)
{
    long long age = (long long)health_number(e, "whitelist.age");
    if (age < 0) {
        found(f, FINDING_WRONG, "%s",
              LANG(e->i, "aucune : personne ne peut ni écrire ni être joint", "none: nobody can write or be reached"));
        remedy(f, "caducee whitelist fetch");
        return;
    }
    found(f, age > DAY ? FINDING_WRONG : FINDING_GOOD,
          LANG(e->i, "%s entrées, reçue il y a %lld min", "%s entries, received %lld min ago"),
          health(e, "whitelist.entries"), age / 60);
    if (age > DAY)
        remedy(f, "%s",
               LANG(e->i, "plus d'un jour : caducee status, puis caducee whitelist fetch",
                    "more than a day: caducee status, then caducee whitelist fetch"));
}

void check_own_domains(struct examination *e, struct finding *f)
{
    const char *unlisted = health(e, "domains.unlisted"), *domains = health(e, "domains");
    struct certificate c;
    struct str error, dn;
    int64_t times = 0;
    str_init(&error, 4096);
    str_init(&dn, 8192);
    if (e->database && own_certificate(e->conf, &c, &error)) {
        dn_canonical(&dn, &c.subject);
        if (whitelist_names_dn(invocation_db(e->i), dn.data, &times) != STORE_OK)
            times = 0;
        certificate_free(&c);
    }
    if (!domains)
        found(f, FINDING_ABSENT, "%s", LANG(e->i, "aucun domaine", "no domain"));
    else if (unlisted || !times)
        found(f, FINDING_WRONG, LANG(e->i, "absents : %s%s", "missing: %s%s"), unlisted ? unlisted : "",
              times ? "" : LANG(e->i, " notre certificat", " our certificate"));
    else
        found(f, FINDING_GOOD, LANG(e->i, "tous, notre certificat %lld fois", "all, our certificate %lld times"),
              (long long)times);
    if (f->level == FINDING_WRONG)
        remedy(f, "%s",
               LANG(e->i, "déclarez-les à l'ANS ; caducee whitelist explain DOMAINE",
                    "declare them to the ANS; caducee whitelist explain DOMAIN"));
    str_free(&error);
    str_free(&dn);
}

void check_psc(struct examination *e, struct finding *f)
{
    long long discovery = (long long)health_number(e, "oidc.discovery"),
              keys = (long long)health_number(e, "oidc.jwks");
    bool good = discovery >= 0 && keys >= 0 && keys < DAY;
    if (good)
        found(f, FINDING_GOOD, LANG(e->i, "clés lues il y a %lld min", "keys read %lld min ago"), keys / 60);
    else if (!*e->conf->psc_discovery)
        found(f, FINDING_ABSENT, "%s", LANG(e->i, "psc.discovery est vide", "psc.discovery is empty"));
    else {
        found(f, FINDING_WRONG, "%s",
              LANG(e->i, "document de découverte ou clés absents ou vieux d'un jour",
                   "discovery document or keys missing, or a day old"));
        remedy(f, LANG(e->i, "caducee-directoryd doit joindre %s", "caducee-directoryd must reach %s"),
               e->conf->psc_discovery);
    }
}

void check_psc_clients(struct examination *e, struct finding *f)
{
    size_t count = e->conf->psc_accepted_clients.len;
    found(f, count ? FINDING_GOOD : FINDING_NOTE, LANG(e->i, "%zu produit(s)", "%zu product(s)"), count);
    if (!count)
        remedy(f, "%s",
               LANG(e->i,
                    "liste vide : aucun logiciel ne peut entrer par jeton ; [psc.accepted_clients] client_id = produit",
                    "empty: no software may come by token; [psc.accepted_clients] client_id = product"));
}

void check_annuaire(struct examination *e, struct finding *f)
{
    long long age = (long long)health_number(e, "annuaire.age");
    if (age < 0) {
        found(f, FINDING_ABSENT, "%s", LANG(e->i, "jamais suivi", "never followed"));
        return;
    }
    found(f, age > 2 * DAY ? FINDING_WRONG : FINDING_GOOD, LANG(e->i, "suivi il y a %lld min", "followed %lld min ago"),
          age / 60);
    if (f->level == FINDING_WRONG)
        remedy(f, "caducee directory sync");
}
