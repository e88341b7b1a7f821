#include "helpers/parse/tasks.h"

#include "lib/base/fault.h"
#include "lib/net/ipc.h"
#include "lib/net/parse.h"
#include "lib/net/parse_protocol.h"
#include "lib/proto/cda.h"
#include "lib/proto/html_clean.h"
#include "lib/proto/mime_summary.h"
#include "lib/proto/summary.h"

/* In a test installation the identities of test and demonstration are taken for qualified. */
static bool test_identities_count;

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
    FAULT("parse.summary");
    mime_summarise(&summary, input, test_identities_count);
    done(answer, summary.flags);
    ipc_put(answer, PARSE_T_STRUCTURE, str_span(&summary.structure));
    ipc_put(answer, PARSE_T_TEXT, str_span(&summary.text));
    mime_summary_free(&summary);
    FAULT("parse.summarised");
}

static void read_xdm(struct span input, struct span argument, struct str *answer)
{
    struct str facts;
    struct xdm_view view;
    str_init(&facts, XDM_FACTS_MAX);
    xdm_read(&facts, input, test_identities_count || span_is(argument, "test"));
    if (facts.overflow || !xdm_open(&view, str_span(&facts))) {
        could_not(answer);
    } else {
        done(answer, SUMMARY_HAS_XDM | (view.has_cda ? SUMMARY_HAS_CDA : 0U) |
                         (view.ins_qualified ? SUMMARY_INS_QUALIFIED : 0U));
        ipc_put(answer, PARSE_T_FACTS, str_span(&facts));
    }
    str_free(&facts);
}

static void show_cda(struct span input, struct span argument, struct str *answer)
{
    struct str html;
    const char *problem;
    (void)argument;
    str_init(&html, HTML_OUTPUT_MAX);
    if (cda_html(&html, input, &problem)) {
        done(answer, 0);
        ipc_put(answer, PARSE_T_HTML, str_span(&html));
    } else {
        could_not(answer);
    }
    str_free(&html);
}

/* flags: how many remote pictures were taken out. */
static void clean_html(struct span input, struct span argument, struct str *answer)
{
    struct str html;
    unsigned remote;
    (void)argument;
    str_init(&html, HTML_OUTPUT_MAX);
    if (html_clean(&html, input, HTML_OF_MAIL, &remote)) {
        done(answer, remote);
        ipc_put(answer, PARSE_T_HTML, str_span(&html));
    } else {
        could_not(answer);
    }
    str_free(&html);
}

/* A member of a zip by its name, or ("") the body of a level 1 CDA: bytes and media type. */
static void take_document(struct span input, struct span argument, struct str *answer)
{
    struct str bytes, media;
    str_init(&bytes, PARSE_ANSWER_MAX - (1 << 20));
    str_init(&media, 4096);
    bool ok = argument.n ? xdm_member(&bytes, input, argument) : cda_body(&bytes, &media, input);
    if (ok) {
        done(answer, 0);
        ipc_put(answer, PARSE_T_STRUCTURE, str_span(&bytes));
        ipc_put(answer, PARSE_T_TEXT, str_span(&media));
    } else {
        could_not(answer);
    }
    str_free(&bytes);
    str_free(&media);
}

task *const tasks[] = {
    [PARSE_SUMMARY] = summarise,     [PARSE_XDM] = read_xdm,           [PARSE_CDA_HTML] = show_cda,
    [PARSE_HTML_CLEAN] = clean_html, [PARSE_DOCUMENT] = take_document,
};
const unsigned task_count = COUNT(tasks);

void tasks_setup(const struct conf *conf)
{
    test_identities_count = span_is(span_of(conf->general_environment), "test");
    cda_setup();
}
