/* A search program (RFC 9051 6.4.4, RFC 5032, RFC 7162, RFC 8514, RFC 8474, RFC 4731, RFC 6203), parsed into a tree in the
 * command's arena. Pure. At most SEARCH_KEYS_MAX keys, SEARCH_DEPTH_MAX deep.
 */
#ifndef CADUCEE_PROTO_IMAP_SEARCH_H
#define CADUCEE_PROTO_IMAP_SEARCH_H

#include "lib/proto/imap_read.h"
#include "lib/proto/imap_set.h"

enum { SEARCH_KEYS_MAX = 1000, SEARCH_DEPTH_MAX = 32 };

enum search_key {
    KEY_AND,
    KEY_OR,
    KEY_NOT,
    KEY_ALL,
    KEY_FLAG,    /* bits of `number` are set (enum flag_bit) */
    KEY_NOFLAG,  /* not set */
    KEY_KEYWORD, /* `text` */
    KEY_UNKEYWORD,
    KEY_NEW,
    KEY_BCC,
    KEY_CC,
    KEY_FROM,
    KEY_SUBJECT,
    KEY_TO,
    KEY_HEADER, /* `field`, `text` */
    KEY_BODY,
    KEY_TEXT,
    KEY_BEFORE, /* `days` */
    KEY_ON,
    KEY_SINCE,
    KEY_SENTBEFORE,
    KEY_SENTON,
    KEY_SENTSINCE,
    KEY_SAVEDBEFORE,
    KEY_SAVEDON,
    KEY_SAVEDSINCE,
    KEY_SAVEDATESUPPORTED,
    KEY_OLDER, /* `number` seconds */
    KEY_YOUNGER,
    KEY_LARGER, /* `number` bytes */
    KEY_SMALLER,
    KEY_MODSEQ, /* `number` */
    KEY_EMAILID,
    KEY_THREADID,
    KEY_SEQUENCE, /* `set` */
    KEY_UID,
    KEY_SAVED, /* "$" */
    KEY_FUZZY  /* RFC 6203: its child's texts are compared without accents */
};

struct imap_key {
    enum search_key key;
    struct imap_key *next;  /* brother */
    struct imap_key *child; /* of AND, OR, NOT */
    struct span text, field;
    uint64_t number;
    int32_t days;
    bool fuzzy;   /* below a FUZZY */
    bool found;   /* by a look at the message itself (who evaluates sets it) */
    imap_set set; /* freed by imap_search_free() */
};

enum search_return {
    RETURN_MIN = 1,
    RETURN_MAX = 2,
    RETURN_ALL = 4,
    RETURN_COUNT = 8,
    RETURN_SAVE = 16,
    RETURN_PARTIAL = 32,
    RETURN_RELEVANCY = 64,
    RETURN_UPDATE = 128, /* RFC 5267: the answer is kept up to date */
    RETURN_CONTEXT = 256 /* a hint, without an effect here */
};

struct imap_search {
    struct imap_key *root; /* a KEY_AND */
    bool extended;         /* RETURN was given: answer with ESEARCH */
    unsigned returns;
    int64_t partial_from, partial_to; /* RFC 9394: 1:500, or -1:-100 from the end */
    struct span charset;
    bool unknown_charset; /* NO [BADCHARSET] */
    bool uses_numbers;    /* message numbers are among its keys */
    bool uses_modseq;     /* answers carry MODSEQ (RFC 7162 3.1.5) */
    unsigned keys;
};

/* After "SEARCH ": return options, charset, keys, to the end of the command. Texts are UTF-8, whatever the charset was. */
bool imap_search_parse(struct imap_reader *, struct imap_search *) MUST_USE;
/* The pieces, for SORT and THREAD. */
bool imap_search_returns(struct imap_reader *, struct imap_search *) MUST_USE;
bool imap_search_charset(struct imap_search *, struct span name) MUST_USE;
bool imap_search_keys(struct imap_reader *, struct imap_search *) MUST_USE;
/* "1:500", "-1:-100" (RFC 9394): both ends of one sign. */
bool imap_partial_range(struct imap_reader *, int64_t *from, int64_t *to) MUST_USE;
void imap_search_free(struct imap_search *);

#endif
