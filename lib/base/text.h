/* UTF-8, base64, hex and the few character classes that protocols name. Charsets other than UTF-8 are ICU's, in proto. */
#ifndef CADUCEE_BASE_TEXT_H
#define CADUCEE_BASE_TEXT_H

#include "lib/base/str.h"

bool utf8_valid(struct span);                            /* RFC 3629: no surrogates, no overlong forms */
bool ascii_printable(struct span);                       /* 0x20..0x7e only */
bool utf8_next(struct span *rest, uint32_t *code_point); /* false at the end or on a bad sequence */
bool utf8_put(struct str *, uint32_t code_point);
void text_sanitize(struct str *out,
                   struct span in); /* for logs and screens: controls, bidi and bad bytes become U+FFFD */
bool base64_encode(struct str *out, struct span in);
bool base64_decode(struct str *out, struct span in) MUST_USE; /* strict, padded, no white space (RFC 4648 4) */
bool base64url_encode(struct str *out, struct span in);       /* unpadded (RFC 7515 2) */
bool base64url_decode(struct str *out, struct span in) MUST_USE;
/* What one letter stands for, or -1; `last` holds the letters of 62 and 63, in which the alphabets differ. */
int base64_value(char c, const char last[2]);
/* Everything but unreserved characters as %XX (RFC 3986 2.1): in a query's value or a form's. */
void percent_encode(struct str *out, struct span in);
bool hex_encode(struct str *out, struct span in);
bool hex_decode(struct str *out, struct span in) MUST_USE;

#endif
