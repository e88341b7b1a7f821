#include "lib/proto/token_oidc.h"

#include "lib/base/num.h"
#include "lib/base/text.h"

#include <jansson.h>
#include <string.h>

static json_t *load(struct span json)
{
    if (json.n == 0 || json.n > OIDC_ANSWER_MAX)
        return NULL;
    json_t *root = json_loadb(json.p, json.n, JSON_REJECT_DUPLICATES, NULL);
    if (root && !json_is_object(root)) {
        json_decref(root);
        root = NULL;
    }
    return root;
}

static bool copy_text(char *out, size_t size, const json_t *root, const char *key)
{
    const json_t *value = json_object_get(root, key);
    struct span text = {json_string_value(value), json_string_length(value)};
    out[0] = '\0';
    if (!text.p || text.n == 0 || text.n >= size || !ascii_printable(text))
        return false;
    memcpy(out, text.p, text.n);
    out[text.n] = '\0';
    return true;
}

static bool copy_url(char out[OIDC_URL_MAX], const json_t *root, const char *key)
{
    return copy_text(out, OIDC_URL_MAX, root, key) && span_starts_nocase(span_of(out), "https://") &&
           !strpbrk(out, " \"<>\\#");
}

bool oidc_provider_read(struct oidc_provider *p, struct span json)
{
    json_t *root = load(json);
    if (!root)
        return false;
    bool ok = copy_url(p->issuer, root, "issuer") && copy_url(p->authorization, root, "authorization_endpoint") &&
              copy_url(p->token, root, "token_endpoint") && copy_url(p->userinfo, root, "userinfo_endpoint");
    if (!copy_url(p->end_session, root, "end_session_endpoint"))
        p->end_session[0] = '\0';
    json_decref(root);
    return ok;
}

void oidc_tokens_init(struct oidc_tokens *t)
{
    *t = (struct oidc_tokens){0};
    str_init_secret(&t->access, OIDC_TOKEN_MAX);
    str_init_secret(&t->id, OIDC_TOKEN_MAX);
    str_init_secret(&t->refresh, OIDC_TOKEN_MAX);
}

static bool add_token(struct str *out, const json_t *root, const char *key)
{
    const json_t *value = json_object_get(root, key);
    struct span text = {json_string_value(value), json_string_length(value)};
    return text.p && text.n > 0 && ascii_printable(text) && str_add_span(out, text);
}

bool oidc_tokens_read(struct oidc_tokens *t, struct span json)
{
    json_t *root = load(json);
    if (!root)
        return false;
    bool refused = copy_text(t->error, sizeof(t->error), root, "error");
    bool ok = refused || add_token(&t->access, root, "access_token");
    if (ok && !refused) {
        add_token(&t->id, root, "id_token");
        add_token(&t->refresh, root, "refresh_token");
    }
    json_int_t life = json_integer_value(json_object_get(root, "expires_in"));
    t->expires_in = life > 0 ? (uint64_t)life : 0;
    json_decref(root);
    return ok;
}

void oidc_tokens_free(struct oidc_tokens *t)
{
    str_wipe(&t->access);
    str_wipe(&t->id);
    str_wipe(&t->refresh);
}

static void add_site(struct oidc_userinfo *u, const json_t *activity, const char *key, size_t digits)
{
    char site[sizeof(u->sites[0])];
    if (!copy_text(site, sizeof(site), activity, key) || strlen(site) != digits || u->site_count == OIDC_SITES_MAX)
        return;
    for (size_t i = 0; i < digits; i++)
        if (!((site[i] >= '0' && site[i] <= '9') || (digits == 9 && (site[i] == 'A' || site[i] == 'B'))))
            return;
    for (size_t i = 0; i < u->site_count; i++)
        if (strcmp(u->sites[i], site) == 0)
            return;
    memcpy(u->sites[u->site_count++], site, digits + 1);
}

static void add_sites(struct oidc_userinfo *u, const json_t *activities)
{
    for (size_t i = 0; i < json_array_size(activities); i++) {
        add_site(u, json_array_get(activities, i), "numeroFinessSite", 9);
        add_site(u, json_array_get(activities, i), "numeroSiretSite", 14);
    }
}

bool oidc_userinfo_read(struct oidc_userinfo *u, struct span json)
{
    json_t *root = load(json);
    *u = (struct oidc_userinfo){.site_count = 0};
    if (!root)
        return false;
    bool ok = copy_text(u->subject, sizeof(u->subject), root, "sub");
    const json_t *exercises = json_object_get(json_object_get(root, "SubjectRefPro"), "exercices");
    for (size_t i = 0; i < json_array_size(exercises); i++)
        add_sites(u, json_object_get(json_array_get(exercises, i), "activities"));
    json_decref(root);
    return ok;
}
