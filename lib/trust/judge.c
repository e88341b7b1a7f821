/* The rules, in their order. Permanent refusals come first where they are certain (another CA, revoked, expired); what is
 * only our own trouble (no CRL, no whitelist) is said to be passing; the whitelist comes last. */
#include "lib/base/clock.h"
#include "lib/base/text.h"
#include "lib/proto/address.h"
#include "lib/trust/snapshot.h"

#include <stdio.h>
#include <string.h>

enum role { ROLE_CLIENT, ROLE_SERVER, ROLE_APPLICATION, ROLE_PERSON };

static void say(struct trust_verdict *out, enum trust_rule rule, const char *format, ...) PRINTF(3, 4);
static void say(struct trust_verdict *out, enum trust_rule rule, const char *format, ...)
{
    struct str text;
    va_list arguments;
    str_init(&text, 64 * 1024);
    va_start(arguments, format);
    str_vaddf(&text, format, arguments);
    va_end(arguments);
    out->rule = rule;
    out->temporary = trust_rule_temporary(rule);
    snprintf(out->detail, sizeof(out->detail), "%s", text.len ? text.data : "");
    str_free(&text);
}

/* Cut on a character's border: what is printed must stay UTF-8. */
static void copy_clean(char *out, size_t size, struct span in)
{
    struct str clean;
    str_init(&clean, 64 * 1024);
    text_sanitize(&clean, in);
    size_t n = clean.len < size ? clean.len : size - 1;
    while (n < clean.len && n > 0 && ((uint8_t)clean.data[n] & 0xc0) == 0x80)
        n--;
    if (n)
        memcpy(out, clean.data, n);
    out[n] = 0;
    str_free(&clean);
}

static void print_name(char *out, size_t size, const struct dn *dn)
{
    struct str text;
    str_init(&text, (size_t)DN_ATTRIBUTES_MAX * 4 * DN_VALUE_MAX);
    dn_print(&text, dn);
    copy_clean(out, size, str_span(&text));
    str_free(&text);
}

static void introduce(struct trust_verdict *out, const struct certificate *c)
{
    print_name(out->dn, sizeof(out->dn), &c->subject);
    print_name(out->issuer, sizeof(out->issuer), &c->issuer);
    memcpy(out->serial, c->serial, sizeof(out->serial));
    memcpy(out->fingerprint, c->fingerprint, sizeof(out->fingerprint));
    trust_dn_key(out->dn_key, &c->subject);
}

static bool judge_dates(const struct certificate *c, const struct x509_path *path, int64_t now,
                        struct trust_verdict *out)
{
    struct str when;
    str_init(&when, 64);
    if (now < c->not_before) {
        clock_iso8601(&when, c->not_before);
        say(out, TRUST_NOT_YET_VALID, "valid from %s", when.data);
    } else if (now > c->not_after) {
        clock_iso8601(&when, c->not_after);
        say(out, TRUST_EXPIRED, "expired on %s", when.data);
    } else if (!path->ca_valid_now) {
        say(out, TRUST_CHAIN, "a CA above the certificate is outside its dates");
    }
    str_free(&when);
    return out->rule == TRUST_OK;
}

/* An OCSP answer came in ahead of the CRL: the fetcher asked, long before this session. */
static bool judge_ocsp(const struct trust_snapshot *s, struct trust_verdict *out)
{
    const struct revoked *revoked = snapshot_revoked(s, out->fingerprint);
    struct str when;
    if (!revoked)
        return true;
    str_init(&when, 64);
    clock_iso8601(&when, revoked->answered);
    say(out, TRUST_REVOKED, "the OCSP answer of its CA of %s says so", when.data);
    str_free(&when);
    return false;
}

static bool judge_revocation(const struct x509_path *path, struct trust_verdict *out)
{
    switch (path->revocation) {
    case REVOCATION_REVOKED:
        say(out, TRUST_REVOKED, "serial %s stands on the CRL of its CA", out->serial);
        break;
    case REVOCATION_CRL_MISSING:
        say(out, TRUST_CRL_UNAVAILABLE, "no CRL of the issuing CA is held");
        break;
    case REVOCATION_CRL_EXPIRED:
        say(out, TRUST_CRL_EXPIRED, "the CRL held is past its nextUpdate");
        break;
    case REVOCATION_CRL_NOT_YET:
        say(out, TRUST_CRL_UNAVAILABLE, "the CRL held begins in the future: check the clocks");
        break;
    case REVOCATION_GOOD:
        break;
    }
    return out->rule == TRUST_OK;
}

static unsigned wanted_usage(const struct trust_snapshot *s, enum role role)
{
    if (role == ROLE_SERVER)
        return X509_EKU_SERVER;
    if (role == ROLE_APPLICATION || role == ROLE_PERSON || s->client_eku_required)
        return X509_EKU_CLIENT;
    return X509_EKU_CLIENT | X509_EKU_SERVER;
}

static bool judge_profile(const struct trust_snapshot *s, enum role role, const struct certificate *c,
                          const struct x509_path *path, struct trust_verdict *out)
{
    const char *wrong = NULL;
    if (path->weak)
        wrong = path->detail;
    else if (c->is_ca)
        wrong = "a CA's certificate";
    else if (!(c->key_usage & (X509_USE_DIGITAL_SIGNATURE | X509_USE_KEY_ENCIPHERMENT)))
        wrong = "key usage without digitalSignature";
    else if (c->has_extended_usage && !(c->extended_usage & (wanted_usage(s, role) | X509_EKU_ANY)))
        wrong = role == ROLE_SERVER ? "extended key usage without serverAuth" : "extended key usage without clientAuth";
    if (wrong)
        say(out, TRUST_PROFILE, "%s", wrong);
    return !wrong;
}

/* Which CA issued it decides what it is: an application's certificate is never an operator's, even with an equal DN. */
static bool judge_issuer(const struct trust_snapshot *s, enum role role, const struct x509_path *path,
                         struct trust_verdict *out)
{
    struct ca_use use = s->ca_uses.items[path->issuing_ca];
    if (role == ROLE_PERSON) {
        if (!use.persons)
            say(out, TRUST_PROFILE, "issued by a CA that does not issue for persons");
        return use.persons;
    }
    if (role == ROLE_APPLICATION ? use.applications : use.servers)
        return true;
    if (role != ROLE_APPLICATION && use.applications)
        say(out, TRUST_PROFILE, "issued by the CA of applications, not of servers");
    else if (role == ROLE_APPLICATION && use.servers)
        say(out, TRUST_PROFILE, "issued by the CA of servers, not of applications");
    else
        say(out, TRUST_CHAIN, "issued by a CA that issues neither servers' nor applications' certificates");
    return false;
}

static void judge_decoded(const struct trust_snapshot *s, enum role role, const struct certificate *c, struct span leaf,
                          int64_t now, struct trust_verdict *out)
{
    struct x509_path path;
    x509_judge(s->x509, leaf, now, &path);
    if (!path.verified) {
        say(out, TRUST_CHAIN, "%s", path.detail);
        return;
    }
    if (!judge_issuer(s, role, &path, out) || !judge_dates(c, &path, now, out) || !judge_ocsp(s, out) ||
        !judge_revocation(&path, out) || !judge_profile(s, role, c, &path, out) || role == ROLE_APPLICATION ||
        role == ROLE_PERSON)
        return;
    dn_digest digest;
    digest_of(&digest, &c->subject);
    const struct listed_dn *listed = snapshot_dn(s, &digest);
    if (listed)
        copy_clean(out->operator_name, sizeof(out->operator_name), span_of(listed->description));
    else if (snapshot_is_own_dn(s, &digest))
        copy_clean(out->operator_name, sizeof(out->operator_name), span_of("this operator"));
    else if (s->entries == 0)
        say(out, TRUST_WHITELIST_UNAVAILABLE, "no whitelist has been loaded");
    else
        say(out, TRUST_DN_NOT_LISTED, "no entry for %s", out->dn);
}

static void judge_chain(const struct trust_snapshot *s, enum role role, const struct span *chain, size_t count,
                        int64_t now, struct trust_verdict *out)
{
    *out = (struct trust_verdict){.rule = TRUST_OK};
    struct certificate c;
    struct str error;
    str_init(&error, 256);
    if (count == 0) {
        say(out, TRUST_NO_CERTIFICATE, "a certificate of the trust space is required");
    } else if (!certificate_decode(&c, chain[0], &error)) {
        say(out, TRUST_CHAIN, "the certificate cannot be read: %s", error.len ? error.data : "");
    } else {
        introduce(out, &c);
        if (s)
            judge_decoded(s, role, &c, chain[0], now, out);
        else
            say(out, TRUST_SNAPSHOT_MISSING, "the trust data has not been loaded yet");
        certificate_free(&c);
    }
    str_free(&error);
}

void trust_judge_certificate(const struct trust_snapshot *s, enum trust_profile profile, const struct span *chain,
                             size_t count, int64_t now, struct trust_verdict *out)
{
    static const enum role roles[] = {[TRUST_PROFILE_OPERATOR] = ROLE_CLIENT,
                                      [TRUST_PROFILE_APPLICATION] = ROLE_APPLICATION,
                                      [TRUST_PROFILE_PERSON] = ROLE_PERSON};
    judge_chain(s, roles[profile], chain, count, now, out);
}

static bool digest_from_key(dn_digest *out, const char *key)
{
    struct str bytes;
    str_init(&bytes, sizeof(out->b));
    bool ok = hex_decode(&bytes, span_of(key)) && bytes.len == sizeof(out->b);
    if (ok)
        memcpy(out->b, bytes.data, sizeof(out->b));
    str_free(&bytes);
    return ok;
}

static bool stands_under(const struct trust_snapshot *s, const struct listed_domain *domain, const dn_digest *digest)
{
    vec_each (&domain->dns, i)
        if (memcmp(&s->dns.items[*i].digest, digest, sizeof(*digest)) == 0)
            return true;
    return false;
}

/* Starts an answer about the same peer. */
static bool continue_from(const struct trust_snapshot *s, const struct trust_verdict *peer, dn_digest *digest,
                          struct trust_verdict *out)
{
    *out = *peer;
    out->detail[0] = 0;
    if (peer->rule != TRUST_OK)
        return false;
    if (!s)
        say(out, TRUST_SNAPSHOT_MISSING, "the trust data has not been loaded yet");
    else if (!digest_from_key(digest, peer->dn_key))
        say(out, TRUST_NO_CERTIFICATE, "no judged certificate stands behind this session");
    return out->rule == TRUST_OK;
}

void trust_judge_sender(const struct trust_snapshot *s, const struct trust_verdict *peer, struct span domain,
                        struct trust_verdict *out)
{
    dn_digest digest;
    if (!continue_from(s, peer, &digest, out) || domain.n == 0)
        return; /* RFC 5321 4.5.5: the null sender is allowed from whoever may speak at all */
    char shown[128];
    copy_clean(shown, sizeof(shown), domain);
    if (trust_is_ours(s, domain)) {
        if (!snapshot_is_own_dn(s, &digest))
            say(out, TRUST_OUR_DOMAIN, "%s is a domain of this operator", shown);
        return;
    }
    const struct listed_domain *listed = snapshot_domain(s, domain);
    if (!listed && s->entries == 0)
        say(out, TRUST_WHITELIST_UNAVAILABLE, "no whitelist has been loaded");
    else if (!listed)
        say(out, TRUST_DOMAIN_NOT_LISTED, "no entry for %s", shown);
    else if (!stands_under(s, listed, &digest))
        say(out, TRUST_DOMAIN_OTHER_DN, "%s is listed, but not for %s", shown, out->dn);
}

void trust_judge_recipient_domain(const struct trust_snapshot *s, struct span domain, struct trust_verdict *out)
{
    *out = (struct trust_verdict){.rule = TRUST_OK};
    char shown[128];
    copy_clean(shown, sizeof(shown), domain);
    if (!s)
        say(out, TRUST_SNAPSHOT_MISSING, "the trust data has not been loaded yet");
    else if (trust_is_ours(s, domain) || trust_is_listed(s, domain))
        return;
    else if (s->entries == 0)
        say(out, TRUST_WHITELIST_UNAVAILABLE, "no whitelist has been loaded");
    else
        say(out, TRUST_DOMAIN_NOT_LISTED, "no entry for %s", shown);
}

void trust_judge_server(const struct trust_snapshot *s, struct span recipient_domain, const struct span *chain,
                        size_t count, int64_t now, struct trust_verdict *out)
{
    judge_chain(s, ROLE_SERVER, chain, count, now, out);
    dn_digest digest;
    if (out->rule != TRUST_OK || !digest_from_key(&digest, out->dn_key))
        return;
    char shown[128];
    copy_clean(shown, sizeof(shown), recipient_domain);
    const struct listed_domain *listed = snapshot_domain(s, recipient_domain);
    if (!listed)
        say(out, TRUST_DOMAIN_NOT_LISTED, "no entry for %s", shown);
    else if (!stands_under(s, listed, &digest))
        say(out, TRUST_DOMAIN_OTHER_DN, "%s is listed, but not for %s", shown, out->dn);
}

void trust_judge_header_from(const struct trust_snapshot *s, const struct trust_verdict *peer, struct span domain,
                             bool *mark, struct trust_verdict *out)
{
    dn_digest digest;
    *mark = false;
    if (!continue_from(s, peer, &digest, out))
        return;
    char shown[128];
    copy_clean(shown, sizeof(shown), domain);
    const struct listed_domain *listed = snapshot_domain(s, domain);
    bool theirs = listed && stands_under(s, listed, &digest);
    if (trust_is_ours(s, domain)) {
        if (!snapshot_is_own_dn(s, &digest))
            say(out, TRUST_HEADER_FROM, "%s is a domain of this operator", shown);
    } else if (!theirs && domain_is_patient(domain)) {
        say(out, TRUST_HEADER_FROM, "%s is the patients' domain, and not this operator's", shown);
    } else {
        *mark = !theirs;
    }
}
