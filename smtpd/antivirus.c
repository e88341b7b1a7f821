#include "smtpd/antivirus.h"

#include "lib/base/log.h"
#include "lib/base/num.h"
#include "lib/net/conn.h"

#include <stdio.h>

enum { CHUNK = 1 << 20, SCAN_MS = 120000, ANSWER_MAX = 1024 };

struct scan {
    struct loop *loop;
    struct timer *failure; /* tells of a failure in a later turn */
    struct span rest;
    bool ended; /* the empty chunk has been sent */
    enum antivirus_result result;
    char name[128];
    void (*done)(enum antivirus_result, const char *, void *);
    void *arg;
};

static void finish(struct scan *s)
{
    s->done(s->result, s->name, s->arg);
    timer_destroy(&s->failure);
    xfree(&s);
}

/* INSTREAM (clamd(8)): chunks of a 4-byte length and its bytes, then a length of zero. */
static void send_more(struct conn *conn, void *owner)
{
    struct scan *s = owner;
    uint8_t length[4];
    if (s->ended)
        return;
    size_t n = s->rest.n < CHUNK ? s->rest.n : CHUNK;
    put_u32(length, (uint32_t)n);
    conn_write(conn, (struct span){(const char *)length, 4});
    conn_write(conn, (struct span){s->rest.p, n});
    s->rest = (struct span){s->rest.p + n, s->rest.n - n};
    s->ended = n == 0;
}

static void keep_name(struct scan *s, struct span answer)
{
    size_t n = 0;
    for (size_t i = 0; i < answer.n && n < sizeof(s->name) - 1; i++)
        s->name[n++] = answer.p[i] > 0x20 && answer.p[i] < 0x7f ? answer.p[i] : '?';
    s->name[n] = '\0';
}

/* "stream: OK", "stream: NAME FOUND", "INSTREAM size limit exceeded. ERROR", each ended by a NUL. */
static void read_answer(struct scan *s, struct span answer)
{
    static const char prefix[] = "stream: ";
    if (span_is(answer, "stream: OK")) {
        s->result = ANTIVIRUS_CLEAN;
    } else if (answer.n > sizeof(" FOUND") && span_is((struct span){answer.p + answer.n - 6, 6}, " FOUND")) {
        bool named = span_starts_nocase(answer, prefix);
        size_t skip = named ? sizeof(prefix) - 1 : 0;
        s->result = ANTIVIRUS_INFECTED;
        keep_name(s, (struct span){answer.p + skip, answer.n - skip - 6});
    } else if (span_find(answer, SPAN_LIT("size limit exceeded")) >= 0) {
        s->result = ANTIVIRUS_TOO_LARGE;
    }
}

static void on_input(struct conn *conn, void *owner)
{
    struct span in = conn_input(conn);
    for (size_t i = 0; i < in.n; i++) {
        if (in.p[i] != '\0')
            continue;
        read_answer(owner, (struct span){in.p, i});
        conn_abort(conn);
        return;
    }
}

static void on_tls(struct conn *conn UNUSED, void *owner UNUSED)
{
}

static void on_closed(struct conn *conn UNUSED, enum conn_end end UNUSED, void *owner)
{
    finish(owner);
}

static void on_failure(void *arg)
{
    finish(arg);
}

void antivirus_scan(struct loop *loop, const struct conf *conf, struct span message,
                    void (*done)(enum antivirus_result, const char *, void *), void *arg)
{
    static const struct conn_events events = {on_input, send_more, on_tls, on_closed};
    static const struct conn_limits limits = {.input_max = ANSWER_MAX, .idle_ms = SCAN_MS, .total_ms = SCAN_MS};
    struct scan *s = xcalloc(1, sizeof(*s));
    struct str error;
    *s = (struct scan){.loop = loop, .rest = message, .result = ANTIVIRUS_AWAY, .done = done, .arg = arg};
    str_init(&error, 512);
    s->failure = timer_new(loop, on_failure, s);
    struct conn *conn = conn_connect_unix(loop, conf->antivirus_socket, &error);
    if (conn) {
        conn_set(conn, &events, &limits, s);
        conn_write(conn, (struct span){"zINSTREAM", 10});
        send_more(conn, s);
    } else {
        log_event(LOG_ERROR, NULL, "antivirus.away", LS("error", error.data));
        timer_arm(s->failure, 0);
    }
    str_free(&error);
}
