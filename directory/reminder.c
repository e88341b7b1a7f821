/* The reminder: a shared BAL's messages that nobody has taken in hand within the working time of the settings are told of to
 * whoever answers for it, once, by a message in their own BAL; the list marks them besides. The words hold a count and the
 * shared BAL's address: nothing of a message, no name.
 */
#include "directory/duty.h"

#include "lib/base/clock.h"
#include "lib/base/log.h"
#include "lib/base/text.h"
#include "lib/base/worktime.h"
#include "lib/net/wake.h"
#include "lib/proto/charset.h"
#include "lib/proto/mime_summary.h"
#include "lib/store/reminder.h"

#include <string.h>

enum { ROUND_MS = 5 * 60 * 1000, STEP_MS = 20, AGAIN_MS = 60 * 1000, FORGET_S = 30 * 86400 };

struct reminding {
    struct delivery_keys *keys;
    int64_t after; /* the last BAL looked at in this round */
};

int reminder_prepare(struct worker_context *context)
{
    (void)context;
    charset_setup(); /* before seccomp */
    return 0;
}

static struct worktime worktime_of(const struct conf *conf)
{
    struct worktime w = {.begins = (unsigned)conf->work_day_begins,
                         .ends = (unsigned)conf->work_day_ends,
                         .days = strcmp(conf->work_days, "monday-friday") == 0     ? 5
                                 : strcmp(conf->work_days, "monday-saturday") == 0 ? 6
                                                                                   : 7,
                         .closed = span_of(conf->work_closed)};
    must(worktime_place(span_of(conf->work_holidays), &w.place));
    return w;
}

static void write_head(struct str *out, const struct conf *conf, const struct reminder *r)
{
    struct str token;
    uint8_t random[12];
    str_init(&token, 64);
    crypto_random(random, sizeof(random));
    hex_encode(&token, (struct span){(const char *)random, sizeof(random)});
    str_puts(out, "Date: ");
    clock_rfc5322(out, wall_s());
    str_addf(out, "\r\nFrom: \"Messagerie %s\" <MAILER-DAEMON@%s>\r\n", conf->general_hostname, conf->general_hostname);
    for (size_t i = 0; i < r->told_count; i++)
        str_addf(out, "%s<%s>", i ? ",\r\n " : "To: ", r->told[i].address);
    str_addf(out, "\r\nSubject: Rappel : messages en attente\r\nMessage-ID: <%s@%s>\r\n", token.data,
             conf->general_hostname);
    str_puts(out, "Auto-Submitted: auto-generated\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n"
                  "Content-Transfer-Encoding: 8bit\r\n\r\n");
    str_free(&token);
}

static const char *limit(struct str *out, const struct conf *conf)
{
    uint64_t s = conf->work_reminder;
    str_init(out, 32);
    str_addf(out, "%llu %s", (unsigned long long)(s % 3600 ? s / 60 : s / 3600), s % 3600 ? "min" : "h");
    return out->data;
}

static void write_words(struct str *out, const struct conf *conf, const struct reminder *r)
{
    struct str time;
    bool several = r->uids.len > 1;
    const char *more = r->uids.len == REMINDER_MESSAGES_MAX ? "au moins " : "", *after = limit(&time, conf);
    str_addf(out,
             "Bonjour,\r\n\r\nDans la boîte %s, %s%zu message%s attend%s depuis plus de %s ouvrées que quelqu’un %s "
             "prenne en charge.\r\n",
             r->bal.address, more, r->uids.len, several ? "s" : "", several ? "ent" : "", after,
             several ? "les" : "le");
    if (conf->webmail_base_url[0])
        str_addf(out, "\r\nPour les voir : %s/b/%lld (filtre « Non traités »)\r\n", conf->webmail_base_url,
                 (long long)r->bal.id);
    str_puts(out, "\r\nVous recevez ce rappel parce que vous répondez de cette boîte. Il ne dit rien du contenu des "
                  "messages ; aucun n’est rappelé deux fois.\r\n");
    str_addf(out, "\r\n--\r\nIn %s, nobody has taken %zu message%s in hand for more than %s of working time.\r\n",
             r->bal.address, r->uids.len, several ? "s" : "", after);
    str_free(&time);
}

static void wake(const struct conf *conf, const struct reminder *r, const int64_t *folders, const uint64_t *modseqs)
{
    char *path = xasprintf("%s/notifier.sock", conf->general_run_folder);
    for (size_t i = 0; i < r->told_count; i++)
        wake_send(path, &(struct wake_notice){r->told[i].id, folders[i], modseqs[i]});
    xfree(&path);
}

static enum store_status remind(struct duty *duty, struct reminding *m, const struct reminder *r)
{
    struct str message;
    struct mime_summary made;
    int64_t folders[REMINDER_TOLD_MAX] = {0};
    uint64_t modseqs[REMINDER_TOLD_MAX] = {0};
    str_init(&message, 64 << 10);
    write_head(&message, duty->conf, r);
    write_words(&message, duty->conf, r);
    mime_summarise(&made, str_span(&message), false); /* our own words: no stranger's */
    struct summary summary = {made.flags, str_span(&made.structure), str_span(&made.text)};
    enum store_status status = reminder_send(duty->db, m->keys, r, str_span(&message), &summary, folders, modseqs);
    if (status == STORE_OVER_QUOTA || status == STORE_REFUSED || status == STORE_NOT_FOUND) {
        struct reminder untold = *r; /* a full or closing BAL: the list alone says it */
        untold.told_count = 0;
        status = reminder_send(duty->db, m->keys, &untold, SPAN_NONE, &summary, folders, modseqs);
    } else if (status == STORE_OK) {
        wake(duty->conf, r, folders, modseqs);
    }
    log_event(LOG_INFO, NULL, "work.reminded", LI("bal", r->bal.id), LU("messages", r->uids.len),
              LU("told", r->told_count), LS("status", store_status_name(status)));
    mime_summary_free(&made);
    str_free(&message);
    return status;
}

void reminder_beat(struct duty *duty)
{
    struct reminding *m = duty->memory;
    struct reminder r = {.told_count = 0};
    bool more = false;
    int64_t now = wall_s();
    if (!m) {
        m = duty->memory = xcalloc(1, sizeof(*m));
        m->keys = delivery_keys_new();
    }
    struct worktime w = worktime_of(duty->conf);
    int64_t due = w.begins < w.ends ? worktime_before(&w, now, (int64_t)duty->conf->work_reminder) : 0;
    enum store_status status = reminder_next(duty->db, due, now - FORGET_S, &m->after, &more, &r);
    if (status == STORE_OK)
        status = remind(duty, m, &r);
    if (!more)
        m->after = 0;
    reminder_free(&r);
    bool away = status != STORE_OK && status != STORE_NOT_FOUND;
    duty->next_ms = clock_ms() + (away ? AGAIN_MS : more ? STEP_MS : ROUND_MS);
}
