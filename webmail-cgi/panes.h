/* The panes of the mail: folders, list, message. */
#ifndef CADUCEE_WEBMAIL_PANES_H
#define CADUCEE_WEBMAIL_PANES_H

#include "webmail-cgi/mail.h"

void folders_pane(struct request *, const struct mail *);
void move_choices(struct request *, const struct mail *); /* a button for each folder that a message may go to */
void list_pane(struct request *, const struct mail *, const struct list *, uint32_t open_uid);
void empty_reading_pane(struct request *);
void message_pane(struct request *, const struct mail *, const struct card *);
void row_write(struct request *, const struct mail *, const struct card *, bool open);

/* message_*.c: what stands inside the message pane. */
void message_bar(struct request *, const struct mail *, const struct card *);
void message_bands(struct request *, const struct mail *, const struct card *);
void message_body(struct request *, const struct mail *, const struct card *);
void message_parts(struct request *, const struct mail *, const struct card *);
void message_documents(struct request *, const struct mail *, const struct card *);
const char *message_path(struct request *, const struct mail *, uint32_t uid, const char *rest);

#endif
