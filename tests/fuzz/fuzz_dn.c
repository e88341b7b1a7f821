/* A name that is read must print, be read again, and equal itself; the canonical form must decide as dn_equal() does. */
#include "lib/proto/dn.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    if (n < 1)
        return 0;
    struct span in = {(const char *)data + 1, n - 1};
    struct dn a, b;
    bool ok = data[0] & 1 ? dn_from_der(&a, in, NULL) : dn_from_string(&a, in, NULL);
    if (!ok || a.count == 0) /* an empty subject is a name, but none that a string can say */
        return 0;
    struct str text, canonical, again;
    str_init(&text, 1 << 20);
    str_init(&canonical, 1 << 20);
    str_init(&again, 1 << 20);
    dn_print(&text, &a);
    must(dn_from_string(&b, str_span(&text), NULL));
    dn_canonical(&canonical, &a);
    dn_canonical(&again, &b);
    must(dn_equal(&a, &b) == span_eq(str_span(&canonical), str_span(&again)));
    must(dn_equal(&a, &b) && dn_hash(&a) == dn_hash(&b));
    dn_free(&a);
    dn_free(&b);
    str_free(&text);
    str_free(&canonical);
    str_free(&again);
    return 0;
}
