/* What decodes encodes back to the same wire form: every name has one. */
#include "lib/base/text.h"
#include "lib/proto/imap_utf7.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    struct span wire = {(const char *)data, n};
    struct str name, back;
    str_init(&name, 4 * n + 16);
    str_init(&back, 16 * n + 16);
    if (imap_utf7_decode(&name, wire)) {
        must(utf8_valid(str_span(&name)));
        must(imap_utf7_encode(&back, str_span(&name)));
        must(span_eq(str_span(&back), wire));
    }
    str_free(&name);
    str_free(&back);
    return 0;
}
