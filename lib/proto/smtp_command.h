/* Grammar of SMTP commands (RFC 5321 4.1.1) and of the parameters of the extensions we announce: SIZE (RFC 1870),
 * 8BITMIME (6152), SMTPUTF8 (6531), CHUNKING (3030), DSN (3461), FUTURERELEASE (4865), AUTH (4954).
 * Every function gives NULL, or the reply that refuses ("501 5.5.4 …"), a literal.
 */
#ifndef CADUCEE_PROTO_SMTP_COMMAND_H
#define CADUCEE_PROTO_SMTP_COMMAND_H

#include "lib/proto/address.h"

struct smtp_command {
    char verb[16];        /* upper case; "" when what stands there is no verb */
    struct span argument; /* what follows the first space, without spaces at its end */
};
void smtp_command_split(struct span line, struct smtp_command *out);

struct smtp_path {
    bool null; /* <> */
    struct address address;
    struct span text; /* local@domain as written, "" for <> */
};

enum smtp_body { SMTP_BODY_7BIT, SMTP_BODY_8BITMIME };
enum smtp_ret { SMTP_RET_NONE, SMTP_RET_FULL, SMTP_RET_HDRS };
struct smtp_mail {
    struct smtp_path from;
    uint64_t size; /* 0: not said */
    enum smtp_body body;
    bool smtputf8;
    enum smtp_ret ret;
    struct span envid;     /* xtext as written, at most 100 octets */
    uint64_t hold_seconds; /* HOLDFOR */
    int64_t hold_until;    /* HOLDUNTIL, wall seconds; 0: none */
};
enum smtp_notify { SMTP_NOTIFY_NEVER = 1, SMTP_NOTIFY_SUCCESS = 2, SMTP_NOTIFY_FAILURE = 4, SMTP_NOTIFY_DELAY = 8 };
struct smtp_rcpt {
    struct smtp_path to;
    unsigned notify;   /* 0: not said (FAILURE and DELAY then) */
    struct span orcpt; /* "rfc822;…" as written */
};
const char *smtp_parse_mail(struct span argument, struct smtp_mail *out);
const char *smtp_parse_rcpt(struct span argument, bool smtputf8, struct smtp_rcpt *out);
const char *smtp_parse_bdat(struct span argument, uint64_t *size, bool *last);
/* The name that EHLO and HELO give: a domain or a literal; otherwise refused. */
const char *smtp_parse_helo(struct span argument);
/* AUTH mechanism [initial-response]: "=" is an empty response (RFC 4954 4); `initial.p` NULL when there is none. */
const char *smtp_parse_auth(struct span argument, struct span *mechanism, struct span *initial);
bool xtext_valid(struct span); /* RFC 3461 4 */

#endif
