#include "lib/proto/mime_documents.h"

#include "lib/proto/charset.h"
#include "lib/proto/mime_decode.h"
#include "lib/proto/xdm.h"

enum { LABEL_MAX = 1024, TITLES_MAX = 64 << 10, ZIP_MIN = 22 /* bytes: an empty archive's */ };

/* "NOM Prénom 02/02/1937" */
static struct span patient_label(struct arena *arena, const struct xdm_patient *p)
{
    struct span name = p->birth_name.n ? p->birth_name : p->used_name, d = p->birth_date;
    bool dated = d.n == 10;
    if (!name.n)
        return SPAN_NONE;
    char *text = arena_printf(arena, "%.*s %.*s%s%.*s%s%.*s%s%.*s", (int)name.n, name.p, (int)p->first_names.n,
                              p->first_names.p ? p->first_names.p : "", dated ? " " : "", dated ? 2 : 0,
                              dated ? d.p + 8 : "", dated ? "/" : "", dated ? 2 : 0, dated ? d.p + 5 : "",
                              dated ? "/" : "", dated ? 4 : 0, dated ? d.p : "");
    return text ? utf8_prefix(span_trim(span_of(text)), LABEL_MAX) : SPAN_NONE;
}

static void read_facts(struct mime_documents *out, struct arena *arena, struct span facts)
{
    struct xdm_view view;
    struct xdm_document document;
    struct str titles;
    if (!xdm_open(&view, facts))
        return;
    out->flags =
        SUMMARY_HAS_XDM | (view.has_cda ? SUMMARY_HAS_CDA : 0U) | (view.ins_qualified ? SUMMARY_INS_QUALIFIED : 0U);
    out->codes = arena_span(arena, view.cda_codes);
    out->patient = patient_label(arena, &view.patient);
    str_init(&titles, TITLES_MAX);
    while (xdm_next(&view, &document)) {
        str_puts(&titles, titles.len ? "\n" : "");
        str_add_span(&titles, document.title.n ? document.title : document.kind_label);
        if (!out->author.n)
            out->author = arena_span(arena, document.author);
        if (!out->date.n)
            out->date = arena_span(arena, document.date);
    }
    out->titles = arena_span(arena, str_span(&titles));
    str_free(&titles);
}

/* By name, or by type: then the archive itself says whether it is one. */
static bool may_be_xdm(const struct mime_tree *tree, const struct mime_part *part)
{
    struct span name = mime_part_name(tree, part);
    size_t n = part->body_end - part->body_begin;
    bool zip = name.n > 4 && span_is_nocase((struct span){name.p + name.n - 4, 4}, ".zip");
    return part->kind == PART_LEAF && n >= ZIP_MIN && n <= XDM_ZIP_MAX * 3UL / 2 &&
           (zip || mime_type_is(part, "application", "zip") || mime_type_is(part, "application", "x-zip-compressed"));
}

void mime_documents_read(struct mime_documents *out, const struct mime_tree *tree, bool test_counts)
{
    struct str zip, facts;
    *out = (struct mime_documents){.flags = 0};
    str_init(&zip, XDM_ZIP_MAX);
    str_init(&facts, XDM_FACTS_MAX);
    for (size_t i = 0; i < tree->parts.len && !out->flags; i++) {
        const struct mime_part *part = &tree->parts.items[i];
        str_clear(&zip);
        if (!may_be_xdm(tree, part) || !mime_decode(&zip, part->encoding, mime_body_of(tree, part)) ||
            !xdm_is(str_span(&zip)))
            continue;
        xdm_read(&facts, str_span(&zip), test_counts);
        read_facts(out, tree->arena, str_span(&facts));
    }
    str_free(&zip);
    str_free(&facts);
}
