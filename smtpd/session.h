/* One SMTP session. The road of a message through the files of this folder:
 *
 *   connect.c    a peer comes: counts, greeting, TLS, the end
 *   identify.c   who is it: the certificate judged (mx), AUTH (submission: identify_auth.c)
 *   envelope.c   from whom, to whom: MAIL and RCPT, judged
 *   content.c    the bytes: DATA and BDAT into budgeted memory
 *   deliver.c    judged, parsed, stored: 250 after COMMIT (mx); submit.c does it for clients
 *
 * commands.c holds the table, command_*.c what each does. The session belongs to the loop, or to one job (SESSION_JOB).
 */
#ifndef CADUCEE_SMTPD_SESSION_H
#define CADUCEE_SMTPD_SESSION_H

#include "lib/base/arena.h"
#include "lib/base/vec.h"
#include "lib/proto/smtp_command.h"
#include "lib/proto/smtp_line.h"
#include "lib/auth/sasl.h"
#include "lib/store/send.h"
#include "smtpd/worker.h"

enum {
    COMMAND_LINE_MAX = 2048, /* issue: command lines 2 KiB */
    AUTH_LINE_MAX = 12288,   /* RFC 4954 4: a PSC token passes 2 KiB */
    SKIP_BYTES_MAX = 65536,  /* of a line that is too long, before the session ends */
    INPUT_BYTES = 16384,
    INPUT_BYTES_DATA = 262144,
    OUTPUT_BYTES = 65536 /* answers that a peer leaves unread: then it is not read from either */
};

enum session_state {
    SESSION_COMMAND, /* a command line is expected */
    SESSION_SKIP,    /* the rest of a line that is too long is thrown away */
    SESSION_DATA,    /* bytes of DATA */
    SESSION_BDAT,    /* bytes of one BDAT chunk */
    SESSION_AUTH,    /* a line of a SASL exchange */
    SESSION_JOB,     /* a job or the antivirus has the session: the loop touches nothing */
    SESSION_CLOSING  /* nothing is read any more */
};

struct recipient {
    struct bal bal;
    struct span text;  /* as written */
    struct span key;   /* address_key() */
    struct span orcpt; /* SPAN_NONE: none */
    unsigned notify;
    bool local; /* a BAL of ours: `bal` is filled */
};

/* From MAIL to the answer of DATA: everything in it dies with its arena. */
struct envelope {
    struct arena *arena;
    struct smtp_mail mail;     /* spans into the arena */
    const char *sender_domain; /* normalised; "" for the null sender */
    VEC(struct recipient) recipients;
    unsigned accepted_recipients, refused_recipients; /* RCPT commands: the same address twice is two */
    struct str message;
    uint64_t reserved; /* bytes of the worker's budget */
    struct smtp_data data;
    bool chunking, chunk_last; /* BDAT in use */
    uint64_t chunk_left;
    char chunk_end; /* last byte of the chunk before */
    bool too_large, no_memory, bare;
    bool refused_chunk; /* BDAT without recipients: its bytes are read and lost */
    bool over;          /* ends with the running job's answer */
    bool last;          /* the session ends with it too: what follows may be a smuggled command */
};

/* What refused a command, for the trace. Texts live until the session's next command. */
struct refusal {
    char reply[512];
    char rule[64];
    char counterpart[256];
    char detail[512];
    int64_t bal_id;
};

struct session {
    struct worker *worker;
    struct conn *conn;
    enum session_state state;
    struct log_context log;
    char helo[256];
    char tls_protocol[16], tls_cipher[64];
    bool esmtp, implicit_tls, greeted;
    bool clear_refused; /* a command that needs TLS has been refused and traced */
    bool counted_address, counted_operator;
    char *operator_key; /* what counted_operator counted */
    unsigned errors, messages;
    size_t skipped; /* bytes of SESSION_SKIP */
    struct trust_verdict verdict;
    bool judged;
    uint64_t judged_generation, judged_ms;
    /* submission: who has proven what */
    struct sasl_exchange *sasl;
    struct str auth_answer, auth_challenge; /* decoded answer of the client (a token), challenge to it */
    bool auth_has_answer, authenticated;
    enum sasl_outcome auth_outcome;
    struct keyd_grant grant; /* no key in it */
    struct bal bal;          /* the one that the session writes as */
    char mechanism[24];
    struct envelope envelope;
    /* the recipient that is being looked up */
    struct smtp_rcpt rcpt;
    struct str rcpt_key;
    struct send_verdict rcpt_verdict;
    enum store_status rcpt_status;
    /* of the running job */
    void (*job_run)(struct job_thread *, struct session *);
    void (*job_done)(struct session *);
    struct trust_snapshot *job_snapshot;
    struct refusal refusal;
    char answer[512]; /* what the job wants said */
};

/* session.c */
void session_move(struct session *, enum session_state);
void session_input(struct session *); /* the loop: bytes came, or a job gave the session back */
void session_reply(struct session *, const char *line);
void session_replyf(struct session *, const char *format, ...) PRINTF(2, 3);
void session_close(struct session *, const char *last_reply);
/* `run` in a job thread, then `done` in the loop. A peer that goes meanwhile is noticed afterwards (conn_hold). */
void session_job(struct session *, void (*run)(struct job_thread *, struct session *), void (*done)(struct session *));
/* Away: something else than the loop has the session (a job, the antivirus); no callback comes. Back: the loop's again;
 * what was held back comes in a later turn. */
void session_away(struct session *);
void session_back(struct session *);
void session_free(struct session *);

/* connect.c */
void *connect_accept(struct conn *, void *worker);
void *connect_accept_tls(struct conn *, void *worker); /* TLS before the greeting (RFC 8314 3.3) */

/* identify.c: NULL, or the verdict on the peer's certificate that refuses everything but EHLO, NOOP, RSET, QUIT. */
const struct trust_verdict *identify_peer(struct session *);
bool identify_within_limits(struct session *); /* sessions of one operator */

/* refuse.c: trace first, then the reply: a flood of refusals waits for the database and not in memory. */
void refuse(struct session *, const char *rule, const char *detail, const char *reply);
void refuse_verdict(struct session *, const struct trust_verdict *);
/* For a job that refuses by itself: the note, then its trace. */
void refuse_note(struct session *, const char *rule, const char *detail, const char *reply);
/* What may pass: said with its rule, not traced. */
void refuse_for_now(struct session *, const char *rule, const char *reply);
void refuse_trace(struct job_thread *, struct session *);
void refuse_log(struct session *);
void verdict_reply(struct str *out, const struct trust_verdict *);

/* envelope.c */
void envelope_start(struct session *, const struct smtp_mail *, const char *sender_domain);
void envelope_reset(struct session *);
bool envelope_open(const struct session *);
/* s->rcpt with s->rcpt_key; a BAL for a recipient of ours, NULL for one that the queue will take. */
void envelope_add(struct session *, const struct bal *);

/* content.c */
bool content_reserve(struct session *); /* false: 452 */
void content_begin_data(struct session *);
void content_begin_chunk(struct session *, uint64_t size, bool last);
bool content_input(struct session *); /* takes what conn has; false: more bytes needed */

/* inspect.c: antivirus, then the road's deliver. */
void inspect_message(struct session *);
bool inspect_may_start(const struct conf *);
void inspect_probe(struct worker *);

/* deliver.c, submit.c */
void deliver_message(struct session *);
void submit_message(struct session *);

#endif
