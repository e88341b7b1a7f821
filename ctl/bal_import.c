/* caducee bal import: what another server's files hold becomes messages of a BAL. It writes as mx does — sealed to the BAL's
 * public half, summarised by caducee-parse — and can read nothing back. Interrupted, it says where to go on. */
#include "ctl/bal.h"
#include "ctl/import_read.h"

#include "lib/base/clock.h"
#include "lib/base/num.h"
#include "lib/net/parse.h"
#include "lib/proto/summary.h"
#include "lib/store/deliver.h"

#include <string.h>

struct importing {
    struct invocation *i;
    const struct bal *bal;
    const char *folder;
    struct parse_client *parse;
    struct delivery_keys *keys;
    uint64_t skip, seen, stored;
    enum store_status status;
};

static enum store_status store_one(struct importing *m, const struct import_message *message,
                                   const struct summary *summary)
{
    struct str flags;
    str_init(&flags, 128);
    str_addf(&flags, "%s%s%s%s", message->seen ? "\\Seen " : "", message->answered ? "\\Answered " : "",
             message->flagged ? "\\Flagged " : "", message->draft ? "\\Draft " : "");
    if (flags.len)
        str_truncate(&flags, flags.len - 1);
    struct delivery_target target = {.bal = m->bal, .folder = m->folder, .flags = flags.len ? flags.data : NULL};
    target.trace = invocation_trace(m->i, "bal.import");
    target.trace.structure_id = m->bal->structure_id;
    struct delivery delivery = {.body = message->bytes,
                                .summary = *summary,
                                .internal_date = message->date ? message->date : wall_s(),
                                .targets = &target,
                                .target_count = 1};
    enum store_status status = deliver(invocation_db(m->i), m->keys, &delivery);
    str_free(&flags);
    return status;
}

static bool import_one(const struct import_message *message, void *arg)
{
    struct importing *m = arg;
    struct parse_answer parsed = {.flags = 0};
    struct summary summary;
    struct str opaque;
    if (m->seen++ < m->skip)
        return true;
    str_init(&opaque, SUMMARY_MAX);
    if (parse_call(m->parse, PARSE_SUMMARY, message->bytes, SPAN_NONE, &parsed) == PARSE_OK) {
        summary = (struct summary){parsed.flags, parsed.structure, parsed.text};
    } else { /* stored byte for byte all the same */
        summary_opaque(&opaque, (uint32_t)message->bytes.n);
        summary = (struct summary){SUMMARY_BROKEN, str_span(&opaque), SPAN_NONE};
    }
    m->status = store_one(m, message, &summary);
    parse_answer_free(&parsed);
    str_free(&opaque);
    m->stored += m->status == STORE_OK;
    return m->status == STORE_OK;
}

static bool read_folder(const char *text, const char **out)
{
    static const char *const folders[] = {"Sent", "Drafts", "Trash", "Junk", "Archive"};
    *out = NULL;
    if (!text || span_is_nocase(span_of(text), "INBOX"))
        return true;
    for (size_t n = 0; n < COUNT(folders) && !*out; n++)
        if (span_is_nocase(span_of(text), folders[n]))
            *out = folders[n];
    return *out != NULL;
}

int command_bal_import(struct invocation *i)
{
    const char *mbox = take_option(i, "--mbox"), *maildir = take_option(i, "--maildir"),
               *from = take_option(i, "--from"), *folder = take_option(i, "--folder");
    struct importing m = {.i = i, .status = STORE_OK};
    struct bal bal;
    int status;
    if (!take_bal(i, &bal, &status))
        return status;
    if (!words_end(i) || (mbox != NULL) == (maildir != NULL) || (from && !num_u64(span_of(from), INT64_MAX, &m.skip)) ||
        !read_folder(folder, &m.folder))
        return usage(i, "--mbox FICHIER ou --maildir DOSSIER ; --folder INBOX, Sent, Drafts, Trash, Junk ou Archive",
                     "--mbox FILE or --maildir FOLDER; --folder INBOX, Sent, Drafts, Trash, Junk or Archive");
    char *socket = xasprintf("%s/smtpd-parse.sock", i->conf->general_run_folder);
    m.bal = &bal;
    m.parse = parse_client_new(socket);
    m.keys = delivery_keys_new();
    bool read = mbox ? import_mbox(i, mbox, import_one, &m) : import_maildir(i, maildir, import_one, &m);
    say(i, LANG(i, "%llu messages importés", "%llu messages imported"), (unsigned long long)m.stored);
    if (m.status != STORE_OK)
        status = fail(i, STATUS_UNAVAILABLE,
                      LANG(i, "arrêté (%s) ; reprendre par --from %llu", "stopped (%s); go on with --from %llu"),
                      store_status_name(m.status), (unsigned long long)(m.seen - 1));
    else
        status = read ? STATUS_OK : STATUS_BAD_INPUT;
    delivery_keys_destroy(&m.keys);
    parse_client_destroy(&m.parse);
    xfree(&socket);
    return status;
}
