/* A search program: bounded in keys and depth whatever is said. */
#include "lib/proto/imap_search.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static unsigned depth(const struct imap_key *key)
{
    unsigned deepest = 0;
    for (; key; key = key->next) {
        unsigned here = 1 + depth(key->child);
        deepest = here > deepest ? here : deepest;
    }
    return deepest;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    struct arena *arena = arena_new(1 << 20);
    struct imap_reader r;
    struct imap_search search = {0};
    imap_reader_init(&r, (struct span){(const char *)data, n}, arena, n & 1);
    (void)imap_search_parse(&r, &search);
    must(search.keys <= SEARCH_KEYS_MAX && depth(search.root) <= SEARCH_DEPTH_MAX + 3);
    imap_search_free(&search);
    arena_destroy(&arena);
    return 0;
}
