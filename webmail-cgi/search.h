/* What is looked for in a mailbox: words anywhere, or in one of the fields that people name. A message is found when it holds
 * every word of every field; accents, case and composition do not count. Matching is pure: summary and text in, yes or no.
 */
#ifndef CADUCEE_WEBMAIL_SEARCH_H
#define CADUCEE_WEBMAIL_SEARCH_H

#include "webmail-cgi/mail.h"

enum search_place {
    SEARCH_ANYWHERE, /* header fields as written, texts, documents, patient, names of attachments */
    SEARCH_FROM,
    SEARCH_TO, /* and copies */
    SEARCH_SUBJECT,
    SEARCH_BODY,
    SEARCH_PATIENT, /* of the documents, or who writes from Mon espace santé */
    SEARCH_ATTACHMENT,
    SEARCH_PLACE_COUNT
};
enum { SEARCH_WORDS_MAX = 8, SEARCH_TYPED_MAX = 400 };

struct search_terms {
    struct {
        struct span words[SEARCH_WORDS_MAX]; /* folded */
        size_t count;
    } at[SEARCH_PLACE_COUNT];
    int64_t from, until; /* wall seconds; 0: none */
    int64_t folder_id;   /* 0: all */
};
void search_words(struct arena *, struct search_terms *, enum search_place, struct span typed);
bool search_is_empty(const struct search_terms *);
bool search_wants_text(const struct search_terms *); /* else the summary alone tells */
/* `scratch` is the caller's, from one message to the next: SEARCH_FOLDED_MAX, wiped when the search is over. */
enum { SEARCH_FOLDED_MAX = 32 << 20 };
bool search_matches(const struct search_terms *, const struct summary_view *, struct span text, struct str *scratch);

/* search_form.c. Fields of routes.def, by place. */
extern const char *const search_fields[SEARCH_PLACE_COUNT];
void search_terms_read(struct request *, struct search_terms *);
void search_form(struct request *, const struct mail *);
void search_repeat(struct request *); /* the same, as hidden fields */

#endif
