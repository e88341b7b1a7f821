/* Whom a message's subject and the name of the PDF beside the archive name (ECO.2.1.3, ECO.2.1.6), held against the
 * patient of its documents. Pure. What names nobody in the prescribed form agrees with everybody.
 */
#ifndef CADUCEE_PROTO_XDM_NAMED_H
#define CADUCEE_PROTO_XDM_NAMED_H

#include "lib/proto/xdm.h"

/* "XDM/1.0/DDM+<label> <NAME> <first name> <birth date>"; the birth date may be missing. */
bool xdm_subject_agrees(struct span subject, const struct xdm_patient *) MUST_USE;
/* "<date of act>_<document type>_<NAME>_<first name>_<file number>.pdf" */
bool xdm_pdf_name_agrees(struct span file_name, const struct xdm_patient *) MUST_USE;

#endif
