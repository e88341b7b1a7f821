/* Simple rules at delivery and out-of-office of a BAL, as its users set them; whoever delivers carries them out. In clear by
 * design (schema 0010): they hold no mail, and who delivers has no key. Times are wall seconds.
 */
#ifndef CADUCEE_STORE_RULES_H
#define CADUCEE_STORE_RULES_H

#include "lib/base/vec.h"
#include "lib/store/bal.h"

enum { RULES_MAX = 50, ABSENCE_TEXT_MAX = 4000 };

enum rule_field {
    RULE_FROM,
    RULE_TO,
    RULE_SUBJECT, /* contains `value`, case and accents apart */
    RULE_ATTACHMENT,
    RULE_DOCUMENT,
    RULE_PATIENT
};
const char *rule_field_name(enum rule_field); /* as the table says it: "from" … */

struct bal_rule {
    int64_t id;
    char name[201], value[401];
    enum rule_field field;
    int64_t folder_id; /* where it moves to; 0: it flags */
    char folder[1024]; /* its name, for reading only */
    bool active;
};
typedef VEC(struct bal_rule) bal_rule_list;
enum store_status bal_rules_of(struct db *, int64_t bal_id, bal_rule_list *out); /* in the order they are tried */
/* A new one, at the end. STORE_OVER_QUOTA past RULES_MAX; STORE_INVALID: the table refuses it. */
enum store_status bal_rule_add(struct db *, int64_t bal_id, const struct bal_rule *);
enum store_status bal_rule_remove(struct db *, int64_t bal_id, int64_t rule_id);
enum store_status bal_rule_activate(struct db *, int64_t bal_id, int64_t rule_id, bool active);
enum store_status bal_rule_first(struct db *, int64_t bal_id, int64_t rule_id); /* tried before all others */

struct bal_absence {
    int64_t starts, ends;                                                              /* ends 0: none is set */
    char subject[256], body[ABSENCE_TEXT_MAX + 1], patient_body[ABSENCE_TEXT_MAX + 1]; /* "": nobody is answered */
    char structure_text[ABSENCE_TEXT_MAX + 1]; /* what the structure says to patients, for reading only */
};
enum store_status bal_absence_get(struct db *, const struct bal *, struct bal_absence *out);
enum store_status bal_absence_set(struct db *, int64_t bal_id, int64_t person_id, const struct bal_absence *);
enum store_status bal_absence_end(struct db *, int64_t bal_id); /* and forgets who was answered */

#endif
