/* Whether Pro Santé Connect still stands by an access token (RFC 7662): keyd asks the introspector, a role of
 * caducee-directoryd on the same host, over <run_folder>/introspector.sock. Mail workers and keyd make no HTTPS call.
 */
#ifndef CADUCEE_AUTH_INTROSPECTION_H
#define CADUCEE_AUTH_INTROSPECTION_H

#include "lib/proto/token_introspection.h"

enum { INTROSPECTION_FRAME_MAX = 20 << 10 }; /* a token of 16 KiB and its frame */
enum introspection_message { INTROSPECTION_ASK = 1, INTROSPECTION_SAID = 2 };
enum introspection_tag { INTROSPECTION_T_TOKEN = 1, INTROSPECTION_T_ANSWER };

/* The socket's path; the caller frees it. */
char *introspection_socket(const char *run_folder);
/* Blocking, for jobs. INTROSPECTION_UNKNOWN: nobody there, no answer in time, or none that says yes or no. */
enum introspection introspection_ask(const char *run_folder, struct span token, uint64_t timeout_ms);

#endif
