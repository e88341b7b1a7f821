/* psc.introspection: never, once (the first time a token is seen here, remembered by digest until it expires; 8,192 tokens
 * at most, then the set's oldest is asked about again), or always.
 */
#ifndef CADUCEE_KEYD_INTROSPECT_H
#define CADUCEE_KEYD_INTROSPECT_H

#include "lib/auth/introspection.h"
#include "lib/base/conf.h"

/* Blocking; `ask` is introspection_ask() save in tests. */
enum introspection introspect(const struct conf *, struct span token, int64_t expires, int64_t now,
                              enum introspection (*ask)(const char *run_folder, struct span, uint64_t timeout_ms));

#endif
