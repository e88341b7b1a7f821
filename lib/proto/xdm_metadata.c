#include "lib/proto/xdm_metadata.h"

#include "lib/base/num.h"
#include "lib/proto/cda_xml.h"
#include "lib/proto/ins.h"

#include <string.h>

/* Schemes of ebRIM classifications and identifiers (mssante.md; ITI TF-3 4.2.5). */
static const char class_scheme[] = "urn:uuid:41a5887f-8865-4c09-adf7-e362475b143a",
                  type_scheme[] = "urn:uuid:f0306f51-975f-434e-a61c-c59651d33983",
                  format_scheme[] = "urn:uuid:a09d5840-386c-46f2-b5ad-9c3699a4309d",
                  author_scheme[] = "urn:uuid:93606bcf-9494-43ec-9b4e-a7748d1a838d",
                  patient_scheme[] = "urn:uuid:58a6f841-87b3-4a3e-92fd-a8ffeff98427",
                  set_patient_scheme[] = "urn:uuid:6b5aea1a-874d-4603-a4bc-96a0a7b38446",
                  unique_scheme[] = "urn:uuid:2e82c1f6-a085-4c72-9da3-8640a32e42ab",
                  replaces[] = "urn:ihe:iti:2007:AssociationType:RPLC",
                  deprecated[] = "urn:oasis:names:tc:ebxml-regrep:StatusType:Deprecated";

/* <Slot name="…"><ValueList><Value>: the n-th value. */
static struct span slot(struct arena *arena, const xmlNode *object, const char *name, unsigned which)
{
    for (const xmlNode *n = xml_child(object, "Slot"); n; n = xml_next(n, "Slot")) {
        if (!span_is(xml_attribute(arena, n, "name"), name))
            continue;
        const xmlNode *value = xml_path(n, "ValueList/Value");
        while (value && which--)
            value = xml_next(value, "Value");
        return value ? xml_text(arena, value) : SPAN_NONE;
    }
    return SPAN_NONE;
}

static struct span local_name(struct arena *arena, const xmlNode *object)
{
    return xml_attribute(arena, xml_path(object, "Name/LocalizedString"), "value");
}

static const xmlNode *classification(struct arena *arena, const xmlNode *object, const char *scheme)
{
    for (const xmlNode *n = xml_child(object, "Classification"); n; n = xml_next(n, "Classification"))
        if (span_is_nocase(xml_attribute(arena, n, "classificationScheme"), scheme))
            return n;
    return NULL;
}

static struct span identifier(struct arena *arena, const xmlNode *object, const char *scheme)
{
    for (const xmlNode *n = xml_child(object, "ExternalIdentifier"); n; n = xml_next(n, "ExternalIdentifier"))
        if (span_is_nocase(xml_attribute(arena, n, "identificationScheme"), scheme))
            return xml_attribute(arena, n, "value");
    return SPAN_NONE;
}

/* CX: "matricule^^^&OID&ISO^NH". */
static void read_cx(struct xdm_patient *patient, struct span cx)
{
    struct span rest = cx, oid = SPAN_NONE, empty;
    struct ins ins;
    span_cut(&rest, '^', &patient->matricule);
    span_cut(&rest, '^', &empty);
    span_cut(&rest, '^', &empty);
    span_cut(&rest, '&', &empty);
    span_cut(&rest, '&', &oid);
    patient->oid = oid;
    patient->authority = ins_authority_of(oid);
    patient->key_right = ins_read(patient->matricule, &ins);
}

static struct span dashed(struct arena *arena, struct span digits)
{
    if (digits.n < 8)
        return digits;
    char *text = arena_printf(arena, "%.4s-%.2s-%.2s", digits.p, digits.p + 4, digits.p + 6);
    return text ? span_of(text) : digits;
}

/* sourcePatientInfo: "PID-5|NAME^FIRST^^^^^L", "PID-7|19370202", "PID-8|M". */
static void read_pid(struct xdm_patient *patient, struct arena *arena, struct span value)
{
    struct span field;
    if (!span_cut(&value, '|', &field))
        return;
    if (span_is(field, "PID-5") && !patient->birth_name.n) {
        span_cut(&value, '^', &patient->birth_name);
        span_cut(&value, '^', &patient->first_names);
    } else if (span_is(field, "PID-7")) {
        patient->birth_date = dashed(arena, value);
    } else if (span_is(field, "PID-8")) {
        patient->sex = value;
    }
}

static void read_patient(struct xdm_patient *patient, struct arena *arena, const xmlNode *object)
{
    read_cx(patient, identifier(arena, object, patient_scheme));
    for (unsigned i = 0; i < 12; i++) {
        struct span value = slot(arena, object, "sourcePatientInfo", i);
        if (!value.n)
            break;
        read_pid(patient, arena, value);
    }
}

static void read_author(struct xdm_document *document, struct arena *arena, const xmlNode *object)
{
    const xmlNode *author = classification(arena, object, author_scheme);
    struct span person = slot(arena, author, "authorPerson", 0); /* XCN: "id^FAMILY^Given^…" */
    struct span structure = slot(arena, author, "authorInstitution", 0), part = SPAN_NONE, family = SPAN_NONE;
    if (!person.n)
        person = slot(arena, object, "legalAuthenticator", 0);
    span_cut(&person, '^', &part);
    span_cut(&person, '^', &family);
    span_cut(&person, '^', &part);
    if (family.n) {
        char *text = arena_printf(arena, "%.*s%s%.*s", (int)part.n, part.p ? part.p : "", part.n ? " " : "",
                                  (int)family.n, family.p);
        document->author = text ? span_of(text) : family;
    }
    span_cut(&structure, '^', &document->author_structure);
}

static void read_object(struct xdm_entry *entry, struct arena *arena, const xmlNode *object)
{
    struct xdm_document *document = &entry->document;
    const xmlNode *type = classification(arena, object, type_scheme);
    struct span act = slot(arena, object, "serviceStartTime", 0), size = slot(arena, object, "size", 0);
    entry->object_id = xml_attribute(arena, object, "id");
    document->uri = slot(arena, object, "URI", 0);
    document->title = local_name(arena, object);
    document->mime = xml_attribute(arena, object, "mimeType");
    document->kind_code = xml_attribute(arena, type, "nodeRepresentation");
    document->kind_label = local_name(arena, type);
    document->class_label = local_name(arena, classification(arena, object, class_scheme));
    document->format = xml_attribute(arena, classification(arena, object, format_scheme), "nodeRepresentation");
    document->date = dashed(arena, act.n ? act : slot(arena, object, "creationTime", 0));
    document->unique_id = identifier(arena, object, unique_scheme);
    document->status = span_is(xml_attribute(arena, object, "status"), deprecated) ? XDM_DEPRECATED : XDM_APPROVED;
    entry->stated_hash = slot(arena, object, "hash", 0);
    entry->has_stated_size = num_u64(size, UINT32_MAX, &entry->stated_size);
    read_author(document, arena, object);
    read_patient(&document->patient, arena, object);
}

static void read_associations(struct xdm_metadata *metadata, struct arena *arena, const xmlNode *list)
{
    for (const xmlNode *n = xml_child(list, "Association"); n; n = xml_next(n, "Association")) {
        struct span source = xml_attribute(arena, n, "sourceObject");
        if (!span_is(xml_attribute(arena, n, "associationType"), replaces))
            continue;
        vec_each (&metadata->entries, entry)
            if (span_eq(entry->object_id, source))
                entry->document.replaces = xml_attribute(arena, n, "targetObject");
    }
}

bool xdm_metadata_read(struct xdm_metadata *metadata, struct arena *arena, struct span xml, const char **problem)
{
    *metadata = (struct xdm_metadata){.patient = {.authority = INS_UNKNOWN}};
    xmlDoc *document = xml_read(xml, problem);
    if (!document)
        return false;
    const xmlNode *root = xmlDocGetRootElement(document), *list = xml_child(root, "RegistryObjectList");
    bool ok = xml_is(root, "SubmitObjectsRequest") && list;
    *problem = "not an XDM";
    for (const xmlNode *n = xml_child(list, "ExtrinsicObject"); ok && n; n = xml_next(n, "ExtrinsicObject")) {
        struct xdm_entry entry = {.stated_size = 0};
        if (metadata->entries.len == XDM_DOCUMENTS_MAX) {
            *problem = "too many documents";
            ok = false;
            break;
        }
        read_object(&entry, arena, n);
        vec_push(&metadata->entries, entry);
    }
    if (ok) {
        read_associations(metadata, arena, list);
        read_cx(&metadata->patient, identifier(arena, xml_child(list, "RegistryPackage"), set_patient_scheme));
    }
    xmlFreeDoc(document);
    return ok;
}

void xdm_metadata_free(struct xdm_metadata *metadata)
{
    vec_free(&metadata->entries);
}
