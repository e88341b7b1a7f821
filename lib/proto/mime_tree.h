/* The tree of a message's parts and where each begins and ends: our own tolerant, bounded splitter, because offsets must
 * be exact and libetpan recurses without limit. One pass over the bytes, line by line; never fails: what is not MIME is
 * one leaf. Line ends may be CRLF or LF, mixed.
 */
#ifndef CADUCEE_PROTO_MIME_TREE_H
#define CADUCEE_PROTO_MIME_TREE_H

#include "lib/proto/mime_field.h"
#include "lib/proto/summary.h"

struct mime_part {
    uint32_t parent, number;
    size_t header_begin, header_end, body_begin, body_end;
    uint32_t lines; /* LFs of the body */
    enum part_kind kind;
    enum part_encoding encoding;
    struct span type, subtype; /* as written; text/plain when there is none */
    struct mime_params params;
    struct span disposition; /* as written; empty = none */
    struct mime_params disposition_params;
    struct span cte, id, description, md5, language, location; /* unfolded; empty = none */
};
struct mime_tree {
    struct arena *arena; /* the caller's */
    struct span bytes;
    VEC(struct mime_part) parts; /* preorder */
    bool cut;                    /* a limit: SUMMARY_PARTS_MAX, SUMMARY_DEPTH_MAX, MIME_HEADER_MAX */
};

void mime_tree_parse(struct mime_tree *, struct arena *, struct span message);
void mime_tree_free(struct mime_tree *);
struct span mime_header_of(const struct mime_tree *, const struct mime_part *); /* at most MIME_HEADER_MAX */
struct span mime_body_of(const struct mime_tree *, const struct mime_part *);
struct span mime_part_name(const struct mime_tree *, const struct mime_part *); /* file name, decoded; empty = none */
bool mime_type_is(const struct mime_part *, const char *type, const char *subtype /* NULL: any */);

#endif
