#include "lib/proto/json_fhir.h"

#include "lib/base/json.h"
#include "lib/base/text.h"

#include <jansson.h>
#include <stdio.h>
#include <string.h>

#define METADATA "https://interop.esante.gouv.fr/ig/fhir/annuaire/StructureDefinition/as-ext-mailbox-mss-metadata"

enum { MAILBOXES_MAX = 10000, BUNDLE_MAX = 64 * 1024 * 1024 };

static void put_part(struct str *out, const char *name, const char *type, const char *value)
{
    json_open(out, '{');
    json_put(out, "name", name);
    json_put(out, type, value);
    json_close(out, '}');
}

static void put_extension(struct str *out, const char *url, const char *value)
{
    if (!value || !*value)
        return;
    json_open(out, '{');
    json_put(out, "url", url);
    json_put(out, "valueString", value);
    json_close(out, '}');
}

static void put_metadata(struct str *out, const struct fhir_mailbox *m)
{
    json_key(out, "extension");
    json_open(out, '[');
    json_open(out, '{');
    json_put(out, "url", METADATA);
    json_key(out, "extension");
    json_open(out, '[');
    json_open(out, '{');
    json_put(out, "url", "type");
    json_put(out, "valueString", m->kind);
    json_close(out, '}');
    json_open(out, '{');
    json_put(out, "url", "listeRouge");
    json_put_bool(out, "valueBoolean", m->red_listed);
    json_close(out, '}');
    put_extension(out, "description", m->description);
    put_extension(out, "service", m->service);
    put_extension(out, "responsible", m->responsible);
    json_close(out, ']');
    json_close(out, '}');
    json_close(out, ']');
}

static void put_value(struct str *out, const struct fhir_mailbox *m)
{
    json_open(out, '{');
    json_put(out, "name", "value");
    json_key(out, "valueContactPoint");
    json_open(out, '{');
    json_put(out, "system", "email");
    json_put(out, "value", m->address);
    put_metadata(out, m);
    json_close(out, '}');
    json_close(out, '}');
}

/* Where the operation applies: the whole list, a new one, or the element that has this address. Addresses are keys of
 * proto/address.h in ASCII: an apostrophe is the one sign of theirs that FHIRPath reads. */
static void put_path(struct str *out, const char *resource, enum fhir_operation operation, const char *address,
                     bool add)
{
    struct str path;
    str_init(&path, 2048);
    if (operation == FHIR_INSERT) {
        str_addf(&path, add ? "%s" : "%s.telecom", resource);
    } else {
        str_addf(&path, "%s.telecom.where(value = '", resource);
        for (const char *p = address; *p; p++) {
            if (*p == '\'' || *p == '\\')
                str_putc(&path, '\\');
            str_putc(&path, *p);
        }
        str_puts(&path, "')");
    }
    put_part(out, "path", "valueString", path.data);
    str_free(&path);
}

void fhir_patch(struct str *out, const char *resource, enum fhir_operation operation, const struct fhir_mailbox *m,
                size_t telecom_count)
{
    static const char *const names[] = {[FHIR_INSERT] = "insert", [FHIR_REPLACE] = "replace", [FHIR_DELETE] = "delete"};
    bool add = operation == FHIR_INSERT && telecom_count == 0; /* FHIR Patch: insert wants a list that is there */
    json_open(out, '{');
    json_put(out, "resourceType", "Parameters");
    json_key(out, "parameter");
    json_open(out, '[');
    json_open(out, '{');
    json_put(out, "name", "operation");
    json_key(out, "part");
    json_open(out, '[');
    put_part(out, "type", "valueCode", add ? "add" : names[operation]);
    put_path(out, resource, operation, m->address, add);
    if (add)
        put_part(out, "name", "valueString", "telecom");
    if (operation == FHIR_INSERT && !add) {
        json_open(out, '{');
        json_put(out, "name", "index");
        json_put_i64(out, "valueInteger", (int64_t)telecom_count);
        json_close(out, '}');
    }
    if (operation != FHIR_DELETE)
        put_value(out, m);
    json_close(out, ']');
    json_close(out, '}');
    json_close(out, ']');
    json_close(out, '}');
}

static void copy(char *out, size_t size, const char *text)
{
    struct str clean;
    str_init(&clean, 4096);
    text_sanitize(&clean, span_of(text ? text : ""));
    size_t n = clean.len < size ? clean.len : size - 1;
    while (n > 0 && n < clean.len && ((uint8_t)clean.data[n] & 0xc0) == 0x80)
        n--;
    if (n)
        memcpy(out, clean.data, n);
    out[n] = 0;
    str_free(&clean);
}

static void read_metadata(struct fhir_telecom *t, json_t *contact)
{
    size_t i, k;
    json_t *outer, *inner;
    json_array_foreach(json_object_get(contact, "extension"), i, outer)
    {
        json_array_foreach(json_object_get(outer, "extension"), k, inner)
        {
            const char *url = json_string_value(json_object_get(inner, "url"));
            if (!url)
                continue;
            if (strcmp(url, "type") == 0)
                copy(t->kind, sizeof(t->kind), json_string_value(json_object_get(inner, "valueString")));
            else if (strcmp(url, "listeRouge") == 0)
                t->red_listed = json_is_true(json_object_get(inner, "valueBoolean"));
            else if (strcmp(url, "description") == 0)
                copy(t->description, sizeof(t->description), json_string_value(json_object_get(inner, "valueString")));
        }
    }
}

static void read_resource(struct fhir_found *out, json_t *resource)
{
    size_t i;
    json_t *contact, *telecom = json_object_get(resource, "telecom");
    if (out->resources == 0) {
        copy(out->version, sizeof(out->version),
             json_string_value(json_object_get(json_object_get(resource, "meta"), "versionId")));
        out->telecom_count = json_array_size(telecom);
    }
    json_array_foreach(telecom, i, contact)
    {
        struct fhir_telecom t = {.red_listed = false};
        const char *value = json_string_value(json_object_get(contact, "value"));
        if (!value || !strchr(value, '@') || strlen(value) >= sizeof(t.address) || out->mailboxes.len == MAILBOXES_MAX)
            continue;
        copy(t.address, sizeof(t.address), value);
        read_metadata(&t, contact);
        vec_push(&out->mailboxes, t);
    }
    out->resources++;
}

bool fhir_read_bundle(struct span json, struct fhir_found *out)
{
    *out = (struct fhir_found){.resources = 0};
    if (json.n > BUNDLE_MAX)
        return false;
    json_t *root = json_loadb(json.p, json.n, JSON_REJECT_DUPLICATES, NULL), *entry;
    const char *type = json_string_value(json_object_get(root, "resourceType"));
    bool ok = type && strcmp(type, "Bundle") == 0;
    size_t i;
    json_array_foreach(ok ? json_object_get(root, "entry") : NULL, i, entry)
    {
        json_t *resource = json_object_get(entry, "resource");
        if (json_is_object(resource))
            read_resource(out, resource);
    }
    json_decref(root);
    return ok;
}

void fhir_found_free(struct fhir_found *found)
{
    vec_free(&found->mailboxes);
}

bool fhir_read_outcome(struct span json, struct str *words)
{
    char text[512];
    size_t i;
    json_t *root = json.n <= BUNDLE_MAX ? json_loadb(json.p, json.n, 0, NULL) : NULL, *issue;
    const char *type = json_string_value(json_object_get(root, "resourceType"));
    bool ok = type && strcmp(type, "OperationOutcome") == 0;
    json_array_foreach(ok ? json_object_get(root, "issue") : NULL, i, issue)
    {
        const char *what = json_string_value(json_object_get(issue, "diagnostics"));
        const char *code = json_string_value(json_object_get(issue, "code"));
        copy(text, sizeof(text), what ? what : code);
        str_addf(words, "%s%s", words->len ? " ; " : "", text);
    }
    json_decref(root);
    return ok;
}
