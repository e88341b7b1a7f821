/* A frame that is read must be written the same: what keyd, parse and their clients exchange has one form. */
#include "lib/net/ipc.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    struct ipc_message message, again;
    struct span in = {(const char *)data, n};
    ptrdiff_t used = ipc_parse(in, 65536, &message);
    if (used <= 0)
        return 0;
    struct str out;
    str_init(&out, 1 << 20);
    ipc_begin(&out, message.type);
    for (size_t i = 0; i < message.count; i++)
        ipc_put(&out, message.fields[i].tag, message.fields[i].value);
    ipc_end(&out);
    must(span_eq(str_span(&out), (struct span){in.p, (size_t)used}));
    must(ipc_parse(str_span(&out), 65536, &again) == used && again.count == message.count);
    str_free(&out);
    return 0;
}
