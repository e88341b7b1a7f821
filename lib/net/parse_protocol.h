/* What goes between lib/net/parse.c and caducee-parse: a small input in the request itself, a larger one as a sealed memfd
 * beside it, the answer in one frame. A connection serves one request, so that the call goes to a process that is idle.
 */
#ifndef CADUCEE_NET_PARSE_PROTOCOL_H
#define CADUCEE_NET_PARSE_PROTOCOL_H

enum {
    PARSE_REQUEST_MAX = 64 << 10,
    PARSE_ARGUMENT_MAX = 8 << 10,
    PARSE_INLINE_MAX = 48 << 10, /* copied twice through a socket it is still cheaper than a map */
    PARSE_INPUT_MAX = 128 << 20,
    PARSE_ANSWER_MAX = 40 << 20,
    PARSE_TIMEOUT_MS = 20000,
    PARSE_CPU_SECONDS = 10 /* one request's; then the process is killed by the kernel */
};

enum parse_message { PARSE_REQUEST = 1 /* + enum parse_task */, PARSE_ANSWER = 100 };

enum parse_tag {
    PARSE_T_ARGUMENT = 1,
    PARSE_T_INPUT,        /* at most PARSE_INLINE_MAX; else one descriptor comes along */
    PARSE_T_OUTCOME = 10, /* 0: done, 1: could not */
    PARSE_T_FLAGS,
    PARSE_T_STRUCTURE,
    PARSE_T_TEXT,
    PARSE_T_HTML,
    PARSE_T_FACTS
};

#endif
