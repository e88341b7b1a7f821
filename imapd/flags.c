/* Flags. See flags.h. */
#include "imapd/flags.h"

#include "imapd/reply.h"

static const struct {
    const char *name;
    uint64_t bit;
} system_flags[] = {{"\\Seen", FLAG_SEEN},
                    {"\\Answered", FLAG_ANSWERED},
                    {"\\Flagged", FLAG_FLAGGED},
                    {"\\Deleted", FLAG_DELETED},
                    {"\\Draft", FLAG_DRAFT}};
enum { KEYWORD_BYTES_MAX = 100 };

static uint64_t system_bit(struct span name)
{
    for (size_t i = 0; i < COUNT(system_flags); i++) {
        if (span_is_nocase(name, system_flags[i].name))
            return system_flags[i].bit;
    }
    return 0;
}

static bool known_keyword(const struct session *s, int64_t folder_id, struct span name, uint64_t *bit)
{
    if (!s->view || s->view->folder_id != folder_id)
        return false;
    for (size_t i = 0; i < s->view->keywords.len; i++) {
        if (span_eq_nocase(name, span_of(s->view->keywords.items[i]))) {
            *bit = (uint64_t)1 << (FLAG_KEYWORD_FIRST + i);
            return true;
        }
    }
    return false;
}

static enum store_status keyword(struct session *s, struct access *access, int64_t folder_id, struct span name,
                                 uint64_t *bit)
{
    unsigned at;
    if (known_keyword(s, folder_id, name, bit))
        return STORE_OK;
    if (name.n > KEYWORD_BYTES_MAX)
        return STORE_INVALID;
    if (!(access->rights & RIGHT_WRITE)) { /* not there, and not to be made: \Recent's bit, which is nobody's to set */
        *bit = FLAG_RECENT;
        return STORE_OK;
    }
    char *text = xstrndup(name.p, name.n);
    enum store_status status = folder_keyword_bit(s->thread->db, access->mailbox, folder_id, text, &at);
    xfree(&text);
    if (status == STORE_OK)
        *bit = (uint64_t)1 << at;
    return status;
}

enum store_status flags_from_names(struct session *s, struct access *access, int64_t folder_id,
                                   const imap_flag_names *names, uint64_t *bits)
{
    *bits = 0;
    vec_each (names, name) {
        uint64_t bit = system_bit(*name);
        enum store_status status = STORE_OK;
        if (bit == 0 && name->p[0] == '\\')
            return STORE_INVALID;
        if (bit == 0)
            status = keyword(s, access, folder_id, *name, &bit);
        if (status != STORE_OK)
            return status;
        *bits |= bit;
    }
    return STORE_OK;
}

enum outcome flags_reply(struct session *s, struct command *c, struct access *access, int64_t folder_id,
                         enum store_status status)
{
    keyword_list known = {0};
    bool full = status == STORE_OVER_QUOTA && folder_id > 0 &&
                folder_keywords(s->thread->db, access->mailbox, folder_id, &known) == STORE_OK &&
                known.len >= FLAG_KEYWORDS_MAX;
    keyword_list_free(&known);
    return full ? reply_no(c, "LIMIT", "This mailbox holds as many keywords as it can.") : reply_store(c, status);
}

uint64_t flags_allowed(const struct access *access, uint64_t bits)
{
    uint64_t allowed = 0;
    if (access->rights & RIGHT_SEEN)
        allowed |= FLAG_SEEN;
    if (access->rights & RIGHT_DELETED_FLAG)
        allowed |= FLAG_DELETED;
    if (access->rights & RIGHT_WRITE)
        allowed |= ~(uint64_t)(FLAG_SEEN | FLAG_DELETED | FLAG_RECENT);
    return bits & allowed;
}
