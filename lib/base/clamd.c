#include "lib/base/clamd.h"

#include "lib/base/num.h"
#include "lib/base/text.h"

#include <stdio.h>
#include <string.h>

bool clamd_value(struct span text, const char *name, char out[static 256])
{
    struct span line;
    size_t n = strlen(name);
    while (span_cut(&text, '\n', &line))
        if (line.n > n && memcmp(line.p, name, n) == 0 && (line.p[n] == ' ' || line.p[n] == '\t')) {
            struct span value = span_trim((struct span){line.p + n, line.n - n});
            snprintf(out, 256, "%.*s", (int)(value.n < 255 ? value.n : 255), value.p);
            return true;
        }
    return false;
}

/* A size may end in K, M or G; 0: no limit. */
const char *clamd_limit_below(struct span text, uint64_t least, uint64_t *value)
{
    static const struct {
        const char *name;
        uint64_t usual; /* clamd 1.0's own */
    } limits[] = {{"StreamMaxLength", 100 << 20}, {"MaxFileSize", 100 << 20}, {"MaxScanSize", 400 << 20}};
    char word[256];
    for (size_t n = 0; n < COUNT(limits); n++) {
        *value = limits[n].usual;
        if (clamd_value(text, limits[n].name, word) && !num_size(span_of(word), value))
            *value = limits[n].usual;
        if (*value != 0 && *value < least)
            return limits[n].name;
    }
    return NULL;
}
