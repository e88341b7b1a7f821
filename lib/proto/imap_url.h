/* IMAP URLs that name a message or a part of one (RFC 5092), as CATENATE takes them (RFC 4469 3): absolute, or relative to
 * the session's server ("/Drafts;UIDVALIDITY=385759045/;UID=20/;SECTION=HEADER") or its selected mailbox
 * (";UID=20/;SECTION=1.2"). Pure.
 */
#ifndef CADUCEE_PROTO_IMAP_URL_H
#define CADUCEE_PROTO_IMAP_URL_H

#include "lib/base/arena.h"

struct imap_url {
    struct span host;    /* with its port; p NULL: relative */
    struct span mailbox; /* UTF-8; p NULL: the selected one */
    uint32_t uidvalidity /* 0: not said */, uid;
    struct span section; /* "" is the whole message */
    bool partial;
    uint64_t offset, length; /* length: UINT64_MAX to the end */
};

/* False: not such a URL, or one that asks for what we do not do (URLAUTH). Strings are in the arena, or views of `text`. */
bool imap_url_parse(struct span text, struct arena *, struct imap_url *) MUST_USE;

#endif
