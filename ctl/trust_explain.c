#include "ctl/command.h"
int command_trust_explain(struct invocation *i);
int command_trust_explain(struct invocation *i)
{
    return fail(i, STATUS_BUG, "…");
}
