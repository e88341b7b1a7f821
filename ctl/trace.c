/* Looking through the traces; the look is a trace itself. */
#include "ctl/lists.h"

#include "lib/base/num.h"

#include <stdio.h>

static bool read_since(const char *text, char out[32])
{
    int64_t when;
    if (text && !read_date(text, &when))
        return false;
    if (text)
        snprintf(out, 32, "%lld", (long long)when);
    return true;
}

int command_trace_list(struct invocation *i)
{
    char since[32], until[32];
    uint64_t number;
    const char *bal = take_option(i, "--bal"), *person = take_option(i, "--person"),
               *action = take_option(i, "--action"), *session = take_option(i, "--session"),
               *from = take_option(i, "--since"), *to = take_option(i, "--until"), *limit = take_option(i, "--limit");
    if (!words_end(i))
        return STATUS_USAGE;
    if (!read_since(from, since) || !read_since(to, until) || (limit && !num_u64(span_of(limit), 1000000, &number)))
        return usage(i, "--since, --until : 2026-11-20 ou -2h ; --limit : un nombre",
                     "--since, --until: 2026-11-20 or -2h; --limit: a number");
    struct str words;
    str_init(&words, 2048);
    str_addf(&words, "bal=%.320s person=%.64s action=%.64s", bal ? bal : "", person ? person : "",
             action ? action : "");
    struct trace trace = invocation_trace(i, "trace.search");
    trace.detail = words.data;
    (void)trace_write(invocation_db(i), &trace);
    str_free(&words);
    const char *arguments[] = {
        bal, action, person, from ? since : NULL, to ? until : NULL, session, limit ? limit : "50"};
    return list_print(i, LISTING_traces, arguments, COUNT(arguments), NULL);
}
