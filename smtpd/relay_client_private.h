/* Private to relay_client*.c: the connection's state, and what is said on it (relay_client_say.c). */
#ifndef CADUCEE_SMTPD_RELAY_CLIENT_PRIVATE_H
#define CADUCEE_SMTPD_RELAY_CLIENT_PRIVATE_H

#include "lib/proto/smtp_reply.h"
#include "smtpd/relay_client.h"

enum client_state {
    CLIENT_GREETING,
    CLIENT_EHLO_CLEAR,
    CLIENT_STARTTLS,
    CLIENT_TLS,
    CLIENT_EHLO,
    CLIENT_READY,
    CLIENT_FLIGHT,   /* replies to whole messages, flying[0]'s first */
    CLIENT_ENVELOPE, /* replies to MAIL and RCPT */
    CLIENT_DATA,     /* 354 */
    CLIENT_BODY,     /* the reply that decides */
    CLIENT_RSET,
    CLIENT_GONE
};

struct relay_client {
    struct conn *conn;
    enum client_state state;
    char host[256], helo[256], domain[256];
    struct tls_context *tls;
    const struct trust_snapshot *(*snapshot)(void *);
    void *snapshot_arg;
    const struct relay_client_events *events;
    void *owner;                 /* NULL: nobody listens any more */
    struct relay_client **place; /* where it is parked */
    struct relay_failure failure;
    struct trust_verdict verdict;
    uint64_t judged_generation;
    bool pipelining, chunking, eight_bit, smtputf8, dsn;
    uint64_t size_max; /* 0: not said */
    /* Messages under way: one, or in CLIENT_FLIGHT several. */
    struct flying {
        struct relay_mail *mail;
        size_t replies;           /* of the envelope: 0 is MAIL's */
        size_t accepted;          /* recipients */
        bool mail_refused, reset; /* a RSET went before it, whose reply comes first */
    } flying[RELAY_FLIGHT];
    size_t count;
    bool unclean; /* the last one was not taken: a RSET goes before the next */
};

void client_say(struct relay_client *c, const char *line);
void client_say_ehlo(struct relay_client *c);
void client_say_mail(struct relay_client *c, const struct relay_mail *);
void client_say_rcpt(struct relay_client *c, const struct relay_recipient *r);
void client_say_body(struct relay_client *c);
void client_say_chunk(struct relay_client *c, const struct relay_mail *);
void client_keep_reply(char out[512], const struct smtp_reply *reply);
void client_set_result(struct relay_recipient *r, const struct smtp_reply *reply);
void client_refuse_all(struct relay_mail *mail, unsigned code, const char *enhanced, const char *words);

#endif
