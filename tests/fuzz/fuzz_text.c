/* Text forms: what decodes encodes back to the same text; what is sanitized is valid and stays as it is. */
#include "lib/base/text.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    struct span in = {(const char *)data, n};
    struct str a, b;
    str_init(&a, 1 << 20);
    str_init(&b, 1 << 20);
    if (base64_decode(&a, in))
        must(base64_encode(&b, str_span(&a)) && span_eq(str_span(&b), in));
    str_clear(&a);
    str_clear(&b);
    if (base64url_decode(&a, in))
        must(base64url_encode(&b, str_span(&a)) && span_eq(str_span(&b), in));
    str_clear(&a);
    str_clear(&b);
    text_sanitize(&a, in);
    must(utf8_valid(str_span(&a)));
    text_sanitize(&b, str_span(&a));
    must(span_eq(str_span(&a), str_span(&b)));
    str_free(&a);
    str_free(&b);
    return 0;
}
