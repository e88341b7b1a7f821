#include "lib/proto/xdm_build.h"

#include "lib/base/crypto.h"
#include "lib/base/text.h"
#include "lib/proto/ins.h"

#include <stdio.h>
#include <string.h>
#include <time.h>
#include <zip.h>

enum { XML_MAX = 48 << 20, PDF_MAX = 30 << 20, TIME_BYTES = 24, ID_BYTES = 64 };

static const struct cda_kind kinds[] = {
#define KIND(code, label, class_code) {code, label, class_code},
#include "lib/proto/cda_kinds.def"
#undef KIND
};

const struct cda_kind *cda_kinds(size_t *count)
{
    *count = COUNT(kinds);
    return kinds;
}

const struct cda_kind *cda_kind_of(struct span code)
{
    for (size_t i = 0; i < COUNT(kinds); i++)
        if (span_is(code, kinds[i].code))
            return &kinds[i];
    return NULL;
}

/* ---- words ---- */

/* XML with its texts escaped: "%s" of `format` takes the next span of `texts`. */
static void xml(struct str *out, const char *format, const struct span *texts)
{
    for (const char *p = format; *p; p++) {
        if (p[0] != '%' || p[1] != 's') {
            str_putc(out, *p);
            continue;
        }
        struct span rest = *texts++;
        uint32_t c;
        while (utf8_next(&rest, &c)) {
            const char *entity = c == '&'   ? "&amp;"
                                 : c == '<' ? "&lt;"
                                 : c == '>' ? "&gt;"
                                 : c == '"' ? "&quot;"
                                            : NULL;
            if (entity)
                str_puts(out, entity);
            else
                utf8_put(out, c < ' ' ? ' ' : c);
        }
        p++;
    }
}
#define XML(out, format, ...) xml((out), (format), (const struct span[]){__VA_ARGS__, SPAN_NONE})

/* An object identifier that nobody else has: 2.25 and a random UUID in decimal (ITU-T X.667). */
static void new_oid(char out[ID_BYTES])
{
    uint8_t bytes[16];
    char digits[40];
    size_t n = sizeof(digits);
    crypto_random(bytes, sizeof(bytes));
    bytes[6] = (uint8_t)((bytes[6] & 0x0f) | 0x40);
    bytes[8] = (uint8_t)((bytes[8] & 0x3f) | 0x80);
    digits[--n] = '\0';
    for (bool more = true; more && n;) {
        unsigned rest = 0;
        more = false;
        for (size_t i = 0; i < sizeof(bytes); i++) { /* long division of the 128-bit number by ten */
            unsigned value = rest * 256 + bytes[i];
            bytes[i] = (uint8_t)(value / 10);
            rest = value % 10;
            more |= bytes[i] != 0;
        }
        digits[--n] = (char)('0' + rest);
    }
    int written = snprintf(out, ID_BYTES, "2.25.%s", digits + n);
    must(written > 0 && written < ID_BYTES);
}

/* HL7's "20261120093000" in local time, with its zone for the CDA. */
static void hl7_time(char out[TIME_BYTES], int64_t wall, bool zone)
{
    struct tm local;
    time_t seconds = (time_t)wall;
    if (!localtime_r(&seconds, &local) || !strftime(out, TIME_BYTES, zone ? "%Y%m%d%H%M%S%z" : "%Y%m%d%H%M%S", &local))
        out[0] = '\0';
}

static void compact_date(char out[9], struct span iso)
{
    int n = iso.n == 10 ? snprintf(out, 9, "%.4s%.2s%.2s", iso.p, iso.p + 5, iso.p + 8) : 0;
    out[n == 8 ? 8 : 0] = '\0';
}

/* ---- the CDA ---- */

struct building {
    const struct xdm_order *order;
    struct str *cda;
    char unique_id[ID_BYTES], set_id[ID_BYTES], submission_id[ID_BYTES];
    char act[TIME_BYTES], act_zone[TIME_BYTES], now[TIME_BYTES], now_zone[TIME_BYTES], birth[9];
    struct span title, oid;
};

static void write_patient(struct building *b)
{
    const struct xdm_patient *p = &b->order->patient;
    bool female = span_is(p->sex, "F");
    XML(b->cda,
        "<recordTarget><patientRole><id root=\"%s\" extension=\"%s\"/><patient><name><family "
        "qualifier=\"BR\">%s</family>",
        b->oid, p->matricule, p->birth_name);
    if (p->used_name.n)
        XML(b->cda, "<family qualifier=\"SP\">%s</family>", p->used_name);
    struct span rest = p->first_names, first = SPAN_NONE;
    span_cut(&rest, ' ', &first);
    XML(b->cda, "<given>%s</given><given qualifier=\"BR\">%s</given></name>", p->first_names, first);
    XML(b->cda,
        "<administrativeGenderCode code=\"%s\" codeSystem=\"2.16.840.1.113883.5.1\" displayName=\"%s\"/>"
        "<birthTime value=\"%s\"/>",
        p->sex, female ? SPAN_LIT("Féminin") : SPAN_LIT("Masculin"), span_of(b->birth));
    if (p->birthplace.n)
        XML(b->cda, "<birthplace><place><addr><city>%s</city></addr></place></birthplace>", p->birthplace);
    str_puts(b->cda, "</patient></patientRole></recordTarget>\n");
}

static void write_person(struct building *b)
{
    const struct xdm_order *o = b->order;
    XML(b->cda, "<id root=\"1.2.250.1.71.4.2.1\" extension=\"%s\"/><assignedPerson><name>", o->author_id);
    if (o->author_title.n)
        XML(b->cda, "<prefix>%s</prefix>", o->author_title);
    XML(b->cda, "<given>%s</given><family>%s</family></name></assignedPerson>", o->author_given, o->author_family);
    XML(b->cda,
        "<representedOrganization><id root=\"1.2.250.1.71.4.2.2\" extension=\"%s\"/><name>%s</name>"
        "</representedOrganization>",
        o->structure_id, o->structure_name);
}

static void write_header(struct building *b)
{
    const struct xdm_order *o = b->order;
    XML(b->cda,
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<ClinicalDocument xmlns=\"urn:hl7-org:v3\" "
        "xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\">\n<realmCode code=\"FR\"/>"
        "<typeId root=\"2.16.840.1.113883.1.3\" extension=\"POCD_HD000040\"/>"
        "<templateId root=\"2.16.840.1.113883.2.8.2.1\"/><templateId root=\"1.3.6.1.4.1.19376.1.2.20\"/>\n"
        "<id root=\"%s\"/>\n<code code=\"%s\" codeSystem=\"2.16.840.1.113883.6.1\" displayName=\"%s\"/>\n"
        "<title>%s</title><effectiveTime value=\"%s\"/>"
        "<confidentialityCode code=\"N\" codeSystem=\"2.16.840.1.113883.5.25\" displayName=\"Normal\"/>"
        "<languageCode code=\"fr-FR\"/><setId root=\"%s\"/><versionNumber value=\"%s\"/>\n",
        span_of(b->unique_id), span_of(o->kind.code), span_of(o->kind.label), b->title, span_of(b->now_zone),
        span_of(b->set_id), o->replaces.n ? SPAN_LIT("2") : SPAN_LIT("1"));
    write_patient(b);
    XML(b->cda, "<author><time value=\"%s\"/><assignedAuthor>", span_of(b->now_zone));
    write_person(b);
    XML(b->cda,
        "</assignedAuthor></author>\n<custodian><assignedCustodian><representedCustodianOrganization>"
        "<id root=\"1.2.250.1.71.4.2.2\" extension=\"%s\"/><name>%s</name></representedCustodianOrganization>"
        "</assignedCustodian></custodian>\n<legalAuthenticator><time value=\"%s\"/><signatureCode "
        "code=\"S\"/><assignedEntity>",
        o->structure_id, o->structure_name, span_of(b->now_zone));
    write_person(b);
    XML(b->cda,
        "</assignedEntity></legalAuthenticator>\n<documentationOf><serviceEvent><effectiveTime><low value=\"%s\"/>"
        "</effectiveTime></serviceEvent></documentationOf>\n",
        span_of(b->act_zone));
    if (o->replaces.n)
        XML(b->cda,
            "<relatedDocument typeCode=\"RPLC\"><parentDocument><id root=\"%s\"/></parentDocument></relatedDocument>\n",
            o->replaces);
}

static void write_cda(struct building *b)
{
    write_header(b);
    str_puts(b->cda, "<component><nonXMLBody><text mediaType=\"application/pdf\" representation=\"B64\">");
    base64_encode(b->cda, b->order->pdf);
    str_puts(b->cda, "</text></nonXMLBody></component>\n</ClinicalDocument>\n");
}

/* ---- METADATA.XML ---- */

static void slot(struct str *out, const char *name, struct span value)
{
    XML(out, "<Slot name=\"%s\"><ValueList><Value>%s</Value></ValueList></Slot>", span_of(name), value);
}

static void classify(struct str *out, const char *scheme, struct span code, const char *system, struct span label)
{
    XML(out,
        "<Classification id=\"cl-%s\" classificationScheme=\"%s\" classifiedObject=\"doc0\" nodeRepresentation=\"%s\">",
        (struct span){scheme + 9, 8}, span_of(scheme), code);
    slot(out, "codingScheme", span_of(system));
    XML(out, "<Name><LocalizedString value=\"%s\"/></Name></Classification>", label);
}

static void identify(struct str *out, const char *object, const char *scheme, struct span value)
{
    XML(out, "<ExternalIdentifier id=\"ei-%s-%s\" registryObject=\"%s\" identificationScheme=\"%s\" value=\"%s\"/>",
        span_of(object), (struct span){scheme + 9, 8}, span_of(object), span_of(scheme), value);
}

static void write_object(struct str *out, struct building *b, struct span patient_id)
{
    const struct xdm_order *o = b->order;
    uint8_t digest[20];
    struct str text;
    str_init(&text, 4096);
    str_puts(out, "<ExtrinsicObject id=\"doc0\" mimeType=\"text/xml\" "
                  "objectType=\"urn:uuid:7edca82f-054d-47f2-a032-9b2a5b5186c1\">");
    slot(out, "URI", SPAN_LIT("DOC0001.XML"));
    sha1(digest, str_span(b->cda));
    hex_encode(&text, (struct span){(const char *)digest, sizeof(digest)});
    slot(out, "hash", str_span(&text));
    str_clear(&text);
    str_addf(&text, "%zu", b->cda->len);
    slot(out, "size", str_span(&text));
    slot(out, "creationTime", span_of(b->now));
    slot(out, "serviceStartTime", span_of(b->act));
    slot(out, "languageCode", SPAN_LIT("fr-FR"));
    slot(out, "sourcePatientId", patient_id);
    XML(out,
        "<Slot name=\"sourcePatientInfo\"><ValueList><Value>PID-5|%s^%s^^^^^L</Value><Value>PID-7|%s</Value>"
        "<Value>PID-8|%s</Value></ValueList></Slot>",
        o->patient.birth_name, o->patient.first_names, span_of(b->birth), o->patient.sex);
    XML(out,
        "<Slot "
        "name=\"legalAuthenticator\"><ValueList><Value>%s^%s^%s^^^^^^&amp;1.2.250.1.71.4.2.1&amp;ISO^D^^^IDNPS</Value>"
        "</ValueList></Slot><Name><LocalizedString value=\"%s\"/></Name>",
        o->author_id, o->author_family, o->author_given, b->title);
    classify(out, "urn:uuid:41a5887f-8865-4c09-adf7-e362475b143a", span_of(o->kind.class_code), "1.2.250.1.213.1.1.4.1",
             SPAN_LIT("Compte rendu"));
    classify(out, "urn:uuid:f0306f51-975f-434e-a61c-c59651d33983", span_of(o->kind.code), "2.16.840.1.113883.6.1",
             span_of(o->kind.label));
    classify(out, "urn:uuid:a09d5840-386c-46f2-b5ad-9c3699a4309d", SPAN_LIT("urn:ihe:iti:xds-sd:pdf:2008"),
             "1.3.6.1.4.1.19376.1.2.3", SPAN_LIT("Document à corps non structuré en PDF"));
    classify(out, "urn:uuid:f4f85eac-e6cb-4883-b524-f2705394840f", SPAN_LIT("N"), "2.16.840.1.113883.5.25",
             SPAN_LIT("Normal"));
    identify(out, "doc0", "urn:uuid:58a6f841-87b3-4a3e-92fd-a8ffeff98427", patient_id);
    identify(out, "doc0", "urn:uuid:2e82c1f6-a085-4c72-9da3-8640a32e42ab", span_of(b->unique_id));
    str_puts(out, "</ExtrinsicObject>");
    str_free(&text);
}

static void write_metadata(struct str *out, struct building *b)
{
    struct str id;
    str_init(&id, 256);
    str_addf(&id, "%.*s^^^&%.*s&ISO^NH", (int)b->order->patient.matricule.n, b->order->patient.matricule.p,
             (int)b->oid.n, b->oid.p);
    str_puts(out,
             "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<lcm:SubmitObjectsRequest "
             "xmlns:lcm=\"urn:oasis:names:tc:ebxml-regrep:xsd:lcm:3.0\" "
             "xmlns=\"urn:oasis:names:tc:ebxml-regrep:xsd:rim:3.0\"><RegistryObjectList><RegistryPackage id=\"set\">");
    slot(out, "submissionTime", span_of(b->now));
    identify(out, "set", "urn:uuid:6b5aea1a-874d-4603-a4bc-96a0a7b38446", str_span(&id));
    identify(out, "set", "urn:uuid:96fdda7c-d067-4183-912e-bf5ee74998a8", span_of(b->submission_id));
    str_puts(out, "</RegistryPackage>");
    write_object(out, b, str_span(&id));
    str_puts(out,
             "<Association id=\"as0\" associationType=\"urn:oasis:names:tc:ebxml-regrep:AssociationType:HasMember\" "
             "sourceObject=\"set\" targetObject=\"doc0\"/>");
    if (b->order->replaces.n)
        XML(out,
            "<Association id=\"as1\" associationType=\"urn:ihe:iti:2007:AssociationType:RPLC\" sourceObject=\"doc0\" "
            "targetObject=\"%s\"/>",
            b->order->replaces);
    str_puts(out, "</RegistryObjectList></lcm:SubmitObjectsRequest>\n");
    str_free(&id);
}

/* ---- the zip ---- */

static bool add_member(zip_t *zip, const char *name, struct span bytes, time_t when)
{
    zip_source_t *source = zip_source_buffer(zip, bytes.p, bytes.n, 0);
    zip_int64_t index = source ? zip_file_add(zip, name, source, ZIP_FL_ENC_UTF_8) : -1;
    if (index < 0) {
        zip_source_free(source);
        return false;
    }
    return zip_file_set_mtime(zip, (zip_uint64_t)index, when, 0) == 0;
}

static bool read_back(struct str *out, zip_source_t *source)
{
    zip_stat_t about;
    bool ok = zip_source_stat(source, &about) == 0 && (about.valid & ZIP_STAT_SIZE) && about.size <= XDM_ZIP_MAX &&
              str_reserve(out, (size_t)about.size) && zip_source_open(source) == 0;
    if (!ok)
        return false;
    zip_int64_t n = zip_source_read(source, out->data, about.size);
    zip_source_close(source);
    if (n < 0 || (uint64_t)n != about.size)
        return false;
    out->len = (size_t)n;
    out->data[out->len] = '\0';
    return true;
}

static bool write_zip(struct str *out, struct building *b, struct span metadata)
{
    static const char index[] = "<!DOCTYPE html><html lang=\"fr\"><head><title>IHE_XDM</title></head><body>"
                                "<p>Documents de santé : voir IHE_XDM/SUBSET01/METADATA.XML.</p></body></html>\r\n",
                      readme[] = "Archive IHE XDM d'un document de santé.\r\nÉmetteur : Caducée.\r\n";
    zip_error_t error;
    zip_error_init(&error);
    zip_source_t *source = zip_source_buffer_create(NULL, 0, 0, &error);
    zip_t *zip = source ? zip_open_from_source(source, ZIP_TRUNCATE, &error) : NULL;
    zip_error_fini(&error);
    if (!zip) {
        zip_source_free(source);
        return false;
    }
    zip_source_keep(source);
    time_t when = (time_t)b->order->now;
    bool ok = add_member(zip, "INDEX.HTM", SPAN_LIT(index), when) &&
              add_member(zip, "README.TXT", SPAN_LIT(readme), when) &&
              add_member(zip, "IHE_XDM/SUBSET01/METADATA.XML", metadata, when) &&
              add_member(zip, "IHE_XDM/SUBSET01/DOC0001.XML", str_span(b->cda), when);
    if (!ok)
        zip_discard(zip);
    else
        ok = zip_close(zip) == 0 && read_back(out, source);
    zip_source_free(source);
    return ok;
}

/* ---- the order ---- */

static const char *wrong_in(const struct xdm_order *o)
{
    const struct xdm_patient *p = &o->patient;
    struct ins ins;
    if (!xdm_is_pdf(o->pdf))
        return "le fichier n'est pas un PDF";
    if (o->pdf.n > PDF_MAX)
        return "le PDF est trop volumineux";
    if (!o->kind.code || !o->kind.label)
        return "le type de document manque";
    if (!ins_read(p->matricule, &ins))
        return "le matricule INS n'a pas 15 caractères, ou sa clé est fausse";
    if (p->authority == INS_UNKNOWN)
        return "l'autorité du matricule (OID) manque";
    if (!p->birth_name.n || !p->first_names.n || p->birth_date.n != 10)
        return "le nom de naissance, le prénom ou la date de naissance manque";
    if (!span_is(p->sex, "M") && !span_is(p->sex, "F"))
        return "le sexe manque";
    if (!ins_agrees(&ins, p->sex, p->birth_date))
        return "le sexe ou la date de naissance ne correspond pas au matricule";
    if (!o->author_id.n || !o->author_family.n || !o->structure_name.n)
        return "l'auteur ou sa structure manque";
    return NULL;
}

/* A name fit for a file: what is neither letter nor digit becomes '-'. */
static void file_word(struct str *out, struct span text)
{
    for (size_t i = 0; i < text.n; i++) {
        unsigned char c = (unsigned char)text.p[i];
        bool good = c >= 0x80 || (c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z');
        str_putc(out, good ? (char)c : '-');
    }
}

static bool write_names(struct xdm_built *built, const struct building *b)
{
    const struct xdm_order *o = b->order;
    const struct xdm_patient *p = &o->patient;
    struct str name;
    str_init(&name, sizeof(built->pdf_name) - 1);
    str_add(&name, b->act, 8);
    str_putc(&name, '_');
    str_puts(&name, o->kind.code);
    str_putc(&name, '_');
    file_word(&name, p->birth_name);
    str_putc(&name, '_');
    file_word(&name, p->first_names);
    if (o->file_number.n) {
        str_putc(&name, '_');
        file_word(&name, o->file_number);
    }
    str_puts(&name, ".pdf");
    bool ok = !name.overflow;
    if (ok)
        memcpy(built->pdf_name, name.data, name.len + 1);
    str_free(&name);
    int n = snprintf(built->subject, sizeof(built->subject), "XDM/1.0/DDM+%s %.*s %.*s %.2s/%.2s/%.4s", o->kind.label,
                     (int)p->birth_name.n, p->birth_name.p, (int)p->first_names.n, p->first_names.p,
                     p->birth_date.p + 8, p->birth_date.p + 5, p->birth_date.p);
    return ok && n > 0 && (size_t)n < sizeof(built->subject);
}

static void begin(struct building *b)
{
    const struct xdm_order *o = b->order;
    new_oid(b->unique_id);
    new_oid(b->set_id);
    new_oid(b->submission_id);
    hl7_time(b->act, o->act, false);
    hl7_time(b->act_zone, o->act, true);
    hl7_time(b->now, o->now, false);
    hl7_time(b->now_zone, o->now, true);
    compact_date(b->birth, o->patient.birth_date);
    b->title = o->title.n ? o->title : span_of(o->kind.label);
    b->oid = span_of(ins_oid(o->patient.authority));
}

bool xdm_build(struct xdm_built *built, const struct xdm_order *order, const char **problem)
{
    struct building b = {.order = order, .cda = &built->cda};
    struct str metadata;
    *built = (struct xdm_built){.subject = ""};
    str_init(&built->cda, XML_MAX);
    str_init(&built->zip, XDM_ZIP_MAX);
    *problem = wrong_in(order);
    if (*problem)
        return false;
    begin(&b);
    write_cda(&b);
    str_init(&metadata, XDM_METADATA_MAX);
    write_metadata(&metadata, &b);
    bool ok = write_names(built, &b) && !built->cda.overflow && !metadata.overflow &&
              write_zip(&built->zip, &b, str_span(&metadata));
    memcpy(built->unique_id, b.unique_id, sizeof(built->unique_id));
    if (!ok)
        *problem = "le document n'a pas pu être construit";
    str_free(&metadata);
    return ok;
}

void xdm_built_free(struct xdm_built *built)
{
    str_free(&built->zip);
    str_free(&built->cda);
}

bool xdm_is_pdf(struct span bytes)
{
    struct span head = {bytes.p, bytes.n < 1024 ? bytes.n : 1024};
    return bytes.n > 8 && span_find(head, SPAN_LIT("%PDF-")) >= 0;
}

/* ISO 19005-1 6.1.3 encryption, 6.1.10 LZW, 6.1.11 embedded files, 6.6.1 scripts and launches; 6.1.2: PDF 1.4. */
static bool holds_forbidden(struct span pdf)
{
    static const char *const names[] = {"/Encrypt ", "/EmbeddedFiles", "/JavaScript",
                                        "/Launch",   "/LZWDecode",     "/ObjStm"};
    struct span head = {pdf.p, pdf.n < 1024 ? pdf.n : 1024};
    for (size_t i = 0; i < COUNT(names); i++)
        if (span_find(pdf, span_of(names[i])) >= 0)
            return true;
    return span_find(head, SPAN_LIT("%PDF-1.")) < 0 || span_find(head, SPAN_LIT("%PDF-1.5")) >= 0 ||
           span_find(head, SPAN_LIT("%PDF-1.6")) >= 0 || span_find(head, SPAN_LIT("%PDF-1.7")) >= 0;
}

/* The metadata stream is never compressed (6.7.2), so that its bytes can be looked for. */
enum xdm_pdf xdm_pdf_kind(struct span pdf)
{
    static const char *const said[] = {"pdfaid:part>", "pdfaid:part=\"", "pdfaid:part='"};
    for (size_t i = 0; i < COUNT(said); i++) {
        ptrdiff_t at = span_find(pdf, span_of(said[i]));
        size_t n = strlen(said[i]);
        if (at < 0 || (size_t)at + n >= pdf.n)
            continue;
        if (pdf.p[(size_t)at + n] != '1')
            return XDM_PDF_OTHER_PART;
        return holds_forbidden(pdf) ? XDM_PDF_FORBIDDEN : XDM_PDF_A1;
    }
    return XDM_PDF_PLAIN;
}
