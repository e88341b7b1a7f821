/* The introspector: asks Pro Santé Connect about access tokens, for keyd. One a host, not one among hosts: keyd asks on its
 * own. It keeps no token and writes none.
 */
#ifndef CADUCEE_DIRECTORY_INTROSPECTOR_H
#define CADUCEE_DIRECTORY_INTROSPECTOR_H

#include "lib/net/daemon.h"

unsigned introspector_count(const struct conf *);
const char *introspector_addresses(const struct conf *);
int introspector_prepare(struct worker_context *);
int introspector_run(struct worker_context *);

#endif
