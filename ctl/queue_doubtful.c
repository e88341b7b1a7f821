/* caducee queue doubtful: after a restore to an earlier moment, everything that waits may have left since, and would leave twice.
 * The relay's own log outlives the database: with it the command says of which message how many recipients were handed over
 * (relay.settled names no recipient: a log holds no address of a patient). */
#include "ctl/table.h"

#include "lib/base/num.h"
#include "lib/base/vec.h"
#include "lib/store/queue.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct settled {
    int64_t message, handed_over;
};
struct doubtful {
    struct table table;
    VEC(struct settled) settled; /* by message */
    uint64_t twice, waiting;
    bool french, with_log;
};

static const struct table_column columns[] = {
    {"message", "message", "message", false},
    {"state", "état", "state", false},
    {"sender", "expéditeur", "sender", false},
    {"recipient", "destinataire", "recipient", false},
    {"arrived", "arrivé", "arrived", false},
    {"handed_over", "remis depuis, selon le journal", "handed over since, by the log", true},
    {"advice", "conseil", "advice", false}};

static bool field(struct span line, const char *name, struct span *out)
{
    ptrdiff_t at = span_find(line, span_of(name));
    if (at < 0)
        return false;
    size_t from = (size_t)at + strlen(name);
    struct span rest = {line.p + from, line.n - from};
    return span_cut(&rest, ' ', out);
}

static int by_message(const void *a, const void *b)
{
    const struct settled *x = a, *y = b;
    return x->message < y->message ? -1 : x->message > y->message;
}

static void take_line(struct doubtful *d, struct span line)
{
    struct span state, message;
    int64_t id;
    if (span_find(line, SPAN_LIT("ev=relay.settled")) < 0 || !field(line, " state=", &state) ||
        !span_is(span_trim(state), "delivered") || !field(line, " message=", &message) ||
        !num_i64(span_trim(message), &id))
        return;
    vec_push(&d->settled, (struct settled){id, 1});
}

/* One entry a message, counted. */
static void fold(struct doubtful *d)
{
    size_t kept = 0;
    if (d->settled.len)
        qsort(d->settled.items, d->settled.len, sizeof(*d->settled.items), by_message);
    for (size_t n = 0; n < d->settled.len; n++) {
        if (kept && d->settled.items[kept - 1].message == d->settled.items[n].message)
            d->settled.items[kept - 1].handed_over++;
        else
            d->settled.items[kept++] = d->settled.items[n];
    }
    d->settled.len = kept;
}

static int64_t handed_over(const struct doubtful *d, int64_t message)
{
    struct settled key = {.message = message};
    const struct settled *found =
        d->settled.len ? bsearch(&key, d->settled.items, d->settled.len, sizeof(key), by_message) : NULL;
    return found ? found->handed_over : 0;
}

static const char *advice(const struct doubtful *d, int64_t count)
{
    if (!d->with_log)
        return d->french ? "peut partir deux fois" : "may be sent twice";
    if (count)
        return d->french ? "parti : queue drop" : "gone: queue drop";
    return d->french ? "pas parti : queue release" : "not gone: queue release";
}

static bool add_row(const struct queue_row *row, void *arg)
{
    struct doubtful *d = arg;
    char id[24];
    int64_t count = handed_over(d, row->message_id);
    snprintf(id, sizeof(id), "%lld", (long long)row->message_id);
    table_cell(&d->table, id);
    table_cell(&d->table, queue_state_name(row->state));
    table_cell(&d->table, row->sender);
    table_cell(&d->table, row->recipient);
    table_date(&d->table, row->arrived);
    table_number(&d->table, count);
    table_cell(&d->table, advice(d, count));
    d->twice += count > 0;
    d->waiting++;
    return true;
}

static int list(struct invocation *i, struct doubtful *d)
{
    enum { ROWS_MAX = 1000000 };
    table_init(&d->table, columns, COUNT(columns));
    int status = fail_store(i, queue_list(invocation_db(i), NULL, -1, 0, ROWS_MAX, add_row, d), "queue");
    table_print(i, &d->table);
    if (d->with_log)
        say(i,
            LANG(i, "\n%llu destinataires attendent, %llu sont déjà partis.",
                 "\n%llu recipients wait, %llu have left already."),
            (unsigned long long)d->waiting, (unsigned long long)d->twice);
    else
        say(i,
            LANG(i, "\n%llu destinataires attendent ; sans --log, chacun peut partir deux fois.",
                 "\n%llu recipients wait; without --log each may be sent twice."),
            (unsigned long long)d->waiting);
    return status == STATUS_OK && (d->with_log ? d->twice : d->waiting) ? STATUS_NO : status;
}

int command_queue_doubtful(struct invocation *i)
{
    const char *log = take_option(i, "--log");
    struct doubtful d = {.french = i->french, .with_log = log != NULL};
    struct str text;
    struct span line;
    if (!words_end(i))
        return STATUS_USAGE;
    if (log) {
        if (!read_file(i, log, (size_t)1 << 30, &text))
            return STATUS_BAD_INPUT;
        struct span rest = str_span(&text);
        while (span_cut(&rest, '\n', &line))
            take_line(&d, line);
        str_free(&text);
        fold(&d);
    }
    int status = list(i, &d);
    vec_free(&d.settled);
    return status;
}
