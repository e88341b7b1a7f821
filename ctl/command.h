/* A subcommand of `caducee`: one row in commands.def, one small file. */
#ifndef CADUCEE_CTL_COMMAND_H
#define CADUCEE_CTL_COMMAND_H

#include "lib/base/conf.h"

enum { EXIT_DONE = 0, EXIT_FAILED = 1, EXIT_USAGE = 64, EXIT_CONFIGURATION = 78 };

struct command {
    const char *name, *summary;
    /* argv[0] is the subcommand's own name. */
    int (*run)(const struct conf *, int argc, char **argv);
};

#define COMMAND(name, summary) int command_##name(const struct conf *, int argc, char **argv);
#include "ctl/commands.def"
#undef COMMAND

#endif
