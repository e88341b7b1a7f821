/* XML-DSig of the whitelist (xmlsec1, the only place): enveloped, C14N, exactly one Reference with URI="", SHA-256 or
 * stronger, no other transform (no XPath, no XSLT: what is signed is the whole document, so what is read is what was
 * signed). Keys come from the pinned certificates only.
 */
#ifndef CADUCEE_PROTO_WHITELIST_SIGNATURE_H
#define CADUCEE_PROTO_WHITELIST_SIGNATURE_H

#include "lib/base/str.h"

struct _xmlDoc; /* libxml2 stays in proto */

enum whitelist_signature { WHITELIST_UNSIGNED, WHITELIST_SIGNED, WHITELIST_SIGNATURE_WRONG };

/* Once a process, before threads: libxml2 and xmlsec1. */
void whitelist_prepare(void);
enum whitelist_signature whitelist_verify(struct _xmlDoc *, struct span signer_pem, struct str *error) MUST_USE;

#endif
