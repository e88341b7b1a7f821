/* A share given, changed or ended by a proven session (IMAP's SETACL): who asks must be gestionnaire or titulaire of that
 * BAL now, by keyd's own reading, not by the word of the process that asks. The share and its trace are one transaction.
 */
#include "helpers/keyd/keyd.h"

#include "lib/base/clock.h"
#include "lib/base/log.h"
#include "lib/store/trace.h"

#include <string.h>

enum { WHOM_MAX = 320 };

/* NULL: this right may share. */
static const char *refused(const right_list *rights, int64_t now)
{
    if (rights->len == 0)
        return "right.none";
    struct judgement verdict = judge(&rights->items[0], NULL, now);
    if (verdict.rule)
        return verdict.rule;
    return verdict.role == KEYD_ROLE_MANAGER || verdict.role == KEYD_ROLE_OWNER ? NULL : "right.manage";
}

static const char *const roles[] = {"lecteur", "membre", "gestionnaire"};

/* The role as a literal of ours; NULL: the share ends. False: no such role. */
static bool take_role(struct span text, const char **role)
{
    *role = NULL;
    for (size_t i = 0; i < COUNT(roles); i++) {
        if (span_is(text, roles[i]))
            *role = roles[i];
    }
    return text.n == 0 || *role;
}

static void change(struct asking *asking, const struct right *right, const char *whom, const char *role)
{
    struct span session = asked(asking, KEYD_T_SESSION), peer = asked(asking, KEYD_T_PEER);
    char session_id[32] = "", address[72] = "";
    if (session.n && session.n < sizeof(session_id))
        memcpy(session_id, session.p, session.n);
    if (peer.n && peer.n < sizeof(address))
        memcpy(address, peer.p, peer.n);
    struct trace trace = {.action = role ? "bal.share" : "bal.unshare",
                          .answer = "OK",
                          .session = session_id[0] ? session_id : NULL,
                          .peer = address[0] ? address : NULL,
                          .actor_kind = TRACE_PERSON,
                          .person_id = right->person_id,
                          .bal_id = right->bal.id,
                          .structure_id = right->bal.structure_id,
                          .detail = role};
    struct share share = {.bal_id = right->bal.id, .whom = whom, .role = role, .granted_by = right->person_id};
    enum store_status status = share_change(asking->db, &share, &trace);
    if (status == STORE_OK)
        answer_begin(asking, KEYD_OK, NULL);
    else if (status == STORE_NOT_FOUND)
        answer_begin(asking, KEYD_REFUSED, "share.whom");
    else
        answer_begin(asking, KEYD_TEMPORARY, "database");
}

void handle_share(struct asking *asking)
{
    struct proof proof;
    right_list rights = {0};
    char whom[WHOM_MAX + 1] = "";
    const char *role, *rule;
    struct grant_request request = {.rights = &rights, .name = "", .action = "keyd.share"};
    struct span named = asked(asking, KEYD_T_WHOM);
    int64_t bal_id = (int64_t)asked_number(asking, KEYD_T_BAL_ID), now = wall_s();
    if (!proof_open(&proof, &asking->keyd->proof_key, asked(asking, KEYD_T_PROOF), asking->uid, now) ||
        !proof.person_id || bal_id <= 0) {
        refuse_and_trace(asking, &request, NULL, "proof");
        return;
    }
    if (named.n == 0 || named.n > WHOM_MAX || !take_role(asked(asking, KEYD_T_NEW_ROLE), &role)) {
        answer_begin(asking, KEYD_REFUSED, "request");
        return;
    }
    memcpy(whom, named.p, named.n);
    enum store_status status = rights_of_person(asking->db, proof.person_id, bal_id, &rights);
    if (status != STORE_OK)
        answer_begin(asking, KEYD_TEMPORARY, "database");
    else if ((rule = refused(&rights, now)) != NULL)
        refuse_and_trace(asking, &request, rights.len ? &rights.items[0] : NULL, rule);
    else
        change(asking, &rights.items[0], whom, role);
    vec_free(&rights);
}
