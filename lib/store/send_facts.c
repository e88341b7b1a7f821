#include "lib/store/send_facts.h"

#include "lib/base/metrics.h"
#include "lib/base/text.h"
#include "lib/proto/header_fields.h"
#include "lib/store/sql.h"

#include <stdio.h>

enum { CODES_MAX = 400 };

static const char *ins_of(const struct summary *summary)
{
    return !(summary->flags & SUMMARY_HAS_CDA) ? "" : summary->flags & SUMMARY_INS_QUALIFIED ? "O" : "N";
}

bool send_facts_missing(char extra[static 512], const struct summary *summary, struct span message)
{
    struct header_field field;
    struct summary_view view;
    if (!(summary->flags & SUMMARY_HAS_CDA) || header_find(message, "X-MSS-CODECDA", &field) ||
        header_find(message, "X-MSS-INS", &field) || !summary_open(&view, summary->structure))
        return false;
    struct span codes = view.field[SUMMARY_CDA_CODES];
    for (size_t i = 0; i < codes.n; i++)
        if ((unsigned char)codes.p[i] < 0x21 || (unsigned char)codes.p[i] > 0x7e)
            return false;
    if (codes.n == 0 || codes.n > CODES_MAX)
        return false;
    snprintf(extra, 512, "X-MSS-CODECDA: %.*s\r\nX-MSS-INS: %s\r\n", (int)codes.n, codes.p, ins_of(summary));
    return true;
}

static bool lists(struct span list, struct span code)
{
    struct span one;
    while (span_cut(&list, ',', &one))
        if (span_eq_nocase(span_trim(one), code))
            return true;
    return false;
}

/* The order of codes, and one that stands twice, say nothing. */
static bool all_listed(struct span codes, struct span in)
{
    struct span one;
    while (span_cut(&codes, ',', &one))
        if (span_trim(one).n > 0 && !lists(in, span_trim(one)))
            return false;
    return true;
}

static void count(struct db *db, const struct send_request *r, const char *field, struct span written,
                  struct span computed)
{
    struct sql_args args = {.count = 0};
    struct str shown;
    str_init(&shown, 4 * CODES_MAX);
    text_sanitize(&shown, (struct span){written.p, written.n < CODES_MAX ? written.n : CODES_MAX});
    arg_i64(&args, r->from->id);
    arg_text(&args, field);
    arg_text(&args, r->product ? r->product : "");
    arg_span(&args, shown.len ? str_span(&shown) : SPAN_LIT(""));
    arg_span(&args, computed.n ? computed : SPAN_LIT(""));
    (void)sql_queue(db, SQL_header_mismatch, &args);
    metric_add(M_SUBMISSION_WRONG_FIELDS, 1);
    str_free(&shown);
}

/* Fields are those of the client's message: ours are put in only where it has none. What parse could not read is not judged. */
void send_facts_compare(struct db *db, const struct send_request *r, const struct summary *summary)
{
    struct header_field field;
    struct summary_view view;
    if (summary->flags & (SUMMARY_BROKEN | SUMMARY_CUT) || !summary_open(&view, summary->structure))
        return;
    struct span codes = view.field[SUMMARY_CDA_CODES], ins = span_of(ins_of(summary));
    if (header_find(r->message, "X-MSS-CODECDA", &field)) {
        struct span written = span_trim(field.body);
        if (!all_listed(written, codes) || !all_listed(codes, written))
            count(db, r, "X-MSS-CODECDA", written, codes);
    }
    if (header_find(r->message, "X-MSS-INS", &field)) {
        struct span written = span_trim(field.body);
        if (!span_eq_nocase(written, ins))
            count(db, r, "X-MSS-INS", written, ins);
    }
}
