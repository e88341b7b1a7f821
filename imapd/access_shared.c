/* BALs shared with the person of a session: opened at their first use, with a key of their own from keyd. */
#include "imapd/session.h"

#include "lib/store/web.h"

enum store_status access_open_shared(struct session *s, struct span address, struct access **out)
{
    struct bal bal;
    struct keyd_grant grant;
    vec_each (&s->shared, access) {
        if (span_eq_nocase(address, span_of((*access)->bal.address))) {
            *out = *access;
            return STORE_OK;
        }
    }
    enum store_status status = bal_by_address(s->thread->db, address, &bal);
    if (status != STORE_OK)
        return status;
    if (bal.state == BAL_CLOSED || bal.state == BAL_WAITING || bal.id == s->own->bal.id)
        return STORE_NOT_FOUND;
    enum keyd_outcome outcome = keyd_shared(s->thread->keyd, &s->grant, bal.id, &grant);
    if (outcome == KEYD_REFUSED)
        return STORE_NOT_FOUND; /* what one has no right to see does not exist (RFC 4314 4) */
    if (outcome != KEYD_OK)
        return STORE_UNAVAILABLE;
    *out = access_new(&bal, &grant, true);
    vec_push(&s->shared, *out);
    return STORE_OK;
}

/* A certificate has no shares: it opens what it is bound to, and chooses at log-in. */
enum store_status access_open_all_shared(struct session *s)
{
    web_bal_list bals = {0};
    struct access *access;
    if (s->grant.person_id == 0)
        return STORE_OK;
    enum store_status status = web_bals_of(s->thread->db, s->grant.person_id, &bals);
    vec_each (&bals, one) {
        if (status != STORE_OK || one->bal.id == s->own->bal.id)
            continue;
        status = access_open_shared(s, span_of(one->bal.address), &access);
        if (status == STORE_NOT_FOUND)
            status = STORE_OK; /* ended meanwhile */
    }
    vec_free(&bals);
    return status;
}
