/* Private to schema*.c: the text of the migrations. */
#ifndef CADUCEE_STORE_SCHEMA_EMBED_H
#define CADUCEE_STORE_SCHEMA_EMBED_H

#include "lib/base/base.h"

struct schema_file {
    int number;
    const char *name, *text;
};
const char *schema_roles(void);
const struct schema_file *schema_files(size_t *count);

#endif
