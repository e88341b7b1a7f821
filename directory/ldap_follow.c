/* RFC 4533 in its persistent form: a refresh, then each change as it happens. The messages are read here, one at a time, so
 * that a slow server can neither hold us nor fill our memory. */
#include "directory/ldap_private.h"

#include "lib/base/clock.h"

#include <string.h>

enum { COOKIE_MAX = 60 * 1024 };

static void keep_cookie(struct ldap_server *s, const struct berval *cookie)
{
    if (cookie->bv_val && cookie->bv_len <= COOKIE_MAX) {
        str_clear(&s->cookie);
        str_add(&s->cookie, cookie->bv_val, cookie->bv_len);
    }
}

/* syncRequestValue ::= SEQUENCE { mode, cookie OPTIONAL, reloadHint DEFAULT FALSE } (RFC 4533 2.2) */
static int sync_request(struct span cookie, LDAPControl *out, struct berval **value)
{
    BerElement *ber = ber_alloc_t(LBER_USE_DER);
    struct berval have = {cookie.n, (char *)(uintptr_t)cookie.p};
    int ok = ber ? ber_printf(ber, "{e", (ber_int_t)LDAP_SYNC_REFRESH_AND_PERSIST) : -1;
    if (ok >= 0 && cookie.n)
        ok = ber_printf(ber, "O", &have);
    if (ok >= 0)
        ok = ber_printf(ber, "}");
    if (ok >= 0)
        ok = ber_flatten(ber, value);
    ber_free(ber, 1);
    if (ok < 0)
        return LDAP_ENCODING_ERROR;
    out->ldctl_oid = (char *)(uintptr_t)LDAP_CONTROL_SYNC;
    out->ldctl_iscritical = 1;
    out->ldctl_value = **value;
    return LDAP_SUCCESS;
}

bool ldap_follow_start(struct ldap_server *s, struct span cookie, struct str *error)
{
    LDAPControl control;
    struct berval *value = NULL;
    int code = sync_request(cookie, &control, &value);
    LDAPControl *controls[] = {&control, NULL};
    str_clear(&s->cookie);
    str_add_span(&s->cookie, cookie);
    s->refreshing = true;
    s->complete = cookie.n == 0;
    if (code == LDAP_SUCCESS)
        code = ldap_search_ext(s->ld, s->conf->directory_base, ldap_scope_of(s->conf), s->conf->directory_filter,
                               (char **)(uintptr_t)s->attributes, 0, controls, NULL, NULL, LDAP_NO_LIMIT, &s->msgid);
    ber_bvfree(value);
    return code == LDAP_SUCCESS || ldap_fail(s, code, "search", error);
}

/* Sync State Control: state, entryUUID, cookie OPTIONAL (2.3) */
static bool read_state(const LDAPControl *control, ber_int_t *state, struct berval *uuid, struct berval *cookie)
{
    struct berval value = control->ldctl_value;
    BerElement *ber = ber_init(&value);
    ber_len_t length;
    bool ok = ber && ber_scanf(ber, "{eo", state, uuid) != LBER_ERROR;
    if (ok && ber_peek_tag(ber, &length) == LDAP_TAG_SYNC_COOKIE)
        ok = ber_scanf(ber, "o", cookie) != LBER_ERROR;
    ber_free(ber, 1);
    return ok;
}

static bool on_entry(struct ldap_server *s, LDAPMessage *message, struct collector *c)
{
    LDAPControl **controls = NULL;
    struct berval uuid = {0, NULL}, cookie = {0, NULL};
    ber_int_t state = 0;
    bool ok = ldap_get_entry_controls(s->ld, message, &controls) == LDAP_SUCCESS;
    LDAPControl *control = ok ? ldap_control_find(LDAP_CONTROL_SYNC_STATE, controls, NULL) : NULL;
    ok = control && read_state(control, &state, &uuid, &cookie) && uuid.bv_len == 16;
    if (ok) {
        char key[64];
        struct span bytes = {uuid.bv_val, uuid.bv_len};
        ldap_uuid_text(key, bytes);
        if (state == LDAP_SYNC_ADD || state == LDAP_SYNC_MODIFY)
            ldap_collect(s, message, bytes, c);
        else
            collector_mark(c, state == LDAP_SYNC_DELETE ? ANNUAIRE_GONE : ANNUAIRE_PRESENT, key);
        keep_cookie(s, &cookie);
    }
    ber_memfree(uuid.bv_val);
    ber_memfree(cookie.bv_val);
    ldap_controls_free(controls);
    return ok;
}

/* syncIdSet: cookie OPTIONAL, refreshDeletes DEFAULT FALSE, SET OF syncUUID */
static bool read_id_set(struct ldap_server *s, BerElement *ber, struct collector *c)
{
    ber_len_t length;
    ber_tag_t tag;
    int deletes = 0;
    struct berval cookie = {0, NULL};
    BerVarray uuids = NULL;
    if (ber_scanf(ber, "t{", &tag) == LBER_ERROR)
        return false;
    if (ber_peek_tag(ber, &length) == LDAP_TAG_SYNC_COOKIE && ber_scanf(ber, "o", &cookie) == LBER_ERROR)
        return false;
    if (ber_peek_tag(ber, &length) == LDAP_TAG_REFRESHDELETES && ber_scanf(ber, "b", &deletes) == LBER_ERROR)
        return false;
    bool ok = ber_scanf(ber, "[W]", &uuids) != LBER_ERROR;
    for (size_t i = 0; ok && uuids && uuids[i].bv_val; i++) {
        char key[64];
        ldap_uuid_text(key, (struct span){uuids[i].bv_val, uuids[i].bv_len});
        collector_mark(c, deletes ? ANNUAIRE_GONE : ANNUAIRE_PRESENT, key);
    }
    keep_cookie(s, &cookie);
    ber_bvarray_free(uuids);
    ber_memfree(cookie.bv_val);
    return ok;
}

/* refreshDelete and refreshPresent: cookie OPTIONAL, refreshDone DEFAULT TRUE. After a present phase, what was not named is
 * gone (3.3.2). */
static bool read_phase(struct ldap_server *s, BerElement *ber, ber_tag_t phase)
{
    ber_len_t length;
    ber_tag_t tag;
    int done = 1;
    struct berval cookie = {0, NULL};
    if (ber_scanf(ber, "t{", &tag) == LBER_ERROR)
        return false;
    if (ber_peek_tag(ber, &length) == LDAP_TAG_SYNC_COOKIE && ber_scanf(ber, "o", &cookie) == LBER_ERROR)
        return false;
    if (ber_peek_tag(ber, &length) == LDAP_TAG_REFRESHDONE && ber_scanf(ber, "b", &done) == LBER_ERROR)
        return false;
    if (phase == LDAP_TAG_SYNC_REFRESH_PRESENT)
        s->complete = true;
    if (done)
        s->refreshing = false;
    keep_cookie(s, &cookie);
    ber_memfree(cookie.bv_val);
    return true;
}

static bool on_info(struct ldap_server *s, LDAPMessage *message, struct collector *c)
{
    char *oid = NULL;
    struct berval *value = NULL;
    int code = ldap_parse_intermediate(s->ld, message, &oid, &value, NULL, 0);
    bool ok = code == LDAP_SUCCESS && oid && value && strcmp(oid, LDAP_SYNC_INFO) == 0;
    BerElement *ber = ok ? ber_init(value) : NULL;
    ber_len_t length;
    ber_tag_t tag = ber ? ber_peek_tag(ber, &length) : LBER_ERROR;
    struct berval cookie = {0, NULL};
    if (tag == LDAP_TAG_SYNC_NEW_COOKIE) {
        ok = ber_scanf(ber, "to", &tag, &cookie) != LBER_ERROR;
        keep_cookie(s, &cookie);
    } else if (tag == LDAP_TAG_SYNC_ID_SET) {
        ok = read_id_set(s, ber, c);
    } else if (tag == LDAP_TAG_SYNC_REFRESH_DELETE || tag == LDAP_TAG_SYNC_REFRESH_PRESENT) {
        ok = read_phase(s, ber, tag);
    } else {
        ok = false;
    }
    ber_memfree(cookie.bv_val);
    if (ber)
        ber_free(ber, 1);
    ber_bvfree(value);
    ldap_memfree(oid);
    return ok;
}

static enum ldap_progress on_result(struct ldap_server *s, LDAPMessage *message, struct str *error)
{
    int code = LDAP_OTHER;
    (void)ldap_parse_result(s->ld, message, &code, NULL, NULL, NULL, NULL, 0);
    (void)ldap_fail(s, code, "the server ended the search", error);
    s->msgid = -1;
    return code == LDAP_SYNC_REFRESH_REQUIRED ? LDAP_RESTART : LDAP_GONE;
}

static enum ldap_progress on_message(struct ldap_server *s, LDAPMessage *message, struct collector *c,
                                     struct str *error)
{
    bool was_refreshing = s->refreshing, ok = true;
    switch (ldap_msgtype(message)) {
    case LDAP_RES_SEARCH_ENTRY:
        ok = on_entry(s, message, c);
        break;
    case LDAP_RES_INTERMEDIATE:
        ok = on_info(s, message, c);
        break;
    case LDAP_RES_SEARCH_RESULT:
        return on_result(s, message, error);
    case LDAP_RES_SEARCH_REFERENCE: /* never followed */
        break;
    default:
        ok = false;
    }
    if (!ok) {
        str_puts(error, "a message that RFC 4533 does not know");
        return LDAP_GONE;
    }
    return was_refreshing && !s->refreshing ? LDAP_REFRESHED : LDAP_CHANGED;
}

enum ldap_progress ldap_follow_poll(struct ldap_server *s, struct collector *c, uint64_t quiet_ms, size_t most,
                                    struct str *error)
{
    for (size_t n = 0; n < most; n++) {
        struct timeval wait = {.tv_sec = (time_t)(quiet_ms / 1000), .tv_usec = (suseconds_t)(quiet_ms % 1000 * 1000)};
        LDAPMessage *message = NULL;
        int type = ldap_result(s->ld, s->msgid, LDAP_MSG_ONE, &wait, &message);
        if (type == 0)
            return LDAP_QUIET;
        if (type < 0) {
            int code = LDAP_OTHER;
            ldap_get_option(s->ld, LDAP_OPT_RESULT_CODE, &code);
            (void)ldap_fail(s, code, "connection", error);
            return LDAP_GONE;
        }
        enum ldap_progress progress = on_message(s, message, c, error);
        ldap_msgfree(message);
        if (progress != LDAP_CHANGED)
            return progress;
    }
    return LDAP_CHANGED;
}

struct span ldap_follow_cookie(const struct ldap_server *s)
{
    return str_span(&s->cookie);
}

bool ldap_follow_complete(const struct ldap_server *s)
{
    return s->complete;
}
