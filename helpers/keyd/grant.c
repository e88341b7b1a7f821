/* One grant: which BAL is meant, does the right hold, how often, the key, the trace — in that order. Nothing is handed out
 * that has not been traced (SC.MSS/CONF.17).
 */
#include "helpers/keyd/keyd.h"

#include "lib/base/clock.h"
#include "lib/base/fault.h"
#include "lib/base/log.h"
#include "lib/base/metrics.h"
#include "lib/store/alarms.h"
#include "lib/store/trace.h"

#include <stdio.h>
#include <string.h>

enum { CHOICES_MAX = 400 };

struct span asked(const struct asking *asking, enum keyd_tag tag)
{
    struct span value = SPAN_NONE;
    ipc_get(asking->message, (uint16_t)tag, &value);
    return value;
}

uint64_t asked_number(const struct asking *asking, enum keyd_tag tag)
{
    uint64_t value = 0;
    return ipc_get_u64(asking->message, (uint16_t)tag, &value) ? value : 0;
}

void answer_begin(struct asking *asking, enum keyd_outcome outcome, const char *reason)
{
    str_clear(asking->answer);
    ipc_begin(asking->answer, KEYD_ANSWER);
    ipc_put_u64(asking->answer, KEYD_T_OUTCOME, (uint64_t)outcome);
    if (reason)
        ipc_put(asking->answer, KEYD_T_REASON, span_of(reason));
}

static void copy(char *out, size_t size, struct span text)
{
    size_t n = text.n < size - 1 ? text.n : size - 1;
    if (n)
        memcpy(out, text.p, n);
    out[n] = '\0';
}

static enum store_status write_trace(struct asking *asking, const struct grant_request *request,
                                     const struct right *right, const char *rule)
{
    char session[32], peer[72];
    copy(session, sizeof(session), asked(asking, KEYD_T_SESSION));
    copy(peer, sizeof(peer), asked(asking, KEYD_T_PEER));
    struct trace trace = {.action = request->action,
                          .answer = rule ? "NO" : "OK",
                          .rule = rule,
                          .session = session[0] ? session : NULL,
                          .peer = peer[0] ? peer : NULL,
                          .actor_kind = request->shown ? TRACE_CERTIFICATE : TRACE_PERSON,
                          .actor = request->shown ? request->name : NULL,
                          .person_id = right ? right->person_id : 0,
                          .bal_id = right ? right->bal.id : 0,
                          .structure_id = right ? right->bal.structure_id : 0};
    return trace_write(asking->db, &trace);
}

void refuse_and_trace(struct asking *asking, const struct grant_request *request, const struct right *right,
                      const char *rule)
{
    log_event(LOG_INFO, NULL, "keyd.refused", LS("rule", rule), LU("bal", right ? right->bal.id : 0),
              LP("session", asked(asking, KEYD_T_SESSION)));
    metric_add(M_KEYD_REFUSED, 1);
    if (write_trace(asking, request, right, rule) != STORE_OK)
        answer_begin(asking, KEYD_TEMPORARY, "database");
    else
        answer_begin(asking, KEYD_REFUSED, rule);
}

/* The BAL's private half; its public half proves that it is the right one. */
static bool unwrap(const struct asking *asking, const struct right *right, struct key_pair *pair)
{
    const struct epoch *epoch = keyfolder_epoch(&asking->keyd->keys, right->epoch_id);
    struct str opened, sealed;
    if (!epoch)
        return false;
    str_init_secret(&opened, 256);
    str_init(&sealed, 256);
    bool ok = seal_open(&opened, &epoch->pair, (struct span){(const char *)right->wrapped, right->wrapped_bytes}) &&
              opened.len == KEY_BYTES;
    if (ok) {
        pair->public_half = right->bal.public_half;
        memcpy(pair->private_half.b, opened.data, KEY_BYTES);
        str_wipe(&opened);
        str_init_secret(&opened, 256);
        ok = seal_to(&sealed, &pair->public_half, SPAN_LIT("proof")) && seal_open(&opened, pair, str_span(&sealed));
    }
    str_wipe(&opened);
    str_free(&sealed);
    return ok;
}

static void remember(struct asking *asking, const struct grant_request *request, const struct right *right,
                     bool new_key)
{
    if (new_key && request->shown)
        (void)!certificate_seen(asking->db, right->binding_id, request->shown->key_sha256, request->shown->not_after);
    if (right->bal.state == BAL_WAITING)
        (void)!bal_opened(asking->db, right->bal.id);
}

static void put_grant(struct asking *asking, const struct grant_request *request, const struct right *right,
                      const struct judgement *verdict, const struct key_pair *pair)
{
    uint8_t proof[KEYD_PROOF_BYTES];
    struct proof facts = {.person_id = right->person_id,
                          .binding_id = right->binding_id,
                          .expires = wall_s() + PROOF_LIFE_S,
                          .uid = asking->uid};
    proof_make(proof, &asking->keyd->proof_key, &facts);
    answer_begin(asking, KEYD_OK, NULL);
    ipc_put_u64(asking->answer, KEYD_T_BAL_ID, (uint64_t)right->bal.id);
    ipc_put_u64(asking->answer, KEYD_T_PERSON_ID, (uint64_t)right->person_id);
    ipc_put_u64(asking->answer, KEYD_T_BINDING_ID, (uint64_t)right->binding_id);
    ipc_put_u64(asking->answer, KEYD_T_ROLE, (uint64_t)verdict->role);
    ipc_put_u64(asking->answer, KEYD_T_MAY_SEND, verdict->may_send);
    ipc_put(asking->answer, KEYD_T_BAL, span_of(right->bal.address));
    ipc_put(asking->answer, KEYD_T_NAME, span_of(request->name));
    ipc_put(asking->answer, KEYD_T_PROOF, (struct span){(const char *)proof, sizeof(proof)});
    if (!pair)
        return;
    ipc_put(asking->answer, KEYD_T_PUBLIC, (struct span){(const char *)pair->public_half.b, KEY_BYTES});
    ipc_put(asking->answer, KEYD_T_PRIVATE, (struct span){(const char *)pair->private_half.b, KEY_BYTES});
}

static const char *limit(struct asking *asking, const struct right *right)
{
    const char *rule = limits_take(asking->keyd->limits, right->bal.id, clock_ms());
    if (rule)
        (void)!alarm_raise(
            asking->db, "keyd.limit", rule,
            "Des boîtes sont ouvertes plus souvent que la limite : un logiciel insiste, ou un serveur est pris.",
            "Voir caducee trace (actions keyd.*) ; relever keyd.grants_per_bal ou keyd.grants si c'est normal.");
    return rule;
}

/* Another key under a bound name, long before the old certificate's end: a renewal nobody announced, or somebody else. The alarm
 * goes when a key is taken again, or the certificate is bound anew. */
static void tell_of_key(struct asking *asking, const struct right *right, const struct judgement *verdict)
{
    if (verdict->rule && strcmp(verdict->rule, "certificate.key_changed") == 0)
        (void)!alarm_raise(asking->db, "certificate.key-changed", right->bal.address,
                           "Un certificat lié à cette BAL porte une autre clé, loin de la fin du précédent : refusé.",
                           "Si l'éditeur l'a renouvelé : caducee bal bind-cert. Sinon : caducee incident --bal.");
    else if (!verdict->rule && verdict->new_key && right->binding_id)
        (void)!alarm_clear(asking->db, "certificate.key-changed", right->bal.address);
}

static void grant_right(struct asking *asking, const struct grant_request *request, const struct right *right)
{
    struct key_pair pair = {0};
    struct judgement verdict = judge(right, request->shown, wall_s());
    bool want_key = asked_number(asking, KEYD_T_WANT_KEY) != 0;
    tell_of_key(asking, right, &verdict);
    if (want_key && right->epoch_id > asking->keyd->keys.current) {
        asking->keyd->outdated = true;
        answer_begin(asking, KEYD_TEMPORARY, "keys.rotated");
        return;
    }
    const char *rule = verdict.rule ? verdict.rule : limit(asking, right);
    if (!rule && want_key && !unwrap(asking, right, &pair)) {
        rule = "bal.key_unreadable";
        log_event(LOG_ERROR, NULL, "keyd.key_unreadable", LU("bal", right->bal.id), LU("epoch", right->epoch_id));
    }
    if (rule) {
        refuse_and_trace(asking, request, right, rule);
    } else if (write_trace(asking, request, right, NULL) != STORE_OK) {
        answer_begin(asking, KEYD_TEMPORARY, "database");
    } else {
        FAULT("keyd.traced");
        metric_add(M_KEYD_GRANTED, 1);
        remember(asking, request, right, verdict.new_key);
        put_grant(asking, request, right, &verdict, want_key ? &pair : NULL);
    }
    crypto_wipe(&pair, sizeof(pair));
}

void grant(struct asking *asking, const struct grant_request *request)
{
    const char *rule;
    struct str choices;
    char reason[CHOICES_MAX + 32];
    str_init(&choices, CHOICES_MAX);
    ptrdiff_t which =
        judge_choice(request->rights, request->shown, asked(asking, KEYD_T_BAL), wall_s(), &rule, &choices);
    if (which >= 0) {
        grant_right(asking, request, &request->rights->items[which]);
    } else if (choices.len) {
        int n = snprintf(reason, sizeof(reason), "%s: %s", rule, choices.data);
        must(n > 0 && (size_t)n < sizeof(reason));
        answer_begin(asking, KEYD_REFUSED, reason);
    } else {
        refuse_and_trace(asking, request, NULL, rule);
    }
    str_free(&choices);
}
