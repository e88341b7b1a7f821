/* Files that the program carries in itself: style sheet, scripts, pictures, the English words (embedded.def). Their
 * addresses hold a digest of all of them, so that browsers keep them for ever.
 */
#ifndef CADUCEE_WEBMAIL_EMBEDDED_H
#define CADUCEE_WEBMAIL_EMBEDDED_H

#include "lib/base/base.h"

struct embedded_file {
    const char *name, *type;
    const char *begin, *end, *gzip_begin, *gzip_end;
};
extern const struct embedded_file embedded_files[];
extern const size_t embedded_file_count;
struct span embedded_english(void); /* the .mo file */
const char *embedded_version(void); /* sixteen hex digits */

#endif
