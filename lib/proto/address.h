/* Addresses of the envelope (RFC 5321 4.1.2, RFC 6531 3.3) and the one comparison of domains and of mailboxes.
 *
 * A domain is compared by its A-labels in lower case (UTS 46, non-transitional, ICU): the whitelist, the trust snapshot,
 * our own domains and the envelope all go through domain_normalise(), so that "Hôpital.mssante.fr" and its "xn--" form are
 * one. A mailbox is compared by address_key(): lower-case local part, '@', normalised domain: what bal.address holds.
 */
#ifndef CADUCEE_PROTO_ADDRESS_H
#define CADUCEE_PROTO_ADDRESS_H

#include "lib/base/str.h"

enum {
    ADDRESS_LOCAL_MAX = 64,   /* RFC 5321 4.5.3.1.1 */
    ADDRESS_DOMAIN_MAX = 253, /* RFC 1035 3.1, without the root's dot */
    ADDRESS_MAX = 320         /* local, '@', 255 */
};

struct address {
    struct span local;  /* as written, quotes included */
    struct span domain; /* as written; "[192.0.2.1]" for a literal; empty for <postmaster> */
};

/* Loads what ICU needs: before seccomp, once a process. */
void domain_prepare(void);

/* Lower-case A-labels into `out` (emptied first). False: not a domain name (empty or long label, forbidden character,
 * invalid A-label, literal). One trailing dot is forgotten. */
bool domain_normalise(struct str *out, struct span domain) MUST_USE;
bool domain_equal(struct span, struct span);
/* The form for people: "xn--" labels as UTF-8. What cannot be shown stays as it is. */
void domain_display(struct str *out, struct span domain);

/* Mailbox of RFC 5321: Dot-string or Quoted-string, '@', Domain or address literal; UTF-8 only when `utf8`. */
bool address_parse(struct span text, bool utf8, struct address *out) MUST_USE;
bool address_is_ascii(const struct address *);
/* What mailboxes are compared and looked up by. Quotes that need not be are taken off. */
bool address_key(struct str *out, const struct address *) MUST_USE;
bool address_key_of(struct str *out, struct span text) MUST_USE; /* parses first */
/* <INS>@patient.mssante.fr: the local part is a NIR; never shown or logged as it is. */
bool address_is_patient(const struct address *);
bool domain_is_patient(struct span domain);

#endif
