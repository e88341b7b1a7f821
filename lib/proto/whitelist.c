#include "lib/proto/whitelist.h"

#include "lib/base/num.h"
#include "lib/base/text.h"
#include "lib/proto/address.h"
#include "lib/proto/whitelist_signature.h"

#include <libxml/parser.h>

#include <string.h>
#include <time.h>

#define NAMESPACE "https://listeblanche.mssante.fr/schema"

enum { FIELD_MAX = 4096, WHITELIST_DEPTH_MAX = 16 };

static bool refuse(struct str *error, const char *what)
{
    if (error)
        str_puts(error, what);
    return false;
}

static bool is_ours(const xmlNode *node, const char *name)
{
    return node->type == XML_ELEMENT_NODE && node->ns && xmlStrEqual(node->ns->href, BAD_CAST NAMESPACE) &&
           (!name || xmlStrEqual(node->name, BAD_CAST name));
}

/* Text of the child called so; "" when there is none. The caller frees with xfree. */
static char *field(const xmlNode *parent, const char *name)
{
    struct str out;
    str_init(&out, FIELD_MAX);
    for (const xmlNode *n = parent->children; n; n = n->next) {
        if (!is_ours(n, name))
            continue;
        xmlChar *text = xmlNodeGetContent(n);
        str_add_span(&out, span_trim(span_of((const char *)text)));
        xmlFree(text);
        break;
    }
    str_puts(&out, "");
    return out.data ? str_steal(&out) : xstrdup("");
}

static void skip(struct whitelist *list, size_t number, const char *domain, const char *why)
{
    list->skipped++;
    if (list->skipped_why.len == WHITELIST_SKIPPED_NAMED)
        return;
    struct str line, clean;
    str_init(&line, 2 * FIELD_MAX);
    str_init(&clean, 4 * FIELD_MAX);
    str_addf(&line, "entry %zu, domain %.300s: %s", number, domain, why);
    text_sanitize(&clean, str_span(&line));
    vec_push(&list->skipped_why, str_steal(&clean));
    str_free(&line);
}

static void free_entry(struct whitelist_entry *entry)
{
    xfree(&entry->domain);
    xfree(&entry->domain_text);
    xfree(&entry->description);
    xfree(&entry->responsible);
    xfree(&entry->support);
    xfree(&entry->changed);
    xfree(&entry->dn_text);
    xfree(&entry->dn);
}

static bool settle(struct whitelist_entry *entry, struct str *why)
{
    struct str domain, canonical;
    struct dn dn;
    str_init(&domain, ADDRESS_DOMAIN_MAX);
    str_init(&canonical, (size_t)DN_ATTRIBUTES_MAX * 8 * DN_VALUE_MAX);
    bool named = domain_normalise(&domain, span_of(entry->domain_text));
    if (!named)
        str_puts(why, "not a domain name");
    bool ok = named && dn_from_string(&dn, span_of(entry->dn_text), why);
    if (ok) {
        dn_canonical(&canonical, &dn);
        entry->domain = str_steal(&domain);
        entry->dn = str_steal(&canonical);
        dn_free(&dn);
    }
    str_free(&domain);
    str_free(&canonical);
    return ok;
}

static void read_entry(struct whitelist *list, const xmlNode *node, size_t number)
{
    struct whitelist_entry entry = {.domain_text = field(node, "Nom"),
                                    .description = field(node, "Description"),
                                    .responsible = field(node, "ResponsableContact"),
                                    .support = field(node, "SupportContact"),
                                    .changed = field(node, "DateMAJ"),
                                    .dn_text = field(node, "DNCertificatOperateur")};
    struct str why;
    str_init(&why, 512);
    if (settle(&entry, &why)) {
        vec_push(&list->entries, entry);
    } else {
        skip(list, number, entry.domain_text, why.len ? why.data : "cannot be read");
        free_entry(&entry);
    }
    str_free(&why);
}

static bool two_digits(struct span *s, char before, int most, int *out)
{
    uint32_t value;
    if (before && (s->n == 0 || s->p[0] != before))
        return false;
    size_t skip_bytes = before ? 1 : 0;
    if (s->n < 2 + skip_bytes || !num_u32((struct span){s->p + skip_bytes, 2}, (uint32_t)most, &value))
        return false;
    s->p += 2 + skip_bytes, s->n -= 2 + skip_bytes;
    *out = (int)value;
    return true;
}

static bool zone(struct span s, int64_t *offset)
{
    int hours, minutes;
    *offset = 0;
    if (s.n == 0 || span_is(s, "Z"))
        return true;
    char sign = s.p[0];
    s.p++, s.n--;
    if ((sign != '+' && sign != '-') || !two_digits(&s, 0, 14, &hours) || !two_digits(&s, ':', 59, &minutes) || s.n)
        return false;
    *offset = (sign == '-' ? -1 : 1) * (int64_t)(hours * 3600 + minutes * 60);
    return true;
}

bool whitelist_date(struct span s, int64_t *out)
{
    uint32_t year;
    int64_t offset;
    struct tm tm = {.tm_isdst = 0};
    s = span_trim(s);
    if (s.n < 10 || !num_u32((struct span){s.p, 4}, 9999, &year) || year < 1970)
        return false;
    s.p += 4, s.n -= 4;
    if (!two_digits(&s, '-', 12, &tm.tm_mon) || !two_digits(&s, '-', 31, &tm.tm_mday) || !tm.tm_mon || !tm.tm_mday)
        return false;
    if (s.n && (s.p[0] == 'T' || s.p[0] == ' ')) {
        s.p++, s.n--;
        if (!two_digits(&s, 0, 23, &tm.tm_hour) || !two_digits(&s, ':', 59, &tm.tm_min) ||
            !two_digits(&s, ':', 60, &tm.tm_sec))
            return false;
        if (s.n && s.p[0] == '.')
            do
                s.p++, s.n--;
            while (s.n && s.p[0] >= '0' && s.p[0] <= '9');
    }
    if (!zone(s, &offset))
        return false;
    tm.tm_year = (int)year - 1900;
    tm.tm_mon--;
    *out = (int64_t)timegm(&tm) - offset;
    return true;
}

static bool read_entries(struct whitelist *list, const xmlNode *root, struct str *error)
{
    size_t number = 0;
    bool dated = false;
    for (const xmlNode *n = root->children; n; n = n->next) {
        if (is_ours(n, "DateDeGeneration")) {
            xmlChar *text = xmlNodeGetContent(n);
            bool ok = !dated && whitelist_date(span_of((const char *)text), &list->generated);
            xmlFree(text);
            if (!ok)
                return refuse(error, "DateDeGeneration cannot be read, or stands twice");
            dated = true;
        } else if (is_ours(n, "Domaine")) {
            if (++number > WHITELIST_ENTRIES_MAX)
                return refuse(error, "more than 200,000 entries");
            read_entry(list, n, number);
        }
    }
    if (!dated)
        return refuse(error, "DateDeGeneration is missing");
    return number > 0 || refuse(error, "no <Domaine> entry stands in it");
}

static bool read_document(struct whitelist *list, xmlDoc *doc, const struct whitelist_reading *how, struct str *error)
{
    const xmlNode *root = xmlDocGetRootElement(doc);
    if (doc->intSubset || doc->extSubset)
        return refuse(error, "a document type declaration: none is accepted");
    if (!root || !is_ours(root, NULL))
        return refuse(error, "the root element is not in the namespace " NAMESPACE);
    switch (whitelist_verify(doc, how->signer_pem, error)) {
    case WHITELIST_SIGNATURE_WRONG:
        return false;
    case WHITELIST_SIGNED:
        list->is_signed = true;
        break;
    case WHITELIST_UNSIGNED:
        if (how->signature_required)
            return refuse(error, "the list is not signed, and a signature is required");
    }
    /* The one Reference covers the whole document (URI=""): the root is the signed node. */
    return read_entries(list, root, error);
}

static bool has_doctype(struct span xml)
{
    return span_find(xml, SPAN_LIT("<!DOCTYPE")) >= 0 || span_find(xml, SPAN_LIT("<!ENTITY")) >= 0;
}

bool whitelist_parse(struct whitelist *list, struct span xml, const struct whitelist_reading *how, struct str *error)
{
    *list = (struct whitelist){.generated = 0};
    if (xml.n == 0 || xml.n > WHITELIST_MAX)
        return refuse(error, "empty, or larger than 32 MiB");
    if (has_doctype(xml))
        return refuse(error, "a document type declaration: none is accepted");
    whitelist_prepare();
    /* Without XML_PARSE_HUGE libxml2 keeps its own limits on depth and text size. */
    xmlDoc *doc = xmlReadMemory(xml.p, (int)xml.n, "whitelist.xml", NULL,
                                XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING | XML_PARSE_COMPACT);
    bool ok = doc ? read_document(list, doc, how, error) : refuse(error, "not well-formed XML");
    xmlFreeDoc(doc);
    return ok;
}

void whitelist_free(struct whitelist *list)
{
    vec_each (&list->entries, entry)
        free_entry(entry);
    vec_each (&list->skipped_why, why)
        xfree(why);
    vec_free(&list->entries);
    vec_free(&list->skipped_why);
}
