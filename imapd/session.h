/* One IMAP session. It belongs to the loop or to one job, never both (design: Processes, keys, threads): while `in_job` is
 * set, the loop touches only the fields marked (loop). What a job needs of its thread is in `thread`, set for the time
 * of the job.
 *
 * The road of a command: input.c frames it, dispatch.c finds its row and checks the law, its handler in cmd_*.c answers
 * through reply.h, sync.c adds what others changed where the row allows it, the tagged line goes last.
 */
#ifndef CADUCEE_IMAPD_SESSION_H
#define CADUCEE_IMAPD_SESSION_H

#include "imapd/access.h"
#include "imapd/certificate.h"
#include "imapd/view.h"
#include "lib/auth/keyd.h"
#include "lib/base/arena.h"
#include "lib/net/conn.h"
#include "lib/net/loop.h"
#include "lib/net/parse.h"
#include "lib/proto/imap_frame.h"
#include "lib/proto/imap_read.h"
#include "lib/proto/imap_set.h"
#include "lib/store/mailbox.h"

struct worker;
struct session;
struct command;

enum {
    SLICE_BYTES = 1 << 20,        /* a job's output at a time (design) */
    OUT_MAX = 256 << 20,          /* one response line cannot pass it: a stored BODYSTRUCTURE is 4 MiB at most */
    LINE_MAX_BEFORE_LOGIN = 8192, /* AUTHENTICATE with a token of 16 KiB has its own limit, below */
    LINE_MAX_TOKEN = 32768,
    LINE_MAX_AFTER_LOGIN = 262144, /* long UID sets */
    LITERAL_MAX_BEFORE_LOGIN = 1024,
    LITERAL_MAX_AFTER_LOGIN = 65536, /* all but APPEND's message */
    BAD_COMMANDS_MAX = 20            /* in a row, before login; then BYE */
};

enum session_state { STATE_GREETING, STATE_LOGIN, STATE_AUTHENTICATED, STATE_SELECTED, STATE_LOGOUT };

enum session_enabled {
    ENABLED_CONDSTORE = 1,
    ENABLED_QRESYNC = 2,
    ENABLED_REV2 = 4,
    ENABLED_UTF8 = 8,
    ENABLED_UIDONLY = 16
};

/* What a job thread owns. */
struct thread {
    struct worker *worker;
    struct db *db;
    struct keyd_client *keyd;
    struct parse_client *parse;
    struct verdict_cache verdicts;
};

/* What a handler came to. */
enum outcome {
    CMD_DONE, /* the tagged reply is set */
    CMD_MORE, /* a slice of output is full; called again when the peer has taken it */
    CMD_LINE  /* a line of the peer is waited for (IDLE, SASL): on_line is called with it */
};

struct command {
    struct arena *arena;
    struct str bytes; /* the command as it came; the reader views it */
    struct span tag;
    const struct command_row *row;
    struct imap_reader r;
    bool uid; /* UID FETCH and friends */
    void *cursor;
    void (*cursor_free)(void *);
    enum outcome (*on_line)(struct session *, struct command *, struct span line);
    struct span line; /* the one for on_line; p NULL: none */
    enum outcome outcome;
    bool woken;         /* there was news when the job began */
    const char *status; /* "OK", "NO", "BAD" */
    const char *code;   /* response code without brackets; NULL */
    const char *text;
    uint32_t cut_at; /* MESSAGELIMIT: the lowest UID that was worked on; 0: all were */
    bool removed;    /* messages of the selected folder went by it: with QRESYNC the tagged OK says HIGHESTMODSEQ */
    bool no_sync;    /* this command must not be followed by updates */
    bool no_expunge; /* … by EXPUNGE (RFC 9051 7.5.1), whatever the row says */
};

struct session {
    struct worker *worker;
    struct conn *conn; /* (loop); NULL when the peer is gone */
    struct session *next, *previous;
    uint64_t serial; /* rising */
    struct log_context log;
    enum session_state state;
    bool in_job;                           /* (loop) */
    bool closing;                          /* (loop) nothing more is read */
    bool woken;                            /* (loop) somebody wrote into a BAL of ours since the last sync */
    bool idle;                             /* in IDLE: the running command waits for DONE */
    bool watches;                          /* (loop) NOTIFY is set */
    int64_t selected_bal, selected_folder; /* (loop) of the view, 0: none; what wake-ups are compared with */
    bool tls;
    bool start_tls; /* when the output has left */
    bool start_deflate, deflate;
    bool wants_tidying; /* the selected folder; the loop begins it when the answer has left */
    bool broken;        /* a response was begun that cannot be finished: the connection is cut */
    unsigned bad_commands, enabled;
    uint64_t opened_ms, authenticated_ms, synced_ms;

    struct str in; /* the command being received */
    struct imap_frame frame;
    uint64_t reserved; /* bytes of the worker's literal budget */
    struct str out;
    struct command *command; /* running; NULL between commands */
    struct thread *thread;

    struct access *own;                /* INBOX's BAL */
    access_list shared;                /* Partages/…, opened at first use */
    struct keyd_grant grant;           /* who; its key is wiped once the mailbox is open */
    struct client_certificate *client; /* the TLS peer's; NULL */
    struct trust_snapshot *trust;      /* held for the running command */
    char *actor;                       /* DN or person, for traces */
    struct view *view;                 /* the selected folder */
    imap_set saved;                    /* SEARCHRES: UIDs */
    bool saved_any;
    VEC(struct kept_search *) contexts; /* of the selected folder: searches kept up to date (context.h) */
    struct notifying *notify;           /* what NOTIFY has set (notifying.h); NULL: the usual */
};

struct session *session_new(struct worker *, struct conn *, bool implicit_tls);
void session_set_state(struct session *, enum session_state); /* the one place; refuses impossible moves */
bool session_enabled(const struct session *, unsigned bits);
/* A CONDSTORE enabling command (RFC 7162 3.1): the first one tells HIGHESTMODSEQ of the selected mailbox. */
void session_enable_condstore(struct session *);
bool session_uidonly(const struct session *); /* RFC 9586: numbers are UIDs, sequence numbers are no more */
bool session_utf8(const struct session *);    /* names and strings in UTF-8 */
bool session_concerned(const struct session *, int64_t bal_id, int64_t folder_id); /* (loop) by that change */
void session_wake(struct session *);                                               /* (loop) it is */
void session_bye(struct session *, const char *text);
void session_leave(struct session *);   /* the selected folder, without a word about it */
void session_forget(struct session *);  /* who it was, and all that this opened */
void session_destroy(struct session *); /* (loop) */

/* input.c */
extern const struct conn_events session_events;
void session_input(struct session *);

/* dispatch.c */
void command_begin(struct session *, struct span bytes); /* a whole command; takes over s->in */
void command_line(struct session *, struct span line);   /* a line the running command waits for */
void command_resume(struct session *);                   /* the peer has taken a slice */
void command_poll(struct session *);                     /* looks for changes between commands */
bool command_may_poll(const struct session *);           /* (loop) in IDLE, or with NOTIFY between two commands */

#endif
