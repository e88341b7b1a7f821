/* The facts of a CDA's header, and the document inside a level 1 body. */
#include "lib/proto/cda.h"

#include "lib/base/text.h"
#include "lib/proto/cda_xml.h"
#include "lib/proto/ins.h"
#include "lib/proto/mime_decode.h"

#include <string.h>

static const char hl7[] = "urn:hl7-org:v3";

static bool is_cda(const xmlNode *root)
{
    return xml_is(root, "ClinicalDocument") && root->ns && root->ns->href &&
           strcmp((const char *)root->ns->href, hl7) == 0;
}

/* "19370202…" as "1937-02-02"; what is shorter stays as far as it goes. */
static struct span iso_date(struct arena *arena, struct span hl7_time)
{
    struct span digits = {hl7_time.p, 0};
    while (digits.n < hl7_time.n && digits.n < 8 && hl7_time.p[digits.n] >= '0' && hl7_time.p[digits.n] <= '9')
        digits.n++;
    if (digits.n < 4)
        return SPAN_NONE;
    char *text =
        arena_printf(arena, "%.4s%s%.*s%s%.*s", digits.p, digits.n >= 6 ? "-" : "", digits.n >= 6 ? 2 : 0, digits.p + 4,
                     digits.n >= 8 ? "-" : "", digits.n >= 8 ? 2 : 0, digits.p + (digits.n >= 6 ? 6 : 4));
    return text ? span_of(text) : SPAN_NONE;
}

static bool has_token(struct span list, const char *wanted)
{
    struct span token;
    while (span_cut(&list, ' ', &token))
        if (span_is(token, wanted))
            return true;
    return false;
}

static struct span joined(struct arena *arena, struct span a, struct span b)
{
    if (!a.n || !b.n)
        return a.n ? a : b;
    char *text = arena_printf(arena, "%.*s %.*s", (int)a.n, a.p, (int)b.n, b.p);
    return text ? span_of(text) : a;
}

/* The birth name is qualified BR; the first names are those without qualifier, else the one qualified BR. */
static void read_names(struct xdm_patient *patient, struct arena *arena, const xmlNode *name)
{
    struct span plain = SPAN_NONE, birth_given = SPAN_NONE;
    for (const xmlNode *n = xml_child(name, "family"); n; n = xml_next(n, "family")) {
        struct span qualifier = xml_attribute(arena, n, "qualifier");
        struct span *to = has_token(qualifier, "BR") ? &patient->birth_name : &patient->used_name;
        if (!to->n)
            *to = xml_text(arena, n);
    }
    for (const xmlNode *n = xml_child(name, "given"); n; n = xml_next(n, "given")) {
        struct span qualifier = xml_attribute(arena, n, "qualifier");
        if (has_token(qualifier, "BR"))
            birth_given = xml_text(arena, n);
        else if (!qualifier.n)
            plain = joined(arena, plain, xml_text(arena, n));
    }
    patient->first_names = plain.n ? plain : birth_given;
}

static void read_matricule(struct xdm_patient *patient, struct arena *arena, const xmlNode *role)
{
    for (const xmlNode *id = xml_child(role, "id"); id; id = xml_next(id, "id")) {
        struct span root = xml_attribute(arena, id, "root"), extension = xml_attribute(arena, id, "extension");
        enum ins_authority authority = ins_authority_of(root);
        if (patient->matricule.n && (authority == INS_UNKNOWN || patient->authority != INS_UNKNOWN))
            continue;
        patient->authority = authority;
        patient->oid = root;
        patient->matricule = extension;
    }
    struct ins ins;
    patient->key_right = ins_read(patient->matricule, &ins);
}

/* Matricules of the kind that was taken, which is a person's own: one. */
static bool several_patients(const struct xdm_patient *patient, struct arena *arena, const xmlNode *root)
{
    const xmlNode *target = xml_child(root, "recordTarget");
    bool several = target && xml_next(target, "recordTarget");
    for (const xmlNode *id = xml_path(target, "patientRole/id"); id; id = xml_next(id, "id"))
        several |= patient->authority != INS_UNKNOWN && span_eq(xml_attribute(arena, id, "root"), patient->oid) &&
                   !span_eq(xml_attribute(arena, id, "extension"), patient->matricule);
    return several;
}

static void read_patient(struct xdm_patient *patient, struct arena *arena, const xmlNode *root)
{
    const xmlNode *role = xml_path(root, "recordTarget/patientRole"), *who = xml_child(role, "patient");
    read_matricule(patient, arena, role);
    read_names(patient, arena, xml_child(who, "name"));
    patient->birth_date = iso_date(arena, xml_attribute(arena, xml_child(who, "birthTime"), "value"));
    patient->sex = xml_attribute(arena, xml_child(who, "administrativeGenderCode"), "code");
    patient->birthplace = xml_text(arena, xml_path(who, "birthplace/place/addr/city"));
    bool sex = span_is(patient->sex, "M") || span_is(patient->sex, "F");
    patient->complete = patient->matricule.n && patient->authority != INS_UNKNOWN && patient->birth_name.n &&
                        patient->first_names.n && patient->birth_date.n == 10 && sex; /* ECO.2.4.2 */
}

static struct span person(struct arena *arena, const xmlNode *name)
{
    struct span prefix = xml_text(arena, xml_child(name, "prefix")), given = xml_text(arena, xml_child(name, "given"));
    return joined(arena, joined(arena, prefix, given), xml_text(arena, xml_child(name, "family")));
}

static struct span instance_id(struct arena *arena, const xmlNode *id)
{
    struct span root = xml_attribute(arena, id, "root"), extension = xml_attribute(arena, id, "extension");
    if (!extension.n)
        return root;
    char *text = arena_printf(arena, "%.*s^%.*s", (int)root.n, root.p, (int)extension.n, extension.p);
    return text ? span_of(text) : root;
}

static void read_header(struct cda_facts *facts, struct arena *arena, const xmlNode *root)
{
    const xmlNode *code = xml_child(root, "code"), *author = xml_path(root, "author/assignedAuthor"), *component;
    facts->code = xml_attribute(arena, code, "code");
    facts->code_label = xml_attribute(arena, code, "displayName");
    facts->title = xml_text(arena, xml_child(root, "title"));
    facts->unique_id = instance_id(arena, xml_child(root, "id"));
    for (const xmlNode *n = xml_child(root, "relatedDocument"); n; n = xml_next(n, "relatedDocument"))
        if (span_is(xml_attribute(arena, n, "typeCode"), "RPLC"))
            facts->replaces = instance_id(arena, xml_path(n, "parentDocument/id"));
    facts->author = person(arena, xml_path(author, "assignedPerson/name"));
    facts->author_structure = xml_text(arena, xml_path(author, "representedOrganization/name"));
    const xmlNode *act = xml_path(root, "documentationOf/serviceEvent/effectiveTime/low");
    struct span date = xml_attribute(arena, act, "value");
    if (!date.n)
        date = xml_attribute(arena, xml_child(root, "effectiveTime"), "value");
    facts->date = iso_date(arena, date);
    component = xml_child(root, "component");
    facts->has_pdf_body =
        span_is_nocase(xml_attribute(arena, xml_path(component, "nonXMLBody/text"), "mediaType"), "application/pdf");
    facts->has_narrative = xml_child(component, "structuredBody") != NULL;
    read_patient(&facts->patient, arena, root);
    facts->several_patients = several_patients(&facts->patient, arena, root);
}

bool cda_read(struct cda_facts *facts, struct arena *arena, struct span xml, const char **problem)
{
    *facts = (struct cda_facts){.code = SPAN_NONE};
    xmlDoc *document = xml_read(xml, problem);
    if (!document)
        return false;
    const xmlNode *root = xmlDocGetRootElement(document);
    bool ok = is_cda(root);
    if (ok)
        read_header(facts, arena, root);
    else
        *problem = "not a CDA";
    xmlFreeDoc(document);
    return ok;
}

/* The one text node of <text representation="B64">, whatever its size. */
static void add_content(struct str *out, const xmlNode *text, enum part_encoding encoding)
{
    for (const xmlNode *node = text->children; node; node = node->next)
        if ((node->type == XML_TEXT_NODE || node->type == XML_CDATA_SECTION_NODE) && node->content)
            mime_decode(out, encoding, span_of((const char *)node->content));
}

bool cda_body(struct str *out, struct str *media_type, struct span xml)
{
    const char *problem;
    struct arena *arena = arena_new(1 << 20);
    xmlDoc *document = xml_read(xml, &problem);
    const xmlNode *root = document ? xmlDocGetRootElement(document) : NULL;
    const xmlNode *text = root && is_cda(root) ? xml_path(root, "component/nonXMLBody/text") : NULL;
    str_clear(out);
    str_clear(media_type);
    if (text) {
        bool base64 = span_is(xml_attribute(arena, text, "representation"), "B64");
        add_content(out, text, base64 ? ENCODING_BASE64 : ENCODING_8BIT);
        str_add_span(media_type, xml_attribute(arena, text, "mediaType"));
    }
    if (document)
        xmlFreeDoc(document);
    arena_destroy(&arena);
    return text && out->len && !out->overflow;
}
