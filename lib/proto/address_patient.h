/* Patients' addresses: <matricule INS>@patient.mssante.fr. The local part is a NIR or NIA of 13 characters and its key of
 * two digits (mssante.md, "INS / NIR"); a minor has an address of its own of the same form.
 */
#ifndef CADUCEE_PROTO_ADDRESS_PATIENT_H
#define CADUCEE_PROTO_ADDRESS_PATIENT_H

#include "lib/base/str.h"

/* Fifteen characters whose key is right; Corsica's 2A and 2B count as 19 and 18. */
bool patient_local_part_valid(struct span local);

#endif
