/* A CDA as HTML: our own style sheet (cda.xsl, compiled in), libxslt with nothing allowed, then the cleaner. */
#include "lib/proto/cda.h"

#include "lib/proto/cda_xml.h"
#include "lib/proto/html_clean.h"

#include <libxslt/security.h>
#include <libxslt/transform.h>
#include <libxslt/xsltInternals.h>
#include <libxslt/xsltutils.h>
#include <libxml/parser.h>
#include <string.h>

enum { TEMPLATE_DEPTH = 500, OPERATIONS_MAX = 20000000 };

__asm__(".section .rodata\ncda_style_text: .incbin \"lib/proto/cda.xsl\"\ncda_style_end: .byte 0\n.previous\n");
extern const char cda_style_text[] __attribute__((visibility("hidden")));
extern const char cda_style_end[] __attribute__((visibility("hidden")));

static xsltStylesheet *style;
static xsltSecurityPrefs *nothing_allowed;

static void say_nothing(void *context, const char *format, ...)
{
    (void)context;
    (void)format;
}

void cda_setup(void)
{
    static const xsltSecurityOption options[] = {XSLT_SECPREF_READ_FILE, XSLT_SECPREF_WRITE_FILE,
                                                 XSLT_SECPREF_CREATE_DIRECTORY, XSLT_SECPREF_READ_NETWORK,
                                                 XSLT_SECPREF_WRITE_NETWORK};
    if (style)
        return;
    xmlDoc *text =
        xmlReadMemory(cda_style_text, (int)(cda_style_end - cda_style_text), "cda.xsl", NULL, XML_PARSE_NONET);
    style = text ? xsltParseStylesheetDoc(text) : NULL;
    nothing_allowed = xsltNewSecurityPrefs();
    if (!style || !nothing_allowed)
        fatal("our style sheet for CDA documents does not compile");
    for (size_t i = 0; i < COUNT(options); i++)
        if (xsltSetSecurityPrefs(nothing_allowed, options[i], xsltSecurityForbid) != 0)
            fatal("libxslt cannot be confined");
}

static xmlDoc *transform(xmlDoc *document)
{
    xsltTransformContext *context = xsltNewTransformContext(style, document);
    if (!context)
        return NULL;
    xsltSetCtxtSecurityPrefs(nothing_allowed, context);
    xsltSetTransformErrorFunc(context, NULL, say_nothing);
    context->maxTemplateDepth = TEMPLATE_DEPTH;
    context->opLimit = OPERATIONS_MAX;
    xmlDoc *result = xsltApplyStylesheetUser(style, document, NULL, NULL, NULL, context);
    if (result && context->state != XSLT_STATE_OK) {
        xmlFreeDoc(result);
        result = NULL;
    }
    xsltFreeTransformContext(context);
    return result;
}

static bool write_clean(struct str *out, xmlDoc *result)
{
    xmlChar *text = NULL;
    int n = 0;
    unsigned remote;
    bool ok = xsltSaveResultToString(&text, &n, result, style) == 0;
    str_puts(out, "<div class=\"cda\">");
    if (ok && text)
        ok = html_clean(out, (struct span){(const char *)text, (size_t)n}, HTML_OF_CDA, &remote);
    str_puts(out, "</div>");
    xmlFree(text);
    return ok && !out->overflow;
}

bool cda_html(struct str *out, struct span xml, const char **problem)
{
    cda_setup();
    xmlDoc *document = xml_read(xml, problem);
    if (!document)
        return false;
    const xmlNode *root = xmlDocGetRootElement(document);
    bool ok = xml_is(root, "ClinicalDocument");
    *problem = "not a CDA";
    if (ok) {
        xmlDoc *result = transform(document);
        *problem = "unreadable";
        ok = result && write_clean(out, result);
        if (result)
            xmlFreeDoc(result);
    }
    xmlFreeDoc(document);
    return ok;
}
