/* The application certificates of a BAL, for its manager: the form that binds one, and what becomes of it. */
#ifndef CADUCEE_WEBMAIL_BIND_H
#define CADUCEE_WEBMAIL_BIND_H

#include "webmail-cgi/web.h"

void bind_form(struct request *, const char *action);
/* NULL: done; else why not, in the person's language. */
const char *bind_certificate(struct request *);
const char *unbind_certificate(struct request *);

#endif
