/* Verification and revocation. OpenSSL checks signatures, names, basic constraints and path length; dates are compared
 * here, because "expired" and "chain" are two different answers to a peer; CRLs are looked up here, because "revoked", "no
 * CRL" and "CRL too old" are three. */
#include "lib/base/vec.h"
#include "lib/net/x509_parts.h"

#include <openssl/err.h>
#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>

#include <stdio.h>
#include <string.h>

struct ca {
    X509 *certificate;
    X509_CRL *crl; /* NULL: none held */
    int64_t not_before, not_after, this_update, next_update;
};
struct x509_store {
    X509_STORE *anchors;
    VEC(struct ca) cas;
};

struct x509_store *x509_store_new(void)
{
    struct x509_store *store = xcalloc(1, sizeof(*store));
    store->anchors = X509_STORE_new();
    must(store->anchors);
    return store;
}

void x509_store_destroy(struct x509_store **store)
{
    if (!*store)
        return;
    vec_each (&(*store)->cas, ca) {
        X509_free(ca->certificate);
        X509_CRL_free(ca->crl);
    }
    vec_free(&(*store)->cas);
    X509_STORE_free((*store)->anchors);
    xfree(store);
}

int x509_store_add_ca(struct x509_store *store, struct span der, struct str *error)
{
    struct ca ca = {.certificate = x509_parse(der)};
    const char *wrong = NULL;
    if (!ca.certificate)
        wrong = "not a DER certificate";
    else if (X509_check_ca(ca.certificate) != 1)
        wrong = "not a CA certificate (basicConstraints CA:TRUE is expected)";
    else if (!x509_time(X509_get0_notBefore(ca.certificate), &ca.not_before) ||
             !x509_time(X509_get0_notAfter(ca.certificate), &ca.not_after))
        wrong = "dates that cannot be read";
    if (wrong || X509_STORE_add_cert(store->anchors, ca.certificate) != 1) {
        X509_free(ca.certificate);
        (void)x509_fail(error, wrong ? wrong : "OpenSSL does not take it");
        return -1;
    }
    vec_push(&store->cas, ca);
    return (int)store->cas.len - 1;
}

static bool signed_by(X509_CRL *crl, const struct ca *ca)
{
    return X509_NAME_cmp(X509_get_subject_name(ca->certificate), X509_CRL_get_issuer(crl)) == 0 &&
           X509_CRL_verify(crl, X509_get0_pubkey(ca->certificate)) == 1;
}

/* A delta or indirect CRL, or one for a part of the certificates only, must not pass for the whole. */
static bool is_complete(X509_CRL *crl)
{
    if (X509_CRL_get_ext_by_NID(crl, NID_delta_crl, -1) >= 0)
        return false;
    ISSUING_DIST_POINT *part = X509_CRL_get_ext_d2i(crl, NID_issuing_distribution_point, NULL, NULL);
    bool whole = !part || (part->onlyattr <= 0 && part->onlysomereasons == NULL && part->indirectCRL <= 0);
    ISSUING_DIST_POINT_free(part);
    return whole;
}

static void attach(struct ca *ca, X509_CRL *crl, const struct crl_facts *facts, int64_t extended_until)
{
    if (ca->crl && ca->this_update >= facts->this_update)
        return;
    X509_CRL_free(ca->crl);
    X509_CRL_up_ref(crl);
    ca->crl = crl;
    ca->this_update = facts->this_update;
    ca->next_update = extended_until > facts->next_update ? extended_until : facts->next_update;
    /* Sorts the revoked list once, now: later lookups only read. */
    X509_REVOKED *none;
    (void)X509_CRL_get0_by_cert(crl, &none, ca->certificate);
}

bool x509_store_add_crl(struct x509_store *store, struct span der, int64_t extended_until, struct str *error)
{
    struct crl_facts facts;
    if (!crl_decode(&facts, der, error))
        return false;
    X509_CRL *crl = x509_parse_crl(der);
    bool complete = crl && is_complete(crl), attached = false;
    /* Two CAs of one name happen: with another key (only the one that signed it) or with the same (both). */
    vec_each (&store->cas, ca) {
        if (!complete || !signed_by(crl, ca))
            continue;
        attach(ca, crl, &facts, extended_until);
        attached = true;
    }
    crl_facts_free(&facts);
    X509_CRL_free(crl);
    ERR_clear_error();
    return attached || x509_fail(error, complete ? "no installed CA of that name has signed it"
                                                 : "a partial CRL (delta, indirect or by attribute)");
}

static void explain(struct x509_path *out, const char *what, const X509 *about)
{
    char name[160] = "";
    if (about)
        X509_NAME_get_text_by_NID(X509_get_issuer_name(about), NID_commonName, name, sizeof(name));
    for (char *p = name; *p; p++)
        if (*p < 0x20 || *p > 0x7e)
            *p = '?';
    snprintf(out->detail, sizeof(out->detail), name[0] ? "%.90s (issuer CN=%s)" : "%.90s", what, name);
}

static const struct ca *ca_of(const struct x509_store *store, const X509 *certificate)
{
    vec_each (&store->cas, ca)
        if (X509_cmp(ca->certificate, certificate) == 0)
            return ca;
    return NULL;
}

static enum x509_revocation judge_crl(const struct ca *ca, X509 *subject, int64_t now)
{
    X509_REVOKED *entry;
    if (!ca->crl)
        return REVOCATION_CRL_MISSING;
    /* 2 is removeFromCRL: the certificate is good again (RFC 5280 5.3.1). */
    if (X509_CRL_get0_by_cert(ca->crl, &entry, subject) == 1)
        return REVOCATION_REVOKED;
    if (now > ca->next_update)
        return REVOCATION_CRL_EXPIRED;
    return now + 3600 < ca->this_update ? REVOCATION_CRL_NOT_YET : REVOCATION_GOOD;
}

/* The CAs above the leaf were installed by hand: their own revocation is read where we hold the CRL that says it, and a
 * missing one is not a reason to stop the mail. */
static void walk_up(const struct x509_store *store, const struct ca *issuing, int64_t now, struct x509_path *out)
{
    const struct ca *below = issuing;
    out->ca_valid_now = true;
    for (unsigned depth = 0; below && depth < 8; depth++) {
        if (now < below->not_before || now > below->not_after)
            out->ca_valid_now = false;
        const struct ca *above = NULL;
        vec_each (&store->cas, ca) {
            if (ca != below && X509_check_issued(ca->certificate, below->certificate) == X509_V_OK &&
                X509_verify(below->certificate, X509_get0_pubkey(ca->certificate)) == 1)
                above = ca;
        }
        enum x509_revocation r = above ? judge_crl(above, below->certificate, now) : REVOCATION_GOOD;
        if (r == REVOCATION_REVOKED ||
            (r != REVOCATION_CRL_MISSING && r != REVOCATION_GOOD && out->revocation == REVOCATION_GOOD))
            out->revocation = r;
        below = above;
    }
}

static bool is_weak(int error)
{
    return error == X509_V_ERR_EE_KEY_TOO_SMALL || error == X509_V_ERR_CA_KEY_TOO_SMALL ||
           error == X509_V_ERR_CA_MD_TOO_WEAK;
}

static int verify_at_level(const struct x509_store *store, X509 *leaf, int level, struct x509_path *out)
{
    X509_STORE_CTX *context = X509_STORE_CTX_new();
    must(context && X509_STORE_CTX_init(context, store->anchors, leaf, NULL) == 1);
    X509_VERIFY_PARAM *param = X509_STORE_CTX_get0_param(context);
    X509_VERIFY_PARAM_set_flags(param, X509_V_FLAG_NO_CHECK_TIME | X509_V_FLAG_PARTIAL_CHAIN);
    X509_VERIFY_PARAM_set_auth_level(param, level);
    X509_VERIFY_PARAM_set_depth(param, 8);
    bool verified = X509_verify_cert(context) == 1;
    int error = X509_STORE_CTX_get_error(context);
    STACK_OF(X509) *chain = X509_STORE_CTX_get0_chain(context);
    if (verified && sk_X509_num(chain) >= 2) {
        const struct ca *issuer = ca_of(store, sk_X509_value(chain, 1));
        out->verified = issuer != NULL;
        out->issuing_ca = issuer ? (int)(issuer - store->cas.items) : -1;
    } else if (verified) {
        error = X509_V_ERR_CERT_REJECTED; /* a CA of ours, shown as if it were a peer's own */
    }
    X509_STORE_CTX_free(context);
    ERR_clear_error();
    return error;
}

void x509_judge(const struct x509_store *store, struct span leaf_der, int64_t now, struct x509_path *out)
{
    *out = (struct x509_path){.issuing_ca = -1, .revocation = REVOCATION_CRL_MISSING};
    X509 *leaf = x509_parse(leaf_der);
    if (!leaf) {
        explain(out, "not a DER certificate", NULL);
        return;
    }
    int error = verify_at_level(store, leaf, 2, out);
    if (!out->verified && is_weak(error)) {
        explain(out, X509_verify_cert_error_string(error), leaf);
        (void)verify_at_level(store, leaf, 0, out);
        out->weak = out->verified;
    } else if (!out->verified) {
        explain(out, X509_verify_cert_error_string(error), leaf);
    }
    if (out->verified) {
        const struct ca *issuing = &store->cas.items[out->issuing_ca];
        out->revocation = judge_crl(issuing, leaf, now);
        walk_up(store, issuing, now, out);
    }
    X509_free(leaf);
}
