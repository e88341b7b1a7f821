/* CDA R2 documents (HL7 v3): the facts of the header, the body of level 1, and HTML by our own XSLT. Foreign style sheets,
 * DOCTYPEs and entities are refused; nothing is fetched.
 */
#ifndef CADUCEE_PROTO_CDA_H
#define CADUCEE_PROTO_CDA_H

#include "lib/proto/xdm.h"

struct cda_facts {
    struct span code, code_label, title, unique_id, replaces;
    struct span author, author_structure, date;
    bool has_pdf_body, has_narrative;
    bool several_patients; /* two record targets, or two matricules of one: whose document it is, nobody can say */
    struct xdm_patient patient;
};

struct arena;
/* False: not a CDA, or refused; `problem` says why ("doctype", "unreadable", "not a CDA"). Spans live in the arena. */
bool cda_read(struct cda_facts *, struct arena *, struct span xml, const char **problem) MUST_USE;
/* The document inside a level 1 body, decoded: its bytes and its media type. */
bool cda_body(struct str *out, struct str *media_type, struct span xml) MUST_USE;
/* A fragment `<div class="cda">…</div>`: header, narrative; already cleaned (html_clean). */
bool cda_html(struct str *out, struct span xml, const char **problem) MUST_USE;

void cda_setup(void); /* before seccomp: the style sheet is compiled */

#endif
