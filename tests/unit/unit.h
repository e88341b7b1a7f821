/* What every unit test includes: cmocka and the headers it wants before it. A test is an array of {input, want} and a
 * loop; assert_int_equal() and friends say file and line.
 */
#ifndef CADUCEE_TESTS_UNIT_H
#define CADUCEE_TESTS_UNIT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "lib/base/str.h"

#include <stdlib.h>
#include <string.h>

/* A span against a literal, with both shown when they differ. */
#define assert_span(got, want)                                                                                         \
    do {                                                                                                               \
        struct span span_ = (got);                                                                                     \
        char *shown_ = xstrndup(span_.n ? span_.p : "", span_.n);                                                      \
        assert_string_equal(shown_, (want));                                                                           \
        assert_int_equal(span_.n, strlen(want));                                                                       \
        xfree(&shown_);                                                                                                \
    } while (0)
#define assert_str(s, want) assert_span(str_span(s), (want))

/* A folder of mkdtemp() and all in it; 0 when it is gone (what a group's last step returns). */
static inline int remove_tree(const char *folder)
{
    char *command = xasprintf("rm -r %s", folder);
    int result = system(command);
    xfree(&command);
    return result;
}

#endif
