#include "webmail-cgi/contacts.h"

#include "lib/base/text.h"
#include "lib/proto/charset.h"
#include "lib/store/bal_document.h"

bool contact_is_group(const struct record *r)
{
    return span_is(r->field[CONTACT_KIND], "g");
}

struct span contact_as_recipient(struct request *rq, const struct record *r)
{
    struct str out;
    str_init(&out, 4096);
    str_putc(&out, '"');
    for (size_t i = 0; i < r->field[CONTACT_NAME].n; i++) { /* RFC 5322 3.2.4 */
        char c = r->field[CONTACT_NAME].p[i];
        if (c == '"' || c == '\\')
            str_putc(&out, '\\');
        str_putc(&out, c);
    }
    str_puts(&out, "\" <");
    str_add_span(&out, r->field[CONTACT_ADDRESSES]);
    str_putc(&out, '>');
    struct span kept = arena_span(rq->arena, str_span(&out));
    str_free(&out);
    return kept;
}

/* Case and accents do not count. */
static bool holds_each(const struct record *r, struct span words)
{
    struct str folded;
    struct span word;
    bool all = true;
    str_init(&folded, 64 << 10);
    for (size_t i = CONTACT_NAME; i <= CONTACT_NOTE; i++) {
        charset_fold(&folded, r->field[i]);
        str_putc(&folded, ' ');
    }
    while (all && words.n > 0 && span_cut(&words, ' ', &word))
        all = word.n == 0 || span_find(str_span(&folded), word) >= 0;
    str_wipe(&folded);
    return all;
}

enum store_status contacts_search(struct request *rq, struct span typed, size_t limit, record_list *out)
{
    struct str text, words;
    struct record r;
    str_init(&text, BAL_DOCUMENT_MAX);
    str_init(&words, 4096);
    charset_fold(&words, typed);
    enum store_status status = bal_document_read(rq->thread->db, rq->mailbox, DOCUMENT_CONTACTS, &text);
    struct span rest = status == STORE_OK ? arena_span(rq->arena, str_span(&text)) : SPAN_NONE;
    while (out->len < limit && record_next(&rest, &r))
        if (holds_each(&r, str_span(&words)))
            vec_push(out, r);
    str_wipe(&text);
    str_wipe(&words);
    return status;
}
