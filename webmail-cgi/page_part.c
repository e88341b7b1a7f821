/* A part as a file: opened in place when a browser shows it safely, saved otherwise; and the message's source. Streamed:
 * a 25 MB attachment passes through a few hundred KiB of memory.
 */
#include "webmail-cgi/layout.h"
#include "webmail-cgi/mail.h"
#include "webmail-cgi/pages.h"

#include "lib/base/text.h"

#include <string.h>

/* What browsers show without running anything of it; never HTML, SVG or XML. */
static const char *safe_type(struct span type)
{
    static const char *const safe[] = {"application/pdf", "image/png", "image/jpeg", "image/gif", "image/webp"};
    for (size_t i = 0; i < COUNT(safe); i++)
        if (span_is(type, safe[i]))
            return safe[i];
    return span_is(type, "text/plain") ? "text/plain; charset=utf-8" : NULL;
}

/* RFC 6266: an ASCII name for old readers, the whole one in RFC 8187's form. Nothing of it can end the header line. */
static void disposition(struct request *rq, const char *kind, struct span name)
{
    struct str line, clean;
    str_init(&line, 8192);
    str_init(&clean, 2048);
    text_sanitize(&clean, name.n ? name : SPAN_LIT("piece"));
    for (size_t i = 0; i < clean.len; i++)
        if (strchr("/\\:*?\"<>|", clean.data[i]))
            clean.data[i] = '_';
    str_addf(&line, "%s; filename=\"", kind);
    for (size_t i = 0; i < clean.len && i < 200; i++)
        str_putc(&line, clean.data[i] >= 0x20 && clean.data[i] < 0x7f ? clean.data[i] : '_');
    str_puts(&line, "\"; filename*=UTF-8''");
    for (size_t i = 0; i < clean.len && i < 600; i++) {
        unsigned char c = (unsigned char)clean.data[i];
        bool plain = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' || c == '.';
        str_addf(&line, plain ? "%c" : "%%%02X", c);
    }
    answer_header(rq, "Content-Disposition", line.data);
    str_free(&line);
    str_free(&clean);
}

struct streaming {
    int64_t blob_id;
    uint64_t offset, end;
    enum part_encoding encoding;
};

static bool to_browser(void *sink, struct span bytes)
{
    return sink_write(sink, bytes);
}

static void stream_part(struct request *rq, struct web_sink *sink, void *arg)
{
    const struct streaming *s = arg;
    /* where it fails the answer stops short: the browser says so */
    (void)!bytes_pass(rq, s->blob_id, s->offset, s->end, s->encoding, to_browser, sink);
}

static void start_stream(struct request *rq, int64_t blob_id, uint64_t begin, uint64_t end, enum part_encoding encoding)
{
    struct streaming *s = arena_new_of(rq->arena, struct streaming);
    *s = (struct streaming){.blob_id = blob_id, .offset = begin, .end = end, .encoding = encoding};
    rq->out.stream = stream_part;
    rq->out.stream_arg = s;
    bool exact = encoding != ENCODING_BASE64 && encoding != ENCODING_QP;
    rq->out.stream_length = exact ? end - begin : 0;
}

static bool load(struct request *rq, struct mail *mail, struct card *card)
{
    if (!mail_open(rq, mail))
        return false;
    enum store_status status = card_load(rq, mail->folder, (uint32_t)param_number(rq, "uid"), card);
    if (status == STORE_OK)
        return true;
    answer_store_error(rq, status);
    mail_close(mail);
    return false;
}

void page_part(struct request *rq)
{
    struct mail mail;
    struct card card;
    struct summary_part part;
    if (!load(rq, &mail, &card))
        return;
    if (!card.readable || !summary_part_at(&card.summary, (uint32_t)param_number(rq, "part"), &part) ||
        part.kind == PART_MULTIPART) {
        answer_store_error(rq, STORE_NOT_FOUND);
    } else {
        const char *type = in_has(&rq->in, "enregistrer") ? NULL : safe_type(part.type);
        disposition(rq, type ? "inline" : "attachment", part.name);
        rq->out.type = type ? type : "application/octet-stream";
        trace_act(rq, "web.attachment", "OK",
                  path_of(rq, "%lld/%lu", (long long)mail.folder->id, (unsigned long)card.uid));
        start_stream(rq, card.blob_id, (uint64_t)card.head_size + part.body_begin,
                     (uint64_t)card.head_size + part.body_end,
                     part.kind == PART_MESSAGE ? ENCODING_8BIT : part.encoding);
    }
    mail_close(&mail);
}

void page_source(struct request *rq)
{
    struct mail mail;
    struct card card;
    if (!load(rq, &mail, &card))
        return;
    rq->out.type = "text/plain; charset=utf-8";
    trace_act(rq, "web.source", "OK", path_of(rq, "%lld/%lu", (long long)mail.folder->id, (unsigned long)card.uid));
    start_stream(rq, card.blob_id, 0, card.size, ENCODING_BINARY);
    mail_close(&mail);
}
