/* The frame of every page: head, top bar, the three panes' outer elements. A page opens a frame, writes, closes it. */
#ifndef CADUCEE_WEBMAIL_LAYOUT_H
#define CADUCEE_WEBMAIL_LAYOUT_H

#include "webmail-cgi/web.h"

enum frame {
    FRAME_CARD, /* one card in the middle: log-in, lock, errors */
    FRAME_PAGE, /* top bar and one column: settings, administration */
    FRAME_PANES /* top bar, folders, list, message */
};
void frame_begin(struct request *, enum frame, const char *title, const char *body_class);
void frame_end(struct request *, enum frame);
void static_url(struct str *out, const char *file);
void icon(struct html *, const char *name);
void csrf_field(struct request *);
/* A path of ours with numbers in it, living as long as the request. */
const char *path_of(struct request *, const char *format, ...) PRINTF(2, 3);

#endif
