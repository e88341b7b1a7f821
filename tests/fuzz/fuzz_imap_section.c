/* FETCH items and BODY sections, and the header filter on what follows the first line. */
#include "lib/proto/imap_fetch.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    struct span in = {(const char *)data, n}, line = {0};
    struct arena *arena = arena_new(1 << 20);
    struct imap_reader r;
    struct imap_fetch fetch = {0};
    struct str out;
    str_init(&out, n + 2);
    (void)span_cut(&in, '\n', &line);
    imap_reader_init(&r, line, arena, false);
    if (imap_fetch_parse(&r, &fetch)) {
        must(fetch.bodies.len <= FETCH_SECTIONS_MAX);
        vec_each (&fetch.bodies, body) {
            str_clear(&out);
            imap_header_filter(&out, in, &body->section);
            must(!out.overflow);
        }
    }
    imap_fetch_free(&fetch);
    str_free(&out);
    arena_destroy(&arena);
    return 0;
}
