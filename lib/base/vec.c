#include "lib/base/vec.h"

enum { FIRST_ITEMS = 8 };

void *vec_grow(void *items, size_t *capacity, size_t wanted, size_t item_size)
{
    size_t grown = *capacity ? *capacity : FIRST_ITEMS;
    while (grown < wanted) {
        must(grown <= SIZE_MAX / 2);
        grown *= 2;
    }
    if (grown == *capacity)
        grown *= 2;
    must(grown <= SIZE_MAX / item_size);
    *capacity = grown;
    return xrealloc(items, grown * item_size);
}
