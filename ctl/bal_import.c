/* caducee bal import: what another server's files hold, or another server, becomes messages of a BAL. It writes as mx does —
 * sealed to the BAL's public half, summarised by caducee-parse — and can read nothing back. What has come is remembered with
 * it in one transaction (import_item): a run that was interrupted is simply run again. */
#include "ctl/bal.h"
#include "ctl/import.h"

#include "lib/base/clock.h"
#include "lib/base/json.h"
#include "lib/base/num.h"
#include "lib/net/parse.h"
#include "lib/proto/summary.h"
#include "lib/store/deliver.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

struct importing {
    struct invocation *i;
    const struct bal *bal;
    struct parse_client *parse;
    struct delivery_keys *keys;
    struct import_set *items;
    struct import_item item;
    char folder[1024]; /* the last one, and its id */
    int64_t folder_id;
    uint64_t stored, known, left_out, bytes, total, at, shown;
    enum store_status status;
};

/* A line that is written over, once a second, for who looks at a terminal. */
static void show_progress(struct importing *m, bool last)
{
    uint64_t now = clock_ms();
    if (m->i->json || !isatty(STDERR_FILENO) || (!last && now - m->shown < 1000))
        return;
    m->shown = now;
    fprintf(stderr, "\r\033[K%s %llu/%llu  %llu + %llu, %llu Mio%s", m->folder, (unsigned long long)m->at,
            (unsigned long long)m->total, (unsigned long long)m->stored, (unsigned long long)m->known,
            (unsigned long long)(m->bytes >> 20), last ? "\n" : "");
    fflush(stderr);
}

static void open_folder(const char *folder, uint64_t total, void *arg)
{
    struct importing *m = arg;
    snprintf(m->folder, sizeof(m->folder), "%s", folder);
    m->folder_id = 0;
    m->total = total;
    m->at = 0;
    show_progress(m, false);
}

static void leave_out(const char *why, void *arg)
{
    struct importing *m = arg;
    m->left_out++;
    (void)fail(m->i, STATUS_BAD_INPUT, LANG(m->i, "%s : un message laissé de côté (%s)", "%s: a message left out (%s)"),
               m->folder, why);
}

static bool is_known(const struct import_item *item, void *arg)
{
    struct importing *m = arg;
    bool before = import_set_see(m->items, item) != IMPORT_NEW;
    m->known += before;
    m->at += before;
    show_progress(m, false);
    return before;
}

/* A file's message is its bytes, and which of several equal ones it is. */
static bool digest_is_new(struct importing *m, const struct import_message *message, struct import_item *out)
{
    uint8_t sum[SHA256_BYTES];
    struct str text;
    enum import_seen seen = IMPORT_NOW;
    str_init(&text, 2048);
    for (unsigned nth = 0; seen == IMPORT_NOW; nth++) {
        sha256(sum, message->bytes);
        str_clear(&text);
        str_addf(&text, "file\n%s\n%u\n", message->folder, nth);
        str_add(&text, sum, sizeof(sum));
        sha256(sum, str_span(&text));
        memcpy(out->b, sum, sizeof(out->b));
        seen = import_set_see(m->items, out);
    }
    str_free(&text);
    m->known += seen == IMPORT_BEFORE;
    return seen == IMPORT_NEW;
}

static enum store_status find_folder(struct importing *m, const struct import_message *message)
{
    if (m->folder_id && strcmp(m->folder, message->folder) == 0)
        return STORE_OK;
    snprintf(m->folder, sizeof(m->folder), "%s", message->folder);
    return import_folder(invocation_db(m->i), m->bal->id, message->folder, message->use, &m->folder_id);
}

static enum store_status find_keywords(struct importing *m, struct span words, uint64_t *bits)
{
    struct span word;
    char name[256];
    enum store_status status = STORE_OK;
    while (status == STORE_OK && span_cut(&words, ' ', &word)) {
        uint64_t bit = 0;
        if (word.n == 0 || word.n >= sizeof(name))
            continue;
        snprintf(name, sizeof(name), "%.*s", (int)word.n, word.p);
        status = import_keyword(invocation_db(m->i), m->bal->id, m->folder_id, name, &bit);
        *bits |= bit;
    }
    return status;
}

static enum store_status note_item(struct db *db, void *arg)
{
    const struct importing *m = arg;
    return import_note(db, m->bal->id, &m->item);
}

static enum store_status store_one(struct importing *m, const struct import_message *message,
                                   const struct summary *summary)
{
    struct str flags;
    uint64_t keywords = 0;
    enum store_status status = find_folder(m, message);
    if (status == STORE_OK)
        status = find_keywords(m, message->keywords, &keywords);
    if (status != STORE_OK)
        return status;
    str_init(&flags, 128);
    str_addf(&flags, "%s%s%s%s", message->seen ? "\\Seen " : "", message->answered ? "\\Answered " : "",
             message->flagged ? "\\Flagged " : "", message->draft ? "\\Draft " : "");
    struct delivery_target target = {
        .bal = m->bal, .into = m->folder_id, .flags = flags.len ? flags.data : NULL, .keywords = keywords};
    target.trace = invocation_trace(m->i, "bal.import");
    target.trace.structure_id = m->bal->structure_id;
    struct delivery delivery = {.body = message->bytes,
                                .summary = *summary,
                                .internal_date = message->date ? message->date : wall_s(),
                                .targets = &target,
                                .target_count = 1,
                                .also = note_item,
                                .also_arg = m};
    status = deliver(invocation_db(m->i), m->keys, &delivery);
    str_free(&flags);
    return status;
}

static enum store_status summarise_and_store(struct importing *m, const struct import_message *message)
{
    struct parse_answer parsed = {.flags = 0};
    struct summary summary;
    struct str opaque;
    str_init(&opaque, SUMMARY_MAX);
    if (parse_call(m->parse, PARSE_SUMMARY, message->bytes, SPAN_NONE, &parsed) == PARSE_OK) {
        summary = (struct summary){parsed.flags, parsed.structure, parsed.text};
    } else { /* stored byte for byte all the same */
        summary_opaque(&opaque, (uint32_t)message->bytes.n);
        summary = (struct summary){SUMMARY_BROKEN, str_span(&opaque), SPAN_NONE};
    }
    enum store_status status = store_one(m, message, &summary);
    parse_answer_free(&parsed);
    str_free(&opaque);
    return status;
}

static bool is_zero(const struct import_item *item)
{
    static const struct import_item zero;
    return memcmp(item->b, zero.b, sizeof(zero.b)) == 0;
}

static bool import_one(const struct import_message *message, void *arg)
{
    struct importing *m = arg;
    m->at++;
    m->item = message->item;
    if (is_zero(&message->item) && !digest_is_new(m, message, &m->item))
        return true;
    m->status = summarise_and_store(m, message);
    if (m->status == STORE_EXISTS) { /* another run of this import beside us brought it */
        m->known++;
        m->status = STORE_OK;
        return true;
    }
    m->stored += m->status == STORE_OK;
    m->bytes += m->status == STORE_OK ? message->bytes.n : 0;
    show_progress(m, false);
    return m->status == STORE_OK;
}

/* -- the command -- */
struct import_words {
    const char *mbox, *maildir, *folder;
    struct import_server server;
};

static bool take_server(struct invocation *i, struct import_server *s)
{
    const char *where = take_option(i, "--imap"), *port = take_option(i, "--port");
    uint32_t number = 0;
    s->user = take_option(i, "--user");
    s->password_file = take_option(i, "--password-file");
    s->token_file = take_option(i, "--token-file");
    s->ca_file = take_option(i, "--ca");
    s->only = take_option(i, "--from-folder");
    s->starttls = take_flag(i, "--starttls");
    s->host = where;
    if (!where)
        return !s->user && !port;
    if (port && !num_u32(span_of(port), 65535, &number))
        return false;
    s->port = (uint16_t)(number ? number : s->starttls ? 143 : 993);
    return s->user && (s->password_file != NULL) != (s->token_file != NULL);
}

static bool run_source(struct importing *m, const struct import_words *w)
{
    const struct import_sink sink = {
        .each = import_one, .known = is_known, .open = open_folder, .left_out = leave_out, .arg = m};
    struct import_files files = {.path = w->mbox ? w->mbox : w->maildir, .folder = w->folder ? w->folder : "INBOX"};
    if (w->server.host)
        return import_imap(m->i, &w->server, &sink);
    return w->mbox ? import_mbox(m->i, &files, &sink) : import_maildir(m->i, &files, &sink);
}

static int report(struct importing *m, bool read)
{
    show_progress(m, true);
    if (m->i->json)
        str_addf(&m->i->out, "{\"imported\":%llu,\"already\":%llu,\"left_out\":%llu,\"bytes\":%llu}\n",
                 (unsigned long long)m->stored, (unsigned long long)m->known, (unsigned long long)m->left_out,
                 (unsigned long long)m->bytes);
    say(m->i, LANG(m->i, "%llu messages importés, %llu déjà là", "%llu messages imported, %llu there already"),
        (unsigned long long)m->stored, (unsigned long long)m->known);
    if (m->status != STORE_OK)
        return fail(m->i, STATUS_UNAVAILABLE,
                    LANG(m->i, "arrêté (%s) ; la même commande reprend où elle en était",
                         "stopped (%s); the same command goes on where it was"),
                    store_status_name(m->status));
    return !read ? STATUS_BAD_INPUT : m->left_out ? STATUS_NO : STATUS_OK;
}

static int import_into(struct invocation *i, const struct bal *bal, const struct import_words *w)
{
    struct importing m = {.i = i, .bal = bal};
    import_item_list before = {0};
    enum store_status status = import_items(invocation_db(i), bal->id, &before);
    if (status != STORE_OK)
        return fail_store(i, status, bal->address);
    char *socket = xasprintf("%s/smtpd-parse.sock", i->conf->general_run_folder);
    m.parse = parse_client_new(socket);
    m.keys = delivery_keys_new();
    m.items = import_set_new(&before);
    vec_free(&before);
    bool read = run_source(&m, w);
    int code = report(&m, read);
    import_set_free(&m.items);
    delivery_keys_destroy(&m.keys);
    parse_client_destroy(&m.parse);
    xfree(&socket);
    return code;
}

int command_bal_import(struct invocation *i)
{
    struct import_words w = {
        .mbox = take_option(i, "--mbox"), .maildir = take_option(i, "--maildir"), .folder = take_option(i, "--folder")};
    bool server = take_server(i, &w.server);
    struct bal bal;
    int status;
    if (!take_bal(i, &bal, &status))
        return status;
    int sources = (w.mbox != NULL) + (w.maildir != NULL) + (w.server.host != NULL);
    if (!words_end(i) || sources != 1 || !server || (w.folder && w.server.host))
        return usage(
            i,
            "--mbox FICHIER ou --maildir DOSSIER [--folder NOM], ou --imap SERVEUR --user NOM --password-file FICHIER "
            "| "
            "--token-file FICHIER [--port N] [--starttls] [--ca FICHIER] [--from-folder NOM]",
            "--mbox FILE or --maildir FOLDER [--folder NAME], or --imap SERVER --user NAME --password-file FILE | "
            "--token-file FILE [--port N] [--starttls] [--ca FILE] [--from-folder NAME]");
    return import_into(i, &bal, &w);
}
