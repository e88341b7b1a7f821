/* Between the exchange and the plug-in that libsasl2 runs inside it. */
#ifndef CADUCEE_AUTH_SASL_PRIVATE_H
#define CADUCEE_AUTH_SASL_PRIVATE_H

#include "lib/auth/sasl_message.h"

/* What libsasl2 takes for the name of whoever has a certificate: the real one goes to keyd, decoded. */
#define SASL_CERTIFICATE_ID "certificate"
#define SASL_TOKEN_ID       "token"

enum sasl_mechanism { SASL_EXTERNAL, SASL_OAUTHBEARER, SASL_XOAUTH2 };

struct sasl_handed {
    struct sasl_token claim;
    struct str identity; /* what claim.identity points into */
};
void sasl_handed_init(struct sasl_handed *);
void sasl_handed_free(struct sasl_handed *);

/* The exchange that this thread is about to run: the plug-in puts the claim there. NULL: none. */
void sasl_hand_over_to(struct sasl_handed *);

#endif
