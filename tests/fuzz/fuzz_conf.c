/* A configuration of any bytes is read or refused with a place and a reason. */
#include "lib/base/conf.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    char path[64];
    struct conf conf;
    struct str error;
    int fd = memfd_create("conf", 0);
    must(fd >= 0 && write(fd, data, n) == (ssize_t)n);
    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    str_init(&error, 1 << 20);
    if (conf_load(&conf, path, &error))
        conf_free(&conf);
    else
        must(span_find(str_span(&error), SPAN_LIT(": ")) > 0);
    str_free(&error);
    close(fd);
    return 0;
}
