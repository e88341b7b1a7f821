/* Answers of a resolver that lies: whatever comes, records fit their form and nothing is read outside the packet. */
#include "lib/net/dns_answer.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    static const int types[] = {DNS_TYPE_A, DNS_TYPE_AAAA, DNS_TYPE_MX};
    for (size_t i = 0; i < COUNT(types); i++) {
        struct dns_records records = {.status = DNS_OK};
        dns_records_parse(&records, data, (int)n, types[i]);
        must((records.status == DNS_OK) == (records.mx.len + records.addresses.len > 0));
        must(records.mx.len + records.addresses.len <= DNS_RECORDS_MAX);
        vec_each (&records.mx, mx)
            must(strnlen(mx->host, sizeof mx->host) < sizeof mx->host);
        dns_records_free(&records);
    }
    return 0;
}
