#include "lib/proto/dn_fold.h"

#include "lib/base/text.h"

#include <unicode/uchar.h>
#include <unicode/unorm2.h>
#include <unicode/ustring.h>

#include <string.h>

enum { FOLD_MAX = 4096 }; /* UTF-16 units; longer values are refused by whoever reads names */

static bool is_space(uint32_t c)
{
    /* RFC 4518 2.2: these controls and every separator are SPACE. */
    return (c >= 0x09 && c <= 0x0d) || c == 0x85 || c == ' ' || (c > 0x7f && u_isUWhiteSpace((UChar32)c));
}

/* Most names are ASCII: the same answer without ICU. */
static bool fold_ascii(struct str *out, struct span in)
{
    bool space = false, any = false;
    for (size_t i = 0; i < in.n; i++) {
        uint8_t c = (uint8_t)in.p[i];
        if (is_space(c)) {
            space = any;
            continue;
        }
        if (c < 0x20 || c == 0x7f)
            continue; /* 2.2: mapped to nothing */
        if (space && !str_putc(out, ' '))
            return false;
        space = false;
        any = true;
        if (!str_putc(out, (char)(c >= 'A' && c <= 'Z' ? c + 32 : c)))
            return false;
    }
    return true;
}

static bool add_folded(struct str *out, struct span in, bool marks)
{
    bool space = false, any = false;
    uint32_t c;
    while (in.n && utf8_next(&in, &c)) {
        if (is_space(c)) {
            space = any;
            continue;
        }
        if (u_iscntrl((UChar32)c) || (!marks && u_charType((UChar32)c) == U_NON_SPACING_MARK))
            continue;
        if (space && !str_putc(out, ' '))
            return false;
        space = false;
        any = true;
        if (!utf8_put(out, c))
            return false;
    }
    return in.n == 0;
}

static bool fold_unicode(struct str *out, struct span in, bool marks)
{
    UChar units[FOLD_MAX], folded[FOLD_MAX];
    char text[3 * FOLD_MAX];
    UErrorCode status = U_ZERO_ERROR;
    int32_t n = 0;
    u_strFromUTF8(units, FOLD_MAX, &n, in.p, (int32_t)in.n, &status);
    n = unorm2_normalize(unorm2_getNFKCCasefoldInstance(&status), units, n, folded, FOLD_MAX, &status);
    if (!marks) {
        memcpy(units, folded, sizeof(units));
        n = unorm2_normalize(unorm2_getNFDInstance(&status), units, n, folded, FOLD_MAX, &status);
    }
    u_strToUTF8(text, sizeof(text), &n, folded, n, &status);
    return U_SUCCESS(status) && add_folded(out, (struct span){text, (size_t)n}, marks);
}

static bool all_ascii(struct span in)
{
    for (size_t i = 0; i < in.n; i++)
        if ((uint8_t)in.p[i] > 0x7f)
            return false;
    return true;
}

bool fold_for_match(struct str *out, struct span in)
{
    if (all_ascii(in))
        return fold_ascii(out, in);
    return in.n < FOLD_MAX && utf8_valid(in) && fold_unicode(out, in, true);
}

bool fold_for_search(struct str *out, struct span in)
{
    if (all_ascii(in))
        return fold_ascii(out, in);
    return in.n < FOLD_MAX && utf8_valid(in) && fold_unicode(out, in, false);
}
