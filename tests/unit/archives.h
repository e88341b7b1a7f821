/* A file of tests/data, whole. */
#ifndef CADUCEE_TESTS_UNIT_ARCHIVES_H
#define CADUCEE_TESTS_UNIT_ARCHIVES_H

#include "tests/unit/unit.h"

#include "lib/base/str.h"

#include <stdio.h>

static inline void load_data(struct str *out, const char *folder, const char *name, const char *ending)
{
    char path[256], bytes[4096];
    int n = snprintf(path, sizeof(path), "tests/data/%s/%s%s", folder, name, ending);
    assert_true(n > 0 && (size_t)n < sizeof(path));
    FILE *file = fopen(path, "rb");
    assert_non_null(file);
    str_clear(out);
    for (size_t got; (got = fread(bytes, 1, sizeof(bytes), file)) > 0;)
        str_add(out, bytes, got);
    fclose(file);
}

#endif
