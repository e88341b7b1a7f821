#include "lib/base/base.h"

#include "lib/base/log.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { EXIT_ENVIRONMENT = 70 };

void *xmalloc(size_t bytes)
{
    void *p = malloc(bytes ? bytes : 1);
    if (!p)
        fatal("out of memory (%zu bytes asked)", bytes);
    return p;
}

void *xcalloc(size_t count, size_t bytes)
{
    void *p = calloc(count ? count : 1, bytes ? bytes : 1);
    if (!p)
        fatal("out of memory (%zu x %zu bytes asked)", count, bytes);
    return p;
}

void *xrealloc(void *old, size_t bytes)
{
    void *p = realloc(old, bytes ? bytes : 1);
    if (!p)
        fatal("out of memory (%zu bytes asked)", bytes);
    return p;
}

void *xmemdup(const void *source, size_t bytes)
{
    void *p = xmalloc(bytes);
    if (bytes)
        memcpy(p, source, bytes);
    return p;
}

char *xstrndup(const char *text, size_t n)
{
    char *p = xmalloc(n + 1);
    if (n)
        memcpy(p, text, n);
    p[n] = '\0';
    return p;
}

char *xstrdup(const char *text)
{
    return xstrndup(text, strlen(text));
}

char *xasprintf(const char *format, ...)
{
    char *p = NULL;
    va_list arguments;
    va_start(arguments, format);
    int n = vasprintf(&p, format, arguments);
    va_end(arguments);
    if (n < 0)
        fatal("out of memory (formatting)");
    return p;
}

void xfree_at(void *pointer_to_pointer)
{
    void *p;
    memcpy(&p, pointer_to_pointer, sizeof p);
    free(p);
    p = NULL;
    memcpy(pointer_to_pointer, &p, sizeof p);
}

/* _exit, not exit: other threads may be running, and handlers that free what they use would turn an end into a crash. */
void fatal(const char *format, ...)
{
    char text[1024];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    log_event(LOG_FATAL, NULL, "fatal", LS("error", text));
    _exit(EXIT_ENVIRONMENT);
}

void panic_at(const char *file, int line, const char *format, ...)
{
    char text[1024];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    log_event(LOG_PANIC, NULL, "panic", LS("file", file), LI("line", line), LS("error", text));
    abort();
}
