/* CMS written as it comes: AuthEnvelopedData (RFC 5083) with AES-256-GCM, indefinite lengths. */
#include "lib/net/x509_cms.h"

#include "lib/net/x509.h"

#include <limits.h>
#include <openssl/cms.h>
#include <openssl/err.h>

struct cms_writer {
    CMS_ContentInfo *cms;
    BIO *file, *chain; /* chain: what is written to; it ends in file */
};

static bool add_recipient(struct span der, void *arg)
{
    STACK_OF(X509) *to = arg;
    const unsigned char *p = (const unsigned char *)der.p;
    X509 *certificate = d2i_X509(NULL, &p, (long)der.n);
    return certificate && sk_X509_push(to, certificate) > 0;
}

static bool begin(struct cms_writer *w, int fd, STACK_OF(X509) * to)
{
    w->file = BIO_new_fd(fd, BIO_NOCLOSE);
    w->cms = CMS_encrypt(to, NULL, EVP_aes_256_gcm(), CMS_BINARY | CMS_STREAM | CMS_PARTIAL);
    w->chain = w->file && w->cms ? BIO_new_CMS(w->file, w->cms) : NULL;
    return w->chain != NULL;
}

struct cms_writer *cms_writer_new(int fd, struct span certificates, struct str *error)
{
    struct cms_writer *w = xcalloc(1, sizeof(*w));
    STACK_OF(X509) *to = sk_X509_new_null();
    bool good = certificates_each(certificates, add_recipient, to, error) && sk_X509_num(to) > 0 && begin(w, fd, to);
    sk_X509_pop_free(to, X509_free);
    if (good)
        return w;
    unsigned long code = ERR_get_error();
    if (!error->len)
        str_puts(error, code ? ERR_reason_error_string(code) : "certificate");
    ERR_clear_error();
    cms_abandon(&w);
    return NULL;
}

bool cms_write(struct cms_writer *w, struct span bytes)
{
    while (bytes.n) {
        int part = bytes.n < INT_MAX ? (int)bytes.n : INT_MAX;
        int n = BIO_write(w->chain, bytes.p, part);
        if (n <= 0)
            return false;
        bytes.p += n;
        bytes.n -= (size_t)n;
    }
    return true;
}

/* BIO_new_CMS's filters are popped one by one, down to the file (CMS_encrypt(3), CMS_STREAM). */
static void drop_chain(struct cms_writer *w)
{
    while (w->chain && w->chain != w->file) {
        BIO *next = BIO_pop(w->chain);
        BIO_free(w->chain);
        w->chain = next;
    }
    BIO_free(w->file);
    CMS_ContentInfo_free(w->cms);
}

bool cms_finish(struct cms_writer **writer)
{
    bool good = BIO_flush((*writer)->chain) > 0;
    ERR_clear_error();
    drop_chain(*writer);
    xfree(writer);
    return good;
}

void cms_abandon(struct cms_writer **writer)
{
    if (*writer)
        drop_chain(*writer);
    xfree(writer);
}
