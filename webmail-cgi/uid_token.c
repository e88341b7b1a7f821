#include "webmail-cgi/uid_token.h"

#include "lib/base/num.h"

bool uid_token_write(struct str *out, const uint32_t *uids, size_t count)
{
    if (count > UID_TOKEN_UIDS_MAX)
        return false;
    for (size_t i = 0; i < count;) {
        size_t last = i;
        while (last + 1 < count && uids[last + 1] == uids[last] + 1)
            last++;
        str_addf(out, out->len ? ".%lu" : "%lu", (unsigned long)uids[i]);
        if (last > i)
            str_addf(out, "-%lu", (unsigned long)uids[last]);
        i = last + 1;
    }
    return !out->overflow;
}

bool uid_token_read(struct span token, uid_list *out)
{
    struct span range, first;
    while (token.n > 0 && span_cut(&token, '.', &range)) {
        uint32_t from, to;
        bool pair = span_find(range, SPAN_LIT("-")) >= 0;
        if (!span_cut(&range, '-', &first) || !num_u32(first, UINT32_MAX, &from) || from == 0)
            return false;
        to = from;
        if (pair && (!num_u32(range, UINT32_MAX, &to) || to < from))
            return false;
        if ((uint64_t)to - from + out->len >= UID_TOKEN_UIDS_MAX)
            return false;
        for (uint64_t uid = from; uid <= to; uid++)
            vec_push(out, (uint32_t)uid);
    }
    return true;
}
