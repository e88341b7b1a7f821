/* XML of strangers, for xdm*.c and cda*.c: parsed by libxml2 without network, without DOCTYPE (hence no entity of anybody's),
 * no deeper than XDM_XML_DEPTH_MAX; and a few ways to walk it. Private to them.
 */
#ifndef CADUCEE_PROTO_CDA_XML_H
#define CADUCEE_PROTO_CDA_XML_H

#include "lib/base/arena.h"
#include "lib/base/str.h"

#include <libxml/tree.h>

/* NULL: refused; `problem` says why ("doctype", "unreadable"). Free with xmlFreeDoc. */
xmlDoc *xml_read(struct span bytes, const char **problem);

/* Element children by local name, any namespace; NULL: none. */
xmlNode *xml_child(const xmlNode *, const char *name);
xmlNode *xml_next(const xmlNode *, const char *name); /* the next brother of that name */
/* "recordTarget/patientRole/patient": the first of each. */
xmlNode *xml_path(const xmlNode *, const char *path);
bool xml_is(const xmlNode *, const char *name);
/* Attribute and text, trimmed, controls turned into spaces, at most 4 KiB, in the arena. */
struct span xml_attribute(struct arena *, const xmlNode *, const char *name);
struct span xml_text(struct arena *, const xmlNode *);

#endif
