#include "lib/store/arrival.h"

#include "lib/proto/charset.h"
#include "lib/store/message_write.h"
#include "lib/store/sql.h"

#include <string.h>

void arrival_begin(struct arrival *a, struct span message, const struct summary *summary, const char *sender)
{
    *a = (struct arrival){.message = message, .sender = sender, .summary = *summary};
    a->readable = !(summary->flags & SUMMARY_BROKEN) && summary_open(&a->view, summary->structure);
    a->has_report = a->readable && report_read(message, &a->view, &a->report);
}

/* ---- rules ---- */

/* Case and accents apart: folded (NFKD), then without combining marks (U+0300 to U+036F). */
static bool fold_plain(struct str *out, struct span text)
{
    size_t kept = 0;
    bool good = charset_fold(out, text);
    for (size_t i = 0; i < out->len; i++) {
        unsigned char c = (unsigned char)out->data[i], next = i + 1 < out->len ? (unsigned char)out->data[i + 1] : 0;
        if (c == 0xcc || (c == 0xcd && next < 0xb0))
            i++;
        else
            out->data[kept++] = out->data[i];
    }
    str_truncate(out, kept);
    return good;
}

static bool holds(struct span text, struct span value)
{
    struct str here, there;
    str_init(&here, text.n * 8 + 64);
    str_init(&there, value.n * 8 + 64);
    bool found = fold_plain(&here, text) && fold_plain(&there, value) && there.len > 0 &&
                 span_find(str_span(&here), str_span(&there)) >= 0;
    str_free(&here);
    str_free(&there);
    return found;
}

static bool rule_matches(const struct arrival *a, struct span field, struct span value)
{
    const struct span *in = a->view.field;
    if (span_is(field, "from"))
        return holds(in[SUMMARY_FROM], value);
    if (span_is(field, "to"))
        return holds(in[SUMMARY_TO], value) || holds(in[SUMMARY_CC], value);
    if (span_is(field, "subject"))
        return holds(in[SUMMARY_SUBJECT], value);
    if (span_is(field, "attachment"))
        return (a->summary.flags & SUMMARY_ATTACHMENTS) != 0;
    if (span_is(field, "document"))
        return (a->summary.flags & (SUMMARY_HAS_XDM | SUMMARY_HAS_CDA)) != 0;
    return span_is(field, "patient") && holds(in[SUMMARY_FROM], SPAN_LIT("@patient.mssante.fr"));
}

struct sorting {
    const struct arrival *arrival;
    struct delivery_target *target;
};

/* Every 'flag' that matches; of 'move', the first. */
static enum store_status sort(struct db *db, void *arg)
{
    struct sorting *s = arg;
    struct sql_args args = {.count = 0};
    const PGresult *r;
    arg_i64(&args, s->target->bal->id);
    enum store_status status = sql_run(db, SQL_bal_rules, &args, &r);
    s->target->into = 0;
    for (int row = 0; status == STORE_OK && row < sql_rows(r); row++) {
        bool moves = !sql_null(r, row, 2);
        if ((moves && s->target->into) || !rule_matches(s->arrival, sql_span(r, row, 0), sql_span(r, row, 1)))
            continue;
        if (moves)
            s->target->into = sql_i64(r, row, 2);
        else
            s->target->flags = "\\Flagged";
    }
    return status;
}

void arrival_sort(struct db *db, const struct arrival *a, struct delivery_target *target)
{
    struct sorting s = {a, target};
    if (target->bal->watched && a->readable && !target->folder)
        (void)db_transaction(db, DB_READ, target->bal->id, sort, &s); /* without rules: INBOX */
}

/* ---- receipts ---- */

struct receiving {
    struct arrival *arrival;
    struct delivery *delivery;
    enum store_status (*also)(struct db *, void *);
    void *also_arg;
};

static void add_receipt(struct db *db, const struct arrival *a, int64_t bal_id, const struct report_recipient *r)
{
    uint8_t hash[16];
    struct sql_args args = {.count = 0};
    struct span address = span_of(r->address);
    const char *at = strrchr(r->address, '@');
    message_id_hash(hash, bal_id, span_of(a->report.message_id));
    arg_i64(&args, bal_id);
    arg_span(&args, (struct span){(const char *)hash, sizeof(hash)});
    arg_text(&args, a->report.disposition ? "mdn" : at && domain_is_patient(span_of(at + 1)) ? "mes" : "dsn");
    arg_span(&args, address);
    arg_text(&args, r->outcome);
    arg_text(&args, r->detail[0] ? r->detail : NULL);
    (void)sql_queue(db, SQL_receipt_add, &args);
}

static enum store_status receive(struct db *db, void *arg)
{
    struct receiving *x = arg;
    const struct report *report = &x->arrival->report;
    for (size_t t = 0; t < x->delivery->target_count; t++) {
        db_act_on(db, x->delivery->targets[t].bal->id);
        for (size_t i = 0; i < report->count; i++)
            if (x->arrival->speaks_for(span_of(report->recipients[i].address), x->arrival->arg))
                add_receipt(db, x->arrival, x->delivery->targets[t].bal->id, &report->recipients[i]);
    }
    return x->also ? x->also(db, x->also_arg) : STORE_OK;
}

enum store_status arrival_deliver(struct db *db, struct delivery_keys *keys, struct arrival *a, struct delivery *d)
{
    struct receiving x = {a, d, d->also, d->also_arg};
    bool moved = false;
    if (a->has_report && a->speaks_for) {
        d->also = receive;
        d->also_arg = &x;
    }
    enum store_status status = deliver(db, keys, d);
    for (size_t i = 0; i < d->target_count && status == STORE_NOT_FOUND; i++) {
        moved = moved || d->targets[i].into;
        d->targets[i].into = 0;
    }
    return moved ? deliver(db, keys, d) : status;
}
