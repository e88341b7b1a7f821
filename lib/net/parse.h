/* The client of caducee-parse: hands it bytes that strangers wrote, through shared memory (a sealed memfd), and gets a
 * typed answer or nothing. Blocking with a deadline: called by jobs. A parse process that dies, hangs or lies costs one
 * summary, never a message.
 */
#ifndef CADUCEE_NET_PARSE_H
#define CADUCEE_NET_PARSE_H

#include "lib/base/str.h"

struct parse_client;
enum parse_task {
    PARSE_SUMMARY /* MIME to struct summary's sections */,
    PARSE_XDM /* X-MSS facts, documents of an IHE_XDM zip */,
    PARSE_CDA_HTML /* one CDA through our XSLT, cleaned */,
    PARSE_HTML_CLEAN,
    PARSE_DOCUMENT /* one member of a zip */
};
enum parse_outcome { PARSE_OK, PARSE_FAILED /* it answered that it could not */, PARSE_DIED /* no answer */ };

struct parse_answer {
    struct str bytes; /* owns what the spans point into */
    uint32_t flags;   /* enum summary_flag */
    struct span structure, text, html, facts;
};
struct parse_client *parse_client_new(const char *socket_path);
enum parse_outcome parse_call(struct parse_client *, enum parse_task, struct span input, struct span argument,
                              struct parse_answer *);
void parse_answer_free(struct parse_answer *);
void parse_client_destroy(struct parse_client **);

#endif
