#include "lib/proto/token_discovery.h"

#include <jansson.h>

bool discovery_field(struct str *out, struct span json, const char *name)
{
    json_t *root = json_loadb(json.p, json.n, JSON_REJECT_DUPLICATES, NULL);
    const char *value = json_string_value(json_object_get(root, name));
    bool ok = value && *value && str_puts(out, value);
    json_decref(root);
    return ok;
}

bool jwks_has_keys(struct span json)
{
    json_t *root = json_loadb(json.p, json.n, JSON_REJECT_DUPLICATES, NULL);
    bool ok = json_array_size(json_object_get(root, "keys")) > 0;
    json_decref(root);
    return ok;
}
