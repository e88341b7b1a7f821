/* What FETCH answers from states, facts and stored summaries. The loop over flags is the hot one: no printf, the text of a
 * flag word is made once and reused while the word stays. */
#include "imapd/fetch.h"

#include "imapd/reply.h"
#include "imapd/sync.h"
#include "lib/proto/imap_date.h"

#include <string.h>

static void render_flags(struct session *s, struct fetch *f, uint64_t flags)
{
    if (f->flags_text.len > 0 && f->flags_rendered == flags)
        return;
    str_clear(&f->flags_text);
    str_puts(&f->flags_text, "FLAGS (");
    imap_write_flags(&f->flags_text, flags, s->view->keywords.items, s->view->keywords.len);
    str_putc(&f->flags_text, ')');
    f->flags_rendered = flags;
}

static char *put(char *at, const char *text, size_t n)
{
    memcpy(at, text, n);
    return at + n;
}
#define PUT(at, literal) put((at), (literal), sizeof(literal) - 1)

void fetch_write_states(struct session *s, struct fetch *f)
{
    unsigned items = f->items.items;
    bool by_uid = session_uidonly(s);
    char line[128];
    for (; f->at < f->batch.len && s->out.len < SLICE_BYTES; f->at++) {
        const struct fetched *message = &f->batch.items[f->at];
        char *at = PUT(line, "* ");
        at = imap_put_u64(at, by_uid ? message->uid : message->seq);
        at = by_uid ? PUT(at, " UIDFETCH (") : PUT(at, " FETCH (");
        bool first = true;
        if (items & FETCH_UID) {
            at = PUT(at, "UID ");
            at = imap_put_u64(at, message->uid);
            first = false;
        }
        if (items & FETCH_MODSEQ) {
            at = first ? PUT(at, "MODSEQ (") : PUT(at, " MODSEQ (");
            at = imap_put_u64(at, message->modseq);
            *at++ = ')';
            first = false;
        }
        if (items & FETCH_FLAGS) {
            if (!first)
                *at++ = ' ';
            str_add(&s->out, line, (size_t)(at - line));
            render_flags(s, f, message->flags);
            str_add(&s->out, f->flags_text.data, f->flags_text.len);
            at = line;
        }
        at = PUT(at, ")\r\n");
        str_add(&s->out, line, (size_t)(at - line));
    }
}

void fetch_item(struct session *s, struct fetch *f, const char *name)
{
    if (!f->first_item)
        str_putc(&s->out, ' ');
    f->first_item = false;
    str_puts(&s->out, name);
}

static void write_date(struct session *s, struct fetch *f, const char *name, int64_t seconds)
{
    char date[IMAP_DATE_TIME_BYTES + 2];
    fetch_item(s, f, name);
    date[0] = date[sizeof(date) - 1] = '"';
    imap_date_time_put(date + 1, seconds);
    str_add(&s->out, date, sizeof(date));
}

static void write_summary(struct session *s, struct fetch *f, const char *name, enum summary_field field,
                          const char *otherwise)
{
    fetch_item(s, f, name);
    if (f->view_ok && f->view.field[field].n > 0)
        str_add_span(&s->out, f->view.field[field]);
    else
        str_puts(&s->out, otherwise);
}

static void write_summary_items(struct session *s, struct fetch *f, unsigned items)
{
#define OPAQUE "(\"application\" \"octet-stream\" NIL NIL NIL \"8bit\" 0"
    if (items & FETCH_ENVELOPE)
        write_summary(s, f, "ENVELOPE ", SUMMARY_ENVELOPE, "(NIL NIL NIL NIL NIL NIL NIL NIL NIL NIL)");
    if (items & FETCH_BODY)
        write_summary(s, f, "BODY ", SUMMARY_BODY, OPAQUE ")");
    if (items & FETCH_BODYSTRUCTURE)
        write_summary(s, f, "BODYSTRUCTURE ", SUMMARY_BODYSTRUCTURE, OPAQUE " NIL NIL NIL NIL)");
    if (items & FETCH_PREVIEW) { /* RFC 8970 4: a string, never NIL when it could be made */
        fetch_item(s, f, "PREVIEW ");
        struct span preview = f->view_ok ? f->view.field[SUMMARY_PREVIEW] : SPAN_NONE;
        imap_write_string(&s->out, preview.p ? preview : (struct span){"", 0}, session_utf8(s));
    }
}

static void open_view(struct fetch *f, const struct fetched *message)
{
    struct span stored = {f->structures.data + message->structure_at, message->structure_bytes};
    f->view_ok = f->wants_summary && summary_open(&f->view, stored);
}

void fetch_write_facts(struct session *s, struct fetch *f, const struct fetched *message)
{
    unsigned items = f->items.items;
    open_view(f, message);
    sync_fetch_head(s, message->seq, message->uid);
    f->first_item = true;
    if (items & FETCH_UID) {
        fetch_item(s, f, "UID ");
        imap_write_u64(&s->out, message->uid);
    }
    if (items & FETCH_MODSEQ) {
        fetch_item(s, f, "MODSEQ (");
        imap_write_u64(&s->out, message->modseq);
        str_putc(&s->out, ')');
    }
    if (items & FETCH_FLAGS) {
        render_flags(s, f, message->flags);
        fetch_item(s, f, "");
        str_add(&s->out, f->flags_text.data, f->flags_text.len);
    }
    if (items & FETCH_INTERNALDATE)
        write_date(s, f, "INTERNALDATE ", message->internal_date);
    if (items & FETCH_SAVEDATE)
        write_date(s, f, "SAVEDATE ", message->save_date);
    if (items & FETCH_SIZE) {
        fetch_item(s, f, "RFC822.SIZE ");
        imap_write_u64(&s->out, message->size);
    }
    if (items & FETCH_EMAILID) { /* RFC 8474: a copy shares its blob, hence its id */
        fetch_item(s, f, "EMAILID (M");
        imap_write_u64(&s->out, (uint64_t)message->blob_id);
        str_putc(&s->out, ')');
    }
    if (items & FETCH_THREADID)
        fetch_item(s, f, "THREADID NIL");
    write_summary_items(s, f, items);
}
