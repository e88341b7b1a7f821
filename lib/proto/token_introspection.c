#include "lib/proto/token_introspection.h"

#include "lib/base/text.h"

#include <jansson.h>

enum introspection introspection_read(struct span json)
{
    if (json.n == 0 || json.n > INTROSPECTION_ANSWER_MAX)
        return INTROSPECTION_UNKNOWN;
    json_t *root = json_loadb(json.p, json.n, JSON_REJECT_DUPLICATES, NULL);
    const json_t *active = json_object_get(root, "active"); /* REQUIRED, a boolean */
    enum introspection answer = json_is_true(active)    ? INTROSPECTION_ACTIVE
                                : json_is_false(active) ? INTROSPECTION_INACTIVE
                                                        : INTROSPECTION_UNKNOWN;
    json_decref(root);
    return answer;
}

void introspection_form(struct str *out, struct span token, const char *client_id, const char *secret)
{
    str_puts(out, "token_type_hint=access_token&token=");
    percent_encode(out, token);
    if (client_id) {
        str_puts(out, "&client_id=");
        percent_encode(out, span_of(client_id));
    }
    if (secret) {
        str_puts(out, "&client_secret=");
        percent_encode(out, span_of(secret));
    }
}

void introspection_basic(struct str *out, const char *client_id, const char *secret)
{
    struct str pair;
    str_init_secret(&pair, 8192);
    percent_encode(&pair, span_of(client_id));
    str_putc(&pair, ':');
    percent_encode(&pair, span_of(secret));
    str_puts(out, "Basic ");
    base64_encode(out, str_span(&pair));
    str_wipe(&pair);
}
