/* The same program as a CGI (RFC 3875): hands the request to the service's socket in FastCGI's own form and copies the
 * answer out. It reads no configuration, no session, no database.
 */
#ifndef CADUCEE_WEBMAIL_CGI_CLIENT_H
#define CADUCEE_WEBMAIL_CGI_CLIENT_H

#include "lib/base/str.h"

int cgi_run(const char *socket_path, char **environment, int in, int out); /* exit status */
/* The FastCGI records that open a request: BEGIN_REQUEST and the environment's PARAMS. */
void cgi_params(struct str *out, char **environment);

#endif
