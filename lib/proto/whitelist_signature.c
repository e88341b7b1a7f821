#include "lib/proto/whitelist_signature.h"

#include <libxml/xmlerror.h>
#include <pthread.h>
#include <xmlsec/crypto.h>
#include <xmlsec/errors.h>
#include <xmlsec/keysmngr.h>
#include <xmlsec/xmldsig.h>
#include <xmlsec/xmlsec.h>
#include <xmlsec/xmltree.h>

#include <string.h>

#define DSIG "http://www.w3.org/2000/09/xmldsig#"

static void silent(void *context, const char *format, ...) PRINTF(2, 3);
static void silent(void *context, const char *format, ...)
{
    (void)context;
    (void)format;
}

static void silent_xmlsec(const char *file, int line, const char *function, const char *object, const char *subject,
                          int reason, const char *message)
{
    (void)file, (void)line, (void)function, (void)object, (void)subject, (void)reason, (void)message;
}

static void prepare(void)
{
    xmlInitParser();
    xmlSetGenericErrorFunc(NULL, silent);
    if (xmlSecInit() < 0 || xmlSecCryptoAppInit(NULL) < 0 || xmlSecCryptoInit() < 0)
        fatal("xmlsec1 cannot be initialised");
    xmlSecErrorsSetCallback(silent_xmlsec);
}

void whitelist_prepare(void)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    (void)pthread_once(&once, prepare);
}

static bool wrong(struct str *error, const char *what)
{
    if (error)
        str_addf(error, "the signature is refused: %s", what);
    return false;
}

static bool is_dsig(const xmlNode *node, const char *name)
{
    return node->type == XML_ELEMENT_NODE && node->ns && xmlStrEqual(node->ns->href, BAD_CAST DSIG) &&
           xmlStrEqual(node->name, BAD_CAST name);
}

static xmlNode *only_child(const xmlNode *parent, const char *name)
{
    xmlNode *found = NULL;
    for (xmlNode *n = parent->children; n; n = n->next) {
        if (!is_dsig(n, name))
            continue;
        if (found)
            return NULL;
        found = n;
    }
    return found;
}

static bool algorithm_among(xmlNode *node, const char *const *allowed)
{
    xmlChar *algorithm = node ? xmlGetNoNsProp(node, BAD_CAST "Algorithm") : NULL;
    bool ok = false;
    for (; algorithm && *allowed; allowed++)
        ok = ok || xmlStrEqual(algorithm, BAD_CAST * allowed);
    xmlFree(algorithm);
    return ok;
}

static const char *const canonical[] = {"http://www.w3.org/TR/2001/REC-xml-c14n-20010315",
                                        "http://www.w3.org/2006/12/xml-c14n11",
                                        "http://www.w3.org/2001/10/xml-exc-c14n#", NULL};
static const char *const signatures[] = {
    "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256",      "http://www.w3.org/2001/04/xmldsig-more#rsa-sha384",
    "http://www.w3.org/2001/04/xmldsig-more#rsa-sha512",      "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256",
    "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha384",    "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha512",
    "http://www.w3.org/2007/05/xmldsig-more#sha256-rsa-MGF1", NULL};
static const char *const digests[] = {"http://www.w3.org/2001/04/xmlenc#sha256",
                                      "http://www.w3.org/2001/04/xmldsig-more#sha384",
                                      "http://www.w3.org/2001/04/xmlenc#sha512", NULL};
static const char *const enveloped[] = {DSIG "enveloped-signature", NULL};

/* At most one enveloped-signature, then at most one canonicalisation; the first must be there. */
static bool transforms_are_plain(const xmlNode *transforms)
{
    unsigned count = 0;
    for (xmlNode *n = transforms ? transforms->children : NULL; n; n = n->next) {
        if (n->type != XML_ELEMENT_NODE)
            continue;
        count++;
        if (!is_dsig(n, "Transform") || count > 2 || !algorithm_among(n, count == 1 ? enveloped : canonical))
            return false;
    }
    return count > 0;
}

static bool shape_is_ours(const xmlNode *signature, struct str *error)
{
    const xmlNode *info = only_child(signature, "SignedInfo");
    const xmlNode *reference = info ? only_child(info, "Reference") : NULL;
    if (!reference)
        return wrong(error, "exactly one Reference is expected");
    xmlChar *uri = xmlGetNoNsProp(reference, BAD_CAST "URI");
    bool whole = uri && uri[0] == 0;
    xmlFree(uri);
    if (!whole)
        return wrong(error, "the Reference must have URI=\"\" (the whole document)");
    if (!algorithm_among(only_child(info, "CanonicalizationMethod"), canonical))
        return wrong(error, "its canonicalisation is not C14N without comments");
    if (!algorithm_among(only_child(info, "SignatureMethod"), signatures))
        return wrong(error, "its algorithm is not RSA or ECDSA with SHA-256 or stronger");
    if (!algorithm_among(only_child(reference, "DigestMethod"), digests))
        return wrong(error, "its digest is weaker than SHA-256");
    if (!transforms_are_plain(only_child(reference, "Transforms")))
        return wrong(error, "its transforms are not enveloped-signature and C14N alone");
    return true;
}

/* The certificates of a PEM file one by one: a change of signer is announced by a file with both. */
static bool next_pem(struct span *rest, struct span *pem)
{
    ptrdiff_t begin = span_find(*rest, SPAN_LIT("-----BEGIN CERTIFICATE-----"));
    if (begin < 0)
        return false;
    rest->p += begin, rest->n -= (size_t)begin;
    ptrdiff_t end = span_find(*rest, SPAN_LIT("-----END CERTIFICATE-----"));
    if (end < 0)
        return false;
    *pem = (struct span){rest->p, (size_t)end + sizeof("-----END CERTIFICATE-----") - 1};
    rest->p += pem->n, rest->n -= pem->n;
    return true;
}

static bool verifies_with(xmlNode *signature, struct span pem)
{
    xmlSecKey *key = xmlSecCryptoAppKeyLoadMemory((const xmlSecByte *)pem.p, (xmlSecSize)pem.n,
                                                  xmlSecKeyDataFormatCertPem, NULL, NULL, NULL);
    xmlSecDSigCtx *context = key ? xmlSecDSigCtxCreate(NULL) : NULL;
    bool ok = false;
    if (context) {
        context->signKey = key; /* the context owns it now; KeyInfo of the document is never asked */
        context->enabledReferenceUris = xmlSecTransformUriTypeEmpty;
        ok = xmlSecDSigCtxVerify(context, signature) >= 0 && context->status == xmlSecDSigStatusSucceeded &&
             xmlSecPtrListGetSize(&context->signedInfoReferences) == 1;
        xmlSecDSigCtxDestroy(context);
    } else if (key) {
        xmlSecKeyDestroy(key);
    }
    return ok;
}

static xmlNode *find_signature(xmlNode *root, unsigned *count)
{
    xmlNode *found = NULL;
    *count = 0;
    for (xmlNode *n = root; n;) {
        if (is_dsig(n, "Signature")) {
            found = n;
            ++*count;
        }
        /* document order, without recursion */
        if (n->children && n->type == XML_ELEMENT_NODE) {
            n = n->children;
            continue;
        }
        while (n && n != root && !n->next)
            n = n->parent;
        n = !n || n == root ? NULL : n->next;
    }
    return found;
}

enum whitelist_signature whitelist_verify(xmlDoc *doc, struct span signer_pem, struct str *error)
{
    whitelist_prepare();
    unsigned count;
    xmlNode *root = xmlDocGetRootElement(doc), *signature = root ? find_signature(root, &count) : NULL;
    if (!signature)
        return WHITELIST_UNSIGNED;
    if (count > 1 || signature->parent != root) {
        wrong(error, "one Signature, directly under the root, is expected");
        return WHITELIST_SIGNATURE_WRONG;
    }
    if (!shape_is_ours(signature, error))
        return WHITELIST_SIGNATURE_WRONG;
    struct span rest = signer_pem, pem;
    bool any = false;
    while (next_pem(&rest, &pem)) {
        any = true;
        if (verifies_with(signature, pem))
            return WHITELIST_SIGNED;
    }
    wrong(error, any ? "it does not verify with the pinned signer's certificate"
                     : "the list is signed and no signer is pinned (setting whitelist.signer)");
    return WHITELIST_SIGNATURE_WRONG;
}
