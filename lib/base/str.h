/* One growable string, with a maximum that must be said. It may hold any byte; `data` always ends with a NUL that `len`
 * does not count. An append past the maximum changes nothing and leaves `overflow` set until str_clear(): a builder of
 * many appends is checked once, at its end.
 */
#ifndef CADUCEE_BASE_STR_H
#define CADUCEE_BASE_STR_H

#include "lib/base/base.h"

#include <stdarg.h>

struct str {
    char *data;
    size_t len, capacity, max;
    bool overflow, secret;
};

void str_init(struct str *, size_t max);
void str_init_secret(struct str *, size_t max); /* for keys and tokens: memory it leaves, by growing too, is zeroed */
void str_free(struct str *);
void str_clear(struct str *); /* keeps the memory */
void str_wipe(struct str *);  /* zeroes the bytes, then frees; what growing left behind only str_init_secret() zeroes */
bool str_add(struct str *, const void *bytes, size_t);
bool str_add_span(struct str *, struct span);
bool str_puts(struct str *, const char *);
bool str_putc(struct str *, char);
bool str_addf(struct str *, const char *format, ...) PRINTF(2, 3);
bool str_vaddf(struct str *, const char *format, va_list) PRINTF(2, 0);
bool str_reserve(struct str *, size_t more); /* room for more bytes at data + len */
void str_drop_front(struct str *, size_t);   /* forgets the first bytes (a read buffer) */
void str_truncate(struct str *, size_t);
struct span str_span(const struct str *);
char *str_steal(struct str *) MUST_USE; /* the caller frees with xfree */

#endif
