/* LIST patterns. See imap_match.h. */
#include "lib/proto/imap_match.h"

#include "lib/base/vec.h"

#include <string.h>

/* One row of the classical table, over the positions of the name: reachable[i] says whether the pattern so far can have
 * eaten the first i bytes. O(pattern × name), both at most IMAP_NAME_MAX. */
bool imap_match(struct span pattern, struct span name)
{
    bool *reachable = xcalloc(name.n + 1, sizeof(bool));
    reachable[0] = true;
    for (size_t p = 0; p < pattern.n; p++) {
        char c = pattern.p[p];
        if (c == '*' || c == '%') {
            for (size_t i = 1; i <= name.n; i++)
                reachable[i] = reachable[i] || (reachable[i - 1] && (c == '*' || name.p[i - 1] != '/'));
            continue;
        }
        for (size_t i = name.n; i > 0; i--)
            reachable[i] = reachable[i - 1] && name.p[i - 1] == c;
        reachable[0] = false;
    }
    bool matched = reachable[name.n];
    xfree(&reachable);
    return matched;
}
