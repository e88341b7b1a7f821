#include "ctl/export.h"

#include "lib/base/clock.h"
#include "lib/net/x509.h"

#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { AT_ONCE = 256, MESSAGE_MAX = 256 << 20 };

struct exported {
    uint32_t uid;
    int64_t blob_id, date;
    uint64_t size, flags;
    bool damaged;
};
struct exporting {
    struct invocation *i;
    struct db *db;
    struct mailbox *mailbox;
    struct cms_writer *writer;
    struct export_tally *tally;
    struct folder *folder;
    keyword_list keywords;
    VEC(struct exported) batch;
    uint64_t shown;
};

static void show_progress(struct exporting *x, bool last)
{
    uint64_t now = clock_ms();
    if (x->i->json || !isatty(STDERR_FILENO) || (!last && now - x->shown < 1000))
        return;
    x->shown = now;
    fprintf(stderr, "\r\033[K%s  %llu/%llu, %llu Mio%s", x->folder ? x->folder->name : "",
            (unsigned long long)x->tally->messages, (unsigned long long)x->tally->total,
            (unsigned long long)(x->tally->bytes >> 20), last ? "\n" : "");
    fflush(stderr);
}

/* The separator (RFC 4155: UTC, no zone) and the fields that import takes off again. */
static void write_head(struct exporting *x, struct str *out, const struct exported *m)
{
    static const char *const names[] = {"\\Seen", "\\Answered", "\\Flagged", "\\Deleted", "\\Draft"};
    char date[64];
    struct tm tm;
    time_t seconds = (time_t)m->date;
    gmtime_r(&seconds, &tm);
    must(strftime(date, sizeof(date), "%a %b %e %H:%M:%S %Y", &tm) > 0);
    str_addf(out, "From MAILER-DAEMON %s\nX-Caducee-Folder: %s\n", date, x->folder->name);
    if (*x->folder->special_use && strcmp(x->folder->special_use, "INBOX") != 0)
        str_addf(out, "X-Caducee-Use: %s\n", x->folder->special_use);
    str_puts(out, "X-Caducee-Flags:");
    for (size_t n = 0; n < COUNT(names); n++)
        if (m->flags & (1U << n))
            str_addf(out, " %s", names[n]);
    for (size_t n = 0; n < x->keywords.len; n++)
        if (m->flags & (1ULL << (n + FLAG_KEYWORD_FIRST)))
            str_addf(out, " %s", x->keywords.items[n]);
    str_putc(out, '\n');
}

/* mboxrd: a line of '>'s and "From " gets one more; CRLF becomes LF. */
static void write_body(struct str *out, struct span bytes)
{
    struct span line;
    while (span_cut(&bytes, '\n', &line)) {
        size_t quotes = 0;
        if (line.n && line.p[line.n - 1] == '\r')
            line.n--;
        while (quotes < line.n && line.p[quotes] == '>')
            quotes++;
        if (line.n - quotes >= 5 && memcmp(line.p + quotes, "From ", 5) == 0)
            str_putc(out, '>');
        str_add_span(out, line);
        str_putc(out, '\n');
    }
    str_putc(out, '\n');
}

static enum store_status write_message(struct exporting *x, const struct exported *m)
{
    struct str bytes, out;
    str_init(&bytes, MESSAGE_MAX);
    str_init(&out, MESSAGE_MAX);
    enum store_status status =
        m->damaged ? STORE_DAMAGED : message_read(x->db, x->mailbox, m->blob_id, 0, m->size, &bytes);
    if (status == STORE_OK) {
        write_head(x, &out, m);
        write_body(&out, str_span(&bytes));
        x->tally->messages++;
        x->tally->bytes += bytes.len;
        status = !out.overflow && cms_write(x->writer, str_span(&out)) ? STORE_OK : STORE_INVALID;
    } else if (status == STORE_DAMAGED) { /* counted and told; the others come */
        x->tally->damaged++;
        status = STORE_OK;
    }
    str_wipe(&bytes);
    str_wipe(&out);
    return status;
}

static bool take_facts(const struct message_facts *facts, void *arg)
{
    struct exporting *x = arg;
    vec_each (&x->batch, m)
        if (m->uid == facts->uid) {
            m->blob_id = facts->blob_id;
            m->size = facts->size;
            m->date = facts->internal_date;
            m->damaged = facts->damaged;
        }
    return true;
}

static enum store_status write_batch(struct exporting *x)
{
    uint32_t uids[AT_ONCE];
    for (size_t n = 0; n < x->batch.len; n++)
        uids[n] = x->batch.items[n].uid;
    enum store_status status =
        messages_each(x->db, x->mailbox, x->folder->id, uids, x->batch.len, WANT_SIZE | WANT_DATES, take_facts, x);
    vec_each (&x->batch, m) {
        if (status == STORE_OK && m->blob_id)
            status = write_message(x, m);
        show_progress(x, false);
    }
    x->batch.len = 0;
    return status;
}

static enum store_status write_folder(struct exporting *x)
{
    state_list states = {0};
    enum store_status status = folder_keywords(x->db, x->mailbox, x->folder->id, &x->keywords);
    if (status == STORE_OK)
        status = folder_states(x->db, x->mailbox, x->folder->id, 1, UINT32_MAX, 0, &states);
    for (size_t n = 0; n < states.len && status == STORE_OK; n++) {
        vec_push(&x->batch, (struct exported){.uid = states.items[n].uid, .flags = states.items[n].flags});
        if (x->batch.len == AT_ONCE || n + 1 == states.len)
            status = write_batch(x);
    }
    x->tally->folders += states.len > 0;
    vec_free(&states);
    keyword_list_free(&x->keywords);
    return status;
}

enum store_status export_mailbox(struct invocation *i, struct mailbox *mailbox, struct cms_writer *writer,
                                 struct export_tally *tally)
{
    struct exporting x = {.i = i, .db = invocation_db(i), .mailbox = mailbox, .writer = writer, .tally = tally};
    folder_list folders = {0};
    enum store_status status = folders_list(x.db, mailbox, &folders);
    vec_each (&folders, folder)
        tally->total += folder->messages;
    vec_each (&folders, folder) {
        x.folder = folder;
        if (status == STORE_OK && !folder->no_select)
            status = write_folder(&x);
    }
    if (status == STORE_OK && tally->messages == 0 && !cms_write(writer, SPAN_LIT("\n"))) /* CMS has no empty stream */
        status = STORE_INVALID;
    show_progress(&x, true);
    vec_free(&x.batch);
    vec_free(&folders);
    return status;
}

void export_report(struct invocation *i, const struct export_tally *t, const char *path)
{
    if (i->json)
        str_addf(&i->out, "{\"messages\":%llu,\"folders\":%llu,\"bytes\":%llu,\"damaged\":%llu}\n",
                 (unsigned long long)t->messages, (unsigned long long)t->folders, (unsigned long long)t->bytes,
                 (unsigned long long)t->damaged);
    say(i,
        LANG(i,
             "%llu messages de %llu dossiers dans %s, chiffrés ; %llu illisibles laissés de côté\n"
             "s'ouvre par : openssl cms -decrypt -inform DER -in %s -inkey CLÉ.pem -out boite.mbox",
             "%llu messages of %llu folders in %s, encrypted; %llu unreadable ones left out\n"
             "opens by: openssl cms -decrypt -inform DER -in %s -inkey KEY.pem -out box.mbox"),
        (unsigned long long)t->messages, (unsigned long long)t->folders, path, (unsigned long long)t->damaged, path);
}

static bool name_one(struct span der, void *arg)
{
    struct str *out = arg, error;
    struct certificate c;
    str_init(&error, 512);
    bool good = certificate_decode(&c, der, &error);
    str_free(&error);
    if (!good)
        return false;
    str_addf(out, "%sCN=%s sha256=%s", out->len ? "; " : "", c.common_name, c.fingerprint);
    certificate_free(&c);
    return true;
}

bool export_name_recipients(struct invocation *i, struct span file, struct str *out)
{
    struct str error;
    str_init(&error, 512);
    bool good = certificates_each(file, name_one, out, &error);
    if (!good)
        (void)fail(i, STATUS_BAD_INPUT, "--to : %s", error.len ? error.data : "certificate");
    str_free(&error);
    return good;
}
