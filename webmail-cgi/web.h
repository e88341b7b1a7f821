/* What every page works with: the request after the gate (route found, input declared and valid, session judged, BAL
 * opened) and the answer it fills. A page is a function `void page_x(struct request *)`; it writes through html or json
 * writers into `rq->out`, or names a redirect, or a stream of bytes.
 */
#ifndef CADUCEE_WEBMAIL_WEB_H
#define CADUCEE_WEBMAIL_WEB_H

#include "lib/auth/keyd.h"
#include "lib/base/conf.h"
#include "lib/base/log.h"
#include "lib/base/spool.h"
#include "lib/net/parse.h"
#include "lib/store/mailbox.h"
#include "lib/store/web.h"
#include "webmail-cgi/html_writer.h"
#include "webmail-cgi/input.h"

enum { WEB_PARAMS_MAX = 6, WEB_PATH_MAX = 2048, WEB_PAGE_MAX = 8 << 20 };

enum web_method { WEB_GET, WEB_POST };
enum language { LANG_FR, LANG_EN };

/* What a route needs before its page runs; each level holds the ones before it. */
enum web_needs {
    NEEDS_NOTHING,
    NEEDS_SESSION,  /* somebody is known; the session may be locked */
    NEEDS_UNLOCKED, /* and at work */
    NEEDS_BAL,      /* and :bal is one of theirs, opened by keyd */
    NEEDS_SEND,     /* and they may write as it */
    NEEDS_MANAGER,  /* and they manage it (gestionnaire or owner) */
    NEEDS_ADMIN     /* unlocked, and one of the operator's roles; no BAL is opened */
};
enum web_flag {
    WEB_UPLOAD = 1, /* the body may be a multipart form up to webmail.upload_max */
    WEB_CAGE = 2,   /* what strangers wrote: answered under the cage's CSP, only ever framed by us */
    WEB_STATIC = 4, /* public, cacheable for ever */
    WEB_QUIET = 8   /* a poll: does not keep the session awake */
};

struct request;
struct route {
    enum web_method method;
    const char *pattern; /* "/b/:bal/d/:folder": a ":name" matches digits, "*name" a word of [A-Za-z0-9._-] */
    void (*page)(struct request *);
    enum web_needs needs;
    unsigned flags;
    struct input_rule inputs[INPUT_RULES_MAX];
};

struct param {
    const char *name;
    struct span value;
};

/* Bytes too many for memory: called until it returns false; each call writes some bytes. */
struct web_sink;
bool sink_write(struct web_sink *, struct span); /* false: the browser is gone */

struct answer {
    int status;
    const char *type;   /* "text/html; charset=utf-8" */
    struct str headers; /* further lines, each with CRLF; written by answer_header() only */
    struct str body;
    const char *location; /* a redirect: 303 */
    bool cacheable;
    char etag[80];
    char csp_nonce[24];
    void (*stream)(struct request *, struct web_sink *, void *);
    void *stream_arg;
    uint64_t stream_length;
};

/* A thread's own things. */
struct web_thread {
    const struct conf *conf;
    struct db *db;
    struct db *audit; /* as caducee_auditor: reads what administration shows, writes nothing but its trace */
    struct keyd_client *keyd;
    struct parse_client *parse;
    struct web_shared *shared; /* the process's: delivery keys, trust snapshot, provider's metadata */
};

struct session {
    bool known, locked;
    uint8_t secret[32], hash[32];
    struct web_session row;
    char csrf[48];
};

struct request {
    struct arena *arena;
    struct web_thread *thread;
    struct log_context log;
    enum web_method method;
    struct span path, query;
    /* Hands the body on, piece by piece; false: larger than `limit`, the browser has left, or `take` wants no more. */
    bool (*read_body)(struct request *, size_t limit, bool (*take)(void *, struct span), void *);
    field_list raw;       /* as sent, before input_check() */
    struct spool uploads; /* what its files are views into */
    void *transport;
    /* Of the TLS session, by the web server alone (a client's header would come as HTTP_…): PEM, and its own verdict. */
    const char *client_certificate, *client_verified;
    const char *host, *cookies, *content_type, *peer, *origin, *fetch_site, *none_match, *accept_language, *user_agent;
    bool wants_gzip, head_only;
    bool wants_fragment; /* our JavaScript asks for the panes only (header X-Caducee-Fragment) */
    const struct route *route;
    struct param params[WEB_PARAMS_MAX];
    size_t param_count;
    struct input in;
    enum language language;
    struct session session;
    struct keyd_grant grant; /* NEEDS_BAL */
    struct bal bal;
    char view[64]; /* how the person looks at its lists (list_view.h) */
    struct mailbox *mailbox;
    struct html html;
    struct answer out;
};

/* answer.c */
void answer_new_nonce(struct request *);
void answer_header(struct request *, const char *name, const char *value); /* CR, LF: our bug, panic */
void answer_redirect(struct request *, const char *path);                  /* 303 to a path of ours, or an https: URL */
void answer_error(struct request *, int status, const char *title, const char *words);
void answer_store_error(struct request *, enum store_status);
void answer_cookie(struct request *, const char *name, struct span value, uint64_t max_age_s); /* 0: deleted */
void answer_headers_write(struct request *, struct str *out); /* status line and header of a CGI answer */

/* gate.c: everything between a raw request and its page. */
void web_handle(struct request *);
void web_finish(struct request *); /* wipes what was secret */

/* routes.c */
const struct route *route_find(enum web_method, struct span path, struct param *, size_t *count, bool *other_method);
extern const struct route routes[];
extern const size_t route_count;
int64_t param_number(const struct request *, const char *name);
struct span param_text(const struct request *, const char *name);

/* i18n.c: French is the source; the English comes from po/en.po. */
const char *tr(const struct request *, const char *french);
enum language language_choose(const char *accept_language, const char *preference);

#endif
