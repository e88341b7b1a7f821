/* A session of the administration part, by a named operator's personal certificate. The webmail's word that the chain is good
 * and that whoever holds the key is there is taken as a TLS worker's is; whose certificate it is, and that this person has
 * a role today, is read here. Such a session opens no BAL (tokens.c): a right on mail is Pro Santé Connect's to prove.
 */
#include "helpers/keyd/keyd.h"

#include "lib/base/clock.h"

#include <string.h>

static void refuse(struct asking *asking, const char *rule)
{
    right_list none = {0};
    struct grant_request request = {.rights = &none, .name = "", .action = "keyd.web_certificate"};
    refuse_and_trace(asking, &request, NULL, rule);
}

static void open_session(struct asking *asking, const struct person_names *person)
{
    char peer_text[72] = "";
    struct span peer = asked(asking, KEYD_T_PEER);
    if (peer.n && peer.n < sizeof(peer_text))
        memcpy(peer_text, peer.p, peer.n);
    enum store_status status = keyd_session_add(
        asking->db, asked(asking, KEYD_T_SESSION_HASH), person->person_id, SPAN_LIT("certificat"),
        wall_s() + (int64_t)asking->keyd->conf->session_max_age, peer_text[0] ? peer_text : NULL, true);
    if (status != STORE_OK) {
        answer_begin(asking, KEYD_TEMPORARY, status == STORE_EXISTS ? "session.exists" : "database");
        return;
    }
    answer_begin(asking, KEYD_OK, NULL);
    ipc_put_u64(asking->answer, KEYD_T_PERSON_ID, (uint64_t)person->person_id);
    ipc_put(asking->answer, KEYD_T_NAME, span_of(person->name));
}

void handle_web_certificate(struct asking *asking)
{
    struct person_names person;
    struct span issuer = asked(asking, KEYD_T_ISSUER), subject = asked(asking, KEYD_T_SUBJECT),
                key = asked(asking, KEYD_T_KEY_SHA256);
    bool sound = issuer.n && subject.n && key.n == SHA256_BYTES && asked(asking, KEYD_T_SESSION_HASH).n == SHA256_BYTES;
    if (!asking->keyd->conf->webmail_admin_url[0]) {
        refuse(asking, "operator.certificate_off");
        return;
    }
    if (!sound || (int64_t)asked_number(asking, KEYD_T_NOT_AFTER) <= wall_s()) {
        answer_begin(asking, KEYD_REFUSED, "request");
        return;
    }
    enum store_status status = operator_by_certificate(asking->db, issuer, subject, key,
                                                       (int64_t)asking->keyd->conf->webmail_lock_after, &person);
    if (status == STORE_OK)
        open_session(asking, &person);
    else if (status == STORE_NOT_FOUND)
        refuse(asking, "operator.unknown");
    else if (status == STORE_REFUSED)
        refuse(asking, "operator.locked");
    else
        answer_begin(asking, KEYD_TEMPORARY, "database");
}
