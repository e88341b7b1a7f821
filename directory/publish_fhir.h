/* One BAL told to the Annuaire by FHIR Patch: shared by the publisher's role. */
#ifndef CADUCEE_DIRECTORY_PUBLISH_FHIR_H
#define CADUCEE_DIRECTORY_PUBLISH_FHIR_H

#include "lib/base/conf.h"
#include "lib/store/publications.h"

enum publish_outcome { PUBLISH_DONE, PUBLISH_AGAIN, PUBLISH_REFUSED };
/* `answer`: what it said, for the outbox. */
enum publish_outcome publish_fhir(const struct conf *, const struct publication *, struct str *answer);

#endif
