/* Encrypted to a certificate (CMS EnvelopedData, RFC 5652, AES-256-GCM key wrapped to its public key): what leaves the
 * operator for a named person's hands — shares of the key export, exports of a BAL. */
#ifndef CADUCEE_NET_X509_CMS_H
#define CADUCEE_NET_X509_CMS_H

#include "lib/base/str.h"

/* `certificate` is PEM or DER; out gets DER. */
bool cms_seal(struct str *out, struct span certificate, struct span plain, struct str *error) MUST_USE;
/* `private_key` is PEM, unencrypted. False when the message was not sealed to that key, or was altered. */
bool cms_open(struct str *out, struct span private_key, struct span der, struct str *error) MUST_USE;

/* The same for what is too long for memory: written to `fd` as it comes (BER, streamed), to all of these people. */
struct cms_writer;
struct cms_writer *cms_writer_new(int fd, struct span certificates /* PEM or DER, each a recipient */,
                                  struct str *error) MUST_USE;
bool cms_write(struct cms_writer *, struct span) MUST_USE;
/* The end and its authentication tag; frees. Without it the file does not open. False also when nothing was written. */
bool cms_finish(struct cms_writer **) MUST_USE;
void cms_abandon(struct cms_writer **);

#endif
