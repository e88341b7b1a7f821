/* What a request carries, cut into fields: query, urlencoded form, cookies; multipart forms: multipart.h. Pure: bytes in,
 * views out, everything bounded; nothing here knows what a field means (input.h does). Decoded bytes live in the arena given.
 */
#ifndef CADUCEE_WEBMAIL_FIELDS_H
#define CADUCEE_WEBMAIL_FIELDS_H

#include "lib/base/arena.h"
#include "lib/base/str.h"
#include "lib/base/vec.h"

enum {
    FIELDS_MAX = 1024,         /* a page of 500 ticked messages fits */
    FIELD_NAME_MAX = 64,       /* ours are under 20 */
    PART_HEADER_MAX = 4096,    /* a file name of 255 characters, percent-encoded, and its type */
    COOKIE_HEADER_MAX = 16384, /* what web servers let through */
};

struct field {
    struct span name, value;
    bool is_file;
    struct span file_name, content_type; /* of a file; the name may be empty: nothing was chosen */
};
typedef VEC(struct field) field_list;

enum fields_status { FIELDS_OK, FIELDS_BAD, FIELDS_TOO_MANY };

/* WHATWG URL 5.1, strict: a broken %xx, a NUL or bytes that are not UTF-8 are FIELDS_BAD. */
enum fields_status fields_urlencoded(struct arena *, struct span in, field_list *out);
/* RFC 6265 5.4's form: the first cookie of that name; false when absent or the header is too long. */
bool cookie_get(struct span header, const char *name, struct span *value) MUST_USE;
bool percent_decode(struct arena *, struct span in, bool plus_is_space, struct span *out) MUST_USE;

#endif
