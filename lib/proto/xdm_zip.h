/* The archive behind xdm.c: libzip over memory, with every size bounded before it is unpacked. */
#ifndef CADUCEE_PROTO_XDM_ZIP_H
#define CADUCEE_PROTO_XDM_ZIP_H

#include "lib/proto/xdm.h"

struct xdm_zip;
/* NULL: `problem` says why. */
struct xdm_zip *xdm_zip_open(struct span bytes, const char **problem);
void xdm_zip_close(struct xdm_zip **);
/* The member's name as it stands in the archive, found without regard to ASCII case; NULL: none. */
const char *xdm_zip_find(struct xdm_zip *, struct span name);
/* False: `problem`: "missing", "not a file" (a link), "encrypted", "too large", "unreadable". */
bool xdm_zip_read(struct xdm_zip *, const char *member, size_t most, struct str *out, const char **problem);
/* A name that would leave its folder ("../x", "/x", "C:x", a backslash, a control). */
bool xdm_name_is_unsafe(struct span name);
/* What no honest archive has: "unsafe name", "duplicate names" (compared as they are found); NULL: nothing. */
const char *xdm_zip_oddity(struct xdm_zip *);

#endif
