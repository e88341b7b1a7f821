#include "lib/net/x509_server.h"

#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>
#include <string.h>

static X509 *decode(struct span der)
{
    const unsigned char *p = (const unsigned char *)der.p;
    return d2i_X509(NULL, &p, (long)der.n);
}

static X509_STORE *open_store(const char *ca_file)
{
    X509_STORE *store = X509_STORE_new();
    bool good = store && (ca_file ? X509_STORE_load_file(store, ca_file) : X509_STORE_set_default_paths(store)) == 1;
    if (!good) {
        X509_STORE_free(store);
        return NULL;
    }
    return store;
}

/* RFC 6125 6.4: the name in subjectAltName, or the address when the host is one. */
static bool ask_for_host(X509_VERIFY_PARAM *param, const char *host)
{
    X509_VERIFY_PARAM_set_hostflags(param, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
    bool address = strspn(host, "0123456789.") == strlen(host) || strchr(host, ':');
    return X509_VERIFY_PARAM_set_purpose(param, X509_PURPOSE_SSL_SERVER) == 1 &&
           (address ? X509_VERIFY_PARAM_set1_ip_asc(param, host)
                    : X509_VERIFY_PARAM_set1_host(param, host, strlen(host))) == 1;
}

bool x509_server_is(const struct span *chain, size_t count, const char *ca_file, const char *host, struct str *error)
{
    X509 *leaf = count ? decode(chain[0]) : NULL;
    X509_STORE *store = open_store(ca_file);
    X509_STORE_CTX *context = X509_STORE_CTX_new();
    STACK_OF(X509) *others = sk_X509_new_null();
    for (size_t n = 1; n < count; n++) {
        X509 *one = decode(chain[n]);
        if (one)
            sk_X509_push(others, one);
    }
    bool ready = leaf && store && context && others && X509_STORE_CTX_init(context, store, leaf, others) == 1 &&
                 ask_for_host(X509_STORE_CTX_get0_param(context), host);
    bool good = ready && X509_verify_cert(context) == 1;
    if (!good)
        str_puts(error, !leaf    ? "no certificate"
                        : !store ? "the CA file cannot be read"
                        : !ready ? "not a host name"
                                 : X509_verify_cert_error_string(X509_STORE_CTX_get_error(context)));
    X509_STORE_CTX_free(context);
    X509_STORE_free(store);
    sk_X509_pop_free(others, X509_free);
    X509_free(leaf);
    return good;
}
