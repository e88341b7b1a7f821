/* APPEND (RFC 9051 6.3.12), of several messages too (RFC 3502): all or none. parse makes each summary; one that it cannot
 * make costs only that summary. */
#include "imapd/append.h"
#include "imapd/catenate.h"
#include "imapd/commands.h"
#include "imapd/flags.h"
#include "imapd/notify.h"
#include "imapd/reply.h"
#include "imapd/traces.h"
#include "lib/base/clock.h"
#include "lib/proto/imap_date.h"

#include <string.h>

enum { APPEND_MESSAGES_MAX = 100 };

struct one {
    imap_flag_names flags;
    int64_t internal_date;
    struct span bytes;
    catenate_parts parts; /* of CATENATE, until `bytes` is made of them */
    struct str catenated;
    struct parse_answer answer;
    struct str opaque;
};
struct appending {
    struct span name;
    struct append_wish *wish;
    bool cancelled, binary;
    struct access *access; /* once found */
    int64_t folder_id;     /* when keywords are given */
    VEC(struct one) messages;
};

static void appending_free(struct appending *a)
{
    vec_each (&a->messages, one) {
        vec_free(&one->flags);
        vec_free(&one->parts);
        str_free(&one->catenated);
        parse_answer_free(&one->answer);
        str_free(&one->opaque);
    }
    vec_free(&a->messages);
}

static bool parse_date(struct imap_reader *r, struct one *one)
{
    struct span text;
    return imap_string(r, &text) && imap_date_time_parse(text, &one->internal_date);
}

/* append-data: a literal, "UTF8 (" literal8 ")" (RFC 6855 4), or "CATENATE (" parts ")" (RFC 4469) */
static bool parse_data(struct imap_reader *r, struct appending *a, struct one *one)
{
    bool binary;
    if (imap_word(r, "CATENATE"))
        return catenate_parse(r, &one->parts);
    bool utf8 = imap_word(r, "UTF8");
    if ((utf8 && !(imap_sp(r) && imap_char(r, '('))) || !imap_literal(r, &one->bytes, &binary) ||
        (utf8 && !imap_char(r, ')')))
        return false;
    a->cancelled = a->cancelled || one->bytes.n == 0;
    a->binary = a->binary || (one->bytes.n > 0 && memchr(one->bytes.p, '\0', one->bytes.n));
    return true;
}

static bool parse_one(struct imap_reader *r, struct appending *a)
{
    struct one one = {.internal_date = wall_s()};
    bool ok = imap_sp(r);
    if (ok && imap_peek(r, '('))
        ok = imap_flag_list(r, &one.flags) && imap_sp(r);
    if (ok && imap_peek(r, '"'))
        ok = parse_date(r, &one) && imap_sp(r);
    ok = ok && parse_data(r, a, &one) && a->messages.len < a->wish->most;
    str_init(&one.opaque, 4096);
    str_init(&one.catenated, 1);
    vec_push(&a->messages, one);
    return ok;
}

static bool parse(struct imap_reader *r, struct appending *a)
{
    if (!imap_sp(r) || !imap_mailbox(r, &a->name))
        return false;
    do {
        if (!parse_one(r, a))
            return false;
    } while (!imap_at_end(r));
    return true;
}

struct summary append_summarise(struct session *s, struct span bytes, struct parse_answer *answer, struct str *opaque)
{
    if (parse_call(s->thread->parse, PARSE_SUMMARY, bytes, SPAN_NONE, answer) == PARSE_OK)
        return (struct summary){answer->flags, answer->structure, answer->text};
    summary_opaque(opaque, (uint32_t)bytes.n);
    return (struct summary){.flags = SUMMARY_BROKEN, .structure = str_span(opaque)};
}

static const char *uid_code(struct command *c, uint32_t uidvalidity, const imap_set *uids)
{
    struct str code;
    str_init(&code, 8192);
    str_addf(&code, "APPENDUID %u ", uidvalidity);
    imap_set_write(&code, uids);
    char *text = arena_strndup(c->arena, code.data, code.len);
    str_free(&code);
    return text;
}

/* What follows the commit: others are woken. */
static void appended(struct session *s, struct command *c, const struct access *access, const struct append *appends,
                     size_t count, struct append_wish *wish)
{
    imap_set uids = {0};
    for (size_t i = 0; i < count; i++)
        imap_set_add(&uids, appends[i].uid);
    wish->code = uid_code(c, appends[0].uidvalidity, &uids);
    notify(s, access, appends[0].folder_id);
    vec_free(&uids);
}

/* A keyword is the folder's; the rest of an APPEND needs only its name, which the database looks up as it writes. */
static enum store_status find_folder(struct session *s, const struct access *access, const char *local,
                                     const struct appending *a, int64_t *folder_id)
{
    struct folder folder;
    bool keywords = false;
    vec_each (&a->messages, one)
        vec_each (&one->flags, name)
            keywords = keywords || name->p[0] != '\\';
    if (!keywords)
        return STORE_OK;
    enum store_status status = folder_by_name(s->thread->db, access->mailbox, local, &folder);
    *folder_id = folder.id;
    return status == STORE_OK && folder.no_select ? STORE_NOT_FOUND : status;
}

/* One act, where what is replaced is of the same BAL, and goes for good: what a membre takes out goes to the Trash. */
static enum store_status store(struct session *s, struct access *access, struct append *appends, struct appending *a)
{
    struct trace trace = trace_of_act(s, "imap.append", access);
    uint32_t replaces = a->wish->replaces;
    a->wish->replaced = replaces && access == s->view->access && access->role != KEYD_ROLE_MEMBER;
    if (a->wish->replaced)
        return message_replace(s->thread->db, access->mailbox, appends, &trace, s->view->folder_id, replaces);
    return messages_append(s->thread->db, access->mailbox, appends, a->messages.len, &trace);
}

static enum store_status append(struct session *s, struct command *c, struct appending *a)
{
    struct access *access;
    char local[1024];
    enum store_status status = access_find(s, a->name, &access, local);
    if (status == STORE_OK && !(access->rights & RIGHT_INSERT))
        status = STORE_REFUSED;
    if (status == STORE_OK)
        status = find_folder(s, access, local, a, &a->folder_id);
    a->access = access;
    struct append *appends = xcalloc(a->messages.len, sizeof(*appends));
    for (size_t i = 0; status == STORE_OK && i < a->messages.len; i++) {
        struct one *one = &a->messages.items[i];
        if (one->parts.len > 0 && !catenate(s, c, &one->parts, &one->catenated)) {
            status = STORE_REFUSED;
            break; /* the reply is set */
        }
        if (one->parts.len > 0)
            one->bytes = str_span(&one->catenated);
        appends[i] = (struct append){.bytes = one->bytes, .folder = local, .internal_date = one->internal_date};
        status = flags_from_names(s, access, a->folder_id, &one->flags, &appends[i].flags);
        appends[i].flags = flags_allowed(access, appends[i].flags);
        appends[i].summary = append_summarise(s, one->bytes, &one->answer, &one->opaque);
    }
    if (status == STORE_OK)
        status = store(s, access, appends, a);
    if (status == STORE_OK)
        appended(s, c, access, appends, a->messages.len, a->wish);
    xfree(&appends);
    return status;
}

enum append_result append_messages(struct session *s, struct command *c, struct append_wish *wish)
{
    struct appending a = {.wish = wish};
    enum store_status status = STORE_OK;
    bool ok = parse(&c->r, &a), stored = ok && !a.cancelled && !a.binary;
    if (stored)
        status = append(s, c, &a);
    appending_free(&a);
    if (!ok)
        reply_bad(c, "A mailbox and a message are expected.");
    else if (a.cancelled) /* RFC 3502 6.3.11 */
        reply_no(c, NULL, "A message of no bytes takes all of them back.");
    else if (a.binary) /* RFC 3516 4.4: FETCH BODY could not say it */
        reply_no(c, "UNKNOWN-CTE", "NUL bytes are not kept; encode that part.");
    else if (c->status)
        return APPEND_REFUSED; /* by CATENATE */
    else if (status == STORE_NOT_FOUND)
        reply_no(c, "TRYCREATE", "There is no such mailbox.");
    else if (status != STORE_OK)
        flags_reply(s, c, a.access, a.folder_id, status);
    return stored && status == STORE_OK ? APPENDED : APPEND_REFUSED;
}

enum outcome cmd_append(struct session *s, struct command *c)
{
    struct append_wish wish = {.most = APPEND_MESSAGES_MAX};
    if (append_messages(s, c, &wish) != APPENDED)
        return CMD_DONE;
    return reply_ok(c, wish.code, "APPEND completed.");
}
