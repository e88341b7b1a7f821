#include "lib/proto/xdm_facts.h"

#include "lib/base/num.h"

#include <string.h>

enum { VERSION = 1, HEAD = 5 };

enum tag {
    T_FLAGS = 1,
    T_CODES,
    T_DISCORDANCES,
    T_PROBLEM,
    T_PATIENT = 10, /* nine tags */
    T_URI = 30,
    T_MEMBER,
    T_TITLE,
    T_KIND_CODE,
    T_KIND_LABEL,
    T_CLASS_LABEL,
    T_FORMAT,
    T_MIME,
    T_AUTHOR,
    T_STRUCTURE,
    T_DATE,
    T_UNIQUE,
    T_REPLACES,
    T_PDF,
    T_DOCUMENT_PROBLEM,
    T_SIZE,
    T_DOCUMENT = 100,
    TAG_END
};

enum { P_FLAGS, P_MATRICULE, P_OID, P_BIRTH_NAME, P_FIRST_NAMES, P_USED_NAME, P_BIRTH_DATE, P_SEX, P_PLACE };
enum { V_CDA = 1, V_QUALIFIED = 2, V_DISCORDANT = 4, V_TEST = 8 };
enum { D_SIZE = 1, D_HASH = 2, D_HAS_HASH = 4, D_CDA = 8, D_PDF = 16, D_NARRATIVE = 32, D_DEPRECATED = 64 };

static void put(struct str *out, unsigned tag, struct span value)
{
    uint8_t head[HEAD] = {(uint8_t)tag};
    if (!value.n)
        return;
    put_u32(head + 1, (uint32_t)value.n);
    str_add(out, head, sizeof(head));
    str_add_span(out, value);
}

static void put_flags(struct str *out, unsigned tag, unsigned flags)
{
    char byte = (char)(uint8_t)flags;
    put(out, tag, (struct span){&byte, 1});
}

static void put_patient(struct str *out, const struct xdm_patient *p)
{
    put_flags(out, T_PATIENT + P_FLAGS, (unsigned)p->authority | (p->complete ? 16U : 0) | (p->key_right ? 32U : 0));
    put(out, T_PATIENT + P_MATRICULE, p->matricule);
    put(out, T_PATIENT + P_OID, p->oid);
    put(out, T_PATIENT + P_BIRTH_NAME, p->birth_name);
    put(out, T_PATIENT + P_FIRST_NAMES, p->first_names);
    put(out, T_PATIENT + P_USED_NAME, p->used_name);
    put(out, T_PATIENT + P_BIRTH_DATE, p->birth_date);
    put(out, T_PATIENT + P_SEX, p->sex);
    put(out, T_PATIENT + P_PLACE, p->birthplace);
}

static void put_document(struct str *out, const struct xdm_document *d)
{
    struct str inner;
    uint8_t size[8];
    str_init(&inner, XDM_FACTS_MAX);
    unsigned flags = (d->size_right ? D_SIZE : 0U) | (d->hash_right ? D_HASH : 0U) | (d->has_hash ? D_HAS_HASH : 0U) |
                     (d->is_cda ? D_CDA : 0U) | (d->has_pdf_body ? D_PDF : 0U) | (d->has_narrative ? D_NARRATIVE : 0U) |
                     (d->status == XDM_DEPRECATED ? D_DEPRECATED : 0U);
    put_flags(&inner, T_FLAGS, flags);
    put_patient(&inner, &d->patient);
    const struct span fields[] = {d->uri,         d->member,    d->title,    d->kind_code,  d->kind_label,
                                  d->class_label, d->format,    d->mime,     d->author,     d->author_structure,
                                  d->date,        d->unique_id, d->replaces, d->pdf_member, d->problem};
    for (unsigned i = 0; i < COUNT(fields); i++)
        put(&inner, T_URI + i, fields[i]);
    put_u64(size, d->size);
    put(&inner, T_SIZE, (struct span){(const char *)size, sizeof(size)});
    put(out, T_DOCUMENT, str_span(&inner));
    str_free(&inner);
}

void xdm_facts_write(struct str *out, const struct xdm_view *view, const xdm_documents *documents)
{
    str_clear(out);
    str_putc(out, VERSION);
    put_flags(out, T_FLAGS,
              (view->has_cda ? V_CDA : 0U) | (view->ins_qualified ? V_QUALIFIED : 0U) |
                  (view->discordant ? V_DISCORDANT : 0U) | (view->test_identity ? V_TEST : 0U));
    put(out, T_CODES, view->cda_codes);
    put(out, T_DISCORDANCES, view->discordances);
    put(out, T_PROBLEM, view->problem);
    put_patient(out, &view->patient);
    vec_each (documents, document)
        put_document(out, document);
}

/* The next field; false at the end or where the form is broken. */
static bool take(struct span *rest, unsigned *tag, struct span *value)
{
    if (rest->n < HEAD)
        return false;
    size_t length = get_u32((const uint8_t *)rest->p + 1);
    if (length > rest->n - HEAD)
        return false;
    *tag = (uint8_t)rest->p[0];
    *value = (struct span){rest->p + HEAD, length};
    *rest = (struct span){rest->p + HEAD + length, rest->n - HEAD - length};
    return true;
}

static unsigned flags_of(struct span value)
{
    return value.n ? (uint8_t)value.p[0] : 0;
}

static void take_patient(struct xdm_patient *p, unsigned tag, struct span value)
{
    struct span *fields[] = {[P_MATRICULE] = &p->matricule,
                             [P_OID] = &p->oid,
                             [P_BIRTH_NAME] = &p->birth_name,
                             [P_FIRST_NAMES] = &p->first_names,
                             [P_USED_NAME] = &p->used_name,
                             [P_BIRTH_DATE] = &p->birth_date,
                             [P_SEX] = &p->sex,
                             [P_PLACE] = &p->birthplace};
    unsigned which = tag - T_PATIENT;
    if (which == P_FLAGS) {
        unsigned flags = flags_of(value), authority = flags & 15U;
        p->authority = authority <= INS_DEMO ? (enum ins_authority)authority : INS_UNKNOWN;
        p->complete = flags & 16;
        p->key_right = flags & 32;
    } else if (which < COUNT(fields)) {
        *fields[which] = value;
    }
}

static void take_view(struct xdm_view *view, unsigned tag, struct span value)
{
    unsigned flags = flags_of(value);
    if (tag == T_FLAGS) {
        view->has_cda = flags & V_CDA;
        view->ins_qualified = flags & V_QUALIFIED;
        view->discordant = flags & V_DISCORDANT;
        view->test_identity = flags & V_TEST;
    } else if (tag == T_CODES) {
        view->cda_codes = value;
    } else if (tag == T_DISCORDANCES) {
        view->discordances = value;
    } else if (tag == T_PROBLEM) {
        view->problem = value;
    } else if (tag >= T_PATIENT) {
        take_patient(&view->patient, tag, value);
    }
}

bool xdm_open(struct xdm_view *view, struct span facts)
{
    unsigned tag, last = 0;
    struct span value;
    *view = (struct xdm_view){.document_count = 0};
    if (!facts.n || facts.n > XDM_FACTS_MAX || facts.p[0] != VERSION)
        return false;
    struct span rest = {facts.p + 1, facts.n - 1};
    view->rest = SPAN_NONE;
    while (rest.n) {
        struct span before = rest;
        if (!take(&rest, &tag, &value) || tag >= TAG_END || tag < last || (tag == last && tag != T_DOCUMENT))
            return false;
        if (tag == T_DOCUMENT && !view->rest.n)
            view->rest = before;
        if (tag == T_DOCUMENT)
            view->document_count++;
        else
            take_view(view, tag, value);
        last = tag;
    }
    return true;
}

static void take_document(struct xdm_document *d, unsigned tag, struct span value)
{
    struct span *fields[] = {&d->uri,         &d->member,    &d->title,    &d->kind_code,  &d->kind_label,
                             &d->class_label, &d->format,    &d->mime,     &d->author,     &d->author_structure,
                             &d->date,        &d->unique_id, &d->replaces, &d->pdf_member, &d->problem};
    unsigned flags = flags_of(value);
    if (tag == T_FLAGS) {
        d->size_right = flags & D_SIZE;
        d->hash_right = flags & D_HASH;
        d->has_hash = flags & D_HAS_HASH;
        d->is_cda = flags & D_CDA;
        d->has_pdf_body = flags & D_PDF;
        d->has_narrative = flags & D_NARRATIVE;
        d->status = flags & D_DEPRECATED ? XDM_DEPRECATED : XDM_APPROVED;
    } else if (tag >= T_PATIENT && tag < T_URI) {
        take_patient(&d->patient, tag, value);
    } else if (tag == T_SIZE && value.n == 8) {
        d->size = get_u64((const uint8_t *)value.p);
    } else if (tag >= T_URI && tag - T_URI < COUNT(fields)) {
        *fields[tag - T_URI] = value;
    }
}

bool xdm_next(struct xdm_view *view, struct xdm_document *document)
{
    unsigned tag;
    struct span inner, value;
    if (!take(&view->rest, &tag, &inner) || tag != T_DOCUMENT)
        return false;
    *document = (struct xdm_document){.size = 0};
    while (take(&inner, &tag, &value))
        take_document(document, tag, value);
    return true;
}
