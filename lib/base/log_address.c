/* Addresses fit for a log. The local part of a patient's address IS the NIR (national id of the person): it stands in no
 * log, URL, metric or file name (domain rule "Patients' data in addresses").
 */
#include "lib/base/log.h"

#include "lib/base/crypto.h"
#include "lib/base/text.h"

#include <string.h>

enum { NIR_DIGITS = 13, HASH_SHOWN = 4 };

static struct key hash_key;
static bool hash_key_known;

void log_set_hash_key(const uint8_t key[32])
{
    memcpy(hash_key.b, key, sizeof hash_key.b);
    hash_key_known = true;
}

/* patient.mssante.fr, and the national test spaces' patient.<space>.mssante.fr. */
static bool is_patients_domain(struct span domain)
{
    static const char tail[] = ".mssante.fr";
    size_t n = sizeof tail - 1;
    return span_starts_nocase(domain, "patient.") && domain.n > n &&
           span_eq_nocase((struct span){domain.p + domain.n - n, n}, span_of(tail));
}

/* A run of 13 digits (2A and 2B count: Corsica) looks like a NIR wherever it stands, a mistyped domain included. */
static bool holds_a_nir(struct span text)
{
    size_t run = 0;
    for (size_t i = 0; i < text.n; i++) {
        char c = text.p[i];
        bool corsica = run == 6 && (c == 'A' || c == 'B' || c == 'a' || c == 'b') && text.p[i - 1] == '2';
        run = (c >= '0' && c <= '9') || corsica ? run + 1 : 0;
        if (run >= NIR_DIGITS)
            return true;
    }
    return false;
}

static void put_hash(struct str *out, struct span address)
{
    struct str folded;
    str_init(&folded, 1024);
    for (size_t i = 0; i < address.n; i++)
        str_putc(&folded, address.p[i] >= 'A' && address.p[i] <= 'Z' ? (char)(address.p[i] + 32) : address.p[i]);
    uint8_t mac[SHA256_BYTES];
    hmac_sha256(mac, &hash_key, str_span(&folded));
    str_putc(out, '#');
    hex_encode(out, (struct span){(const char *)mac, HASH_SHOWN});
    str_wipe(&folded);
}

void log_address(struct str *out, struct span address)
{
    const char *at = address.n ? memrchr(address.p, '@', address.n) : NULL;
    struct span local = at ? (struct span){address.p, (size_t)(at - address.p)} : address;
    struct span domain = at ? (struct span){at + 1, address.n - local.n - 1} : SPAN_NONE;
    if (!is_patients_domain(domain) && !holds_a_nir(local)) {
        text_sanitize(out, address);
        return;
    }
    str_puts(out, "‹INS›");
    if (at) {
        str_putc(out, '@');
        text_sanitize(out, domain);
    }
    if (hash_key_known)
        put_hash(out, address);
}
