/* What goes between lib/auth/keyd.c and caducee-keyd, in the frames of lib/net/ipc.h. */
#ifndef CADUCEE_AUTH_KEYD_PROTOCOL_H
#define CADUCEE_AUTH_KEYD_PROTOCOL_H

enum { KEYD_FRAME_MAX = 40 << 10 };

enum keyd_request_type {
    KEYD_BY_CERTIFICATE = 1,
    KEYD_BY_TOKEN,
    KEYD_SHARED,
    KEYD_WEB_LOGIN,
    KEYD_BY_WEB_SESSION,
    KEYD_QUEUE_KEY,
    KEYD_SEAL_KEY,
    KEYD_SHARE,
    KEYD_BIND,
    KEYD_WEB_CERTIFICATE,
    KEYD_REQUEST_END,
    KEYD_ANSWER = 100
};

enum keyd_tag {
    KEYD_T_ISSUER = 1, /* canonical (proto/dn.h) */
    KEYD_T_SUBJECT,    /* canonical */
    KEYD_T_SHOWN,      /* subject for people */
    KEYD_T_KEY_SHA256, /* of the certificate's public key */
    KEYD_T_NOT_AFTER,
    KEYD_T_BAL, /* address */
    KEYD_T_BAL_ID,
    KEYD_T_WANT_KEY,
    KEYD_T_SESSION,
    KEYD_T_PEER,
    KEYD_T_TOKEN,
    KEYD_T_THUMBPRINT, /* SHA-256 of the client certificate (cnf) */
    KEYD_T_PROOF,
    KEYD_T_NONCE,
    KEYD_T_SESSION_HASH,
    KEYD_T_SECRET,
    KEYD_T_WHOM,     /* a national id, the address of somebody's own BAL, or person:NUMBER */
    KEYD_T_NEW_ROLE, /* absent: the share ends */
    KEYD_T_NEW_SENDS,
    KEYD_T_UNTIL, /* wall seconds; 0: a year */
    KEYD_T_MANDATE,
    KEYD_T_OUTCOME = 50,
    KEYD_T_REASON,
    KEYD_T_PERSON_ID,
    KEYD_T_BINDING_ID,
    KEYD_T_ROLE,
    KEYD_T_MAY_SEND,
    KEYD_T_PUBLIC,
    KEYD_T_PRIVATE,
    KEYD_T_NAME
};

#endif
