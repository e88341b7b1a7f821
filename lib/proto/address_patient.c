#include "lib/proto/address_patient.h"

bool patient_local_part_valid(struct span local)
{
    uint64_t number = 0, key = 0;
    if (local.n != 15)
        return false;
    for (size_t i = 0; i < 15; i++) {
        char c = local.p[i];
        unsigned digit = (unsigned)(c - '0');
        bool corsica = i == 6 && local.p[5] == '2' && (c == 'A' || c == 'a' || c == 'B' || c == 'b');
        if (corsica) { /* department 2A, 2B: the two characters are worth 19 and 18 */
            number = number / 10 * 10 + 1;
            digit = c == 'A' || c == 'a' ? 9 : 8;
        } else if (c < '0' || c > '9') {
            return false;
        }
        if (i < 13)
            number = number * 10 + digit;
        else
            key = key * 10 + digit;
    }
    return (local.p[0] == '1' || local.p[0] == '2' || local.p[0] == '7' || local.p[0] == '8') &&
           key == 97 - number % 97;
}
