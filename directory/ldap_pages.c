/* Simple paged results (RFC 2696), for servers without RFC 4533, for the nightly pass, and for dry runs. */
#include "directory/ldap_private.h"

#include "lib/base/clock.h"

#include <string.h>

enum { PAGE_TIMEOUT_S = 60 };

/* The operator's filter and, for changes, a date of ours: digits and Z only, nothing to escape (RFC 4515). */
static char *filter_since(const struct conf *conf, const char *since)
{
    if (!since || !*since)
        return xstrdup(conf->directory_filter);
    return xasprintf("(&%s(modifyTimestamp>=%s))", conf->directory_filter, since);
}

static bool next_cookie(struct ldap_server *s, LDAPMessage *result, struct berval *cookie, struct str *error)
{
    LDAPControl **controls = NULL;
    int code = LDAP_SUCCESS;
    ber_int_t estimate;
    int parsed = ldap_parse_result(s->ld, result, &code, NULL, NULL, NULL, &controls, 0);
    ber_memfree(cookie->bv_val);
    *cookie = (struct berval){0, NULL};
    if (parsed != LDAP_SUCCESS || code != LDAP_SUCCESS) {
        ldap_controls_free(controls);
        /* sizeLimitExceeded and its like: what came is not the whole, and is not taken for it */
        return ldap_fail(s, parsed != LDAP_SUCCESS ? parsed : code, "search", error);
    }
    LDAPControl *page = ldap_control_find(LDAP_CONTROL_PAGEDRESULTS, controls, NULL);
    if (page && ldap_parse_pageresponse_control(s->ld, page, &estimate, cookie) != LDAP_SUCCESS)
        *cookie = (struct berval){0, NULL};
    ldap_controls_free(controls);
    return true;
}

/* A page may take what is left of the pass, and never more than a minute. */
static struct timeval time_left(uint64_t deadline_ms)
{
    uint64_t now = clock_ms(), left = deadline_ms > now ? (deadline_ms - now) / 1000 + 1 : 1;
    return (struct timeval){.tv_sec = (time_t)(left < PAGE_TIMEOUT_S ? left : PAGE_TIMEOUT_S)};
}

static bool read_page(struct ldap_server *s, struct collector *c, const char *filter, struct berval *cookie,
                      uint64_t deadline_ms, struct str *error)
{
    struct timeval timeout = time_left(deadline_ms);
    LDAPControl *page = NULL;
    LDAPMessage *result = NULL;
    int code = ldap_create_page_control(s->ld, (ber_int_t)s->conf->directory_page_size, cookie->bv_val ? cookie : NULL,
                                        1, &page);
    LDAPControl *controls[] = {page, NULL};
    if (code == LDAP_SUCCESS)
        code =
            ldap_search_ext_s(s->ld, s->conf->directory_base, ldap_scope_of(s->conf), filter,
                              (char **)(uintptr_t)s->attributes, 0, controls, NULL, &timeout, LDAP_NO_LIMIT, &result);
    ldap_control_free(page);
    bool ok = code == LDAP_SUCCESS || ldap_fail(s, code, "search", error);
    for (LDAPMessage *e = ok ? ldap_first_entry(s->ld, result) : NULL; e; e = ldap_next_entry(s->ld, e))
        ldap_collect(s, e, SPAN_NONE, c);
    ok = ok && next_cookie(s, result, cookie, error);
    ldap_msgfree(result);
    return ok;
}

bool ldap_read_pages(struct ldap_server *s, struct collector *c, const char *since, uint64_t deadline_ms,
                     struct str *error)
{
    struct berval cookie = {0, NULL};
    char *filter = filter_since(s->conf, since);
    bool ok;
    do {
        ok = read_page(s, c, filter, &cookie, deadline_ms, error);
        if (ok && clock_ms() > deadline_ms) {
            str_puts(error, "the pass lasted too long");
            ok = false;
        }
    } while (ok && cookie.bv_len > 0);
    ber_memfree(cookie.bv_val);
    xfree(&filter);
    return ok;
}
