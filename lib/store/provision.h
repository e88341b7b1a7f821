/* A BAL made from a proposal of the Annuaire: by the sync role (directory.provision = create), or by an operator's hand. */
#ifndef CADUCEE_STORE_PROVISION_H
#define CADUCEE_STORE_PROVISION_H

#include "lib/store/annuaire.h"
#include "lib/store/trace.h"

/* Person (found by the national id, or made), BAL, decision, trace. STORE_CONFLICT: no epoch, or a PER without an id. */
enum store_status provision_proposal(struct db *, const struct annuaire_proposal *, const struct trace *,
                                     const char *who);

#endif
