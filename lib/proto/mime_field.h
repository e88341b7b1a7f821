/* Header fields whose value has a structure of its own: `value; name=value; …` (RFC 2045 5.1, RFC 2231). */
#ifndef CADUCEE_PROTO_MIME_FIELD_H
#define CADUCEE_PROTO_MIME_FIELD_H

#include "lib/base/arena.h"
#include "lib/base/vec.h"

enum {
    MIME_HEADER_MAX = 1 << 20, /* bytes of a header block that are looked at */
    MIME_VALUE_MAX = 64 << 10, /* bytes of a structured value that are looked at */
    MIME_COMMENT_DEPTH = 32,
    MIME_PARAMS_MAX = 100
};

struct mime_param {
    struct span name;  /* a trailing '*' says that the value is extended: charset'language'%XX (RFC 2231 4) */
    struct span value; /* unquoted, pieces joined (RFC 2231 3), not decoded */
};
struct mime_params {
    struct mime_param *items;
    size_t count;
};

/* The first field of that name in a header block: its value, still folded. */
bool mime_find(struct span header, const char *name, struct span *value);
unsigned mime_count(struct span header, const char *name);

/* `value` gets what stands before the first ';' (no comments, no white space). */
void mime_structured(struct arena *, struct span raw, struct span *value, struct mime_params *);
bool mime_param(const struct mime_params *, const char *name, struct span *raw);
/* Decoded as people read it, UTF-8: extended form first, else RFC 2047 words though they are not allowed there. */
struct span mime_param_text(struct arena *, const struct mime_params *, const char *name);

/* At `at`, a '(': the index behind the comment's end; past MIME_COMMENT_DEPTH or unclosed, the end of `in`. */
size_t mime_skip_comment(struct span in, size_t at);
/* How deep the comments of a value go; what comes after the 33rd is not asked. */
unsigned mime_comment_depth(struct span in);

#endif
