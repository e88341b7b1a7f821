#include "directory/annuaire_map.h"

#include "lib/base/text.h"
#include "lib/proto/address.h"

#include <string.h>

size_t annuaire_attributes(const struct conf *conf, const char *out[ANNUAIRE_ATTRIBUTES_MAX])
{
    const char *const names[] = {conf->directory_attr_kind,
                                 conf->directory_attr_mail,
                                 conf->directory_attr_title,
                                 conf->directory_attr_given,
                                 conf->directory_attr_family,
                                 conf->directory_attr_person_id_type,
                                 conf->directory_attr_person_id,
                                 conf->directory_attr_profession,
                                 conf->directory_attr_role,
                                 conf->directory_attr_structure,
                                 conf->directory_attr_structure_id,
                                 conf->directory_attr_structure_id_type,
                                 conf->directory_attr_town,
                                 conf->directory_attr_description,
                                 conf->directory_attr_red_list,
                                 "entryUUID",
                                 "modifyTimestamp"};
    size_t count = 0;
    for (size_t i = 0; i < COUNT(names); i++)
        if (names[i] && *names[i])
            out[count++] = names[i];
    out[count] = NULL;
    return count;
}

/* The first value that can be shown: line breaks, controls and direction marks become U+FFFD, then a space. */
static const char *take(struct arena *arena, const struct raw_value *values, size_t count, const char *attribute)
{
    for (size_t i = 0; *attribute && i < count; i++) {
        struct span value = span_trim(values[i].value);
        if (!span_is_nocase(span_of(values[i].attribute), attribute) || value.n == 0 || value.n > ANNUAIRE_FIELD_MAX)
            continue;
        struct str clean;
        str_init(&clean, 4 * ANNUAIRE_FIELD_MAX);
        text_sanitize(&clean, value);
        char *kept = clean.len && !clean.overflow ? arena_strndup(arena, clean.data, clean.len) : NULL;
        str_free(&clean);
        if (kept)
            return kept;
    }
    return NULL;
}

static const char *take_address(struct arena *arena, const struct raw_value *values, size_t count,
                                const char *attribute)
{
    for (size_t i = 0; i < count; i++) {
        struct span value = span_trim(values[i].value);
        struct str key;
        if (!span_is_nocase(span_of(values[i].attribute), attribute) || value.n > ADDRESS_MAX)
            continue;
        str_init(&key, ADDRESS_MAX);
        char *kept = address_key_of(&key, value) && ascii_printable(str_span(&key))
                         ? arena_strndup(arena, key.data, key.len)
                         : NULL;
        str_free(&key);
        if (kept)
            return kept;
    }
    return NULL;
}

static const char *take_kind(struct arena *arena, const struct raw_value *values, size_t count, const char *attribute)
{
    static const char *const kinds[] = {"PER", "ORG", "APP", "CAB"};
    const char *kind = take(arena, values, count, attribute);
    for (size_t i = 0; kind && i < COUNT(kinds); i++)
        if (span_is_nocase(span_of(kind), kinds[i]))
            return kinds[i];
    return NULL;
}

/* Type digit + value, as PSC gives it: "8" + RPPS. */
static const char *take_national_id(struct arena *arena, const struct conf *conf, const struct raw_value *values,
                                    size_t count)
{
    const char *type = take(arena, values, count, conf->directory_attr_person_id_type);
    const char *number = take(arena, values, count, conf->directory_attr_person_id);
    if (!type || !number || strlen(type) != 1 || *type < '0' || *type > '9' || strlen(number) > 62)
        return NULL;
    for (const char *p = number; *p; p++)
        if (!((*p >= '0' && *p <= '9') || (*p >= 'A' && *p <= 'Z') || (*p >= 'a' && *p <= 'z') || *p == '/' ||
              *p == '.' || *p == '-'))
            return NULL;
    return arena_printf(arena, "%s%s", type, number);
}

bool annuaire_map(const struct conf *conf, struct arena *arena, const struct raw_value *values, size_t count,
                  const char *source_key, struct annuaire_entry *out, const char **why)
{
    *out = (struct annuaire_entry){.source_key = source_key};
    out->address = take_address(arena, values, count, conf->directory_attr_mail);
    if (!out->address) {
        *why = "no usable address";
        return false;
    }
    out->kind = take_kind(arena, values, count, conf->directory_attr_kind);
    if (!out->kind) {
        *why = "a kind that is not PER, ORG, APP or CAB";
        return false;
    }
    out->title = take(arena, values, count, conf->directory_attr_title);
    out->given = take(arena, values, count, conf->directory_attr_given);
    out->family = take(arena, values, count, conf->directory_attr_family);
    out->profession = take(arena, values, count, conf->directory_attr_profession);
    out->role = take(arena, values, count, conf->directory_attr_role);
    out->national_id = take_national_id(arena, conf, values, count);
    out->structure = take(arena, values, count, conf->directory_attr_structure);
    out->structure_id_type = take(arena, values, count, conf->directory_attr_structure_id_type);
    out->structure_national_id = take(arena, values, count, conf->directory_attr_structure_id);
    out->town = take(arena, values, count, conf->directory_attr_town);
    out->description = take(arena, values, count, conf->directory_attr_description);
    const char *red = take(arena, values, count, conf->directory_attr_red_list);
    out->red_listed =
        red && (span_is_nocase(span_of(red), "true") || strcmp(red, "1") == 0 || span_is_nocase(span_of(red), "oui"));
    return true;
}
