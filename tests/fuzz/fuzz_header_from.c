/* Header blocks that strangers wrote: who they are from, what of them is ours to remove. */
#include "lib/proto/header_fields.h"
#include "lib/proto/header_from.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    struct span message = {(const char *)data, n};
    struct arena *arena = arena_new(0);
    struct header_from from;
    header_from_scan(message, arena, &from);
    must(from.addresses.len <= HEADER_FROM_ADDRESSES_MAX);
    vec_each (&from.addresses, a)
        must(a->text.n == a->local.n + 1 + a->domain.n);
    (void)!header_from_holds(message, "chu.mssante.fr");
    char *copy = xmemdup(data, n);
    must(header_remove_authentication_results(copy, n, "mx.us") <= n);
    xfree(&copy);
    vec_free(&from.addresses);
    arena_destroy(&arena);
    return 0;
}
