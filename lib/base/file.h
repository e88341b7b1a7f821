/* Small files read whole (certificates, secrets, whitelists by hand). */
#ifndef CADUCEE_BASE_FILE_H
#define CADUCEE_BASE_FILE_H

#include "lib/base/str.h"

/* Appends the file to `out`, within its maximum. False with words ("PATH: why"); `error` may be NULL. */
bool file_read(struct str *out, const char *path, struct str *error) MUST_USE;

/* Appends the file's first line, without its end: a password, a client's secret, an API key. Refused: what is no plain
 * file, what every user of the machine may read or write, a line without text. `out` is str_init_secret()'s. */
bool secret_read(struct str *out, const char *path, struct str *error) MUST_USE;

#endif
