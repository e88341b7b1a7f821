/* What must be asked, or told, before a message leaves: a patient's opposition, their first message, the sharing of their
 * document (mssante.md, "Patients"). The answers come with the form itself, from the page that asks (page_precautions.c).
 */
#ifndef CADUCEE_WEBMAIL_PRECAUTIONS_H
#define CADUCEE_WEBMAIL_PRECAUTIONS_H

#include "webmail-cgi/compose.h"
#include "webmail-cgi/documents.h"

enum precaution {
    ASK_OPPOSITION = 1, /* against an opposition: a written reason */
    ASK_FIRST = 2,      /* of age, a minor, a protected adult: the rule is told */
    ASK_SHARING = 4     /* do they take part in this patient's care? */
};
struct precaution_patient {
    struct span address, name;
    uint8_t hash[16];
    bool first, opposed, maybe_minor;
};
struct precaution_outsider {
    struct span address;
    uint8_t hash[16];
};
struct precautions {
    unsigned concerned, unanswered;            /* enum precaution */
    VEC(struct precaution_patient) patients;   /* it is written to */
    VEC(struct precaution_outsider) outsiders; /* never asked about yet */
    bool shares_against;                       /* the document's patient opposes sharing */
    uint8_t shared_hash[16];                   /* of that patient */
    struct span shared_address, shared_name;
    const char *refused; /* in words: no answer will do */
    char notice[4001];   /* of the first message */
};
enum store_status precautions_judge(struct request *, const struct mail *, const struct compose *,
                                    struct precautions *);
void precautions_free(struct precautions *);
/* Puts the notice under the text of a first message; before the bytes are made. */
void precautions_apply(struct request *, const struct precautions *, struct compose *);
/* After it has left: the statements are kept and traced. */
void precautions_record(struct request *, const struct precautions *);
/* The page that asks; the draft is kept already. */
void precautions_page(struct request *, const struct precautions *, const struct compose *);

#endif
