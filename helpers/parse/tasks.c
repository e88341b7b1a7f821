#include "helpers/parse/tasks.h"

#include "lib/net/ipc.h"
#include "lib/net/parse.h"
#include "lib/net/parse_protocol.h"
#include "lib/proto/mime_summary.h"

static void done(struct str *answer, uint32_t flags)
{
    ipc_begin(answer, PARSE_ANSWER);
    ipc_put_u64(answer, PARSE_T_OUTCOME, 0);
    ipc_put_u64(answer, PARSE_T_FLAGS, flags);
}

static void could_not(struct str *answer)
{
    ipc_begin(answer, PARSE_ANSWER);
    ipc_put_u64(answer, PARSE_T_OUTCOME, 1);
}

static void summarise(struct span input, struct span argument, struct str *answer)
{
    struct mime_summary summary;
    (void)argument;
    mime_summarise(&summary, input);
    done(answer, summary.flags);
    ipc_put(answer, PARSE_T_STRUCTURE, str_span(&summary.structure));
    ipc_put(answer, PARSE_T_TEXT, str_span(&summary.text));
    mime_summary_free(&summary);
}

static void not_yet(struct span input, struct span argument, struct str *answer)
{
    (void)input;
    (void)argument;
    could_not(answer);
}

task *const tasks[] = {
    [PARSE_SUMMARY] = summarise,  [PARSE_XDM] = not_yet,      [PARSE_CDA_HTML] = not_yet,
    [PARSE_HTML_CLEAN] = not_yet, [PARSE_DOCUMENT] = not_yet,
};
const unsigned task_count = COUNT(tasks);

void tasks_setup(void)
{
}
