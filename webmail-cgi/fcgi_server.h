#ifndef CADUCEE_WEBMAIL_FCGI_SERVER_H
#define CADUCEE_WEBMAIL_FCGI_SERVER_H

#include "lib/net/daemon.h"

struct web_shared;
/* Serves on the worker's first listening socket until its stop_fd says so; the exit status. */
int fcgi_serve(struct worker_context *, struct web_shared *);

#endif
