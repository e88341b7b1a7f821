/* DATA fed whole and fed in two pieces must store the same bytes and end at the same place. */
#include "lib/proto/smtp_line.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static size_t feed(struct str *out, struct smtp_data *d, struct span in, size_t cut)
{
    size_t used = smtp_data_feed(d, (struct span){in.p, cut}, out);
    return used + smtp_data_feed(d, (struct span){in.p + used, in.n - used}, out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    if (n < 2)
        return 0;
    struct span in = {(const char *)data + 1, n - 1}, line;
    struct smtp_data whole = {.done = false}, cut = {.done = false};
    struct str a, b;
    size_t used;
    str_init(&a, n + 8);
    str_init(&b, n + 8);
    size_t first = feed(&a, &whole, in, in.n), second = feed(&b, &cut, in, data[0] % in.n);
    must(first == second && whole.done == cut.done && whole.bare == cut.bare);
    must(span_eq(str_span(&a), str_span(&b)));
    if (smtp_line(in, 64, &line, &used) == SMTP_LINE_OK)
        must(used == line.n + 2 && used <= in.n);
    str_free(&a);
    str_free(&b);
    return 0;
}
