/* The stored form of a message's summary: what caducee-parse writes once and everybody reads ever after, without parsing
 * the message again. Flat and bounded:
 *
 *     u8 version (1), then fields: u8 tag, u32 length, bytes — each tag once, in rising order
 *
 * A reader makes views and allocates nothing. A field that is absent is the empty span. Offsets count from the first byte
 * of the message *as received*: whoever reads the stored blob adds `head_size`, the bytes of our own fields in front.
 *
 * Strings are UTF-8 and hold no control character, except SUMMARY_HEADERS (bytes as received) and the three IMAP forms
 * (which hold CRLF inside literals, and are sent as they stand: RFC 9051 7.5.2; 8-bit text is in literals).
 *
 * Beside it stands the text for SEARCH: decoded header lines "Name: value\n", a NUL, then the decoded texts of the parts.
 */
#ifndef CADUCEE_PROTO_SUMMARY_H
#define CADUCEE_PROTO_SUMMARY_H

#include "lib/base/str.h"

enum summary_flag {
    SUMMARY_BROKEN = 1, /* parse could not: one opaque part */
    SUMMARY_TWO_FROM = 2,
    SUMMARY_NO_DATE = 4,
    SUMMARY_FROM_MISMATCH = 8, /* header From: is not the sending operator's */
    SUMMARY_HAS_XDM = 16,
    SUMMARY_HAS_CDA = 32,
    SUMMARY_INS_QUALIFIED = 64,
    SUMMARY_ATTACHMENTS = 128,
    SUMMARY_CUT = 256 /* a limit was reached: parts, depth, text */
};

enum {
    SUMMARY_VERSION = 1,
    SUMMARY_MAX = 4 << 20,      /* bytes of the stored form */
    SUMMARY_TEXT_MAX = 1 << 20, /* bytes of the text for SEARCH */
    SUMMARY_HEADERS_MAX = 64 << 10,
    SUMMARY_PREVIEW_CHARACTERS = 200,
    SUMMARY_PARTS_MAX = 10000,
    SUMMARY_DEPTH_MAX = 100
};

enum summary_field {
    SUMMARY_ENVELOPE = 1,  /* "(" … ")" */
    SUMMARY_BODY,          /* "(" … ")", without extension data */
    SUMMARY_BODYSTRUCTURE, /* "(" … ")", with it */
    SUMMARY_HEADERS, /* the listed fields whole, as received, in their order; absent = read them from the message */
    SUMMARY_DATES,   /* i64 seconds of Date: (UTC), i16 its zone in minutes; absent = no readable Date */
    SUMMARY_SUBJECT, /* decoded (RFC 2047) */
    SUMMARY_FROM,    /* decoded: `Name <local@domain>, …`; so are the next five */
    SUMMARY_SENDER,
    SUMMARY_REPLY_TO,
    SUMMARY_TO,
    SUMMARY_CC,
    SUMMARY_BCC,
    SUMMARY_MESSAGE_ID,   /* "<…>", one */
    SUMMARY_IN_REPLY_TO,  /* "<…>", the first */
    SUMMARY_REFERENCES,   /* "<…> <…>", oldest first */
    SUMMARY_BASE_SUBJECT, /* RFC 5256 2.1, case folded: a sort and thread key */
    SUMMARY_IS_REPLY,     /* present ("1") when 2.1 took a reply or forward mark off the subject */
    SUMMARY_SORT_FROM,    /* first mailbox's local part, case folded (RFC 5256 3); so are the next two */
    SUMMARY_SORT_TO,
    SUMMARY_SORT_CC,
    SUMMARY_DISPLAY_FROM, /* first mailbox's display name or address (RFC 5957), as it reads */
    SUMMARY_DISPLAY_TO,
    SUMMARY_PREVIEW,     /* first words of the text, at most 200 characters, white space squeezed */
    SUMMARY_MDN_TO,      /* Disposition-Notification-To, decoded */
    SUMMARY_MSS_CODECDA, /* values of the X-MSS-* fields as the sender wrote them */
    SUMMARY_MSS_INS,
    SUMMARY_MSS_NIL,
    SUMMARY_MSS_MES,
    SUMMARY_CDA_CODES, /* what *we* computed from the documents: "34112-3,PRESC-BIO" */
    SUMMARY_PATIENT,   /* "NOM Prénom 01/02/1950": only ever for who holds the mailbox's key */
    SUMMARY_DOCUMENTS, /* titles of the documents, one a line */
    SUMMARY_DOCUMENT_AUTHOR,
    SUMMARY_DOCUMENT_DATE, /* "2026-11-20" */
    SUMMARY_PARTS,         /* the tree, in preorder: summary_part_* read it */
    SUMMARY_FIELD_END
};

struct summary_view {
    struct span field[SUMMARY_FIELD_END];
    bool has_date;
    int64_t sent; /* seconds, UTC: SORT DATE */
    int zone;     /* minutes east: SENTON and friends look at the date *there* (RFC 9051 6.4.4) */
    uint32_t part_count;
};
/* False when it is not such a form (version, bounds, order): the caller says STORE_DAMAGED or shows one opaque part. */
bool summary_open(struct summary_view *, struct span stored) MUST_USE;

/* Is `name` one of the fields that SUMMARY_HEADERS holds whenever the message has it? Then BODY[HEADER.FIELDS (…)] of
 * such names alone is answered from SUMMARY_HEADERS. Our own fields in front of the message have none of these names. */
bool summary_lists_header(struct span name);
/* The next field of a header block: `whole` with its folding and end of line, `name`, `value` (still folded, trimmed). */
bool summary_next_header(struct span *rest, struct span *whole, struct span *name, struct span *value);

enum part_kind { PART_LEAF, PART_MULTIPART, PART_MESSAGE };
enum part_encoding { ENCODING_7BIT, ENCODING_8BIT, ENCODING_BINARY, ENCODING_QP, ENCODING_BASE64, ENCODING_OTHER };

struct summary_part {
    uint32_t index, parent;            /* preorder; the root is 0 and its own parent */
    uint32_t number;                   /* 1 … among its brothers */
    uint32_t header_begin, header_end; /* its MIME header (the root's and an embedded message's: the whole header), with
                                          the empty line that ends it */
    uint32_t body_begin, body_end;     /* what BODY[n] gives, still encoded */
    enum part_kind kind;               /* a PART_MESSAGE has one child: the root of the message inside */
    enum part_encoding encoding;
    bool attachment;         /* disposition attachment, or a file name, or a type that no reader shows */
    uint32_t size;           /* decoded, estimated for base64 */
    struct span type;        /* "text/plain", lower case */
    struct span charset;     /* lower case; empty = none given */
    struct span name;        /* file name, decoded */
    struct span content_id;  /* without < > */
    struct span disposition; /* lower case; empty = none */
};
struct summary_parts { /* an iterator */
    struct span rest;
    uint32_t next, count;
};
void summary_parts_begin(const struct summary_view *, struct summary_parts *);
bool summary_parts_next(struct summary_parts *, struct summary_part *);
bool summary_part_at(const struct summary_view *, uint32_t index, struct summary_part *);
/* The part that section numbers name (RFC 9051 6.4.5.1): "1.2" is {1, 2}; none is the root. Of a message that is not a
 * multipart, 1 is its body. False: there is none. */
bool summary_part_find(const struct summary_view *, const uint32_t *numbers, size_t count, struct summary_part *);
/* For n.HEADER and n.TEXT: the root of the message inside a PART_MESSAGE. */
bool summary_part_inside(const struct summary_view *, const struct summary_part *, struct summary_part *);

/* Writing: fields in rising order of tag, empty ones left out. `out` was made with SUMMARY_MAX; its overflow says that
 * the form did not fit. */
void summary_begin(struct str *out);
void summary_put(struct str *out, enum summary_field, struct span value);
void summary_put_dates(struct str *out, int64_t sent, int zone);
void summary_put_parts(struct str *out, const struct summary_part *, uint32_t count);
/* One opaque part of `size` bytes, application/octet-stream, for what parse could not read. */
void summary_opaque(struct str *out, uint32_t size);

#endif
