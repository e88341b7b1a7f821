/* A running FETCH: a cursor over the messages, a batch of them in memory, a place inside the batch. fetch_batch.c fills
 * batches from store, fetch_write.c answers what the stored summary holds, fetch_body.c what must be read from blobs.
 */
#ifndef CADUCEE_IMAPD_FETCH_H
#define CADUCEE_IMAPD_FETCH_H

#include "imapd/session.h"
#include "lib/proto/imap_fetch.h"
#include "lib/proto/summary.h"

enum {
    BATCH_STATES = 32768, /* messages a batch when only flags are asked */
    BATCH_FACTS = 1536,   /* with summaries: three of the store's own, so that PostgreSQL reads while we write */
    BATCH_BODIES = 64,
    READ_BYTES = 256 << 10 /* one read of a blob */
};

struct fetched {
    uint32_t uid, seq;
    bool found;
    uint64_t flags, modseq, size;
    int64_t internal_date, save_date, blob_id;
    uint32_t head_size;
    size_t structure_at, structure_bytes; /* in fetch->structures */
    bool ahead;                           /* its bytes are in fetch->ahead */
    size_t ahead_at;
};

struct fetch {
    struct imap_fetch items;
    bool wants_states, wants_facts, wants_summary, wants_more /* facts beside the summary */;
    uint64_t changed_since;
    bool changed; /* CHANGEDSINCE was said */
    bool vanished;
    int64_t partial_from, partial_to; /* 0: none */
    uid_list uids;
    size_t next; /* of uids: the first that is in no batch yet */

    VEC(struct fetched) batch;
    size_t at; /* of batch */
    struct str structures;
    struct str ahead; /* bytes of messages before ahead_end that were read together */
    size_t ahead_end;
    struct summary_view view; /* of the message at `at` */
    bool view_open, view_ok;

    /* inside a message whose literal is longer than a slice */
    size_t body;     /* next item of items.bodies */
    bool line_open;  /* "* n FETCH (" has been written */
    bool first_item; /* no space before the next one */
    struct {
        bool open;
        uint64_t offset, left;
    } literal;

    imap_set read;    /* UIDs whose bodies were given, for the trace */
    bool missing;     /* some messages were no longer there */
    bool unknown_cte; /* BINARY of an encoding we do not know */
    bool broken;      /* a literal was begun and cannot be finished: the connection ends */

    uint64_t flags_rendered; /* the flags that `flags_text` says */
    struct str flags_text;
};

struct fetch *fetch_new(void);
void fetch_free(void *fetch);
/* From the items to what must be read to answer them; with UID when `by_uid`. */
void fetch_plan(struct session *, struct fetch *, bool by_uid);
/* Fills the next batch; none left: batch.len is 0. */
enum store_status fetch_batch(struct session *, struct fetch *);
/* A range of a message's bytes, appended. */
enum store_status fetch_read(struct session *, struct fetch *, const struct fetched *, uint64_t offset, uint64_t length,
                             struct str *out);
/* Everything but bodies; begins the line. */
void fetch_write_facts(struct session *, struct fetch *, const struct fetched *);
/* Goes on with the bodies of the message until they are said or the slice is full (*full). */
enum store_status fetch_write_bodies(struct session *, struct fetch *, const struct fetched *, bool *full);
/* BINARY[n] and BINARY.SIZE[n] (RFC 3516). */
struct imap_body_item;
enum store_status fetch_write_binary(struct session *, struct fetch *, const struct fetched *,
                                     const struct imap_body_item *);
/* The bytes that BODY[section]<partial> names, appended; STORE_NOT_FOUND: there is no such part. Of the message only its
 * sizes, blob and open summary must be known. */
enum store_status fetch_section(struct session *, struct mailbox *, const struct fetch *, const struct fetched *,
                                const struct imap_body_item *, struct str *out);
/* "* VANISHED (EARLIER) …" of these UIDs (NULL: all) expunged since, without those up to `fits`. */
enum store_status fetch_vanished(struct session *, const imap_set *asked, uint64_t since, uint32_t fits);
/* Lines of a batch that asks for UID, FLAGS, MODSEQ only. */
void fetch_write_states(struct session *, struct fetch *);
void fetch_item(struct session *, struct fetch *, const char *name); /* " NAME " with the right space */
bool fetch_reads_bodies(const struct fetch *);

#endif
