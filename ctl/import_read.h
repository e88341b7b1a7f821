/* Messages from files that other programs wrote: an mbox (mboxrd or mboxo), or a Maildir's new and cur. */
#ifndef CADUCEE_CTL_IMPORT_READ_H
#define CADUCEE_CTL_IMPORT_READ_H

#include "ctl/command.h"

struct import_message {
    struct span bytes; /* CRLF line ends */
    int64_t date;      /* of its arrival; 0 unknown */
    bool seen, answered, flagged, draft;
};
/* Each message in turn; `each` says whether to go on. False after saying why. */
bool import_mbox(struct invocation *, const char *path, bool (*each)(const struct import_message *, void *), void *arg);
bool import_maildir(struct invocation *, const char *folder, bool (*each)(const struct import_message *, void *),
                    void *arg);

#endif
