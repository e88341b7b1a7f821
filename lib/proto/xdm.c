/* An archive read whole: metadata, each document with its size and hash checked, the CDA's own facts, and whether the sources
 * name one patient.
 */
#include "lib/proto/xdm.h"

#include "lib/base/crypto.h"
#include "lib/base/text.h"
#include "lib/proto/cda.h"
#include "lib/proto/charset.h"
#include "lib/proto/xdm_facts.h"
#include "lib/proto/xdm_metadata.h"
#include "lib/proto/xdm_zip.h"

#include <string.h>

enum { ARENA_MAX = 64 << 20, DISCORDANCES_MAX = 4096, CODES_MAX = 1000 };

static const char metadata_name[] = "IHE_XDM/SUBSET01/METADATA.XML";

struct reading {
    struct arena *arena;
    struct xdm_zip *zip;
    struct xdm_metadata metadata;
    xdm_documents documents;
    struct xdm_view view;
    struct str codes, discordances, bytes;
    bool test_counts, all_qualified;
};

/* The folder of a submission set: SUBSET01 by IHE, another by some senders. One is read; that there are more is said. */
static const char *find_metadata(struct xdm_zip *zip, bool *more)
{
    char name[] = "IHE_XDM/SUBSET00/METADATA.XML";
    const char *found = xdm_zip_find(zip, span_of(metadata_name));
    *more = false;
    for (unsigned number = 0; number < 20; number++) {
        name[14] = (char)('0' + number / 10);
        name[15] = (char)('0' + number % 10);
        const char *other = xdm_zip_find(zip, span_of(name));
        *more |= found && other && other != found;
        found = found ? found : other;
    }
    return found;
}

static const char *member_of(struct reading *r, const char *metadata_member, struct span uri)
{
    struct span folder = span_of(metadata_member);
    while (folder.n && folder.p[folder.n - 1] != '/')
        folder.n--;
    char *name = arena_printf(r->arena, "%.*s%.*s", (int)folder.n, folder.p, (int)uri.n, uri.p ? uri.p : "");
    return name ? xdm_zip_find(r->zip, span_of(name)) : NULL;
}

static void check_stated(struct xdm_document *document, const struct xdm_entry *entry, struct span bytes)
{
    uint8_t digest[20];
    struct str hex;
    document->size = bytes.n;
    document->size_right = !entry->has_stated_size || entry->stated_size == bytes.n;
    document->has_hash = entry->stated_hash.n > 0;
    str_init(&hex, 64);
    sha1(digest, bytes);
    hex_encode(&hex, (struct span){(const char *)digest, sizeof(digest)});
    document->hash_right = document->has_hash && span_eq_nocase(str_span(&hex), entry->stated_hash);
    str_free(&hex);
}

static bool looks_like_xml(const struct xdm_document *document, struct span bytes)
{
    struct span head = span_trim((struct span){bytes.p, bytes.n < 512 ? bytes.n : 512});
    return span_is_nocase(document->mime, "text/xml") || span_is_nocase(document->mime, "application/xml") ||
           span_starts_nocase(head, "<?xml") || span_starts_nocase(head, "<ClinicalDocument");
}

static struct span first_of(struct span a, struct span b)
{
    return a.n ? a : b;
}

/* What the document says itself goes before what the metadata say of it. */
static void take_cda(struct reading *r, struct xdm_document *document, struct span bytes)
{
    struct cda_facts cda;
    const char *problem = NULL;
    if (!cda_read(&cda, r->arena, bytes, &problem)) {
        document->problem = span_of(problem);
        return;
    }
    document->is_cda = true;
    document->has_pdf_body = cda.has_pdf_body;
    document->has_narrative = cda.has_narrative;
    document->title = first_of(cda.title, document->title);
    document->kind_code = first_of(cda.code, document->kind_code);
    document->kind_label = first_of(cda.code_label, document->kind_label);
    document->author = first_of(cda.author, document->author);
    document->author_structure = first_of(cda.author_structure, document->author_structure);
    document->date = first_of(cda.date, document->date);
    document->unique_id = first_of(cda.unique_id, document->unique_id);
    document->replaces = first_of(document->replaces, cda.replaces);
    document->patient = cda.patient;
    if (!cda.several_patients)
        return;
    r->view.discordant = true;
    str_addf(&r->discordances, "plusieurs identités : %.*s\n", (int)document->uri.n, document->uri.p);
}

static void read_document(struct reading *r, const char *metadata_member, const struct xdm_entry *entry)
{
    struct xdm_document document = entry->document;
    const char *problem = NULL, *member = NULL;
    if (xdm_name_is_unsafe(document.uri))
        problem = "unsafe name";
    else
        member = member_of(r, metadata_member, document.uri);
    if (!problem && xdm_zip_read(r->zip, member, XDM_MEMBER_MAX, &r->bytes, &problem)) {
        problem = NULL;
        document.member = arena_span(r->arena, span_of(member));
        check_stated(&document, entry, str_span(&r->bytes));
        if (looks_like_xml(&document, str_span(&r->bytes)))
            take_cda(r, &document, str_span(&r->bytes));
    }
    if (problem)
        document.problem = span_of(problem);
    vec_push(&r->documents, document);
}

/* ---- what the whole says ---- */

static void note_code(struct reading *r, struct span code)
{
    struct span rest = str_span(&r->codes), known;
    if (!code.n || memchr(code.p, ',', code.n))
        return;
    while (span_cut(&rest, ',', &known))
        if (span_eq(known, code))
            return;
    str_puts(&r->codes, r->codes.len ? "," : "");
    str_add_span(&r->codes, code);
}

static bool is_qualified(const struct reading *r, const struct xdm_patient *patient)
{
    bool person = patient->authority == INS_NIR || patient->authority == INS_NIA;
    return patient->complete && patient->key_right && (person || r->test_counts);
}

static bool same_words(struct span a, struct span b)
{
    struct str left, right;
    str_init(&left, 16384);
    str_init(&right, 16384);
    charset_fold(&left, a);
    charset_fold(&right, b);
    bool same = span_eq(str_span(&left), str_span(&right));
    str_free(&left);
    str_free(&right);
    return same;
}

static void compare(struct reading *r, const char *trait, struct span metadata, struct span document, struct span uri)
{
    if (!metadata.n || !document.n || same_words(metadata, document))
        return;
    r->view.discordant = true;
    str_addf(&r->discordances, "%s: METADATA.XML « %.*s », %.*s « %.*s »\n", trait, (int)metadata.n, metadata.p,
             (int)uri.n, uri.p, (int)document.n, document.p);
}

static void compare_patients(struct reading *r, const struct xdm_patient *stated, const struct xdm_document *document)
{
    const struct xdm_patient *own = &document->patient;
    compare(r, "matricule", stated->matricule, own->matricule, document->uri);
    compare(r, "nom de naissance", stated->birth_name, own->birth_name, document->uri);
    compare(r, "date de naissance", stated->birth_date, own->birth_date, document->uri);
    compare(r, "sexe", stated->sex, own->sex, document->uri);
}

static void sum_up_document(struct reading *r, const struct xdm_document *document, const struct xdm_entry *entry)
{
    enum ins_authority authority = document->patient.authority;
    r->view.test_identity |= authority == INS_TEST || authority == INS_DEMO;
    if (!span_eq(r->metadata.patient.matricule, entry->document.patient.matricule))
        compare(r, "matricule", r->metadata.patient.matricule, document->patient.matricule, document->uri);
    if (!document->is_cda)
        return;
    if (!r->view.has_cda)
        r->view.patient = document->patient;
    r->view.has_cda = true;
    r->all_qualified &= is_qualified(r, &document->patient);
    note_code(r, document->kind_code);
    compare_patients(r, &entry->document.patient, document);
}

/* ECO.2.1.5: a PDF beside its level 1 CDA is that CDA's body: one line on the screen, the PDF first. */
static void pair_pdfs(struct reading *r)
{
    vec_each (&r->documents, cda) {
        if (!cda->is_cda || !cda->has_pdf_body)
            continue;
        vec_each (&r->documents, pdf)
            if (!pdf->is_cda && span_is_nocase(pdf->mime, "application/pdf") &&
                span_eq(pdf->kind_code, cda->kind_code) && !cda->pdf_member.n)
                cda->pdf_member = pdf->member;
    }
}

static void sum_up(struct reading *r)
{
    r->all_qualified = true;
    for (size_t i = 0; i < r->documents.len; i++)
        sum_up_document(r, &r->documents.items[i], &r->metadata.entries.items[i]);
    if (!r->view.has_cda && r->documents.len)
        r->view.patient = r->documents.items[0].patient;
    r->view.ins_qualified = r->view.has_cda && r->all_qualified && !r->view.discordant;
    pair_pdfs(r);
}

static void read_archive(struct reading *r, struct span zip)
{
    const char *problem = NULL;
    r->zip = xdm_zip_open(zip, &problem);
    bool more;
    const char *member = r->zip ? find_metadata(r->zip, &more) : NULL;
    if (r->zip && !member)
        problem = "no metadata";
    if (member && xdm_zip_read(r->zip, member, XDM_METADATA_MAX, &r->bytes, &problem) &&
        xdm_metadata_read(&r->metadata, r->arena, str_span(&r->bytes), &problem)) {
        problem = xdm_zip_oddity(r->zip);
        if (!problem && more)
            problem = "several sets";
        vec_each (&r->metadata.entries, entry)
            read_document(r, member, entry);
        sum_up(r);
        r->view.ins_qualified &= !problem; /* another reader may see another patient */
    }
    if (problem)
        r->view.problem = span_of(problem);
}

void xdm_read(struct str *facts, struct span zip, bool test_counts)
{
    struct reading r = {.arena = arena_new(ARENA_MAX), .test_counts = test_counts};
    str_init(&r.codes, CODES_MAX);
    str_init(&r.discordances, DISCORDANCES_MAX);
    str_init(&r.bytes, XDM_MEMBER_MAX + 1);
    read_archive(&r, zip);
    r.view.cda_codes = str_span(&r.codes);
    r.view.discordances = str_span(&r.discordances);
    xdm_facts_write(facts, &r.view, &r.documents);
    xdm_zip_close(&r.zip);
    xdm_metadata_free(&r.metadata);
    vec_free(&r.documents);
    str_free(&r.codes);
    str_free(&r.discordances);
    str_free(&r.bytes);
    arena_destroy(&r.arena);
}

bool xdm_member(struct str *out, struct span zip, struct span member)
{
    const char *problem;
    struct xdm_zip *archive = xdm_zip_open(zip, &problem);
    bool ok = archive && !xdm_name_is_unsafe(member) &&
              xdm_zip_read(archive, xdm_zip_find(archive, member), XDM_MEMBER_MAX, out, &problem);
    xdm_zip_close(&archive);
    return ok;
}

bool xdm_is(struct span zip)
{
    const char *problem;
    struct xdm_zip *archive = xdm_zip_open(zip, &problem);
    bool more, is = archive && find_metadata(archive, &more);
    xdm_zip_close(&archive);
    return is;
}
