/* Private to header_from*.c: words that people read, looked through for addresses, encoded words opened. */
#ifndef CADUCEE_PROTO_HEADER_FROM_WORDS_H
#define CADUCEE_PROTO_HEADER_FROM_WORDS_H

#include "lib/base/arena.h"
#include "lib/base/str.h"

void header_words_addresses(struct span words, struct arena *,
                            void (*found)(struct span local, struct span domain, void *), void *arg);
/* RFC 2047: the bytes of encoded words in place of them; the charset is not looked at, NULs (UTF-16) are dropped. */
void header_words_decode(struct str *out, struct span words);

#endif
