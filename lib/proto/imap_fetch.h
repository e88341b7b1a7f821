/* What a FETCH asks (RFC 9051 6.4.5, RFC 3516, RFC 7162, RFC 8514, RFC 8474, RFC 8970), parsed. Pure. */
#ifndef CADUCEE_PROTO_IMAP_FETCH_H
#define CADUCEE_PROTO_IMAP_FETCH_H

#include "lib/proto/imap_read.h"

enum imap_fetch_item {
    FETCH_UID = 1,
    FETCH_FLAGS = 2,
    FETCH_INTERNALDATE = 4,
    FETCH_SIZE = 8,
    FETCH_ENVELOPE = 16,
    FETCH_BODY = 32,
    FETCH_BODYSTRUCTURE = 64,
    FETCH_MODSEQ = 128,
    FETCH_SAVEDATE = 256,
    FETCH_EMAILID = 512,
    FETCH_THREADID = 1024,
    FETCH_PREVIEW = 2048
};

enum imap_section_kind {
    SECTION_ALL,    /* BODY[], BODY[1.2], BINARY[1] */
    SECTION_HEADER, /* of the message, or of a message/rfc822 part */
    SECTION_FIELDS,
    SECTION_FIELDS_NOT,
    SECTION_TEXT,
    SECTION_MIME
};
enum { SECTION_DEPTH_MAX = 100, SECTION_FIELDS_MAX = 200, FETCH_SECTIONS_MAX = 50 };

struct imap_section {
    enum imap_section_kind kind;
    uint32_t numbers[SECTION_DEPTH_MAX];
    size_t depth;
    VEC(struct span) fields; /* names, as written */
    struct span echo;        /* what stands between the brackets, to be written back (field names quoted as given) */
};

struct imap_body_item {
    struct imap_section section;
    enum { BODY_TEXT, BODY_BINARY, BODY_BINARY_SIZE, BODY_RFC822, BODY_RFC822_HEADER, BODY_RFC822_TEXT } form;
    bool peek;
    bool partial;
    uint64_t offset, length;
};

struct imap_fetch {
    unsigned items; /* enum imap_fetch_item */
    VEC(struct imap_body_item) bodies;
    bool preview_lazy;
};

/* "(FLAGS BODY[])", "ALL", one item …; no modifiers: those are the command's. Fails past the limits above. */
bool imap_fetch_parse(struct imap_reader *, struct imap_fetch *) MUST_USE;
void imap_fetch_free(struct imap_fetch *);
bool imap_fetch_marks_seen(const struct imap_fetch *);

/* Of a header block (empty line included): the fields that HEADER.FIELDS or HEADER.FIELDS.NOT keeps, and an empty line
 * (RFC 9051 6.4.5.1). */
void imap_header_filter(struct str *out, struct span header, const struct imap_section *);

#endif
