/* A certificate that a command names by a file, and how the database names it. */
#ifndef CADUCEE_CTL_CERTIFICATE_H
#define CADUCEE_CTL_CERTIFICATE_H

#include "ctl/command.h"

#include "lib/net/x509.h"
#include "lib/trust/trust.h"

/* The file's first certificate; a status of the command's, and said. STATUS_OK: free both. */
int read_certificate(struct invocation *, const char *path, struct str *der, struct certificate *out);
struct certificate_names {
    struct str issuer, subject, shown; /* canonical, canonical, for people */
};
void certificate_names_of(struct certificate_names *, const struct certificate *);
void certificate_names_free(struct certificate_names *);

/* What our daemons would decide of it now, by the CAs and CRLs that are installed; then the verdict, said when it is a refusal. */
int certificate_judge(struct invocation *, struct span der, enum trust_profile, struct trust_verdict *);
int certificate_verdict(struct invocation *, const struct trust_verdict *);

#endif
