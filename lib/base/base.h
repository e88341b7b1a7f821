/* Words every layer uses: sizes, attributes, and the two ways a process may end.
 *
 * Out of memory ends the process (a worker is restarted by its supervisor, and what was not answered 250 was not
 * accepted). So allocation here never returns NULL, and callers never test for it. Sizes that strangers choose are
 * bounded *before* they reach an allocation.
 */
#ifndef CADUCEE_BASE_BASE_H
#define CADUCEE_BASE_BASE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define NORETURN     __attribute__((noreturn))
#define PRINTF(f, a) __attribute__((format(printf, f, a)))
#define MUST_USE     __attribute__((warn_unused_result))
#define UNUSED       __attribute__((unused))
#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* A view of bytes that somebody else owns. Not NUL-terminated; may hold NUL. */
struct span {
    const char *p;
    size_t n;
};
#define SPAN_LIT(literal) ((struct span){(literal), sizeof(literal) - 1})
#define SPAN_NONE         ((struct span){NULL, 0})

struct span span_of(const char *text); /* NULL gives the empty span */
bool span_eq(struct span, struct span);
bool span_eq_nocase(struct span, struct span); /* ASCII case only, never the locale's */
bool span_is(struct span, const char *literal);
bool span_is_nocase(struct span, const char *literal);
bool span_starts_nocase(struct span, const char *prefix);
struct span span_trim(struct span); /* SP, HTAB, CR, LF at both ends */
bool span_cut(struct span *rest, char separator,
              struct span *head);                              /* head up to separator; false when rest is empty */
ptrdiff_t span_find(struct span haystack, struct span needle); /* -1 when absent */

/* Allocation that does not fail. xmalloc(0) is a valid pointer. xfree(&p) leaves p NULL. */
void *xmalloc(size_t bytes) MUST_USE __attribute__((malloc));
void *xcalloc(size_t count, size_t bytes) MUST_USE;
void *xrealloc(void *, size_t bytes) MUST_USE;
void *xmemdup(const void *source, size_t bytes) MUST_USE;
char *xstrdup(const char *) MUST_USE;
char *xstrndup(const char *, size_t bytes) MUST_USE; /* adds a NUL; the bytes must hold none */
char *xasprintf(const char *format, ...) MUST_USE PRINTF(1, 2);
#define xfree(pointer_to_pointer) (xfree_at((void *)(pointer_to_pointer)))
void xfree_at(void *pointer_to_pointer);

/* The environment is not as it must be (a file, a socket, memory): logged, exit status 70. */
void fatal(const char *format, ...) NORETURN PRINTF(1, 2);
/* We are wrong: logged with the place, abort() — which never writes a core, because they are off. */
#define panic(...) panic_at(__FILE__, __LINE__, __VA_ARGS__)
void panic_at(const char *file, int line, const char *format, ...) NORETURN PRINTF(3, 4);
#define must(condition)                                                                                                \
    do {                                                                                                               \
        if (!(condition))                                                                                              \
            panic("%s", #condition);                                                                                   \
    } while (0)

#endif
