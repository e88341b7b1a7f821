/* A share given, changed or ended by a proven session (IMAP's SETACL, the webmail): who asks must be gestionnaire or
 * titulaire of that BAL now, by keyd's own reading, not by the word of the process that asks. The share and its trace are
 * one transaction.
 */
#include "helpers/keyd/keyd.h"

#include "lib/base/clock.h"
#include "lib/base/log.h"
#include "lib/store/trace.h"

#include <string.h>

enum { WHOM_MAX = 320, SHARE_LIFE_MAX_S = 10 * 366 * 86400 };

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

bool manager_asks(struct asking *asking, const char *action, int64_t bal_id, right_list *rights)
{
    struct proof proof;
    const char *rule;
    struct grant_request request = {.rights = rights, .name = "", .action = action};
    int64_t now = wall_s();
    if (!proof_open(&proof, &asking->keyd->proof_key, asked(asking, KEYD_T_PROOF), asking->uid, now) ||
        !proof.person_id || bal_id <= 0) {
        refuse_and_trace(asking, &request, NULL, "proof");
        return false;
    }
    if (rights_of_person(asking->db, proof.person_id, bal_id, rights) != STORE_OK)
        answer_begin(asking, KEYD_TEMPORARY, "database");
    else if ((rule = refused(rights, now)) != NULL)
        refuse_and_trace(asking, &request, rights->len ? &rights->items[0] : NULL, rule);
    else
        return true;
    return false;
}

static const char *text_of(struct span asked_for, char *out, size_t size)
{
    size_t n = asked_for.n < size ? asked_for.n : 0;
    if (n)
        memcpy(out, asked_for.p, n);
    out[n] = '\0';
    return n ? out : NULL;
}

struct trace manager_trace(struct asking *asking, const struct right *right, struct manager_words *words)
{
    return (struct trace){.answer = "OK",
                          .session = text_of(asked(asking, KEYD_T_SESSION), words->session, sizeof(words->session)),
                          .peer = text_of(asked(asking, KEYD_T_PEER), words->peer, sizeof(words->peer)),
                          .actor_kind = TRACE_PERSON,
                          .person_id = right->person_id,
                          .bal_id = right->bal.id,
                          .structure_id = right->bal.structure_id};
}

void manager_answer(struct asking *asking, enum store_status status, const char *nobody)
{
    if (status == STORE_OK)
        answer_begin(asking, KEYD_OK, NULL);
    else if (status == STORE_NOT_FOUND)
        answer_begin(asking, KEYD_REFUSED, nobody);
    else
        answer_begin(asking, KEYD_TEMPORARY, "database");
}

static void change(struct asking *asking, const struct right *right, const char *whom, const char *role)
{
    struct manager_words words;
    struct trace trace = manager_trace(asking, right, &words);
    trace.action = role ? "bal.share" : "bal.unshare";
    trace.detail = role;
    struct share_order share = {.bal_id = right->bal.id,
                                .whom = whom,
                                .role = role,
                                .may_send = asked_number(asking, KEYD_T_NEW_SENDS) != 0,
                                .until = (int64_t)asked_number(asking, KEYD_T_UNTIL),
                                .granted_by = right->person_id};
    manager_answer(asking, share_change(asking->db, &share, &trace), "share.whom");
}

bool until_is_sound(uint64_t until)
{
    uint64_t now = (uint64_t)wall_s();
    return until == 0 || (until > now && until < now + SHARE_LIFE_MAX_S);
}

void handle_share(struct asking *asking)
{
    right_list rights = {0};
    char whom[WHOM_MAX + 1] = "";
    const char *role;
    struct span named = asked(asking, KEYD_T_WHOM);
    if (!manager_asks(asking, "keyd.share", (int64_t)asked_number(asking, KEYD_T_BAL_ID), &rights)) {
        vec_free(&rights);
        return;
    }
    if (!text_of(named, whom, sizeof(whom)) || !until_is_sound(asked_number(asking, KEYD_T_UNTIL)) ||
        !take_role(asked(asking, KEYD_T_NEW_ROLE), &role))
        answer_begin(asking, KEYD_REFUSED, "request");
    else
        change(asking, &rights.items[0], whom, role);
    vec_free(&rights);
}
