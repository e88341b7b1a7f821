/* The pages that routes.def names, and the frame they stand in (layout.c). */
#ifndef CADUCEE_WEBMAIL_PAGES_H
#define CADUCEE_WEBMAIL_PAGES_H

#include "webmail-cgi/web.h"

#define INPUTS(...)                                                                                                    \
    {                                                                                                                  \
        __VA_ARGS__                                                                                                    \
    }
#define NO_INPUT                                                                                                       \
    {                                                                                                                  \
        {                                                                                                              \
            .type = IN_END                                                                                             \
        }                                                                                                              \
    }
#define ROUTE(verb, pattern, handler, needs, flags, ...) void handler(struct request *);
#include "webmail-cgi/routes.def"
#undef ROUTE
#undef INPUTS
#undef NO_INPUT

void page_error(struct request *, const char *title, const char *words);

#endif
