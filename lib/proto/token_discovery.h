/* What is needed of Pro Santé Connect's discovery document and key set: strings of an object, and whether keys are there.
 * The keys themselves are read by whoever verifies tokens.
 */
#ifndef CADUCEE_PROTO_TOKEN_DISCOVERY_H
#define CADUCEE_PROTO_TOKEN_DISCOVERY_H

#include "lib/base/str.h"

/* A string member of the top object; false when it is not there, is no string, or does not fit. */
bool discovery_field(struct str *out, struct span json, const char *name) MUST_USE;
bool jwks_has_keys(struct span json) MUST_USE;

#endif
