#include "lib/base/arena.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum { BLOCK_BYTES = 4096 - 64, ALIGNMENT = 16 };

struct block {
    struct block *next;
    size_t used, size;
    _Alignas(ALIGNMENT) char bytes[];
};

struct arena {
    struct block *blocks; /* the newest first; the last one is kept by arena_reset() */
    size_t used, limit;
};

struct arena *arena_new(size_t limit)
{
    struct arena *arena = xcalloc(1, sizeof *arena);
    arena->limit = limit;
    return arena;
}

static void free_blocks(struct block *block)
{
    while (block) {
        struct block *next = block->next;
        xfree(&block);
        block = next;
    }
}

void arena_reset(struct arena *arena)
{
    struct block *keep = NULL;
    for (struct block *b = arena->blocks, *next; b; b = next) {
        next = b->next;
        if (!next && b->size == BLOCK_BYTES)
            keep = b;
        else
            xfree(&b);
    }
    if (keep)
        keep->used = 0;
    arena->blocks = keep;
    arena->used = 0;
}

void arena_destroy(struct arena **arena)
{
    if (!*arena)
        return;
    free_blocks((*arena)->blocks);
    xfree(arena);
}

size_t arena_used(const struct arena *arena)
{
    return arena->used;
}

static struct block *block_with_room(struct arena *arena, size_t bytes)
{
    struct block *newest = arena->blocks;
    if (newest && newest->size - newest->used >= bytes)
        return newest;
    size_t size = bytes > BLOCK_BYTES ? bytes : BLOCK_BYTES;
    struct block *block = xmalloc(sizeof *block + size);
    *block = (struct block){.next = newest, .size = size};
    arena->blocks = block;
    return block;
}

void *arena_alloc(struct arena *arena, size_t bytes)
{
    if (bytes > SIZE_MAX / 2)
        return NULL;
    bytes = (bytes + ALIGNMENT - 1) & ~(size_t)(ALIGNMENT - 1);
    if (bytes == 0)
        bytes = ALIGNMENT;
    if (arena->limit && (bytes > arena->limit || arena->used > arena->limit - bytes))
        return NULL;
    struct block *block = block_with_room(arena, bytes);
    void *p = block->bytes + block->used;
    block->used += bytes;
    arena->used += bytes;
    return memset(p, 0, bytes);
}

char *arena_strndup(struct arena *arena, const char *text, size_t n)
{
    if (n == SIZE_MAX)
        return NULL;
    char *p = arena_alloc(arena, n + 1);
    if (p && n)
        memcpy(p, text, n);
    return p;
}

char *arena_strdup(struct arena *arena, const char *text)
{
    return arena_strndup(arena, text, strlen(text));
}

struct span arena_span(struct arena *arena, struct span span)
{
    char *p = arena_strndup(arena, span.p, span.n);
    return p ? (struct span){p, span.n} : SPAN_NONE;
}

char *arena_printf(struct arena *arena, const char *format, ...)
{
    va_list arguments, again;
    va_start(arguments, format);
    va_copy(again, arguments);
    int n = vsnprintf(NULL, 0, format, arguments);
    must(n >= 0);
    char *p = arena_alloc(arena, (size_t)n + 1);
    if (p)
        vsnprintf(p, (size_t)n + 1, format, again);
    va_end(again);
    va_end(arguments);
    return p;
}
