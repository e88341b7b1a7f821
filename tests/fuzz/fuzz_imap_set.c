/* A sequence set: resolved, it rises, its ranges do not touch, and what is written reads back the same. */
#include "lib/proto/imap_set.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    imap_set set = {0}, again = {0};
    struct str text;
    str_init(&text, 32 * n + 64);
    if (imap_set_parse((struct span){(const char *)data, n}, &set)) {
        imap_set_resolve(&set, 1000);
        for (size_t i = 0; i < set.len; i++) {
            must(set.items[i].from <= set.items[i].to);
            must(i == 0 || set.items[i].from > set.items[i - 1].to + 1);
        }
        imap_set_write(&text, &set);
        must(imap_set_parse(str_span(&text), &again));
        imap_set_resolve(&again, 1000);
        must(again.len == set.len && imap_set_count(&again) == imap_set_count(&set));
    }
    str_free(&text);
    vec_free(&set);
    vec_free(&again);
    return 0;
}
