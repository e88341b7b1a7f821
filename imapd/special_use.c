/* Special uses. \All and \Flagged would be virtual folders, which we have not. */
#include "imapd/special_use.h"

const char *special_use_known(struct span flag)
{
    static const char *const uses[] = {"\\Archive", "\\Drafts", "\\Junk", "\\Sent", "\\Trash"};
    for (size_t i = 0; i < COUNT(uses); i++) {
        if (span_is_nocase(flag, uses[i]))
            return uses[i];
    }
    return NULL;
}
