/* Named persons with an operator's role, never shared accounts; no role gives a right on a BAL's content. */
#ifndef CADUCEE_STORE_OPERATORS_H
#define CADUCEE_STORE_OPERATORS_H

#include "lib/store/db.h"
#include "lib/store/trace.h"

enum operator_roles { /* bits */
                      ROLE_EXPLOITANT = 1,
                      ROLE_ADMINISTRATEUR = 2, /* of structures, and those under them */
                      ROLE_AUDITEUR = 4,
                      ROLE_OFFICIER = 8 /* officier de clés */
};

void operator_role_names(unsigned roles, struct str *out); /* "exploitant auditeur" */
/* Bits in force now; *any: somebody has a role at all (a fresh installation has nobody). */
enum store_status operator_roles_of(struct db *, const char *login, unsigned *roles, bool *any);
/* May an administrateur touch what belongs to that structure? */
enum store_status operator_governs(struct db *, const char *login, int64_t structure_id, bool *yes);
/* Whether every BAL that the person holds or shares is of those structures; a person without any is anybody's. */
enum store_status operator_governs_person(struct db *, const char *login, int64_t person_id, bool *yes);
struct operator_new {
    const char *login, *name, *role;
    int64_t structure_id; /* administrateur */
    int64_t until;        /* 0: none */
    int64_t person_id;    /* who logs in at the webmail with that role; 0: nobody */
};
enum store_status operator_add(struct db *, const struct operator_new *, const struct trace *);
enum store_status operator_end(struct db *, const char *login, const char *role, const struct trace *);
/* A personal certificate (which trust has judged) of the person that the login's role names: it opens the administration
 * part. STORE_NOT_FOUND: that login has no role now, or names no person; or there is no such certificate to detach. */
struct operator_certificate {
    const char *login, *issuer, *subject, *subject_shown; /* canonical, canonical, RFC 4514 */
    struct span key_sha256;
    int64_t not_after;
    const char *bound_by;
};
enum store_status operator_certificate_put(struct db *, const struct operator_certificate *, const struct trace *);
enum store_status operator_certificate_end(struct db *, const char *login, const char *subject, const struct trace *);

#endif
