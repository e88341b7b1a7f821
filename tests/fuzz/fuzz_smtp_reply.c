#include "lib/proto/smtp_reply.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    struct span in = {(const char *)data, n}, parameters, rest, text;
    struct smtp_reply reply;
    ptrdiff_t used = smtp_reply_parse(in, &reply);
    if (used <= 0)
        return 0;
    must((size_t)used <= n && reply.code >= 200 && reply.code <= 599);
    smtp_reply_keyword(&reply, "SIZE", &parameters);
    rest = reply.lines;
    while (smtp_reply_line(&rest, &text))
        must(text.n <= n);
    return 0;
}
