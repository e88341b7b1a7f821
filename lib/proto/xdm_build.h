/* "Envoyer un document": from a PDF and the patient's traits, a CDA R2 of level 1, the IHE_XDM.ZIP around it, and the names
 * that the national reference prescribes (ECO.2.1.3, .5, .6; ECO.2.4.1, .2). What is built is read back by xdm_read() before
 * it leaves: the caller does that, as for a stranger's.
 */
#ifndef CADUCEE_PROTO_XDM_BUILD_H
#define CADUCEE_PROTO_XDM_BUILD_H

#include "lib/proto/xdm.h"

struct cda_kind {
    const char *code, *label, *class_code;
};
const struct cda_kind *cda_kinds(size_t *count);
const struct cda_kind *cda_kind_of(struct span code); /* NULL: not in our list */

struct xdm_order {
    struct span pdf;
    struct span title; /* empty: the kind's label */
    struct cda_kind kind;
    struct xdm_patient patient; /* authority, matricule, birth_name, first_names, birth_date, sex; the rest optional */
    struct span author_id;      /* national id: "899700000013" */
    struct span author_title, author_given, author_family; /* "DR", "Claire", "MARTIN" */
    struct span structure_name, structure_id;              /* type digit + FINESS or SIRET: "1990000015" */
    struct span replaces;    /* unique id of the document that this one cancels and replaces; empty = none */
    struct span file_number; /* of the PDF's name; empty: none */
    int64_t act;             /* wall seconds of the act */
    int64_t now;
};
struct xdm_built {
    struct str zip, cda;
    char subject[512];  /* "XDM/1.0/DDM+<label> <NAME> <first name> <birth date>" */
    char pdf_name[256]; /* "<date of act>_<document type>_<NAME>_<first name>_<file number>.pdf" */
    char unique_id[64]; /* "2.25.…" */
};
/* False: `problem` says in French what is missing or wrong. */
bool xdm_build(struct xdm_built *, const struct xdm_order *, const char **problem) MUST_USE;
void xdm_built_free(struct xdm_built *);

/* Is it the PDF/A-1 that ECO.2.1.5 asks for? What the file says of itself (XMP, ISO 19005-1 6.7.11), and what it holds in
 * clear that ISO 19005-1 forbids: a claim that is not contradicted, no proof. */
enum xdm_pdf {
    XDM_PDF_A1,
    XDM_PDF_PLAIN,      /* says nothing of PDF/A */
    XDM_PDF_OTHER_PART, /* PDF/A-2, -3, -4 */
    XDM_PDF_FORBIDDEN   /* says PDF/A-1, and is encrypted, runs scripts, holds files, or is newer than PDF 1.4 */
};
enum xdm_pdf xdm_pdf_kind(struct span pdf);
bool xdm_is_pdf(struct span bytes);

#endif
