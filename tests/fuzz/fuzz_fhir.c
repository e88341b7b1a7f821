/* Any bytes as an answer of the publication service; and a patch made of any words must be JSON of one operation. */
#include "lib/proto/json_fhir.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    struct span in = {(const char *)data, n};
    struct fhir_found found;
    struct str words, patch;
    str_init(&words, 1 << 20);
    str_init(&patch, 1 << 22);
    (void)!fhir_read_outcome(in, &words);
    if (fhir_read_bundle(in, &found))
        must(found.resources > 0 || found.mailboxes.len == 0);
    for (size_t i = 0; i < found.mailboxes.len; i++) {
        const struct fhir_telecom *t = &found.mailboxes.items[i];
        const struct fhir_mailbox m = {.address = t->address, .kind = t->kind, .description = t->description};
        str_clear(&patch);
        fhir_patch(&patch, "Practitioner", (enum fhir_operation)(i % 3), &m, i % 2);
        must(!patch.overflow && patch.data[0] == '{' && patch.data[patch.len - 1] == '}');
    }
    fhir_found_free(&found);
    str_free(&words);
    str_free(&patch);
    return 0;
}
