/* METADATA.XML (IHE ITI TF-3 4.2, ebRIM 3.0): what it says of each document. Private to xdm.c. */
#ifndef CADUCEE_PROTO_XDM_METADATA_H
#define CADUCEE_PROTO_XDM_METADATA_H

#include "lib/base/arena.h"
#include "lib/base/vec.h"
#include "lib/proto/xdm.h"

struct xdm_entry {
    struct xdm_document document; /* as far as the metadata goes */
    struct span object_id;        /* "doc0": what associations name */
    uint64_t stated_size;
    bool has_stated_size;
    struct span stated_hash; /* hex, as written */
};
struct xdm_metadata {
    VEC(struct xdm_entry) entries;
    struct xdm_patient patient; /* of the submission set, else the first document's */
};
bool xdm_metadata_read(struct xdm_metadata *, struct arena *, struct span xml, const char **problem) MUST_USE;
void xdm_metadata_free(struct xdm_metadata *);

#endif
