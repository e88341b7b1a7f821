/* The messages by which a client hands a token over. */
#include "lib/auth/sasl_message.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    struct span message = {(const char *)data, n};
    struct str buffer;
    struct sasl_token claim;
    str_init(&buffer, 2048);
    if (sasl_read_oauthbearer(message, &buffer, &claim))
        must(claim.token.n > 0 && claim.token.n < n);
    if (sasl_read_xoauth2(message, &buffer, &claim))
        must(claim.token.n > 0 && claim.identity.n > 0);
    (void)sasl_read_external(message, &claim);
    str_free(&buffer);
    return 0;
}
