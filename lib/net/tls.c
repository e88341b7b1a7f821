#include "lib/net/tls.h"

#include "lib/net/tls_private.h"

#include <openssl/err.h>
#include <openssl/x509.h>
#include <string.h>

/* mssante.md "SMTP between operators": ECDHE and AES-GCM for TLS 1.2, with the ECDSA twins; no CBC. TLS 1.3 has only good
 * ones. */
static const char suites_12[] = "ECDHE-RSA-AES256-GCM-SHA384:ECDHE-RSA-AES128-GCM-SHA256:"
                                "ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-ECDSA-AES128-GCM-SHA256";
static const char suites_13[] = "TLS_AES_256_GCM_SHA384:TLS_AES_128_GCM_SHA256:TLS_CHACHA20_POLY1305_SHA256";
static const char groups[] = "X25519:P-256:P-384";

struct tls_context {
    SSL_CTX *ssl;
    struct tls_names *names; /* NULL: one certificate */
};

static void put_reason(struct str *error, const char *what, const char *file)
{
    unsigned long code = ERR_peek_last_error();
    str_addf(error, "%s %s: %s", what, file, code ? ERR_reason_error_string(code) : "not usable");
    ERR_clear_error();
}

/* The handshake proves that the peer holds the key of the certificate it shows; whether we want that certificate is judged
 * afterwards by trust, with an answer in the protocol's own words. */
static int accept_any(X509_STORE_CTX *store, void *arg UNUSED)
{
    tls_share_certificates(store);
    X509_STORE_CTX_set_error(store, X509_V_OK);
    return 1;
}

bool tls_use_certificate(SSL_CTX *ssl, const char *certificate, const char *key, struct str *error)
{
    if (SSL_CTX_use_certificate_chain_file(ssl, certificate) != 1) {
        put_reason(error, "certificate", certificate);
        return false;
    }
    if (SSL_CTX_use_PrivateKey_file(ssl, key, SSL_FILETYPE_PEM) != 1) {
        put_reason(error, "private key", key);
        return false;
    }
    if (SSL_CTX_check_private_key(ssl) != 1) {
        put_reason(error, "the private key is not the certificate's:", key);
        return false;
    }
    return true;
}

static SSL_CTX *context_new(const SSL_METHOD *method)
{
    SSL_CTX *ssl = SSL_CTX_new(method);
    if (!ssl || SSL_CTX_set_min_proto_version(ssl, TLS1_2_VERSION) != 1 ||
        SSL_CTX_set_cipher_list(ssl, suites_12) != 1 || SSL_CTX_set_ciphersuites(ssl, suites_13) != 1 ||
        SSL_CTX_set1_groups_list(ssl, groups) != 1)
        fatal("OpenSSL refuses the suites of the trust space: %s", ERR_reason_error_string(ERR_peek_last_error()));
    SSL_CTX_set_options(ssl, SSL_OP_NO_COMPRESSION | SSL_OP_NO_RENEGOTIATION | SSL_OP_CIPHER_SERVER_PREFERENCE |
                                 SSL_OP_IGNORE_UNEXPECTED_EOF);
    SSL_CTX_set_mode(ssl,
                     SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
    SSL_CTX_set_cert_verify_callback(ssl, accept_any, NULL);
    SSL_CTX_set_session_cache_mode(ssl, SSL_SESS_CACHE_OFF);
    return ssl;
}

static bool ask_for_certificate(SSL_CTX *ssl, const struct tls_server_options *options, struct str *error)
{
    static const unsigned char session_context[] = "caducee";
    SSL_CTX_set_verify(ssl, SSL_VERIFY_PEER, NULL);
    if (SSL_CTX_set_session_id_context(ssl, session_context, sizeof session_context - 1) != 1)
        fatal("OpenSSL refuses a session context");
    if (!options->ca_names_file || !*options->ca_names_file)
        return true;
    STACK_OF(X509_NAME) *names = SSL_load_client_CA_file(options->ca_names_file);
    if (!names) {
        put_reason(error, "names of CAs", options->ca_names_file);
        return false;
    }
    SSL_CTX_set_client_CA_list(ssl, names);
    return true;
}

struct tls_context *tls_server_new(const struct tls_server_options *options, struct str *error)
{
    SSL_CTX *ssl = context_new(TLS_server_method());
    /* One ticket: the second costs 0.2 ms of CPU a handshake and nobody uses it. */
    SSL_CTX_set_num_tickets(ssl, 1);
    tickets_use(ssl);
    bool ok = tls_use_certificate(ssl, options->certificate_file, options->key_file, error);
    if (ok && options->client == TLS_CLIENT_ASKED)
        ok = ask_for_certificate(ssl, options, error);
    struct tls_names *names = NULL;
    if (ok && options->more_count)
        ok = (names = tls_names_new(ssl, options->more, options->more_count, error)) != NULL;
    if (!ok) {
        SSL_CTX_free(ssl);
        return NULL;
    }
    struct tls_context *context = xmalloc(sizeof *context);
    *context = (struct tls_context){ssl, names};
    return context;
}

struct tls_context *tls_client_new(const char *certificate_file, const char *key_file, struct str *error)
{
    SSL_CTX *ssl = context_new(TLS_client_method());
    SSL_CTX_set_verify(ssl, SSL_VERIFY_PEER, NULL);
    if (certificate_file && *certificate_file && !tls_use_certificate(ssl, certificate_file, key_file, error)) {
        SSL_CTX_free(ssl);
        return NULL;
    }
    struct tls_context *context = xmalloc(sizeof *context);
    *context = (struct tls_context){.ssl = ssl};
    return context;
}

void tls_context_destroy(struct tls_context **context)
{
    if (!*context)
        return;
    SSL_CTX_free((*context)->ssl); /* connections that still use it hold it */
    tls_names_free(&(*context)->names);
    xfree(context);
}

static bool is_numeric(const char *name)
{
    return name[strspn(name, "0123456789.")] == '\0' || strchr(name, ':');
}

SSL *tls_session_new(struct tls_context *context, bool server, const char *server_name)
{
    SSL *ssl = SSL_new(context->ssl);
    if (!ssl)
        fatal("out of memory (TLS)");
    if (server)
        SSL_set_accept_state(ssl);
    else
        SSL_set_connect_state(ssl);
    /* RFC 6066 3: a host name, never an address literal */
    if (server_name && *server_name && !is_numeric(server_name) && SSL_set_tlsext_host_name(ssl, server_name) != 1)
        ERR_clear_error();
    return ssl;
}

static void add_der(struct tls_chain *chain, X509 *certificate)
{
    unsigned char *der = NULL;
    int n = i2d_X509(certificate, &der);
    if (n <= 0)
        return;
    chain->spans = xrealloc(chain->spans, (chain->count + 1) * sizeof chain->spans[0]);
    chain->spans[chain->count++] = (struct span){xmemdup(der, (size_t)n), (size_t)n};
    OPENSSL_free(der);
}

/* What a resumed session's ticket carried beside the leaf: DER after DER (tickets.c). */
static void add_ticket_chain(struct tls_chain *chain, SSL *ssl)
{
    void *data = NULL;
    size_t left = 0;
    SSL_SESSION *session = SSL_get_session(ssl);
    if (!session || SSL_SESSION_get0_ticket_appdata(session, &data, &left) != 1)
        return;
    const unsigned char *p = data;
    while (left) {
        const unsigned char *next = p;
        X509 *certificate = d2i_X509(NULL, &next, (long)left);
        if (!certificate)
            return;
        add_der(chain, certificate);
        X509_free(certificate);
        left -= (size_t)(next - p);
        p = next;
    }
}

/* A session that idles for hours need not hold the peer's chain parsed, nor what its ticket was to carry: both have been
 * copied or sent. The leaf stays, OpenSSL's own. (M: 7 KiB of 38 an idle IMAP session.) */
static void lighten(SSL *ssl)
{
    STACK_OF(X509) *chain = SSL_get_peer_cert_chain(ssl);
    SSL_SESSION *session = SSL_get_session(ssl);
    while (SSL_is_server(ssl) && chain && sk_X509_num(chain) > 0)
        X509_free(sk_X509_pop(chain));
    if (SSL_is_server(ssl) && session)
        (void)SSL_SESSION_set1_ticket_appdata(session, NULL, 0);
}

void tls_chain_take(struct tls_chain *chain, SSL *ssl)
{
    X509 *leaf = SSL_get0_peer_certificate(ssl);
    if (chain->count || !leaf)
        return;
    add_der(chain, leaf);
    STACK_OF(X509) *sent = SSL_get_peer_cert_chain(ssl);
    for (int i = 0; i < sk_X509_num(sent); i++)
        if (X509_cmp(sk_X509_value(sent, i), leaf) != 0)
            add_der(chain, sk_X509_value(sent, i));
    if (chain->count == 1 && SSL_session_reused(ssl))
        add_ticket_chain(chain, ssl);
    lighten(ssl);
    ERR_clear_error();
}

void tls_chain_free(struct tls_chain *chain)
{
    for (size_t i = 0; i < chain->count; i++) {
        void *der = (void *)(uintptr_t)chain->spans[i].p; /* ours since add_der() */
        xfree(&der);
    }
    xfree(&chain->spans);
    chain->count = 0;
}
