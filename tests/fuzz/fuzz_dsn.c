/* A report made of anything is one whole report that our own reader understands; anything read as a report stays bounded. */
#include "lib/base/arena.h"
#include "lib/proto/dsn.h"
#include "lib/proto/dsn_read.h"
#include "lib/proto/mime_summary.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static bool read_back(struct span message, struct report *out)
{
    struct mime_summary made;
    struct summary_view view;
    mime_summarise(&made, message, true);
    must(summary_open(&view, str_span(&made.structure)));
    bool is_report = report_read(message, &view, out);
    for (size_t i = 0; i < out->count && is_report; i++)
        must(out->recipients[i].outcome && out->recipients[i].address[0]);
    mime_summary_free(&made);
    return is_report;
}

/* The next line of the input, without NULs, as a string. */
static const char *take(struct arena *arena, struct span *rest)
{
    struct span line = SPAN_NONE;
    span_cut(rest, '\n', &line);
    char *text = arena_strndup(arena, line.p ? line.p : "", line.n < 400 ? line.n : 400);
    for (size_t i = 0; i < line.n && i < 400; i++)
        if (!text[i])
            text[i] = '?';
    return text;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    struct span rest = {(const char *)data, n};
    struct report report;
    struct str out;
    read_back(rest, &report);
    if (n < 4)
        return 0;
    struct arena *arena = arena_new(0);
    struct dsn_recipient to[2];
    unsigned actions = data[0], causes = data[1];
    rest = (struct span){rest.p + 2, rest.n - 2};
    for (size_t i = 0; i < 2; i++)
        to[i] = (struct dsn_recipient){.address = i ? "b@them.fr" : take(arena, &rest),
                                       .orcpt = take(arena, &rest),
                                       .action = (enum dsn_action)((actions >> (2 * i)) & 3),
                                       .status = i ? "5.1.1" : take(arena, &rest),
                                       .cause = (enum dsn_cause)(causes % DSN_CAUSE_COUNT),
                                       .remote = take(arena, &rest),
                                       .diagnostic = take(arena, &rest)};
    const struct dsn dsn = {.hostname = "mx.ours.fr",
                            .to = take(arena, &rest),
                            .message_id = "<m@ours.fr>",
                            .envid = take(arena, &rest),
                            .arrived = 1,
                            .now = 2,
                            .boundary = "caducee.f00dfeedf00dfeedf00dfeed",
                            .original = rest,
                            .whole = (actions & 16) != 0,
                            .recipients = to,
                            .count = 2};
    str_init(&out, n * 8 + (1 << 18));
    must(dsn_build(&out, &dsn));
    /* what strangers wrote neither adds a recipient nor hides one; a boundary in the original is the caller's to avoid */
    if (span_find(rest, SPAN_LIT("caducee.f00d")) < 0) {
        must(read_back(str_span(&out), &report));
        must(strcmp(report.recipients[report.count - 1].address, "b@them.fr") == 0 && report.count <= 2);
    }
    str_free(&out);
    arena_destroy(&arena);
    return 0;
}
