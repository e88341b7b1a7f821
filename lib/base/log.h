/* The log is data: one line an event, `key=value`, to standard error (the supervisor's, hence journal or file).
 *
 *   ts=2026-11-20T16:00:00.123Z lvl=warn prog=smtpd role=mx pid=71 id=6H2K9QX1 ev=mx.refused rule=whitelist.dn dn="C=FR,…"
 *
 * Severities have a meaning: fatal = the environment, panic = our bug, error = something an operator must do, warn =
 * something an operator should see, info = the life of sessions, debug = for us, off by default.
 * NEVER: a secret, a token, a subject, a body, a patient's address (use log_address()), a NIR. Values are escaped here;
 * event names and keys are literals.
 */
#ifndef CADUCEE_BASE_LOG_H
#define CADUCEE_BASE_LOG_H

#include "lib/base/str.h"

enum log_level { LOG_DEBUG, LOG_INFO, LOG_WARN, LOG_ERROR, LOG_FATAL, LOG_PANIC };

struct log_field {
    const char *key;
    enum { LOG_F_STR, LOG_F_SPAN, LOG_F_UINT, LOG_F_INT } type;
    union {
        const char *s;
        struct span span;
        uint64_t u;
        int64_t i;
    } v;
};
#define LS(k, value) ((struct log_field){.key = (k), .type = LOG_F_STR, .v.s = (value)})
#define LP(k, value) ((struct log_field){.key = (k), .type = LOG_F_SPAN, .v.span = (value)})
#define LU(k, value) ((struct log_field){.key = (k), .type = LOG_F_UINT, .v.u = (uint64_t)(value)})
#define LI(k, value) ((struct log_field){.key = (k), .type = LOG_F_INT, .v.i = (int64_t)(value)})

/* What is attached once to a session and repeated on each of its lines. `id` is made by log_new_id(). */
struct log_context {
    char id[14];
    char peer[64]; /* address, "" when none */
};

void log_setup(const char *program, const char *role, enum log_level least);
void log_new_id(struct log_context *);
void log_write(enum log_level, const struct log_context *, const char *event, const struct log_field *, size_t count);
/* log_event(LOG_INFO, &session->log, "mx.accepted", LU("bytes", n), LP("domain", domain)); the context may be NULL. */
#define log_event(level, context, event, ...)                                                                          \
    log_write((level), (context), (event), (const struct log_field[]){{.key = NULL}, ##__VA_ARGS__} + 1,               \
              sizeof((const struct log_field[]){{.key = NULL}, ##__VA_ARGS__}) / sizeof(struct log_field) - 1)
/* An address fit for a log: a patient's becomes "‹INS›@patient.mssante.fr#<8 hex of a keyed hash>". */
void log_address(struct str *out, struct span address);
/* The hash's key: set once from the installation's secret; without it the hash is left out. */
void log_set_hash_key(const uint8_t key[32]);

#endif
