/* Structures, domains, persons, memberships and certificate bindings: what an operator or an administrator sets up. Adding
 * what is there already, the same, is STORE_OK; the same name for something else is STORE_CONFLICT.
 */
#ifndef CADUCEE_STORE_PEOPLE_H
#define CADUCEE_STORE_PEOPLE_H

#include "lib/proto/dn.h"
#include "lib/store/db.h"
#include "lib/store/trace.h"

struct structure {
    int64_t id;
    char name[256], siret[16], finess_ej[16], finess_et[16];
};
/* Does a certificate's OU carry it: '1' + FINESS, or '3' + SIRET? A hosted DUI shows its editor's: a mandate binds it. */
bool structure_is_named(const struct structure *, const struct dn *subject);
/* By name, SIRET, FINESS or number. */
enum store_status structure_find(struct db *, const char *which, struct structure *out);
struct structure_new {
    const char *name, *siret, *finess_ej, *finess_et, *contact; /* NULL: none */
    int64_t parent_id;                                          /* 0: none */
};
enum store_status structure_add(struct db *, const struct structure_new *, const struct trace *, int64_t *id);

/* `domain` normalised (address.h). Touches the trust snapshot: a domain of ours is one at once. */
enum store_status own_domain_add(struct db *, const char *domain, int64_t structure_id, const struct trace *);
enum store_status own_domain_find(struct db *, const char *domain, int64_t *structure_id);

struct person {
    int64_t id;
    char title[64], given[128], family[128];
};
enum store_status person_find(struct db *, const char *national_id, struct person *out);
struct person_new {
    const char *title, *given, *family, *profession, *origin; /* origin "admin", "annuaire" */
    const char *const *national_ids;
    size_t id_count; /* at least 1; further ones are added to the person the first known one names */
};
enum store_status person_add(struct db *, const struct person_new *, const struct trace *, int64_t *id);

/* The person of that national id, who is not known yet: made with what the Annuaire's mirror says of them, or with the id alone
 * when it does not know them either (a BAL then waits for its holder). */
enum store_status person_of_mirror(struct db *, const char *national_id, struct person *out);

/* Two records of one person become one: ids and shares go over, the old row stays (its traces keep their meaning). */
enum store_status person_merge(struct db *, int64_t from, int64_t into, const struct trace *);

struct share {
    int64_t bal_id, person_id;
    const char *role; /* "titulaire", "lecteur", "membre", "gestionnaire" */
    bool may_send;
    int64_t until; /* wall seconds; 0 only for a titulaire */
};
enum store_status share_put(struct db *, const struct share *, const struct trace *);
enum store_status share_end(struct db *, int64_t bal_id, int64_t person_id, const struct trace *);

struct binding {
    int64_t bal_id;
    const char *issuer, *subject, *subject_shown; /* canonical, canonical, RFC 4514 */
    uint8_t key_sha256[32];
    int64_t not_after;
    bool may_send;
    const char *mandate; /* NULL: the certificate is the structure's own */
    int64_t until;       /* 0: as long as the certificate */
};
enum store_status binding_put(struct db *, const struct binding *, const struct trace *);
/* By canonical subject or by number. */
enum store_status binding_end(struct db *, int64_t bal_id, const char *which, const struct trace *);

#endif
