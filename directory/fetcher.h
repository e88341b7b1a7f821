/* The parts of the fetcher. Each fetch says whether it succeeded; alarms and traces are its own. */
#ifndef CADUCEE_DIRECTORY_FETCHER_H
#define CADUCEE_DIRECTORY_FETCHER_H

#include "directory/duty.h"

struct fetcher {
    uint64_t whitelist_ms, crl_ms, oidc_ms, ocsp_ms; /* monotonic: when each is due */
};

/* Ends the process when production and test are mixed; see environment.c. */
void environment_refuse_mixture(struct duty *);
/* False: an address of the other environment, from which nothing is taken; alarm environment.mixed says so at the start. */
bool environment_fits(const struct conf *, const char *address);
bool fetch_whitelist(struct duty *);
bool fetch_crls(struct duty *);
bool fetch_oidc(struct duty *);
bool fetch_ocsp(struct duty *); /* one round: certificates that are due, a hundred at most */
/* Tells the database the name of the certificate this host shows (setting tls.certificate). */
void fetcher_say_own_dn(struct duty *);

#endif
