/* The judgement of who may open which BAL, pure: does this right hold now, and for what? keyd decides by it; `caducee trust
 * explain` asks the same. */
#ifndef CADUCEE_AUTH_JUDGE_H
#define CADUCEE_AUTH_JUDGE_H

#include "lib/auth/keyd.h"
#include "lib/store/keyd.h"

struct judgement {
    const char *rule; /* NULL: it holds; else which rule refuses, for the trace and the log */
    enum keyd_role role;
    bool may_send;
    bool new_key; /* certificate: its public key is to be remembered */
};

/* What the TLS worker saw of the certificate; NULL for a person. */
struct shown_certificate {
    uint8_t key_sha256[32];
    int64_t not_after;
};
enum { KEY_RENEWAL_DAYS = 30 }; /* before a certificate's end another public key is taken for the same DN */

struct judgement judge(const struct right *, const struct shown_certificate *, int64_t now);

/* Which of the rights is meant: by address, or the only one that holds, or a person's own. -1: `rule` says why;
 * `choices` then lists what could be asked for, when there are several. */
ptrdiff_t judge_choice(const right_list *, const struct shown_certificate *, struct span address, int64_t now,
                       const char **rule, struct str *choices);

#endif
