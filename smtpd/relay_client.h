/* The client's side of one SMTP connection to one server of another operator: greeting, STARTTLS, trust, then any number of
 * messages. With PIPELINING and CHUNKING a short one is one flight (MAIL, RCPT, BDAT LAST: RFC 3030 4.2), and
 * RELAY_FLIGHT of them may be on their way at once, each behind a RSET so that nothing of a refused one is left over;
 * else one after the other. Loop only; knows nothing of the queue. Never goes on in clear, nor with a server whose
 * certificate trust has refused.
 */
#ifndef CADUCEE_SMTPD_RELAY_CLIENT_H
#define CADUCEE_SMTPD_RELAY_CLIENT_H

#include "lib/net/conn.h"
#include "lib/trust/trust.h"

struct relay_recipient {
    const char *address;
    unsigned notify;   /* enum smtp_notify; 0: not said */
    const char *orcpt; /* "" none */
    bool accepted;     /* by RCPT: what becomes of it is told by the reply to the content alone */
    /* out */
    unsigned code; /* the reply that decided; 0: none came */
    char enhanced[16];
    char reply[512]; /* "550 5.1.1 text", sanitized */
};
struct relay_mail {
    const char *sender; /* "" null */
    const char *envid;  /* "" none */
    unsigned ret;
    bool smtputf8;
    struct span body; /* lives until on_done or on_failed */
    struct relay_recipient *recipients;
    size_t count;
    struct letter *letter; /* the owner's */
};
enum {
    RELAY_FLIGHT = 4,             /* messages unanswered at once: what may come twice when the connection breaks */
    RELAY_FLIGHT_BYTES = 64 << 10 /* longer ones wait for the answer to their envelope */
};

struct relay_client;
struct relay_client_events {
    void (*on_ready)(struct relay_client *, void *owner); /* a message may be sent */
    /* The message's recipients have their replies; in the order they were sent. */
    void (*on_done)(struct relay_client *, const struct relay_mail *, void *owner);
    void (*on_failed)(struct relay_client *, void *owner); /* the connection is gone: why is in client_failure() */
};
struct relay_failure {
    char rule[64];   /* a trust rule, "connect", "tls", "peer", "timeout" */
    char reply[512]; /* in words, or the peer's */
    char dn[1024];   /* of the peer, "" not known */
    bool trust;      /* a trust rule refused: their certificate, not their availability */
};

/* `snapshot` is asked at each handshake: it gives the one in force. */
struct relay_client *relay_client_open(struct loop *, const char *address, uint16_t port, const char *host,
                                       const char *helo, const char *domain, struct tls_context *, uint64_t idle_ms,
                                       const struct trust_snapshot *(*snapshot)(void *), void *snapshot_arg,
                                       const struct relay_client_events *, void *owner, struct str *error);
/* Between two errands: nobody is called back; *place holds it, and becomes NULL when the connection ends. */
void relay_client_park(struct relay_client *, struct relay_client **place);
void relay_client_own(struct relay_client *, void *owner); /* the next errand takes it over */
/* May that message be sent now? */
bool relay_client_has_room(const struct relay_client *, const struct relay_mail *);
void relay_client_send(struct relay_client *, struct relay_mail *);
void relay_client_quit(struct relay_client **); /* no more callbacks */
const struct relay_failure *relay_client_failure(const struct relay_client *);
const char *relay_client_host(const struct relay_client *);
const char *relay_client_dn(const struct relay_client *);
bool relay_client_has_dsn(const struct relay_client *);

#endif
