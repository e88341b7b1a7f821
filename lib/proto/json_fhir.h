/* FHIR as the Annuaire's publication needs it: the patch that puts, changes or takes a BAL's telecom, and what a search for a
 * resource answers. PURE: bytes in, bytes out. An answer is hostile: bounded, and read field by field.
 */
#ifndef CADUCEE_PROTO_JSON_FHIR_H
#define CADUCEE_PROTO_JSON_FHIR_H

#include "lib/base/vec.h"
#include "lib/base/str.h"

enum fhir_operation { FHIR_INSERT, FHIR_REPLACE, FHIR_DELETE };

struct fhir_mailbox {
    const char *address, *kind; /* PER, ORG, CAB */
    bool red_listed;
    const char *description, *service, *responsible; /* NULL: none */
};
/* A Parameters resource with one operation on `resource` ("Practitioner", "Organization"). Insert becomes add when the
 * resource has no telecom yet. */
void fhir_patch(struct str *out, const char *resource, enum fhir_operation, const struct fhir_mailbox *,
                size_t telecom_count);

/* Of a searchset Bundle. */
struct fhir_telecom {
    char address[321];
    char kind[8];
    bool red_listed;
    char description[256];
};
struct fhir_found {
    size_t resources;                   /* how many carry the identifier: one is what is wanted */
    char version[64];                   /* meta.versionId of the first, "" none */
    size_t telecom_count;               /* of the first */
    VEC(struct fhir_telecom) mailboxes; /* those with a mssante address, of all resources; at most 10,000 */
};
bool fhir_read_bundle(struct span json, struct fhir_found *out) MUST_USE;
void fhir_found_free(struct fhir_found *);
/* What an OperationOutcome says, for the operator; false: it is none. */
bool fhir_read_outcome(struct span json, struct str *words) MUST_USE;

#endif
