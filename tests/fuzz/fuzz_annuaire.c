/* Values of an LDAP entry, as hostile as they come: name, NUL, value, NUL … What is taken must be fit for a row. */
#include "directory/annuaire_map.h"

#include "lib/base/text.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void check(const char *text)
{
    uint32_t c;
    struct span rest = span_of(text);
    must(!text || utf8_valid(rest));
    while (rest.n && utf8_next(&rest, &c))
        must(c >= 0x20 && c != 0x7f && !(c >= 0x202a && c <= 0x202e) && !(c >= 0x2066 && c <= 0x2069));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    static struct conf conf;
    enum { VALUES = 32 };
    static char names[][24] = {"mail", "kind", "title", "given", "family", "idtype", "id", "town", "structure", "red"};
    char *const settings[] = {names[0], names[1], names[2], names[3], names[4],
                              names[5], names[6], names[7], names[8], names[9]};
    char empty[] = "";
    struct raw_value values[VALUES];
    size_t count = 0;
    conf.directory_attr_mail = settings[0], conf.directory_attr_kind = settings[1],
    conf.directory_attr_title = settings[2];
    conf.directory_attr_given = settings[3], conf.directory_attr_family = settings[4];
    conf.directory_attr_person_id_type = settings[5], conf.directory_attr_person_id = settings[6];
    conf.directory_attr_town = settings[7], conf.directory_attr_structure = settings[8],
    conf.directory_attr_red_list = settings[9];
    conf.directory_attr_profession = conf.directory_attr_role = conf.directory_attr_structure_id = empty;
    conf.directory_attr_structure_id_type = conf.directory_attr_description = empty;
    struct span rest = {(const char *)data, n}, one;
    while (count < VALUES && span_cut(&rest, '\0', &one)) {
        if (one.n == 0)
            continue;
        values[count++] = (struct raw_value){settings[(uint8_t)one.p[0] % COUNT(settings)], {one.p + 1, one.n - 1}};
    }
    struct arena *arena = arena_new(0);
    struct annuaire_entry e;
    const char *why = NULL;
    if (annuaire_map(&conf, arena, values, count, "key", &e, &why)) {
        must(e.address && strchr(e.address, '@') && ascii_printable(span_of(e.address)) && strlen(e.kind) == 3);
        check(e.title), check(e.given), check(e.family), check(e.town), check(e.structure), check(e.national_id);
        struct annuaire_batch batch;
        annuaire_batch_init(&batch);
        annuaire_batch_add(&batch, &e);
        must(!batch.rows.overflow && utf8_valid(str_span(&batch.rows)));
        annuaire_batch_free(&batch);
    } else {
        must(why != NULL);
    }
    arena_destroy(&arena);
    return 0;
}
