/* Memory that lives exactly as long as what it serves (a command, a session, a message): allocated forward, freed at
 * once. `limit` is the sum of bytes it may hand out; past it arena_alloc() is NULL for arenas made with a limit, and the
 * caller refuses the input; an arena of limit 0 is unbounded and never returns NULL.
 */
#ifndef CADUCEE_BASE_ARENA_H
#define CADUCEE_BASE_ARENA_H

#include "lib/base/base.h"

struct arena;

struct arena *arena_new(size_t limit) MUST_USE;
void arena_reset(struct arena *);
void arena_destroy(struct arena **);
size_t arena_used(const struct arena *);
void *arena_alloc(struct arena *, size_t bytes) MUST_USE; /* aligned for any type, zeroed */
char *arena_strndup(struct arena *, const char *, size_t) MUST_USE;
char *arena_strdup(struct arena *, const char *) MUST_USE;
struct span arena_span(struct arena *, struct span) MUST_USE;
char *arena_printf(struct arena *, const char *format, ...) MUST_USE PRINTF(2, 3);
#define arena_new_of(arena, type) ((type *)arena_alloc((arena), sizeof(type)))

#endif
