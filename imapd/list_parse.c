/* The grammar of LIST. */
#include "imapd/list.h"
#include "imapd/status_items.h"

#include <string.h>

static bool selection_option(struct imap_reader *r, struct list_request *list)
{
    static const struct {
        const char *name;
        unsigned bit;
    } options[] = {{"SUBSCRIBED", LIST_SUBSCRIBED},
                   {"RECURSIVEMATCH", LIST_RECURSIVE},
                   {"SPECIAL-USE", LIST_SPECIAL_USE},
                   {"REMOTE", LIST_REMOTE}};
    for (size_t i = 0; i < COUNT(options); i++) {
        if (imap_word(r, options[i].name)) {
            list->select |= options[i].bit;
            return true;
        }
    }
    return false;
}

static bool return_option(struct imap_reader *r, struct list_request *list)
{
    static const struct {
        const char *name;
        unsigned bit;
    } options[] = {{"SUBSCRIBED", LIST_SUBSCRIBED},
                   {"CHILDREN", LIST_CHILDREN},
                   {"SPECIAL-USE", LIST_SPECIAL_USE},
                   {"MYRIGHTS", LIST_MYRIGHTS}};
    for (size_t i = 0; i < COUNT(options); i++) {
        if (imap_word(r, options[i].name)) {
            list->want |= options[i].bit;
            return true;
        }
    }
    if (imap_word(r, "METADATA")) { /* RFC 9590 */
        list->want |= LIST_METADATA;
        list->metadata.max_size = UINT64_MAX;
        return imap_sp(r) && imap_peek(r, '(') && metadata_parse_entries(r, &list->entries);
    }
    if (!imap_word(r, "STATUS") || !imap_sp(r) || !status_items_parse(r, &list->status_items))
        return false;
    list->want |= LIST_STATUS;
    return true;
}

static bool options(struct imap_reader *r, struct list_request *list,
                    bool (*one)(struct imap_reader *, struct list_request *))
{
    if (!imap_char(r, '('))
        return false;
    list->extended = true;
    if (imap_char(r, ')'))
        return true;
    do {
        if (!one(r, list))
            return false;
    } while (imap_sp(r));
    return imap_char(r, ')');
}

/* RFC 9051 6.3.9: the pattern is the reference and what follows it. */
static bool pattern(struct imap_reader *r, struct list_request *list)
{
    struct span text;
    if (list->patterns.len == LIST_PATTERNS_MAX || !imap_list_pattern(r, &text))
        return false;
    char *joined = arena_alloc(r->arena, list->reference.n + text.n + 1);
    if (!joined)
        return false;
    if (list->reference.n > 0)
        memcpy(joined, list->reference.p, list->reference.n);
    if (text.n > 0)
        memcpy(joined + list->reference.n, text.p, text.n);
    vec_push(&list->patterns, (struct span){joined, text.n ? list->reference.n + text.n : 0});
    return true;
}

static bool patterns(struct imap_reader *r, struct list_request *list)
{
    if (!imap_char(r, '('))
        return pattern(r, list);
    list->extended = true;
    do {
        if (!pattern(r, list))
            return false;
    } while (imap_sp(r));
    return imap_char(r, ')');
}

bool list_parse(struct imap_reader *r, struct list_request *list)
{
    if (!imap_sp(r))
        return false;
    if (!list->lsub && imap_peek(r, '(') && (!options(r, list, selection_option) || !imap_sp(r)))
        return false;
    if (!imap_mailbox(r, &list->reference) || !imap_sp(r) || !patterns(r, list))
        return false;
    if (!list->lsub && imap_sp(r) && (!imap_word(r, "RETURN") || !imap_sp(r) || !options(r, list, return_option)))
        return false;
    if ((list->select & LIST_RECURSIVE) && !(list->select & LIST_SUBSCRIBED))
        return false; /* RFC 5258 3.1: it needs another one to be recursive about */
    return imap_at_end(r);
}

void list_free(struct list_request *list)
{
    vec_free(&list->patterns);
    vec_free(&list->entries);
}
