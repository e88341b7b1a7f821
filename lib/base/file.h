/* Small files read whole (certificates, secrets, whitelists by hand). */
#ifndef CADUCEE_BASE_FILE_H
#define CADUCEE_BASE_FILE_H

#include "lib/base/str.h"

/* Appends the file to `out`, within its maximum. False with words ("PATH: why"); `error` may be NULL. */
bool file_read(struct str *out, const char *path, struct str *error) MUST_USE;

#endif
