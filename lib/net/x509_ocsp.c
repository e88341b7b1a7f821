/* Questions and answers of OCSP. Nothing here asks the network. */
#include "lib/net/x509_parts.h"

#include <openssl/err.h>
#include <openssl/ocsp.h>

enum { SKEW_S = 300 };

bool certificate_issued_by(struct span leaf_der, struct span issuer_der)
{
    X509 *leaf = x509_parse(leaf_der), *issuer = x509_parse(issuer_der);
    bool yes = leaf && issuer && X509_check_issued(issuer, leaf) == X509_V_OK &&
               X509_verify(leaf, X509_get0_pubkey(issuer)) == 1;
    X509_free(leaf);
    X509_free(issuer);
    ERR_clear_error();
    return yes;
}

bool ocsp_question(struct str *der, struct span leaf_der, struct span issuer_der, struct str *error)
{
    X509 *leaf = x509_parse(leaf_der), *issuer = x509_parse(issuer_der);
    OCSP_REQUEST *request = OCSP_REQUEST_new();
    OCSP_CERTID *id = leaf && issuer ? OCSP_cert_to_id(EVP_sha1(), leaf, issuer) : NULL;
    unsigned char *bytes = NULL;
    bool asked = request && id && OCSP_request_add0_id(request, id); /* owned by the request from here on */
    if (!asked)
        OCSP_CERTID_free(id);
    int n = asked ? i2d_OCSP_REQUEST(request, &bytes) : -1;
    bool ok = n > 0 && str_add(der, bytes, (size_t)n);
    OPENSSL_free(bytes);
    OCSP_REQUEST_free(request);
    X509_free(leaf);
    X509_free(issuer);
    ERR_clear_error();
    return ok || x509_fail(error, "no OCSP question can be made of this certificate");
}

/* The responder's certificate is judged under the issuing CA alone: no other CA of ours may speak for it. */
static bool is_signed(OCSP_BASICRESP *basic, X509 *issuer, int64_t now)
{
    X509_STORE *store = X509_STORE_new();
    must(store && X509_STORE_add_cert(store, issuer) == 1);
    X509_VERIFY_PARAM *param = X509_STORE_get0_param(store);
    X509_VERIFY_PARAM_set_time(param, (time_t)now);
    X509_VERIFY_PARAM_set_flags(param, X509_V_FLAG_PARTIAL_CHAIN);
    STACK_OF(X509) *known = sk_X509_new_null(); /* the CA itself may sign, and need not send its certificate */
    must(known && sk_X509_push(known, issuer) > 0);
    bool ok = OCSP_basic_verify(basic, known, store, 0) == 1;
    sk_X509_free(known);
    X509_STORE_free(store);
    return ok;
}

static bool time_of(const ASN1_GENERALIZEDTIME *when, int64_t *out)
{
    *out = 0;
    return !when || x509_time(when, out);
}

static const char *read_basic(struct ocsp_facts *facts, OCSP_BASICRESP *basic, X509 *leaf, X509 *issuer, int64_t now)
{
    OCSP_CERTID *id = OCSP_cert_to_id(EVP_sha1(), leaf, issuer);
    ASN1_GENERALIZEDTIME *revoked = NULL, *from = NULL, *until = NULL;
    int status = -1, reason = -1;
    bool found = id && OCSP_resp_find_status(basic, id, &status, &reason, &revoked, &from, &until) == 1;
    OCSP_CERTID_free(id);
    if (!found)
        return "the answer is about another certificate";
    if (!is_signed(basic, issuer, now))
        return "the answer is not signed by the CA nor by a responder that it has named";
    if (!from || !time_of(from, &facts->this_update) || !time_of(until, &facts->next_update))
        return "the answer's dates cannot be read";
    if (facts->this_update > now + SKEW_S)
        return "the answer begins in the future: check the clocks";
    if (facts->next_update && facts->next_update + SKEW_S < now)
        return "the answer is past its nextUpdate";
    facts->status = status == V_OCSP_CERTSTATUS_GOOD      ? X509_OCSP_GOOD
                    : status == V_OCSP_CERTSTATUS_REVOKED ? X509_OCSP_REVOKED
                                                          : X509_OCSP_UNKNOWN;
    return NULL;
}

static OCSP_RESPONSE *parse(struct span der)
{
    const unsigned char *p = (const unsigned char *)der.p;
    OCSP_RESPONSE *response = der.n && der.n <= X509_OCSP_MAX ? d2i_OCSP_RESPONSE(NULL, &p, (long)der.n) : NULL;
    if (response && (const char *)p != der.p + der.n) {
        OCSP_RESPONSE_free(response);
        response = NULL;
    }
    return response;
}

bool ocsp_read(struct ocsp_facts *facts, struct span answer, struct span leaf_der, struct span issuer_der, int64_t now,
               struct str *error)
{
    *facts = (struct ocsp_facts){.status = X509_OCSP_UNKNOWN};
    X509 *leaf = x509_parse(leaf_der), *issuer = x509_parse(issuer_der);
    OCSP_RESPONSE *response = parse(answer);
    OCSP_BASICRESP *basic = NULL;
    const char *wrong = NULL;
    if (!leaf || !issuer)
        wrong = "not a certificate";
    else if (!response)
        wrong = "not an OCSP answer";
    else if (OCSP_response_status(response) != OCSP_RESPONSE_STATUS_SUCCESSFUL)
        wrong = OCSP_response_status_str(OCSP_response_status(response));
    else if (!(basic = OCSP_response_get1_basic(response)))
        wrong = "not a basic OCSP answer";
    else
        wrong = read_basic(facts, basic, leaf, issuer, now);
    OCSP_BASICRESP_free(basic);
    OCSP_RESPONSE_free(response);
    X509_free(leaf);
    X509_free(issuer);
    ERR_clear_error();
    return !wrong || x509_fail(error, wrong);
}
