/* What `caducee init` asks and keeps. */
#ifndef CADUCEE_CTL_INIT_H
#define CADUCEE_CTL_INIT_H

#include "ctl/command.h"

enum init_answer {
#define QUESTION(name, option, usual, fr, en) INIT_##name,
#include "ctl/init.def"
#undef QUESTION
    INIT_COUNT
};
struct init {
    struct invocation *i;
    char *answers[INIT_COUNT]; /* "" when nothing was said */
    struct conf conf;          /* as the answers have left the file */
};

/* Sets `key = value` in a section of the configuration file, keeping everything else; written whole or not at all. */
bool init_set(const char *file, const char *section, const char *key, const char *value, struct str *error) MUST_USE;
/* The request for our server certificate, beside its new key; nothing when a key is there. */
int init_request(struct init *);

#endif
