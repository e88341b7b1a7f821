/* CATENATE (RFC 4469): a message that APPEND puts together from texts and from parts of messages that are here. */
#ifndef CADUCEE_IMAPD_CATENATE_H
#define CADUCEE_IMAPD_CATENATE_H

#include "imapd/session.h"

enum { CATENATE_PARTS_MAX = 1000 };

struct catenate_part {
    bool is_url;
    struct span text;
};
typedef VEC(struct catenate_part) catenate_parts;

/* Behind "CATENATE": " (TEXT {n} URL \"…\")". */
bool catenate_parse(struct imap_reader *, catenate_parts *) MUST_USE;
/* False: the reply is set, NO [BADURL …] or NO [TOOBIG]. Job only. */
bool catenate(struct session *, struct command *, const catenate_parts *, struct str *out) MUST_USE;

#endif
