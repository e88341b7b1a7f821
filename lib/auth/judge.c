#include "lib/auth/judge.h"

#include "lib/proto/address.h"

#include <string.h>

static struct judgement refuse(const char *rule)
{
    return (struct judgement){.rule = rule};
}

/* A DN is only a name: under it the same key, or a new one when the old certificate is about to end. */
static bool key_is_known(const struct right *right, const struct shown_certificate *shown, int64_t now, bool *new_key)
{
    static const uint8_t none[32];
    *new_key = memcmp(right->key_sha256, shown->key_sha256, sizeof(none)) != 0 || right->not_after != shown->not_after;
    if (memcmp(right->key_sha256, none, sizeof(none)) == 0 ||
        memcmp(right->key_sha256, shown->key_sha256, sizeof(none)) == 0)
        return true;
    return now > right->not_after - (int64_t)KEY_RENEWAL_DAYS * 86400;
}

static struct judgement judge_certificate(const struct right *right, const struct shown_certificate *shown, int64_t now)
{
    struct judgement verdict = {.role = KEYD_ROLE_CERTIFICATE};
    if (right->bal.kind == BAL_PER)
        return refuse("certificate.kind"); /* a person comes as a person */
    if (!shown || !key_is_known(right, shown, now, &verdict.new_key))
        return refuse("certificate.key_changed");
    verdict.may_send = right->may_send && right->bal.kind == BAL_APP; /* ORG, CAB: read and flags, never sending */
    return verdict;
}

static struct judgement judge_person(const struct right *right)
{
    static const struct {
        const char *name;
        enum keyd_role role;
    } roles[] = {{"titulaire", KEYD_ROLE_OWNER},
                 {"lecteur", KEYD_ROLE_READER},
                 {"membre", KEYD_ROLE_MEMBER},
                 {"gestionnaire", KEYD_ROLE_MANAGER}};
    for (size_t i = 0; i < COUNT(roles); i++)
        if (span_is(span_of(right->role), roles[i].name))
            return (struct judgement){.role = roles[i].role,
                                      .may_send = right->may_send && roles[i].role != KEYD_ROLE_READER};
    return refuse("right.role");
}

struct judgement judge(const struct right *right, const struct shown_certificate *shown, int64_t now)
{
    if (!right->in_dates)
        return refuse("right.dates");
    if (!right->contract_in_force)
        return refuse("structure.contract");
    if (right->bal.state == BAL_SUSPENDED)
        return refuse("bal.suspended");
    if (right->bal.state == BAL_CLOSED)
        return refuse("bal.closed");
    if (!right->wrapped_bytes)
        return refuse("bal.key_destroyed");
    return right->binding_id ? judge_certificate(right, shown, now) : judge_person(right);
}

static ptrdiff_t by_address(const right_list *rights, struct span address, const char **rule)
{
    struct str key;
    ptrdiff_t found = -1;
    str_init(&key, 1024);
    if (address_key_of(&key, address))
        for (size_t i = 0; i < rights->len && found < 0; i++)
            if (span_is(str_span(&key), rights->items[i].bal.address))
                found = (ptrdiff_t)i;
    str_free(&key);
    *rule = found < 0 ? "right.none" : NULL;
    return found;
}

ptrdiff_t judge_choice(const right_list *rights, const struct shown_certificate *shown, struct span address,
                       int64_t now, const char **rule, struct str *choices)
{
    ptrdiff_t found = -1;
    size_t holding = 0;
    *rule = "right.none";
    if (address.n)
        return by_address(rights, address, rule);
    for (size_t i = 0; i < rights->len; i++) {
        struct judgement verdict = judge(&rights->items[i], shown, now);
        if (verdict.rule) {
            *rule = holding ? *rule : verdict.rule;
            continue;
        }
        if (verdict.role == KEYD_ROLE_OWNER)
            return (ptrdiff_t)i; /* their own: first in the list */
        found = (ptrdiff_t)i;
        str_addf(choices, "%s%s", holding++ ? ", " : "", rights->items[i].bal.address);
    }
    if (holding > 1)
        *rule = "right.choose";
    return holding == 1 ? found : -1;
}
