/* What the key commands share: the folder, and acting as its owner. */
#ifndef CADUCEE_CTL_KEY_H
#define CADUCEE_CTL_KEY_H

#include "ctl/command.h"

/* Root makes files as the folder's owner (keyd's user): a key that keyd cannot read is a key lost. */
bool key_folder_enter(struct invocation *);
/* A trace of the key officer's act. */
enum store_status key_trace(struct invocation *, const char *action, const char *answer, const char *detail);

#endif
