/* HTML that strangers wrote, made harmless by an allow-list of elements and attributes over libxml2's HTML parser: no
 * script, style, SVG, MathML, form, frame, object, meta, base, event handler, style attribute, id or class of theirs;
 * nothing remote: pictures only of the message (src="cid:…"); links only https, http, mailto and tel.
 *
 * What comes out is a fragment (no html, head, body), UTF-8, well balanced, every attribute quoted and escaped by us. It is
 * shown in a sandboxed frame under a CSP all the same.
 */
#ifndef CADUCEE_PROTO_HTML_CLEAN_H
#define CADUCEE_PROTO_HTML_CLEAN_H

#include "lib/base/str.h"

enum { HTML_INPUT_MAX = 8 << 20, HTML_OUTPUT_MAX = 8 << 20, HTML_DEPTH_MAX = 200, HTML_NODES_MAX = 200000 };

enum html_source {
    HTML_OF_MAIL, /* pictures: cid: only */
    HTML_OF_CDA   /* the same, and data: pictures (PNG, JPEG, GIF) that a CDA carries inside */
};
/* False: nothing could be made of it (empty out). Remote pictures taken out are counted in *remote. */
bool html_clean(struct str *out, struct span utf8_html, enum html_source, unsigned *remote) MUST_USE;

#endif
