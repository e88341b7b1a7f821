/* A multipart form as it comes in: fed in pieces of any size, its texts in the arena, its files in a spool. Memory does not
 * grow with what is sent: a piece, a header and the texts are held, each bounded.
 */
#ifndef CADUCEE_WEBMAIL_MULTIPART_H
#define CADUCEE_WEBMAIL_MULTIPART_H

#include "lib/base/spool.h"
#include "webmail-cgi/fields.h"

enum {
    MULTIPART_PIECE = 64 << 10,
    MULTIPART_TEXT_MAX = 1 << 20 /* of all texts together: what a form without files may hold */
};
enum multipart_state {
    MULTIPART_FIRST,
    MULTIPART_AFTER, /* a boundary: what follows it says whether there is another part */
    MULTIPART_HEADER,
    MULTIPART_VALUE,
    MULTIPART_DONE,
    MULTIPART_FAILED
};
struct multipart {
    struct arena *arena;
    struct spool *files;
    field_list *out;
    struct str between; /* CRLF, two hyphens, the boundary */
    struct str held;    /* read, not yet judged */
    struct str text;    /* of the text fields, one after the other */
    struct field field; /* being read */
    size_t file_begin, text_begin;
    enum multipart_state state;
    enum fields_status status; /* when failed */
};
bool multipart_boundary(struct span content_type, struct span *boundary) MUST_USE;
/* The spool is the caller's, and must outlive the fields: their files are views into it once all has been read. */
void multipart_begin(struct multipart *, struct arena *, struct span boundary, struct spool *files, field_list *out);
bool multipart_feed(struct multipart *, struct span); /* false: broken or too much; the rest need not be read */
enum fields_status multipart_end(struct multipart *);

#endif
