/* Typed vectors: `VEC(struct folder) list;` is {items, len, capacity}. Zero-initialised is empty. */
#ifndef CADUCEE_BASE_VEC_H
#define CADUCEE_BASE_VEC_H

#include "lib/base/base.h"

#define VEC(type)                                                                                                      \
    struct {                                                                                                           \
        type *items;                                                                                                   \
        size_t len, capacity;                                                                                          \
    }

void *vec_grow(void *items, size_t *capacity, size_t wanted, size_t item_size) MUST_USE;

#define vec_push(v, ...)                                                                                               \
    do {                                                                                                               \
        if ((v)->len == (v)->capacity)                                                                                 \
            (v)->items = vec_grow((v)->items, &(v)->capacity, (v)->len + 1, sizeof((v)->items[0]));                    \
        (v)->items[(v)->len++] = (__VA_ARGS__);                                                                        \
    } while (0)
#define vec_free(v)                                                                                                    \
    do {                                                                                                               \
        xfree(&(v)->items);                                                                                            \
        (v)->len = (v)->capacity = 0;                                                                                  \
    } while (0)
#define vec_each(v, it) for (__typeof__((v)->items + 0) it = (v)->items; it && it < (v)->items + (v)->len; it++)

#endif
