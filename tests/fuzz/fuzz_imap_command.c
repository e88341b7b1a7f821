/* A command, framed whole and framed byte by byte, must end at the same place; then every reader has a go at it. */
#include "lib/proto/imap_fetch.h"
#include "lib/proto/imap_frame.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    static const struct imap_frame_limits limits = {4096, 4096, 8192, 10};
    struct span in = {(const char *)data, n};
    struct imap_frame whole = {0}, cut = {0};
    enum imap_frame_status a, b = IMAP_FRAME_MORE;
    while ((a = imap_frame_next(&whole, in, &limits)) == IMAP_FRAME_CONTINUE)
        ;
    for (size_t i = 0; i <= n && (b == IMAP_FRAME_MORE || b == IMAP_FRAME_CONTINUE); i++)
        b = imap_frame_next(&cut, (struct span){in.p, i}, &limits);
    while (b == IMAP_FRAME_CONTINUE)
        b = imap_frame_next(&cut, in, &limits);
    must(a == b && (a != IMAP_FRAME_COMPLETE || (whole.length == cut.length && whole.length <= n)));
    if (a != IMAP_FRAME_COMPLETE)
        return 0;
    struct arena *arena = arena_new(1 << 20);
    for (int kind = 0; kind < 8; kind++) {
        struct imap_reader r;
        struct span tag, name, out;
        imap_flag_names flags = {0};
        bool nil;
        imap_reader_init(&r, (struct span){in.p, whole.length}, arena, kind & 1);
        (void)(imap_tag(&r, &tag) && imap_sp(&r) && imap_atom(&r, &name) && imap_sp(&r));
        while (kind < 2   ? imap_astring(&r, &out)
               : kind < 4 ? imap_mailbox(&r, &out)
               : kind < 6 ? imap_nstring(&r, &out, &nil)
                          : imap_list_pattern(&r, &out))
            (void)imap_sp(&r);
        (void)imap_flag_list(&r, &flags);
        vec_free(&flags);
    }
    arena_destroy(&arena);
    return 0;
}
