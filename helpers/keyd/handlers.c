/* What each request asks for; grant.c judges it. */
#include "helpers/keyd/keyd.h"

#include "lib/base/clock.h"
#include "lib/base/log.h"

#include <string.h>

static void temporary(struct asking *asking, enum store_status status)
{
    log_event(LOG_WARN, NULL, "keyd.database", LS("status", store_status_name(status)));
    answer_begin(asking, KEYD_TEMPORARY, "database");
}

void handle_by_certificate(struct asking *asking)
{
    struct shown_certificate shown = {.not_after = (int64_t)asked_number(asking, KEYD_T_NOT_AFTER)};
    struct span key = asked(asking, KEYD_T_KEY_SHA256), issuer = asked(asking, KEYD_T_ISSUER),
                subject = asked(asking, KEYD_T_SUBJECT), printed = asked(asking, KEYD_T_SHOWN);
    char name[256];
    right_list rights = {0};
    if (key.n != sizeof(shown.key_sha256) || !issuer.n || !subject.n) {
        answer_begin(asking, KEYD_REFUSED, "request");
        return;
    }
    memcpy(shown.key_sha256, key.p, key.n);
    printed.n = printed.n < sizeof(name) - 1 ? printed.n : sizeof(name) - 1;
    if (printed.n)
        memcpy(name, printed.p, printed.n);
    name[printed.n] = '\0';
    enum store_status status = rights_of_certificate(asking->db, issuer, subject, &rights);
    struct grant_request request = {.rights = &rights, .shown = &shown, .name = name, .action = "keyd.certificate"};
    if (status == STORE_OK)
        grant(asking, &request);
    else
        temporary(asking, status);
    vec_free(&rights);
}

void handle_shared(struct asking *asking)
{
    struct proof proof;
    right_list rights = {0};
    struct grant_request request = {.rights = &rights, .name = "", .action = "keyd.shared"};
    int64_t bal_id = (int64_t)asked_number(asking, KEYD_T_BAL_ID);
    if (!proof_open(&proof, &asking->keyd->proof_key, asked(asking, KEYD_T_PROOF), asking->uid, wall_s()) ||
        !proof.person_id || bal_id <= 0) {
        refuse_and_trace(asking, &request, NULL, "proof");
        return;
    }
    enum store_status status = rights_of_person(asking->db, proof.person_id, bal_id, &rights);
    if (status == STORE_OK)
        grant(asking, &request);
    else
        temporary(asking, status);
    vec_free(&rights);
}

static void put_service_key(struct asking *asking, const struct key *public_half, const struct key *private_half)
{
    answer_begin(asking, KEYD_OK, NULL);
    ipc_put(asking->answer, KEYD_T_PUBLIC, (struct span){(const char *)public_half->b, KEY_BYTES});
    ipc_put(asking->answer, KEYD_T_PRIVATE, (struct span){(const char *)private_half->b, KEY_BYTES});
}

void handle_queue_key(struct asking *asking)
{
    put_service_key(asking, &asking->keyd->keys.queue.public_half, &asking->keyd->keys.queue.private_half);
}

void handle_seal_key(struct asking *asking)
{
    struct key nothing = {0};
    put_service_key(asking, &nothing, &asking->keyd->keys.seal);
}
