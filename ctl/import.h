/* Messages that another server holds, on their way into a BAL: what a source (an mbox, a Maildir, an IMAP server) hands to
 * whoever stores them (bal_import.c). A source that is read again hands the same items, so that nothing comes twice. */
#ifndef CADUCEE_CTL_IMPORT_H
#define CADUCEE_CTL_IMPORT_H

#include "ctl/command.h"
#include "lib/store/imports.h"

enum { IMPORT_MESSAGE_MAX = 128 * 1024 * 1024 };

struct import_message {
    struct span bytes;  /* CRLF line ends */
    int64_t date;       /* of its arrival; 0 unknown */
    const char *folder; /* full name, UTF-8, '/' between levels */
    const char *use;    /* its special use, "\\Sent"; NULL */
    bool seen, answered, flagged, draft;
    struct span keywords;    /* separated by spaces */
    struct import_item item; /* IMAP: where it came from; files: the sink digests the bytes */
};

struct import_sink {
    bool (*each)(const struct import_message *, void *);      /* false: stop */
    bool (*known)(const struct import_item *, void *);        /* it has come before: it is counted, and not asked for */
    void (*open)(const char *folder, uint64_t total, void *); /* a folder begins; total 0: not known */
    void (*left_out)(const char *why, void *);                /* a message that cannot come */
    void *arg;
};

struct import_files {
    const char *path, *folder, *use; /* the folder everything goes to; of an mbox of ours each message names its own */
};
/* False after saying why. */
bool import_mbox(struct invocation *, const struct import_files *, const struct import_sink *);
bool import_maildir(struct invocation *, const struct import_files *, const struct import_sink *);

struct import_server {
    const char *host, *user;
    const char *password_file, *token_file; /* one of them: LOGIN, or XOAUTH2 */
    const char *ca_file;                    /* NULL: the system's store */
    const char *only;                       /* one folder, as the server names it; NULL: all */
    uint16_t port;
    bool starttls;
};
bool import_imap(struct invocation *, const struct import_server *, const struct import_sink *);

/* What has come already, and what this run has brought. */
struct import_set;
struct import_set *import_set_new(const import_item_list *before);
void import_set_free(struct import_set **);
enum import_seen { IMPORT_NEW, IMPORT_BEFORE /* an earlier run's */, IMPORT_NOW /* this run's */ };
enum import_seen import_set_see(struct import_set *, const struct import_item *); /* from now on it is this run's */

#endif
