/* Messages put together. See catenate.h. */
#include "imapd/catenate.h"

#include "imapd/fetch.h"
#include "imapd/reply.h"
#include "imapd/traces.h"
#include "imapd/worker.h"
#include "lib/proto/imap_url.h"

bool catenate_parse(struct imap_reader *r, catenate_parts *parts)
{
    bool binary;
    if (!imap_sp(r) || !imap_char(r, '('))
        return false;
    do {
        struct catenate_part part = {.is_url = imap_word(r, "URL")};
        bool utf8 = !part.is_url && imap_word(r, "UTF8"); /* "UTF8 (~{n}…)" (RFC 6855 4) */
        bool ok = part.is_url ? imap_sp(r) && imap_astring(r, &part.text)
                  : utf8 ? imap_sp(r) && imap_char(r, '(') && imap_literal(r, &part.text, &binary) && imap_char(r, ')')
                         : imap_word(r, "TEXT") && imap_sp(r) && imap_literal(r, &part.text, &binary);
        if (!ok || parts->len == CATENATE_PARTS_MAX)
            return false;
        vec_push(parts, part);
    } while (imap_sp(r));
    return imap_char(r, ')');
}

/* A message that a URL names. */
struct source {
    struct access *access;
    int64_t folder_id;
    struct fetch fetch; /* of it only `view` and `view_ok` are used */
    struct fetched message;
    struct str structure;
};

static bool is_own_host(const struct session *s, struct span host)
{
    struct span user, name = host;
    if (span_find(host, SPAN_LIT("@")) >= 0)
        (void)span_cut(&name, '@', &user);
    (void)span_cut(&name, ':', &host);
    return span_is_nocase(host, s->worker->conf->general_hostname);
}

static enum store_status find_folder(struct session *s, const struct imap_url *url, struct source *source)
{
    struct folder folder;
    char local[1024];
    if (url->host.p && !is_own_host(s, url->host))
        return STORE_NOT_FOUND;
    if (!url->mailbox.p) {
        if (!s->view)
            return STORE_NOT_FOUND;
        source->access = s->view->access;
        source->folder_id = s->view->folder_id;
        return STORE_OK;
    }
    struct span name = span_is_nocase(url->mailbox, "INBOX") ? SPAN_LIT("INBOX") : url->mailbox;
    enum store_status status = access_find(s, name, &source->access, local);
    if (status == STORE_OK)
        status = folder_by_name(s->thread->db, source->access->mailbox, local, &folder);
    if (status == STORE_OK && (folder.no_select || !(source->access->rights & RIGHT_READ) ||
                               (url->uidvalidity && url->uidvalidity != folder.uidvalidity)))
        status = STORE_NOT_FOUND;
    source->folder_id = folder.id;
    return status;
}

static bool take(const struct message_facts *facts, void *arg)
{
    struct source *source = arg;
    source->message = (struct fetched){.uid = facts->uid,
                                       .found = true,
                                       .size = facts->size,
                                       .blob_id = facts->blob_id,
                                       .head_size = facts->head_size};
    str_add_span(&source->structure, facts->structure);
    return false;
}

/* BODY[section]<partial> of a URL, read by FETCH's own grammar. */
static bool item_of(const struct imap_url *url, struct arena *arena, struct imap_fetch *items)
{
    struct imap_reader r;
    char *text = arena_printf(arena, "BODY.PEEK[%.*s]", (int)url->section.n, url->section.n ? url->section.p : "");
    if (!text)
        return false;
    imap_reader_init(&r, span_of(text), arena, true);
    if (!imap_fetch_parse(&r, items) || !imap_at_end(&r) || items->bodies.len != 1)
        return false;
    items->bodies.items[0].partial = url->partial;
    items->bodies.items[0].offset = url->offset;
    items->bodies.items[0].length = url->length;
    return true;
}

static enum store_status read_part(struct session *s, const struct imap_url *url, struct source *source,
                                   const struct imap_body_item *item, struct str *out)
{
    enum store_status status = find_folder(s, url, source);
    if (status == STORE_OK)
        status = messages_each(s->thread->db, source->access->mailbox, source->folder_id, &url->uid, 1,
                               WANT_SIZE | WANT_SUMMARY, take, source);
    if (status == STORE_OK && !source->message.found)
        status = STORE_NOT_FOUND;
    if (status != STORE_OK)
        return status;
    source->fetch.view_ok = summary_open(&source->fetch.view, str_span(&source->structure));
    status = fetch_section(s, source->access->mailbox, &source->fetch, &source->message, item, out);
    if (status == STORE_OK) { /* what is read is traced, whoever reads it (issue: traces) */
        imap_set read = {0};
        imap_set_add(&read, url->uid);
        status = trace_act(s, "imap.catenate", source->access, source->folder_id, &read);
        vec_free(&read);
    }
    return status;
}

static enum store_status add_url(struct session *s, struct command *c, struct span text, struct str *out)
{
    struct imap_url url;
    struct imap_fetch items = {0};
    struct source source = {0};
    enum store_status status = STORE_NOT_FOUND;
    str_init(&source.structure, SUMMARY_MAX + 1);
    if (imap_url_parse(text, c->arena, &url) && item_of(&url, c->arena, &items))
        status = read_part(s, &url, &source, &items.bodies.items[0], out);
    imap_fetch_free(&items);
    str_free(&source.structure);
    return status;
}

static const char *bad_url(struct command *c, struct span url)
{
    struct str code;
    str_init(&code, 4096);
    str_puts(&code, "BADURL ");
    imap_write_string(&code, url, false);
    bool plain = !code.overflow && span_find(str_span(&code), SPAN_LIT("\n")) < 0; /* a code holds no literal */
    const char *text = plain ? arena_strndup(c->arena, code.data, code.len) : "BADURL \"\"";
    str_free(&code);
    return text;
}

bool catenate(struct session *s, struct command *c, const catenate_parts *parts, struct str *out)
{
    if (!s->worker->all_extensions) {
        reply_bad(c, "CATENATE is not offered here.");
        return false;
    }
    str_free(out);
    str_init(out, s->worker->conf->imap_append_max + 1);
    vec_each (parts, part) {
        enum store_status status = STORE_OK;
        if (part->is_url)
            status = add_url(s, c, part->text, out);
        else
            str_add_span(out, part->text);
        if (out->overflow || out->len > s->worker->conf->imap_append_max) {
            reply_no(c, "TOOBIG", "That message would be too large."); /* RFC 4469 4.2 */
            return false;
        }
        if (status != STORE_OK) {
            if (status == STORE_UNAVAILABLE || status == STORE_DAMAGED)
                reply_store(c, status);
            else
                reply_no(c, bad_url(c, part->text), "That URL names nothing here.");
            return false;
        }
    }
    return true;
}
