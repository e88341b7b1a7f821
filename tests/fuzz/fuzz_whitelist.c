/* Any bytes as a whitelist, with a pinned signer: refused in words, or read into entries whose names are usable; signed only
 * when the signature says so. */
#include "lib/base/file.h"
#include "lib/proto/dn.h"
#include "lib/proto/whitelist.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    static struct str signer;
    if (!signer.len) {
        str_init(&signer, 1 << 16);
        must(file_read(&signer, "tests/data/trust/signer.pem", NULL));
    }
    const struct whitelist_reading how = {.signer_pem = str_span(&signer), .signature_required = n % 2 != 0};
    struct whitelist list;
    struct str error;
    str_init(&error, 4096);
    bool ok = whitelist_parse(&list, (struct span){(const char *)data, n}, &how, &error);
    must(ok || error.len > 0);
    for (size_t i = 0; ok && i < list.entries.len; i++) {
        struct dn dn;
        must(list.entries.items[i].domain[0] && dn_from_string(&dn, span_of(list.entries.items[i].dn_text), NULL));
        dn_free(&dn);
    }
    whitelist_free(&list);
    str_free(&error);
    return 0;
}
