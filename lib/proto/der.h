/* A reader of DER (X.690), as much of it as names need: definite lengths in their shortest form, low tag numbers. Pure;
 * each call takes the next element off `rest`. Nothing is copied.
 */
#ifndef CADUCEE_PROTO_DER_H
#define CADUCEE_PROTO_DER_H

#include "lib/base/str.h"

enum der_tag {
    DER_OID = 0x06,
    DER_UTF8_STRING = 0x0c,
    DER_NUMERIC_STRING = 0x12,
    DER_PRINTABLE_STRING = 0x13,
    DER_TELETEX_STRING = 0x14,
    DER_IA5_STRING = 0x16,
    DER_VISIBLE_STRING = 0x1a,
    DER_UNIVERSAL_STRING = 0x1c,
    DER_BMP_STRING = 0x1e,
    DER_SEQUENCE = 0x30,
    DER_SET = 0x31
};

struct der_element {
    uint8_t tag;
    struct span content; /* what follows tag and length */
    struct span whole;
};

bool der_next(struct span *rest, struct der_element *out) MUST_USE;
bool der_next_is(struct span *rest, enum der_tag, struct der_element *out) MUST_USE;
/* Dotted form of an OID's content; false when it is not one or does not fit. */
bool der_oid(char *out, size_t size, struct span content) MUST_USE;
/* The text of a string type as UTF-8; false for other types, bad encodings and for text that holds NUL. */
bool der_text(struct str *out, const struct der_element *) MUST_USE;

#endif
