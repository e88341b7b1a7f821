/* What parse does, by enum parse_task (lib/net/parse.h). Each writes one answer frame into `answer`, not yet ended. */
#ifndef CADUCEE_PARSE_TASKS_H
#define CADUCEE_PARSE_TASKS_H

#include "lib/base/conf.h"

typedef void task(struct span input, struct span argument, struct str *answer);
extern task *const tasks[];
extern const unsigned task_count;

void tasks_setup(const struct conf *); /* before seccomp */

#endif
