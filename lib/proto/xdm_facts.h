/* The flat form of what an archive says: written by xdm.c, read by xdm_open() and xdm_next(). Private to xdm*.c.
 *
 *     u8 version (1), then fields: u8 tag, u32 length, bytes, in rising order of tag; documents come last, each a field whose
 *     bytes are fields again.
 */
#ifndef CADUCEE_PROTO_XDM_FACTS_H
#define CADUCEE_PROTO_XDM_FACTS_H

#include "lib/base/vec.h"
#include "lib/proto/xdm.h"

typedef VEC(struct xdm_document) xdm_documents;
void xdm_facts_write(struct str *out, const struct xdm_view *, const xdm_documents *);

#endif
