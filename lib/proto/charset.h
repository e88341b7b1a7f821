/* Charsets to UTF-8 by ICU (never iconv: it loads modules at run time, which seccomp forbids). */
#ifndef CADUCEE_PROTO_CHARSET_H
#define CADUCEE_PROTO_CHARSET_H

#include "lib/base/str.h"

/* Before seccomp: makes ICU load what it keeps. */
void charset_setup(void);

/* Appends `in`, read as `name` (any case; empty or unknown = guessed: UTF-8 if it is, else windows-1252), as valid UTF-8.
 * What does not decode becomes U+FFFD. False when `out` is full: it then holds what fitted, ending on a whole character. */
bool charset_to_utf8(struct str *out, struct span name, struct span in);

/* Appends the form that two equal texts share whatever their case and composition (NFKD, case folded: what
 * i;unicode-casemap, RFC 5051, compares). Searching folded in folded is a case-insensitive search. */
bool charset_fold(struct str *out, struct span utf8);
/* The same without accents and other marks: "Élodie" and "elodie" share it. */
bool charset_fold_bare(struct str *out, struct span utf8);

/* The longest prefix of `utf8` of at most `bytes` bytes that ends on a whole character. */
struct span utf8_prefix(struct span utf8, size_t bytes);

#endif
