/* The table of commands, and what runs them. */
#ifndef CADUCEE_IMAPD_COMMANDS_H
#define CADUCEE_IMAPD_COMMANDS_H

#include "imapd/session.h"

enum command_state { IN_LOGIN = 1, IN_AUTHENTICATED = 2, IN_SELECTED = 4 };
enum command_flag {
    ROW_INLINE = 1,
    ROW_BY_UID = 2,
    ROW_UID_ONLY = 4,
    ROW_KEEP_NUMBERS = 8,
    ROW_LIGHT = 16,
    ROW_QUIET = 32,
    ROW_NO_NUMBERS = 64
};

struct command_row {
    const char *name;
    enum outcome (*run)(struct session *, struct command *);
    unsigned states, flags;
};
const struct command_row *command_find(struct span name); /* NULL: none */

#define COMMAND(name, handler, states, flags) enum outcome handler(struct session *, struct command *);
#include "imapd/commands.def"
#undef COMMAND

void command_free(struct session *);

/* sync.c: untagged EXISTS, FETCH, EXPUNGE or VANISHED for what others did. Job only. */
enum store_status session_sync(struct session *, bool may_expunge);

#endif
