/* ICU's uidna and case folding: the one place where names that people write become the bytes that we compare. */
#include "lib/proto/address.h"

#include "lib/base/text.h"

#include <pthread.h>
#include <string.h>
#include <unicode/ucasemap.h>
#include <unicode/uidna.h>

static UIDNA *idna;
static UCaseMap *lower;
static pthread_once_t once = PTHREAD_ONCE_INIT;

static void prepare(void)
{
    UErrorCode error = U_ZERO_ERROR;
    idna = uidna_openUTS46(UIDNA_NONTRANSITIONAL_TO_ASCII | UIDNA_NONTRANSITIONAL_TO_UNICODE | UIDNA_CHECK_BIDI |
                               UIDNA_CHECK_CONTEXTJ,
                           &error);
    lower = ucasemap_open("", U_FOLD_CASE_DEFAULT, &error);
    if (U_FAILURE(error))
        fatal("ICU cannot be initialised: %s", u_errorName(error));
}

void domain_prepare(void)
{
    pthread_once(&once, prepare);
    /* The first conversion loads the normalisation data: done here, because seccomp forbids open() later. */
    struct str warm;
    str_init(&warm, ADDRESS_DOMAIN_MAX);
    must(domain_normalise(&warm, SPAN_LIT("H\303\264pital.mssante.fr")));
    str_free(&warm);
}

/* Most names are plain ASCII without A-labels: no ICU for them. */
static bool is_plain(struct span domain)
{
    for (size_t i = 0; i < domain.n; i++) {
        if ((unsigned char)domain.p[i] >= 0x80)
            return false;
        if (i + 4 <= domain.n && span_is_nocase((struct span){domain.p + i, 4}, "xn--"))
            return false;
    }
    return true;
}

/* Letters, digits, hyphens; the underscore stands in some real DNS names and hurts nothing. */
static bool add_plain(struct str *out, struct span domain)
{
    size_t label = 0;
    for (size_t i = 0; i < domain.n; i++) {
        char c = domain.p[i];
        if (c == '.') {
            if (label == 0)
                return false;
            label = 0;
        } else {
            if (c >= 'A' && c <= 'Z')
                c = (char)(c - 'A' + 'a');
            if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_') || ++label > 63)
                return false;
        }
        str_putc(out, c);
    }
    return label > 0;
}

bool domain_normalise(struct str *out, struct span domain)
{
    str_clear(out);
    if (domain.n > 0 && domain.p[domain.n - 1] == '.')
        domain.n--;
    if (domain.n == 0 || domain.n > 1024)
        return false;
    if (is_plain(domain))
        return domain.n <= ADDRESS_DOMAIN_MAX && add_plain(out, domain) && !out->overflow;
    if (!utf8_valid(domain))
        return false;
    pthread_once(&once, prepare);
    char ascii[256];
    UErrorCode error = U_ZERO_ERROR;
    UIDNAInfo info = UIDNA_INFO_INITIALIZER;
    int32_t n = uidna_nameToASCII_UTF8(idna, domain.p, (int32_t)domain.n, ascii, sizeof(ascii), &info, &error);
    if (U_FAILURE(error) || info.errors != 0 || n <= 0 || n > ADDRESS_DOMAIN_MAX)
        return false;
    return add_plain(out, (struct span){ascii, (size_t)n}) && !out->overflow;
}

void domain_display(struct str *out, struct span domain)
{
    str_clear(out);
    char text[1024];
    UErrorCode error = U_ZERO_ERROR;
    UIDNAInfo info = UIDNA_INFO_INITIALIZER;
    pthread_once(&once, prepare);
    int32_t n = domain.n <= 255 && utf8_valid(domain)
                    ? uidna_nameToUnicodeUTF8(idna, domain.p, (int32_t)domain.n, text, sizeof(text), &info, &error)
                    : 0;
    if (n <= 0 || U_FAILURE(error) || info.errors != 0)
        str_add_span(out, domain);
    else
        str_add(out, text, (size_t)n);
}

/* RFC 5321 2.4 leaves the case of local parts to their host: ours are all one case. */
static bool add_lower(struct str *out, struct span local)
{
    bool ascii = true;
    for (size_t i = 0; i < local.n; i++) {
        char c = local.p[i];
        ascii = ascii && (unsigned char)c < 0x80;
        str_putc(out, c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c);
    }
    if (ascii)
        return !out->overflow;
    char text[4 * ADDRESS_LOCAL_MAX + 16];
    UErrorCode error = U_ZERO_ERROR;
    pthread_once(&once, prepare);
    int32_t n = ucasemap_utf8ToLower(lower, text, sizeof(text), local.p, (int32_t)local.n, &error);
    str_truncate(out, out->len - local.n);
    return U_SUCCESS(error) && n > 0 && n <= (int32_t)sizeof(text) && str_add(out, text, (size_t)n);
}

/* Takes off the quotes and the backslashes: "a"@x and a@x are one mailbox (RFC 5321 4.1.2). */
static struct span unquote(struct span local, char buffer[static ADDRESS_LOCAL_MAX + 2])
{
    if (local.n < 2 || local.p[0] != '"' || local.n > ADDRESS_LOCAL_MAX + 2)
        return local;
    size_t n = 0;
    for (size_t i = 1; i + 1 < local.n; i++) {
        if (local.p[i] == '\\' && i + 2 < local.n)
            i++;
        buffer[n++] = local.p[i];
    }
    return (struct span){buffer, n};
}

bool address_key(struct str *out, const struct address *address)
{
    char buffer[ADDRESS_LOCAL_MAX + 2];
    struct str domain;
    str_clear(out);
    str_init(&domain, ADDRESS_DOMAIN_MAX);
    struct span local = unquote(address->local, buffer);
    bool ok = local.n <= ADDRESS_LOCAL_MAX && add_lower(out, local) && str_putc(out, '@') &&
              domain_normalise(&domain, address->domain) && str_add_span(out, str_span(&domain));
    str_free(&domain);
    return ok && !out->overflow;
}
