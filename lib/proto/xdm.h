/* IHE_XDM.ZIP (IHE ITI 3.32, XDM): what METADATA.XML and the CDA documents say, read once by caducee-parse, within bounds,
 * and handed to whoever shows it as a flat form with views over it. Nothing of the archive is ever written to a disk.
 */
#ifndef CADUCEE_PROTO_XDM_H
#define CADUCEE_PROTO_XDM_H

#include "lib/base/str.h"

enum {
    XDM_ZIP_MAX = 64 << 20, /* the archive */
    XDM_MEMBERS_MAX = 500,
    XDM_MEMBER_MAX = 48 << 20, /* one member, unpacked */
    XDM_TOTAL_MAX = 160 << 20, /* all that is unpacked for one archive */
    XDM_METADATA_MAX = 4 << 20,
    XDM_DOCUMENTS_MAX = 100,
    XDM_FACTS_MAX = 1 << 20,
    XDM_XML_DEPTH_MAX = 200
};

enum ins_authority {
    INS_UNKNOWN, /* no matricule, or one of no authority of ours: a local patient number */
    INS_NIR,     /* 1.2.250.1.213.1.4.8 */
    INS_NIA,     /* …4.9 */
    INS_TEST,    /* …4.10: never a person's */
    INS_DEMO     /* …4.11 */
};

/* Traits of a patient, as one source says them. UTF-8; empty = not said. */
struct xdm_patient {
    enum ins_authority authority;
    bool complete;  /* matricule, authority, birth name, first name, birth date and sex: ECO.2.4.2 */
    bool key_right; /* the matricule's control key */
    struct span matricule, oid;
    struct span birth_name, first_names, used_name;
    struct span birth_date; /* "1937-02-02" */
    struct span sex;        /* "M", "F" */
    struct span birthplace;
};

enum xdm_status { XDM_APPROVED, XDM_DEPRECATED };

struct xdm_document {
    struct span uri;    /* its member, relative to METADATA.XML's folder */
    struct span member; /* its name in the zip; empty = missing: `problem` says so */
    struct span title, kind_code, kind_label, class_label, format, mime;
    struct span author, author_structure;
    struct span date;                /* of the act: "2026-11-20" */
    struct span unique_id, replaces; /* replaces: what an RPLC association names */
    uint64_t size;                   /* unpacked */
    bool size_right, hash_right, has_hash;
    bool is_cda, has_pdf_body, has_narrative; /* level 1, level 3 */
    enum xdm_status status;
    struct span pdf_member;     /* the PDF beside a CDA that is the same as the one inside, when there is one */
    struct xdm_patient patient; /* of the CDA; of the metadata when it is no CDA */
    struct span problem; /* a word for our screens: "missing", "unreadable", "too large", "doctype"; empty = none */
};

struct xdm_view {
    uint32_t document_count;
    bool has_cda;
    bool
        ins_qualified; /* X-MSS-INS: every CDA's patient is complete, with a key that is right, and nothing disagrees */
    bool discordant;   /* sources name different patients */
    bool test_identity;
    struct span cda_codes;      /* X-MSS-CODECDA: "34112-3,PRESC-BIO", each once */
    struct xdm_patient patient; /* the first CDA's, else the metadata's */
    struct span discordances;   /* one a line: "matricule: metadata 1…, DOC0001.XML 2…" */
    struct span problem;        /* of the archive: "not a zip", "no metadata" … */
    struct span rest;           /* documents: xdm_next() */
};
bool xdm_open(struct xdm_view *, struct span facts) MUST_USE;
bool xdm_next(struct xdm_view *, struct xdm_document *);

/* Reads an archive; never fails: `facts` says what it could. `test_counts`: test and demonstration identities are taken for
 * qualified (an installation whose environment is "test"). */
void xdm_read(struct str *facts, struct span zip, bool test_counts);
/* One member's bytes; false: absent, encrypted, too large. */
bool xdm_member(struct str *out, struct span zip, struct span member) MUST_USE;
/* Is it a zip with METADATA.XML where XDM puts it? Cheap. */
bool xdm_is(struct span zip);

#endif
