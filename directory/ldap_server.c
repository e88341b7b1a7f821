#include "directory/ldap_private.h"

#include "lib/base/file.h"
#include "lib/base/text.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>

enum { VALUES_MAX = 64 };

bool ldap_fail(const struct ldap_server *s, int code, const char *what, struct str *error)
{
    char *diagnostic = NULL;
    if (s->ld)
        ldap_get_option(s->ld, LDAP_OPT_DIAGNOSTIC_MESSAGE, &diagnostic);
    str_addf(error, "%s: %s%s%s", what, ldap_err2string(code), diagnostic && *diagnostic ? ": " : "",
             diagnostic ? diagnostic : "");
    ldap_memfree(diagnostic);
    return false;
}

int ldap_scope_of(const struct conf *conf)
{
    return span_is(span_of(conf->directory_scope), "one") ? LDAP_SCOPE_ONELEVEL : LDAP_SCOPE_SUBTREE;
}

static bool set_options(struct ldap_server *s, struct str *error)
{
    const struct conf *conf = s->conf;
    const struct timeval timeout = {.tv_sec = (time_t)conf->directory_timeout};
    const int version = LDAP_VERSION3, demand = LDAP_OPT_X_TLS_HARD, server_side = 0;
    int code = ldap_set_option(s->ld, LDAP_OPT_PROTOCOL_VERSION, &version);
    if (code == LDAP_OPT_SUCCESS)
        code = ldap_set_option(s->ld, LDAP_OPT_REFERRALS,
                               LDAP_OPT_OFF); /* never followed: they lead where we know nobody */
    if (code == LDAP_OPT_SUCCESS)
        code = ldap_set_option(s->ld, LDAP_OPT_NETWORK_TIMEOUT, &timeout);
    if (code == LDAP_OPT_SUCCESS) /* else libldap reads a handshake that does not come for ever, in a busy loop */
        code = ldap_set_option(s->ld, LDAP_OPT_CONNECT_ASYNC, LDAP_OPT_ON);
    if (code == LDAP_OPT_SUCCESS) /* StartTLS and the bind: whoever accepts and says nothing must not hold us */
        code = ldap_set_option(s->ld, LDAP_OPT_TIMEOUT, &timeout);
    if (code == LDAP_OPT_SUCCESS)
        code = ldap_set_option(s->ld, LDAP_OPT_X_TLS_REQUIRE_CERT, &demand);
    if (code == LDAP_OPT_SUCCESS && *conf->directory_ca)
        code = ldap_set_option(s->ld, LDAP_OPT_X_TLS_CACERTFILE, conf->directory_ca);
    if (code == LDAP_OPT_SUCCESS && *conf->directory_certificate) {
        code = ldap_set_option(s->ld, LDAP_OPT_X_TLS_CERTFILE, conf->directory_certificate);
        if (code == LDAP_OPT_SUCCESS)
            code = ldap_set_option(s->ld, LDAP_OPT_X_TLS_KEYFILE, conf->directory_private_key);
    }
    if (code == LDAP_OPT_SUCCESS) /* the options above count from here on */
        code = ldap_set_option(s->ld, LDAP_OPT_X_TLS_NEWCTX, &server_side);
    return code == LDAP_OPT_SUCCESS || ldap_fail(s, code, "TLS options", error);
}

static bool start_tls(struct ldap_server *s, struct str *error)
{
    if (!s->conf->directory_starttls || !span_starts_nocase(span_of(s->conf->directory_url), "ldap://"))
        return true;
    int code = ldap_start_tls_s(s->ld, NULL, NULL);
    return code == LDAP_SUCCESS || ldap_fail(s, code, "StartTLS", error);
}

static bool bind_as(struct ldap_server *s, struct str *error)
{
    const struct conf *conf = s->conf;
    struct span how = span_of(conf->directory_bind);
    /* EXTERNAL's first answer is there and empty: "as whom the certificate says" (RFC 4513 5.2.3, RFC 4422 A.1) */
    char nobody_else[] = "";
    struct berval secret = {0, nobody_else};
    struct str password;
    int code;
    str_init_secret(&password, 1024);
    if (span_is(how, "simple") && !secret_read(&password, conf->directory_password_file, error)) {
        str_free(&password);
        return false;
    }
    if (password.len)
        secret = (struct berval){password.len, password.data};
    const char *dn = span_is(how, "simple") ? conf->directory_bind_dn : NULL;
    code = ldap_sasl_bind_s(s->ld, dn, span_is(how, "external") ? "EXTERNAL" : LDAP_SASL_SIMPLE, &secret, NULL, NULL,
                            NULL);
    str_wipe(&password);
    return code == LDAP_SUCCESS || ldap_fail(s, code, "bind", error);
}

static bool offers_sync(struct ldap_server *s)
{
    const char *attributes[] = {"supportedControl", NULL};
    struct timeval limit = {.tv_sec = (time_t)s->conf->directory_timeout};
    LDAPMessage *result = NULL;
    bool found = false;
    int code = ldap_search_ext_s(s->ld, "", LDAP_SCOPE_BASE, "(objectClass=*)", (char **)(uintptr_t)attributes, 0, NULL,
                                 NULL, &limit, 1, &result);
    LDAPMessage *entry = code == LDAP_SUCCESS ? ldap_first_entry(s->ld, result) : NULL;
    struct berval **values = entry ? ldap_get_values_len(s->ld, entry, attributes[0]) : NULL;
    for (size_t i = 0; values && values[i]; i++)
        found = found || span_is((struct span){values[i]->bv_val, values[i]->bv_len}, LDAP_CONTROL_SYNC);
    ldap_value_free_len(values);
    ldap_msgfree(result);
    return found;
}

static bool goes_by_tls(const struct conf *conf)
{
    return span_starts_nocase(span_of(conf->directory_url), "ldaps://") ||
           (conf->directory_starttls && span_starts_nocase(span_of(conf->directory_url), "ldap://"));
}

/* What must not even be tried: TLS under the system's CAs (anybody's), and a password in clear on a network. */
static bool may_connect(const struct conf *conf, struct str *error)
{
    if (goes_by_tls(conf))
        return *conf->directory_ca ||
               (str_puts(error, "directory.ca is not set: nothing to verify the server by"), false);
    if (span_is(span_of(conf->directory_bind), "anonymous") ||
        span_starts_nocase(span_of(conf->directory_url), "ldapi://"))
        return true;
    str_puts(error, "directory.bind wants ldaps:// or directory.starttls");
    return false;
}

/* libldap leaves a connection of its asynchronous kind blocking once TLS stands: half a record would hold us for ever. */
static bool never_block(struct ldap_server *s, struct str *error)
{
    int fd = -1;
    if (ldap_get_option(s->ld, LDAP_OPT_DESC, &fd) == LDAP_OPT_SUCCESS && fd >= 0 &&
        fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK) == 0)
        return true;
    str_puts(error, "no connection");
    return false;
}

struct ldap_server *ldap_server_open(const struct conf *conf, struct str *error)
{
    struct ldap_server *s = xcalloc(1, sizeof(*s));
    s->conf = conf;
    s->msgid = -1;
    str_init(&s->cookie, 64 * 1024);
    (void)annuaire_attributes(conf, s->attributes);
    if (!may_connect(conf, error)) {
        ldap_server_close(&s);
        return NULL;
    }
    int code = ldap_initialize(&s->ld, conf->directory_url);
    if (code != LDAP_SUCCESS)
        (void)ldap_fail(s, code, conf->directory_url, error);
    else if (set_options(s, error) && start_tls(s, error) && bind_as(s, error) && never_block(s, error)) {
        s->follows = span_is(span_of(conf->directory_follow), "auto") && offers_sync(s);
        return s;
    }
    ldap_server_close(&s);
    return NULL;
}

void ldap_server_close(struct ldap_server **s)
{
    if (!*s)
        return;
    if ((*s)->ld)
        ldap_unbind_ext((*s)->ld, NULL, NULL);
    str_free(&(*s)->cookie);
    xfree(s);
}

bool ldap_server_follows(const struct ldap_server *s)
{
    return s->follows;
}

void ldap_uuid_text(char out[64], struct span uuid)
{
    struct str hex;
    str_init(&hex, 63);
    if (!hex_encode(&hex, uuid))
        str_clear(&hex);
    snprintf(out, 64, "%s", hex.len ? hex.data : "");
    str_free(&hex);
}

/* "6ba7b810-9dad-11d1-80b4-00c04fd430c8" and sixteen bytes are the same key. */
static void key_from_text(char out[64], struct span text)
{
    size_t n = 0;
    for (size_t i = 0; i < text.n && n + 1 < 64; i++)
        if (text.p[i] != '-')
            out[n++] = (char)(text.p[i] >= 'A' && text.p[i] <= 'F' ? text.p[i] + 32 : text.p[i]);
    out[n] = 0;
}

static size_t gather(struct ldap_server *s, LDAPMessage *entry, struct raw_value out[VALUES_MAX],
                     struct berval **kept[ANNUAIRE_ATTRIBUTES_MAX])
{
    size_t count = 0;
    for (size_t a = 0; s->attributes[a]; a++) {
        kept[a] = ldap_get_values_len(s->ld, entry, s->attributes[a]);
        for (size_t v = 0; kept[a] && kept[a][v] && v < 8 && count < VALUES_MAX; v++)
            out[count++] = (struct raw_value){s->attributes[a], {kept[a][v]->bv_val, kept[a][v]->bv_len}};
    }
    return count;
}

void ldap_collect(struct ldap_server *s, LDAPMessage *entry, struct span uuid, struct collector *c)
{
    struct raw_value values[VALUES_MAX];
    struct berval **kept[ANNUAIRE_ATTRIBUTES_MAX] = {NULL};
    char key[64] = "";
    size_t count = gather(s, entry, values, kept);
    if (uuid.n)
        ldap_uuid_text(key, uuid);
    for (size_t i = 0; !*key && i < count; i++)
        if (span_is_nocase(span_of(values[i].attribute), "entryUUID"))
            key_from_text(key, values[i].value);
    char *dn = *key ? NULL : ldap_get_dn(s->ld, entry);
    collector_entry(c, values, count, *key ? key : dn ? dn : "");
    ldap_memfree(dn);
    for (size_t a = 0; a < ANNUAIRE_ATTRIBUTES_MAX; a++)
        ldap_value_free_len(kept[a]);
}
