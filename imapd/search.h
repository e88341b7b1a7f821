/* A running search, for SEARCH, SORT and THREAD. Three passes, each over what the one before could not decide: states
 * (numbers, flags, modseqs), facts with summaries (dates, sizes, addresses, subjects), texts. All that is compared is
 * decrypted in memory here: no clear-text index exists (design: Storage).
 */
#ifndef CADUCEE_IMAPD_SEARCH_H
#define CADUCEE_IMAPD_SEARCH_H

#include "imapd/session.h"
#include "lib/proto/imap_search.h"
#include "lib/proto/summary.h"

enum { SEARCH_BATCH = 4096, SEARCH_TURN_MS = 300 /* then others get the thread */ };

/* One message under judgement. What is not known yet is empty, and its keys answer LATER. */
enum verdict { VERDICT_NO, VERDICT_YES, VERDICT_LATER };
struct candidate {
    struct message_state state;
    uint32_t seq;
    const struct message_facts *facts; /* NULL: not read yet */
    struct summary_view summary;
    bool summary_ok;
    bool text_known;
    bool deep;                 /* the keys' `found` is what counts */
    struct span headers, text; /* decoded lines, our own fields among them; decoded bodies */
};
struct search_context {
    const struct session *s;
    struct str scratch; /* folded haystack */
    int64_t now;
};
/* Is there such a field, with such a text, among these lines? */
bool search_has_header(struct search_context *, struct span lines, const struct imap_key *);
enum verdict search_judge(struct search_context *, const struct imap_key *, const struct candidate *);

struct searching {
    struct imap_search program;
    struct view *view;   /* of the folder that is searched: the selected one, or one of ESEARCH's */
    struct arena *arena; /* lives as long as the program */
    struct span mailbox; /* its name in the answer (RFC 7377); p NULL: it is not said */
    bool prepared;
    struct search_context context;
    unsigned want; /* of messages_each */
    bool want_states, want_text;
    state_list undecided; /* after the first pass */
    size_t at;
    uint32_t limit;   /* messages that are looked at, from the highest UID down (RFC 9738) */
    state_list deep;  /* of a batch: those whose bytes must be read, as their stored text is not whole */
    state_list found; /* rising by UID */
    enum store_status status;
    struct command *command;
};
/* Does a turn of the work; *more: come again. `program`, `view` and `arena` are set before the first. */
enum store_status searching_go(struct session *, struct command *, struct searching *, bool *more);
/* Judges these messages alone, at once, with a program that is prepared: what a kept search asks after each change. */
enum store_status searching_again(struct session *, struct searching *, const state_list *);
/* Reads the message itself and sets `found` of the program's text keys. `facts` with its summary. */
enum store_status search_deep(struct session *, struct searching *, const struct message_facts *);
int search_by_uid(const void *, const void *); /* of struct message_state, for qsort() and bsearch() */
void searching_free(struct searching *);
/* SAVE and the like are answered here (RFC 4731, 5182, 9394). */
void search_reply_extended(struct session *, struct command *, struct searching *);
/* The program could not be read: NO [BADCHARSET …], which empties "$" where it was to be SAVEd, or BAD with `text`. */
enum outcome search_reply_parse(struct session *, struct command *, const struct imap_search *, const char *text);
void search_not_saved(struct session *, const struct imap_search *); /* it failed with NO */
void search_reply_head(struct session *, struct span tag, const struct searching *, bool uid);

#endif
