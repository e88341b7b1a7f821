/* Several certificates behind one listener: whoever asks for a name (SNI, RFC 6066 3) that another of our certificates bears
 * is shown that one; everybody else the first.
 */
#include "lib/net/tls_private.h"

#include "lib/base/conf.h"

#include <openssl/err.h>
#include <openssl/x509v3.h>
#include <string.h>

struct tls_names {
    SSL_CTX **contexts; /* each holds one certificate, its chain and key */
    size_t count;
};

static bool bears(X509 *certificate, const char *name)
{
    return certificate && X509_check_host(certificate, name, 0, 0, NULL) == 1;
}

static int choose(SSL *ssl, int *alert UNUSED, void *arg)
{
    const struct tls_names *names = arg;
    const char *wanted = SSL_get_servername(ssl, TLSEXT_NAMETYPE_host_name);
    if (!wanted || bears(SSL_get_certificate(ssl), wanted))
        return SSL_TLSEXT_ERR_OK;
    for (size_t i = 0; i < names->count; i++) {
        SSL_CTX *from = names->contexts[i];
        STACK_OF(X509) *chain = NULL;
        if (!bears(SSL_CTX_get0_certificate(from), wanted))
            continue;
        SSL_CTX_get0_chain_certs(from, &chain);
        if (SSL_use_cert_and_key(ssl, SSL_CTX_get0_certificate(from), SSL_CTX_get0_privatekey(from), chain, 1) != 1)
            ERR_clear_error(); /* the first one is shown all the same: the peer judges */
        break;
    }
    return SSL_TLSEXT_ERR_OK;
}

struct tls_names *tls_names_new(SSL_CTX *ssl, const struct tls_pair *pairs, size_t count, struct str *error)
{
    struct tls_names *names = xcalloc(1, sizeof(*names));
    names->contexts = xcalloc(count, sizeof(SSL_CTX *));
    for (size_t i = 0; i < count; i++) {
        SSL_CTX *one = SSL_CTX_new(TLS_server_method());
        if (!one)
            fatal("out of memory (TLS)");
        names->contexts[names->count++] = one;
        if (tls_use_certificate(one, pairs[i].certificate_file, pairs[i].key_file, error))
            continue;
        tls_names_free(&names);
        return NULL;
    }
    SSL_CTX_set_tlsext_servername_callback(ssl, choose);
    SSL_CTX_set_tlsext_servername_arg(ssl, names);
    return names;
}

void tls_names_free(struct tls_names **names)
{
    if (!*names)
        return;
    for (size_t i = 0; i < (*names)->count; i++)
        SSL_CTX_free((*names)->contexts[i]);
    xfree(&(*names)->contexts);
    xfree(names);
}

bool tls_pair_read(struct arena *arena, const char *value, struct tls_pair *out)
{
    struct span rest = span_trim(span_of(value)), certificate;
    if (!span_cut(&rest, ' ', &certificate))
        return false;
    struct span key = span_trim(rest);
    *out = (struct tls_pair){arena_strndup(arena, certificate.p, certificate.n), arena_strndup(arena, key.p, key.n)};
    return certificate.n > 0 && key.n > 0 && !memchr(key.p, ' ', key.n);
}

struct tls_context *tls_server_of(const struct conf *conf, bool ask, struct str *error)
{
    VEC(struct tls_pair) pairs = {0};
    struct tls_pair pair;
    struct arena *arena = arena_new(0);
    vec_each (&conf->tls_domains, line) {
        if (!tls_pair_read(arena, line->value, &pair))
            fatal("[tls.domains] %s: expected the paths of a certificate and of its key", line->key);
        vec_push(&pairs, pair);
    }
    struct tls_context *tls = tls_server_new(
        &(struct tls_server_options){.certificate_file = conf->tls_certificate,
                                     .key_file = conf->tls_private_key,
                                     .client = ask ? TLS_CLIENT_ASKED : TLS_CLIENT_NONE,
                                     .ca_names_file = conf->tls_client_ca_names[0] ? conf->tls_client_ca_names : NULL,
                                     .more = pairs.items,
                                     .more_count = pairs.len},
        error);
    vec_free(&pairs);
    arena_destroy(&arena);
    return tls;
}
