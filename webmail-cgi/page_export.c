/* A mailbox downloaded by its holder: one mbox file, streamed message by message in bounded memory, traced. */
#include "webmail-cgi/desk.h"
#include "webmail-cgi/form.h"
#include "webmail-cgi/layout.h"
#include "webmail-cgi/mail.h"
#include "webmail-cgi/mbox.h"
#include "webmail-cgi/pages.h"

#include "lib/base/text.h"

enum { EXPORT_STEP = 512 << 10, EXPORT_BLOCK = 256 };

static bool is_holder(const struct request *rq)
{
    return rq->grant.role == KEYD_ROLE_OWNER;
}

void page_export(struct request *rq)
{
    struct mail mail;
    uint64_t messages = 0, bytes = 0;
    if (!mail_open(rq, &mail))
        return;
    vec_each (&mail.folders, folder) {
        messages += folder->messages;
        bytes += folder->bytes;
    }
    desk_begin(rq, "telecharger");
    form_begin(rq, "panel", desk_path(rq, "telecharger"));
    LEAF(&rq->html, "h2", tr(rq, "Télécharger tous les messages de cette boîte"));
    OPEN(&rq->html, "p");
    html_number(&rq->html, messages);
    html_text(&rq->html, tr(rq, " messages, "));
    html_text(&rq->html, size_words(rq, bytes));
    html_text(&rq->html, tr(rq, ", en un fichier au format mbox."));
    CLOSE(&rq->html, "p");
    if (is_holder(rq))
        form_submit(rq, "telecharger", tr(rq, "Télécharger"));
    else
        LEAF(&rq->html, "p", tr(rq, "Seul le titulaire de la boîte peut la télécharger."), CLASS("lead"));
    form_help(rq,
              tr(rq, "Ce fichier n’est plus chiffré : gardez-le sur un poste protégé, et effacez-le dès qu’il ne sert "
                     "plus. Ce téléchargement laisse une trace."));
    form_end(rq);
    desk_end(rq);
    mail_close(&mail);
}

struct exporting {
    folder_list folders;
    struct web_sink *sink;
    struct str out;
    bool alive;
};

struct one {
    uint32_t uid;
    int64_t blob_id, date;
    uint64_t size;
};
typedef VEC(struct one) one_list;

static bool take_one(const struct message_facts *facts, void *arg)
{
    one_list *list = arg;
    vec_push(list, (struct one){facts->uid, facts->blob_id, facts->internal_date, facts->size});
    return true;
}

static bool flush(struct exporting *e)
{
    e->alive = e->alive && sink_write(e->sink, str_span(&e->out));
    str_clear(&e->out);
    return e->alive;
}

/* A folder's name in a header line: what is not printable ASCII is percent-encoded. */
static const char *folder_field(struct request *rq, const struct folder *folder)
{
    struct str line;
    str_init(&line, 4096);
    str_puts(&line, "X-Caducee-Folder: ");
    percent_encode(&line, span_of(folder->name));
    str_putc(&line, '\n');
    const char *kept = arena_strdup(rq->arena, line.data);
    str_free(&line);
    return kept;
}

static void write_one(struct request *rq, struct exporting *e, const struct one *one, const char *fields)
{
    struct mbox mbox;
    struct str raw;
    str_init(&raw, EXPORT_STEP + 1);
    mbox_begin(&mbox, &e->out, one->date, fields);
    for (uint64_t at = 0; e->alive && at < one->size; at += raw.len) {
        uint64_t length = one->size - at < EXPORT_STEP ? one->size - at : EXPORT_STEP;
        str_clear(&raw);
        e->alive = message_read(rq->thread->db, rq->mailbox, one->blob_id, at, length, &raw) == STORE_OK && raw.len;
        mbox_feed(&mbox, &e->out, str_span(&raw));
        if (e->out.len > EXPORT_STEP)
            flush(e);
    }
    mbox_end(&mbox, &e->out);
    str_wipe(&raw);
}

static enum store_status list_block(struct request *rq, const struct folder *folder, uint32_t from, one_list *out)
{
    state_list states = {0};
    uid_list uids = {0};
    enum store_status status =
        folder_states(rq->thread->db, rq->mailbox, folder->id, from, from + EXPORT_BLOCK - 1, 0, &states);
    vec_each (&states, s)
        vec_push(&uids, s->uid);
    if (status == STORE_OK && uids.len > 0)
        status = messages_each(rq->thread->db, rq->mailbox, folder->id, uids.items, uids.len, WANT_SIZE | WANT_DATES,
                               take_one, out);
    vec_free(&states);
    vec_free(&uids);
    return status;
}

static void export_folder(struct request *rq, struct exporting *e, const struct folder *folder)
{
    const char *fields = folder_field(rq, folder);
    one_list block = {0};
    for (uint64_t from = 1; e->alive && from < folder->uidnext; from += EXPORT_BLOCK) {
        block.len = 0;
        e->alive = list_block(rq, folder, (uint32_t)from, &block) == STORE_OK;
        for (size_t i = 0; e->alive && i < block.len; i++)
            write_one(rq, e, &block.items[i], fields);
    }
    vec_free(&block);
}

/* What stops short is seen: the last message has no empty line after it, and the browser's connection is cut. */
static void stream(struct request *rq, struct web_sink *sink, void *arg)
{
    struct exporting *e = arg;
    e->sink = sink;
    e->alive = true;
    str_init(&e->out, 4 * EXPORT_STEP);
    vec_each (&e->folders, folder)
        if (!folder->no_select)
            export_folder(rq, e, folder);
    if (e->alive)
        flush(e);
    trace_act(rq, "web.export.end", e->alive ? "OK" : "CUT", NULL);
    str_wipe(&e->out);
    vec_free(&e->folders);
}

void page_export_stream(struct request *rq)
{
    struct exporting *e = arena_new_of(rq->arena, struct exporting);
    if (!desk_allows(rq, is_holder(rq)))
        return;
    enum store_status status = folders_list(rq->thread->db, rq->mailbox, &e->folders);
    if (status != STORE_OK) {
        vec_free(&e->folders);
        answer_store_error(rq, status);
        return;
    }
    trace_act(rq, "web.export", "OK", NULL);
    rq->out.type = "application/mbox";
    answer_header(rq, "Content-Disposition", "attachment; filename=\"boite.mbox\"");
    rq->out.stream = stream;
    rq->out.stream_arg = e;
}
