/* Out-of-office (RFC 3834): to whoever has written, at most once a week; to a patient the structure's text, once an
 * exchange. The answer leaves from the null sender and says that it is automatic: nothing answers it.
 */
#include "lib/store/arrival.h"

#include "lib/base/log.h"
#include "lib/base/text.h"
#include "lib/proto/address.h"
#include "lib/proto/header_fields.h"
#include "lib/store/sql.h"

#include <stdio.h>
#include <string.h>

enum { HASH_BYTES = 16, TEXT_MAX = 64 << 10 };

struct absence {
    int64_t bal_id;
    const char *sender;
    bool patient, due;
    struct str subject, body;
};

static bool correspondent_hash(uint8_t hash[static HASH_BYTES], const char *sender)
{
    struct str key;
    str_init(&key, ADDRESS_MAX);
    bool good = address_key_of(&key, span_of(sender)) && trace_patient_hash(hash, str_span(&key));
    str_free(&key);
    return good;
}

/* The text, and the right to send it once: taken before it is sent, so that a crash answers nobody twice. */
static enum store_status take_absence(struct db *db, void *arg)
{
    struct absence *x = arg;
    struct sql_args args = {.count = 0};
    const PGresult *r;
    uint8_t hash[HASH_BYTES];
    x->due = false;
    arg_i64(&args, x->bal_id);
    enum store_status status = sql_run(db, SQL_absence_now, &args, &r);
    if (status != STORE_OK || sql_rows(r) == 0)
        return status;
    str_clear(&x->subject);
    str_clear(&x->body);
    str_add_span(&x->subject, sql_span(r, 0, 0));
    str_add_span(&x->body, sql_span(r, 0, x->patient ? 2 : 1));
    if (x->body.len == 0 || !correspondent_hash(hash, x->sender))
        return STORE_OK;
    arg_span(&args, (struct span){(const char *)hash, sizeof(hash)});
    arg_bool(&args, x->patient);
    status = sql_run(db, SQL_absence_take, &args, &r);
    x->due = status == STORE_OK && sql_rows(r) > 0;
    return status;
}

static bool field_is(struct span message, const char *name, const char *const *values, size_t count)
{
    struct header_field field;
    if (!header_find(message, name, &field))
        return false;
    for (size_t i = 0; i < count; i++)
        if (span_starts_nocase(span_trim(field.body), values[i]))
            return true;
    return count == 0;
}

/* RFC 3834 2: addresses behind which there are machines or lists. */
static bool is_machine(const char *sender)
{
    static const char *const begins[] = {"mailer-daemon@", "postmaster@",    "owner-",          "noreply@",
                                         "no-reply@",      "nepasrepondre@", "ne-pas-repondre@"};
    for (size_t i = 0; i < COUNT(begins); i++)
        if (span_starts_nocase(span_of(sender), begins[i]))
            return true;
    return span_find(span_of(sender), SPAN_LIT("-request@")) >= 0;
}

/* Is the mailbox itself written to, in To or Cc (RFC 3834 4)? */
static bool is_addressed(const struct arrival *a, struct span own)
{
    static const enum summary_field fields[] = {SUMMARY_TO, SUMMARY_CC};
    for (size_t f = 0; f < COUNT(fields); f++) {
        struct span text = a->view.field[fields[f]];
        for (size_t i = 0; i + own.n <= text.n; i++)
            if (span_eq_nocase((struct span){text.p + i, own.n}, own))
                return true;
    }
    return false;
}

bool absence_is_silent(const struct arrival *a, struct span own_address)
{
    static const char *const bulk[] = {"bulk", "list", "junk"}, *const by_hand[] = {"no"},
                             *const reports[] = {"multipart/report"};
    struct header_field field;
    struct span message = a->message;
    bool automatic = header_find(message, "Auto-Submitted", &field) && !field_is(message, "Auto-Submitted", by_hand, 1);
    return a->sender[0] == '\0' || !a->readable || automatic || is_machine(a->sender) ||
           span_is_nocase(own_address, a->sender) || field_is(message, "Precedence", bulk, COUNT(bulk)) ||
           field_is(message, "Content-Type", reports, 1) || field_is(message, "List-Id", NULL, 0) ||
           field_is(message, "List-Unsubscribe", NULL, 0) || field_is(message, "List-Post", NULL, 0) ||
           !is_addressed(a, own_address);
}

/* "=?utf-8?B?…?=" in words of 45 bytes at most, never inside a character. */
static void add_words(struct str *out, struct span text)
{
    while (text.n > 0) {
        size_t n = text.n < 45 ? text.n : 45;
        while (n < text.n && n > 0 && ((unsigned char)text.p[n] & 0xc0) == 0x80)
            n--;
        if (n == 0)
            return;
        str_puts(out, "=?utf-8?B?");
        base64_encode(out, (struct span){text.p, n});
        text = (struct span){text.p + n, text.n - n};
        str_puts(out, text.n ? "?=\r\n " : "?=");
    }
}

/* CRLF at the end of every line, whatever the form's were. */
static void add_text(struct str *out, struct span body)
{
    for (size_t i = 0; i < body.n; i++) {
        if (body.p[i] == '\r')
            continue;
        if (body.p[i] == '\n')
            str_putc(out, '\r');
        str_putc(out, body.p[i]);
    }
    str_puts(out, "\r\n");
}

static void write_answer(struct str *out, const struct absence *x, const struct arrival *a, const struct bal *bal)
{
    struct span id = a->view.field[SUMMARY_MESSAGE_ID];
    str_addf(out, "From: <%s>\r\nTo: <%s>\r\nSubject: ", bal->address, x->sender);
    add_words(out, str_span(&x->subject));
    str_puts(out, "\r\n");
    if (id.n > 2 && id.n < 900 && ascii_printable(id))
        str_addf(out, "In-Reply-To: %.*s\r\nReferences: %.*s\r\n", (int)id.n, id.p, (int)id.n, id.p);
    str_puts(out, "Auto-Submitted: auto-replied\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n"
                  "Content-Transfer-Encoding: 8bit\r\n\r\n");
    add_text(out, str_span(&x->body));
}

static void send_answer(struct db *db, struct delivery_keys *keys, const struct trust_snapshot *snapshot,
                        const struct absence *x, const struct arrival *a, const struct bal *bal,
                        const struct send_request *like)
{
    struct str message;
    struct send_recipient to = {.notify = 0};
    str_init(&message, 4 * TEXT_MAX);
    write_answer(&message, x, a, bal);
    snprintf(to.address, sizeof(to.address), "%s", x->sender);
    struct send_request request = {.conf = like->conf,
                                   .from = bal,
                                   .message = str_span(&message),
                                   .to = &to,
                                   .to_count = 1,
                                   .eight_bit = true,
                                   .null_sender = true,
                                   .session = like->session,
                                   .peer = NULL,
                                   .actor = "absence",
                                   .actor_kind = TRACE_SYSTEM,
                                   .protocol = "local",
                                   .parse = like->parse,
                                   .wake_path = like->wake_path};
    enum send_outcome outcome = send_message(db, keys, snapshot, &request);
    log_event(LOG_INFO, NULL, "absence.answered", LI("bal", bal->id), LU("patient", x->patient), LU("outcome", outcome),
              LS("rule", outcome == SEND_ACCEPTED ? "" : request.verdict.rule));
    str_free(&message);
}

static void answer_one(struct db *db, struct delivery_keys *keys, const struct trust_snapshot *snapshot,
                       const struct arrival *a, const struct bal *bal, const struct send_request *like)
{
    const char *at = strrchr(a->sender, '@');
    struct absence x = {.bal_id = bal->id, .sender = a->sender, .patient = at && domain_is_patient(span_of(at + 1))};
    str_init(&x.subject, 4096);
    str_init(&x.body, TEXT_MAX);
    if (db_transaction(db, DB_WRITE, bal->id, take_absence, &x) == STORE_OK && x.due)
        send_answer(db, keys, snapshot, &x, a, bal, like);
    str_free(&x.subject);
    str_free(&x.body);
}

void arrival_answer(struct db *db, struct delivery_keys *keys, const struct trust_snapshot *snapshot,
                    const struct arrival *a, const struct delivery_target *targets, size_t count,
                    const struct send_request *like)
{
    for (size_t i = 0; i < count; i++)
        if (targets[i].bal->watched && targets[i].bal->state == BAL_OPEN && !targets[i].into && !targets[i].folder &&
            !absence_is_silent(a, span_of(targets[i].bal->address)))
            answer_one(db, keys, snapshot, a, targets[i].bal, like);
}
