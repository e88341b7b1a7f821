/* The matricule INS: NIR or NIA of 13 characters and its key of two digits (mssante.md, "Document formats"). */
#ifndef CADUCEE_PROTO_INS_H
#define CADUCEE_PROTO_INS_H

#include "lib/proto/xdm.h"

struct ins {
    char sex;           /* 'M', 'F'; '?' for a provisional first digit (7, 8 too) */
    unsigned year;      /* of the century: 0 … 99 */
    unsigned month;     /* 1 … 12; 0: unknown or fictitious (20 and more) */
    char department[3]; /* "75", "2A", "99": born abroad */
};
/* Fifteen characters whose key is right; Corsica's 2A and 2B count as 19 and 18. */
bool ins_read(struct span matricule, struct ins *) MUST_USE;
bool ins_key(struct span thirteen, unsigned *key) MUST_USE;

enum ins_authority ins_authority_of(struct span oid);
const char *ins_oid(enum ins_authority); /* "" for INS_UNKNOWN */

/* Do a sex ("M", "F") and a birth date ("1937-02-02") agree with the matricule? What the matricule does not say agrees. */
bool ins_agrees(const struct ins *, struct span sex, struct span birth_date);

#endif
