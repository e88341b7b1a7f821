/* The antivirus stands between the last byte and the transaction, on mx and on submission alike. */
#include "smtpd/road.h"

#include "lib/base/clamd.h"
#include "lib/base/file.h"
#include "lib/base/metrics.h"
#include "smtpd/antivirus.h"

#include <stdio.h>

static void scanned(enum antivirus_result result, const char *name, void *arg)
{
    struct session *s = arg;
    char reply[256];
    session_back(s);
    switch (result) {
    case ANTIVIRUS_CLEAN:
        s->worker->road->deliver(s);
        break;
    case ANTIVIRUS_INFECTED:
        snprintf(reply, sizeof(reply), "554 5.7.1 Virus found: %s", name);
        metric_add(M_VIRUSES, 1);
        s->envelope.over = true;
        refuse(s, "antivirus.found", name, reply);
        break;
    case ANTIVIRUS_TOO_LARGE:
    case ANTIVIRUS_AWAY:
        log_event(LOG_ERROR, &s->log, "antivirus.no_verdict", LU("too_large", result == ANTIVIRUS_TOO_LARGE));
        refuse_for_now(s, "antivirus.away", "451 4.7.1 Antivirus is not available, try again later");
        envelope_reset(s);
        break;
    }
    session_input(s);
}

void inspect_message(struct session *s)
{
    if (!s->worker->conf->antivirus_on) {
        s->worker->road->deliver(s);
        return;
    }
    session_away(s);
    antivirus_scan(s->worker->loop, s->worker->conf, str_span(&s->envelope.message), scanned, s);
}

/* clamd takes what it has not read to the end for clean: where its configuration can be read, limits below ours end the start. */
bool inspect_may_start(const struct conf *conf)
{
    struct str text;
    const char *name = NULL;
    uint64_t size = 0;
    str_init(&text, 1 << 20);
    if (conf->antivirus_on && file_read(&text, conf->antivirus_configuration, NULL))
        name = clamd_limit_below(str_span(&text), conf->smtpd_message_size, &size);
    str_free(&text);
    if (name)
        log_event(LOG_ERROR, NULL, "antivirus.limit_too_small", LS("file", conf->antivirus_configuration),
                  LS("name", name), LU("bytes", size), LU("message_size", conf->smtpd_message_size));
    return !name;
}

/* And where it cannot, clamd itself is asked: a message as large as ours may be. */
static void probed(enum antivirus_result result, const char *name UNUSED, void *arg)
{
    struct str *zeros = arg;
    if (result == ANTIVIRUS_TOO_LARGE)
        fatal("clamd refuses %zu bytes: raise its StreamMaxLength, MaxScanSize and MaxFileSize to [smtpd] message_size",
              zeros->len);
    if (result == ANTIVIRUS_AWAY)
        log_event(LOG_ERROR, NULL, "antivirus.away_at_start");
    str_free(zeros);
    xfree(&zeros);
}

void inspect_probe(struct worker *w)
{
    if (!w->conf->antivirus_on)
        return;
    struct str *zeros = xmalloc(sizeof(*zeros));
    size_t n = (size_t)w->conf->smtpd_message_size;
    str_init(zeros, n);
    must(str_reserve(zeros, n));
    for (size_t i = 0; i < n; i++)
        zeros->data[i] = '\0';
    zeros->len = n;
    antivirus_scan(w->loop, w->conf, str_span(zeros), probed, zeros);
}
