/* Looking through the traces; the look is a trace itself. */
#include "ctl/lists.h"

#include "lib/base/clock.h"
#include "lib/base/json.h"
#include "lib/base/num.h"

#include <stdio.h>
#include <string.h>

struct trace_search {
    const char *bal, *person, *action, *session, *message, *limit;
    char since[32], until[32];
};
enum { ROWS_MAX = 1000000 };

static bool read_moment(const char *text, int64_t usual, char out[32])
{
    int64_t when = usual;
    if (text && !read_date(text, &when))
        return false;
    snprintf(out, 32, "%lld", (long long)when);
    return true;
}

/* With nothing but a time to go by, the last day: a whole month is asked for by --since. */
static bool take_search(struct invocation *i, struct trace_search *s, const char *limit)
{
    const char *from, *to;
    uint64_t number;
    *s = (struct trace_search){.bal = take_option(i, "--bal"),
                               .person = take_option(i, "--person"),
                               .action = take_option(i, "--action"),
                               .session = take_option(i, "--session"),
                               .message = take_option(i, "--message"),
                               .limit = take_option(i, "--limit")};
    from = take_option(i, "--since");
    to = take_option(i, "--until");
    bool narrow = s->bal || s->person;
    if (read_moment(from, narrow ? 0 : wall_s() - 86400, s->since) && read_moment(to, wall_s() + 86400, s->until) &&
        (!s->limit || num_u64(span_of(s->limit), ROWS_MAX, &number))) {
        s->limit = s->limit ? s->limit : limit;
        return true;
    }
    (void)usage(i, "--since, --until : 2026-11-20 ou -2h ; --limit : un nombre",
                "--since, --until: 2026-11-20 or -2h; --limit: a number");
    return false;
}

/* What is being looked for is in the trace before anything is shown. */
static enum store_status trace_look(struct invocation *i, const struct trace_search *s, const char *action)
{
    struct str words;
    str_init(&words, 4096);
    str_addf(&words, "bal=%.320s person=%.64s action=%.64s session=%.64s message=%.64s since=%s", s->bal ? s->bal : "",
             s->person ? s->person : "", s->action ? s->action : "", s->session ? s->session : "",
             s->message ? s->message : "", s->since);
    struct trace trace = invocation_trace(i, action);
    trace.detail = words.data;
    enum store_status status = trace_write(invocation_db(i), &trace);
    str_free(&words);
    return status;
}

static enum listing_kind way_in(const struct trace_search *s)
{
    return s->person ? LISTING_traces_of_person : s->bal ? LISTING_traces_of_bal : LISTING_traces;
}

/* The last so many of a busy day are mostly the last minutes': an hour is asked first, and sorted, rather than the whole time. */
static void look_near(struct invocation *i, struct trace_search *s, const char *const *arguments, size_t count)
{
    char whole[32];
    struct listing list;
    uint64_t limit = 0;
    int64_t since = 0, near = wall_s() - 3600;
    memcpy(whole, s->since, sizeof(whole));
    if (s->bal || s->person || !num_u64(span_of(s->limit), ROWS_MAX, &limit) || !num_i64(span_of(whole), &since) ||
        since >= near)
        return;
    snprintf(s->since, sizeof(s->since), "%lld", (long long)near);
    bool enough = listing_read(invocation_db(i), LISTING_traces, arguments, count, &list) == STORE_OK && list.columns &&
                  list.cells.len / list.columns >= limit;
    listing_free(&list);
    if (!enough)
        memcpy(s->since, whole, sizeof(whole));
}

int command_trace_list(struct invocation *i)
{
    struct trace_search s;
    if (!take_search(i, &s, "50") || !words_end(i))
        return STATUS_USAGE;
    enum store_status traced = trace_look(i, &s, "trace.search");
    if (traced != STORE_OK)
        return fail_store(i, traced, "trace");
    const char *arguments[] = {s.bal, s.action, s.person, s.since, s.until, s.session, s.limit, s.message};
    look_near(i, &s, arguments, COUNT(arguments));
    return list_print(i, way_in(&s), arguments, COUNT(arguments), NULL);
}

/* caducee trace export: the same, as JSON, in a file of mode 0600 — for an authority, or an auditor's own tools. */
int command_trace_export(struct invocation *i)
{
    struct trace_search s;
    const char *path;
    if (!take_search(i, &s, "1000000"))
        return STATUS_USAGE;
    path = take_word(i);
    if (!path || !words_end(i))
        return usage(i, "FICHIER", "FILE");
    enum store_status traced = trace_look(i, &s, "trace.export");
    if (traced != STORE_OK)
        return fail_store(i, traced, "trace");
    const char *arguments[] = {s.bal, s.action, s.person, s.since, s.until, s.session, s.limit, s.message};
    bool json = i->json;
    size_t rows = 0;
    i->json = true;
    int status = list_print(i, way_in(&s), arguments, COUNT(arguments), &rows);
    i->json = json;
    if (status == STATUS_OK)
        status = write_file(i, path, str_span(&i->out), 0600);
    str_clear(&i->out);
    if (status == STATUS_OK && json)
        str_addf(&i->out, "{\"rows\":%zu}\n", rows);
    else if (status == STATUS_OK)
        say(i, LANG(i, "%zu traces dans %s", "%zu traces in %s"), rows, path);
    return status;
}
