/* Judging one message by a search program (RFC 9051 6.4.4), with what is known of it so far. */
#include "imapd/search.h"

#include "lib/proto/charset.h"
#include "lib/proto/imap_date.h"

#include <string.h>

/* `needle` is folded already (searching.c); the haystack is folded here. */
static bool contains(struct search_context *context, struct span haystack, const struct imap_key *key)
{
    struct str *folded = &context->scratch;
    struct span needle = key->text;
    if (needle.n == 0)
        return true;
    if (haystack.n == 0)
        return false;
    str_clear(folded);
    if (key->fuzzy) /* RFC 6203: accents do not count either */
        return charset_fold_bare(folded, haystack) && memmem(folded->data, folded->len, needle.p, needle.n) != NULL;
    charset_fold(folded, haystack);
    return memmem(folded->data, folded->len, needle.p, needle.n) != NULL;
}

static enum verdict yes_if(bool yes)
{
    return yes ? VERDICT_YES : VERDICT_NO;
}

static enum verdict by_summary(struct search_context *context, const struct imap_key *key, const struct candidate *m,
                               enum summary_field field)
{
    if (!m->facts)
        return VERDICT_LATER;
    return yes_if(m->summary_ok && contains(context, m->summary.field[field], key));
}

/* HEADER name text: any field with that name whose value holds the text; "" asks only that the field is there. */
bool search_has_header(struct search_context *context, struct span lines, const struct imap_key *key)
{
    struct span line, name;
    while (span_cut(&lines, '\n', &line)) {
        struct span value = line;
        if (span_cut(&value, ':', &name) && span_eq_nocase(span_trim(name), key->field) &&
            contains(context, span_trim(value), key))
            return true;
        if (value.n == 0 && key->text.n == 0 && span_eq_nocase(span_trim(name), key->field) && line.n > name.n)
            return true;
    }
    return false;
}

static enum verdict by_text(struct search_context *context, const struct imap_key *key, const struct candidate *m)
{
    if (!m->text_known)
        return VERDICT_LATER;
    if (m->deep)
        return yes_if(key->found);
    if (key->key == KEY_HEADER)
        return yes_if(search_has_header(context, m->headers, key));
    if (key->key == KEY_BODY)
        return yes_if(contains(context, m->text, key));
    return yes_if(contains(context, m->headers, key) || contains(context, m->text, key));
}

static enum verdict by_day(const struct imap_key *key, int32_t day, enum search_key before, enum search_key on)
{
    if (key->key == before)
        return yes_if(day < key->days);
    return yes_if(key->key == on ? day == key->days : day >= key->days);
}

static enum verdict by_facts(const struct search_context *context, const struct imap_key *key,
                             const struct candidate *m)
{
    const struct message_facts *facts = m->facts;
    if (!facts)
        return VERDICT_LATER;
    switch (key->key) {
    case KEY_BEFORE:
    case KEY_ON:
    case KEY_SINCE:
        return by_day(key, imap_days(facts->internal_date), KEY_BEFORE, KEY_ON);
    case KEY_SAVEDBEFORE:
    case KEY_SAVEDON:
    case KEY_SAVEDSINCE:
        return by_day(key, imap_days(facts->save_date), KEY_SAVEDBEFORE, KEY_SAVEDON);
    case KEY_SENTBEFORE:
    case KEY_SENTON:
    case KEY_SENTSINCE: /* the day where it was written, whatever the time and zone (RFC 9051 6.4.4) */
        if (!m->summary_ok || !m->summary.has_date)
            return VERDICT_NO;
        return by_day(key, imap_days(m->summary.sent + (int64_t)m->summary.zone * 60), KEY_SENTBEFORE, KEY_SENTON);
    case KEY_OLDER: /* RFC 5032 */
        return yes_if(facts->internal_date <= context->now - (int64_t)key->number);
    case KEY_YOUNGER:
        return yes_if(facts->internal_date >= context->now - (int64_t)key->number);
    case KEY_LARGER:
        return yes_if(facts->size > key->number);
    case KEY_SMALLER:
        return yes_if(facts->size < key->number);
    case KEY_EMAILID:
        return yes_if((uint64_t)facts->blob_id == key->number && key->number > 0);
    default:
        return VERDICT_NO;
    }
}

static enum verdict by_state(const struct search_context *context, const struct imap_key *key,
                             const struct candidate *m)
{
    switch (key->key) {
    case KEY_FLAG:
    case KEY_KEYWORD: /* its bit was put into `number`; 0: no such keyword here */
        return yes_if((m->state.flags & key->number) != 0);
    case KEY_NOFLAG:
    case KEY_UNKEYWORD:
        return yes_if((m->state.flags & key->number) == 0);
    case KEY_NEW:
        return yes_if((m->state.flags & FLAG_RECENT) && !(m->state.flags & FLAG_SEEN));
    case KEY_MODSEQ:
        return yes_if(m->state.modseq >= key->number);
    case KEY_SEQUENCE:
        return yes_if(imap_set_contains(&key->set, m->seq));
    case KEY_UID:
        return yes_if(imap_set_contains(&key->set, m->state.uid));
    case KEY_SAVED:
        return yes_if(imap_set_contains(&context->s->saved, m->state.uid));
    default:
        return VERDICT_NO;
    }
}

static enum verdict by_children(struct search_context *context, const struct imap_key *key, const struct candidate *m)
{
    /* AND: one NO decides; OR: one YES does */
    enum verdict decides = key->key == KEY_OR ? VERDICT_YES : VERDICT_NO;
    enum verdict result = decides == VERDICT_YES ? VERDICT_NO : VERDICT_YES;
    for (const struct imap_key *child = key->child; child; child = child->next) {
        enum verdict one = search_judge(context, child, m);
        if (one == decides)
            return decides;
        if (one == VERDICT_LATER)
            result = VERDICT_LATER;
    }
    return result;
}

enum verdict search_judge(struct search_context *context, const struct imap_key *key, const struct candidate *m)
{
    switch (key->key) {
    case KEY_AND:
    case KEY_OR:
        return by_children(context, key, m);
    case KEY_FUZZY:
        return search_judge(context, key->child, m);
    case KEY_NOT: {
        enum verdict inner = search_judge(context, key->child, m);
        return inner == VERDICT_LATER ? inner : yes_if(inner == VERDICT_NO);
    }
    case KEY_ALL:
    case KEY_SAVEDATESUPPORTED:
        return VERDICT_YES;
    case KEY_BCC:
        return by_summary(context, key, m, SUMMARY_BCC);
    case KEY_CC:
        return by_summary(context, key, m, SUMMARY_CC);
    case KEY_FROM:
        return by_summary(context, key, m, SUMMARY_FROM);
    case KEY_TO:
        return by_summary(context, key, m, SUMMARY_TO);
    case KEY_SUBJECT:
        return by_summary(context, key, m, SUMMARY_SUBJECT);
    case KEY_HEADER:
    case KEY_BODY:
    case KEY_TEXT:
        return by_text(context, key, m);
    case KEY_FLAG:
    case KEY_NOFLAG:
    case KEY_KEYWORD:
    case KEY_UNKEYWORD:
    case KEY_NEW:
    case KEY_MODSEQ:
    case KEY_SEQUENCE:
    case KEY_UID:
    case KEY_SAVED:
        return by_state(context, key, m);
    default:
        return by_facts(context, key, m);
    }
}
