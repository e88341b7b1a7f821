/* caducee.conf: INI (libinih), one row a setting in settings.def. An unknown section or key, a value that is not of its
 * type or range, or a file that cannot be read is an error that names file, line and what was expected; nothing starts.
 */
#ifndef CADUCEE_BASE_CONF_H
#define CADUCEE_BASE_CONF_H

#include "lib/base/str.h"
#include "lib/base/vec.h"

struct conf_pair {
    char *key, *value;
    unsigned line;
};
typedef VEC(struct conf_pair) conf_map; /* a section whose keys are the operator's, e.g. [psc.accepted_clients] */

struct conf {
    char *path; /* absolute */
#define CONF_TYPE_STR                                        char *
#define CONF_TYPE_PATH                                       char *
#define CONF_TYPE_ZONE                                       char *
#define CONF_TYPE_CHOICE                                     char *
#define CONF_TYPE_UINT                                       uint64_t
#define CONF_TYPE_SIZE                                       uint64_t
#define CONF_TYPE_DURATION                                   uint64_t
#define CONF_TYPE_BOOL                                       bool
#define CONF_TYPE_MAP                                        conf_map
#define SETTING(type, section, name, value, low, high, help) CONF_TYPE_##type section##_##name;
#include "lib/base/settings.def"
#undef SETTING
};

/* Reads the file; on error false, and `error` holds "FILE:LINE: what, expected …". */
bool conf_load(struct conf *, const char *path, struct str *error) MUST_USE;
void conf_free(struct conf *);
void conf_print_reference(struct str *out); /* each setting, its type, default and sentence: docs and --help */

#endif
