/* The mailbox that a page works on: its folders, the rows of a list, one message. Everything lives in the request's arena.
 */
#ifndef CADUCEE_WEBMAIL_MAIL_H
#define CADUCEE_WEBMAIL_MAIL_H

#include "webmail-cgi/web.h"

#include "lib/proto/summary.h"

enum { LIST_PAGE = 50, LIST_SCAN_MAX = 50000, BODY_SHOWN_MAX = 1 << 20 };

struct mail {
    folder_list folders;
    const struct folder *folder; /* the one of the address; NULL when none is named */
    bool shared;                 /* ORG, CAB: who has what in hand is shown */
    bool across;                 /* rows of several folders: each names its own */
};
/* Folders, and the one that ":folder" names. False: an error page is written. */
bool mail_open(struct request *, struct mail *);
void mail_close(struct mail *);
const struct folder *mail_numbered(const struct mail *, int64_t folder_id);      /* NULL: none */
const struct folder *mail_special(const struct mail *, const char *special_use); /* "\\Sent"; "INBOX"; NULL */
const char *folder_title(const struct request *, const struct folder *);         /* "Boîte de réception" */
const char *folder_icon(const struct folder *);

/* A message as lists show it. */
struct card {
    uint32_t uid, summary_flags, head_size;
    uint64_t flags, size;
    int64_t date, blob_id;
    struct summary_view summary;
    bool readable;        /* its summary opened */
    bool thread_unread;   /* of a conversation's line: one of its messages is */
    uint32_t thread_size; /* how many it holds; 0: the line is a message */
    const struct work *work;
    const struct fate *fate; /* of a sent one, in its list (fates.h) */
};
typedef VEC(struct card) card_list;

enum list_filter {
    FILTER_ALL,
    FILTER_UNSEEN,
    FILTER_FLAGGED,
    FILTER_ATTACHMENTS,
    FILTER_DOCUMENTS,
    FILTER_PATIENTS,
    FILTER_TODO
};
struct list {
    enum list_filter filter;
    uint32_t before; /* UIDs below this only; 0: from the newest */
    card_list cards;
    work_list work;
    uint32_t next;                            /* `before` of the next page; 0: there is none */
    unsigned sort;                            /* enum list_sort (list_view.h) */
    bool conversations, outgoing;             /* a line is a conversation; who it went to is shown, not who wrote */
    bool partial;                             /* only the newest SORT_SCAN_MAX were sorted */
    uint32_t offset, next_offset;             /* of a sorted list */
    const char *done;                         /* what was just done, in words; NULL */
    struct span undo;                         /* UIDs to bring back (uid_token.h), from this folder: */
    uint64_t undo_from, undo_send, sent_copy; /* a message that may still be taken back */
};
enum store_status list_load(struct request *, const struct mail *, struct list *);
void list_free(struct list *);

/* One message with its facts. STORE_NOT_FOUND when it is not there. */
enum store_status card_load(struct request *, const struct folder *, uint32_t uid, struct card *);
/* Bytes of a part, decoded from its transfer encoding; text parts in UTF-8 when `as_text`. */
enum store_status part_read(struct request *, const struct card *, const struct summary_part *, bool as_text,
                            struct str *out);
/* The same for a part of any size, handed on a step at a time; `take` refuses: STORE_INVALID. */
enum store_status part_pass(struct request *, const struct card *, const struct summary_part *,
                            bool (*take)(void *, struct span), void *);
enum store_status bytes_pass(struct request *, int64_t blob_id, uint64_t offset, uint64_t end, enum part_encoding,
                             bool (*take)(void *, struct span), void *);

/* Words of a card. */
struct span card_subject(const struct card *); /* without XDM/1.0/DDM+ (SC.MSS/UX.28) */
struct span card_correspondent(const struct request *, const struct card *, bool outgoing);
bool card_of_patient(const struct card *);
bool names_patient(struct span addresses);
const char *short_date(struct request *, int64_t wall); /* "14:32", "12 nov.", "03/02/2025" */
const char *long_date(struct request *, int64_t wall);  /* "vendredi 20 novembre 2026 à 14:32" */
const char *size_words(struct request *, uint64_t bytes);
const char *initials(struct request *, struct span name);

/* A functional trace of what a person did (SC.MSS/CONF.17). */
void trace_act(struct request *, const char *action, const char *answer, const char *messages);

#endif
