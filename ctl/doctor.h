/* caducee doctor: one row a check (doctor.def), one small function each. A check looks at one thing and says what it found and,
 * when it is wrong, what mends it. */
#ifndef CADUCEE_CTL_DOCTOR_H
#define CADUCEE_CTL_DOCTOR_H

#include "ctl/command.h"
#include "lib/store/listing.h"

enum finding_level {
    FINDING_GOOD,
    FINDING_NOTE,   /* something to know: not red */
    FINDING_ABSENT, /* cannot be looked at from here, or not configured */
    FINDING_WRONG
};

struct examination {
    struct invocation *i;
    const struct conf *conf;
    struct listing health; /* LISTING_health: what the database says of itself */
    bool database;         /* it answered */
};

struct finding {
    enum finding_level level;
    struct str found, remedy; /* in the operator's language */
};

void found(struct finding *, enum finding_level, const char *format, ...) PRINTF(3, 4);
void remedy(struct finding *, const char *format, ...) PRINTF(2, 3);

/* The value of a key of the health listing; NULL when the database said nothing of it. */
const char *health(const struct examination *, const char *key);
int64_t health_number(const struct examination *, const char *key); /* -1: absent */

/* For `audit rules`: one check by its code, within an examination. */
void doctor_examine(struct invocation *, struct examination *);
bool doctor_check(struct examination *, const char *code, enum finding_level *, struct str *words);
void doctor_done(struct examination *);
bool doctor_is_test(const struct examination *); /* general.environment = test: some red is a note there */
const char *doctor_word(const struct invocation *, enum finding_level);

#define DOCTOR(function, code, fr, en) void check_##function(struct examination *, struct finding *);
#include "ctl/doctor.def"
#undef DOCTOR

#endif
