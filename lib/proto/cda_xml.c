#include "lib/proto/cda_xml.h"

#include "lib/proto/charset.h"
#include "lib/proto/xdm.h"

#include <libxml/parser.h>
#include <libxml/SAX2.h>
#include <limits.h>
#include <string.h>

enum { TEXT_MAX = 4096 };

/* What was read before the parser was told to stop counts for nothing: half a document is not shown as a whole one. */
static void refuse(xmlParserCtxt *parser, const char *problem)
{
    parser->_private = (void *)(uintptr_t)problem;
    xmlStopParser(parser);
}

/* A DOCTYPE is never needed, and brings entities: the parser stops at it. */
static void refuse_doctype(void *context, const xmlChar *name, const xmlChar *external, const xmlChar *system)
{
    (void)name;
    (void)external;
    (void)system;
    refuse(context, "doctype");
}

/* What health documents are written in. Others (UTF-7 first of all) serve to hide markup from whoever looks at bytes. */
static void start_document(void *context)
{
    static const char *const known[] = {"UTF-8",      "UTF-16",      "UTF-16LE",     "UTF-16BE",
                                        "ISO-8859-1", "ISO-8859-15", "WINDOWS-1252", "US-ASCII"};
    xmlParserCtxt *parser = context;
    /* libxml2 keeps Unicode's own names in the one place and the others' in the other */
    const xmlChar *named = parser->encoding ? parser->encoding : parser->input ? parser->input->encoding : NULL;
    bool ok = !named;
    for (size_t i = 0; !ok && i < COUNT(known); i++)
        ok = span_is_nocase(span_of((const char *)named), known[i]);
    xmlSAX2StartDocument(context);
    if (!ok)
        refuse(parser, "unreadable");
}

static void start_element(void *context, const xmlChar *name, const xmlChar *prefix, const xmlChar *uri,
                          int namespace_count, const xmlChar **namespaces, int attribute_count, int defaulted,
                          const xmlChar **attributes)
{
    xmlParserCtxt *parser = context;
    if (parser->nodeNr > XDM_XML_DEPTH_MAX) {
        refuse(parser, "unreadable");
        return;
    }
    xmlSAX2StartElementNs(context, name, prefix, uri, namespace_count, namespaces, attribute_count, defaulted,
                          attributes);
}

static void say_nothing(void *context, const char *format, ...)
{
    (void)context;
    (void)format; /* it may hold what a stranger wrote */
}

xmlDoc *xml_read(struct span bytes, const char **problem)
{
    *problem = "unreadable";
    if (!bytes.n || bytes.n > INT_MAX)
        return NULL;
    xmlSetGenericErrorFunc(NULL, say_nothing); /* what is not told to a parser: an encoding's errors quote bytes */
    xmlParserCtxt *parser = xmlNewParserCtxt();
    if (!parser)
        fatal("libxml2 makes no parser");
    parser->sax->internalSubset = refuse_doctype;
    parser->sax->startDocument = start_document;
    parser->sax->startElementNs = start_element;
    parser->sax->warning = parser->sax->error = parser->sax->fatalError = say_nothing;
    /* HUGE, because a PDF in base64 is one text node; what HUGE lets in, the two functions above keep out. */
    xmlDoc *document = xmlCtxtReadMemory(parser, bytes.p, (int)bytes.n, "", NULL,
                                         XML_PARSE_NONET | XML_PARSE_HUGE | XML_PARSE_NOCDATA | XML_PARSE_COMPACT);
    if (parser->_private)
        *problem = parser->_private;
    if (document && (!parser->wellFormed || parser->_private || document->intSubset || document->extSubset)) {
        xmlFreeDoc(document);
        document = NULL;
    }
    xmlFreeParserCtxt(parser);
    return document;
}

bool xml_is(const xmlNode *node, const char *name)
{
    return node && node->type == XML_ELEMENT_NODE && strcmp((const char *)node->name, name) == 0;
}

static xmlNode *from(xmlNode *node, const char *name)
{
    while (node && !xml_is(node, name))
        node = node->next;
    return node;
}

xmlNode *xml_child(const xmlNode *node, const char *name)
{
    return node ? from(node->children, name) : NULL;
}

xmlNode *xml_next(const xmlNode *node, const char *name)
{
    return node ? from(node->next, name) : NULL;
}

xmlNode *xml_path(const xmlNode *node, const char *path)
{
    struct span rest = span_of(path), step;
    xmlNode *at = (xmlNode *)(uintptr_t)node;
    char name[64];
    while (at && span_cut(&rest, '/', &step)) {
        must(step.n < sizeof(name));
        memcpy(name, step.p, step.n);
        name[step.n] = '\0';
        at = xml_child(at, name);
    }
    return at;
}

static struct span tamed(struct arena *arena, const char *text, size_t n)
{
    struct span kept = arena_span(arena, span_trim(utf8_prefix((struct span){text, n}, TEXT_MAX)));
    char *p = (char *)(uintptr_t)kept.p;
    for (size_t i = 0; i < kept.n; i++)
        if ((unsigned char)p[i] < ' ' || p[i] == 0x7f)
            p[i] = ' ';
    return kept;
}

struct span xml_attribute(struct arena *arena, const xmlNode *node, const char *name)
{
    for (const xmlAttr *attribute = node ? node->properties : NULL; attribute; attribute = attribute->next) {
        if (strcmp((const char *)attribute->name, name) != 0 || !attribute->children || attribute->children->next)
            continue;
        const char *text = (const char *)attribute->children->content;
        return text ? tamed(arena, text, strlen(text)) : SPAN_NONE;
    }
    return SPAN_NONE;
}

/* The texts of a node and its element children, in order, without recursion. */
struct span xml_text(struct arena *arena, const xmlNode *top)
{
    struct str text;
    str_init(&text, TEXT_MAX * 2);
    const xmlNode *node = top ? top->children : NULL;
    while (node) {
        if ((node->type == XML_TEXT_NODE || node->type == XML_CDATA_SECTION_NODE) && node->content)
            str_puts(&text, (const char *)node->content);
        if (node->type == XML_ELEMENT_NODE && node->children) {
            node = node->children;
            continue;
        }
        while (node && node != top && !node->next)
            node = node->parent;
        node = node == top || !node ? NULL : node->next;
    }
    struct span kept = tamed(arena, text.data ? text.data : "", text.len);
    str_free(&text);
    return kept;
}
