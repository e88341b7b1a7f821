#include "lib/base/log.h"

#include "lib/base/crypto.h"
#include "lib/base/text.h"

#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>
#include <unistd.h>

enum { LINE_MAX_BYTES = 8192, VALUE_MAX_BYTES = 2048 };

static struct {
    char program[32], role[32];
    enum log_level least;
} setup = {.program = "caducee", .least = LOG_INFO};

static const char *const level_names[] = {"debug", "info", "warn", "error", "fatal", "panic"};

void log_setup(const char *program, const char *role, enum log_level least)
{
    snprintf(setup.program, sizeof setup.program, "%s", program);
    snprintf(setup.role, sizeof setup.role, "%s", role ? role : "");
    setup.least = least;
}

/* 13 letters of Crockford's base 32 over 64 random bits: short enough to say on the telephone, never 0/O or 1/I/L. */
void log_new_id(struct log_context *context)
{
    static const char letters[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
    uint64_t bits = 0;
    if (getrandom(&bits, sizeof bits, 0) != (ssize_t)sizeof bits)
        crypto_random(&bits, sizeof bits);
    for (size_t i = 0; i < sizeof context->id - 1; i++, bits >>= 5)
        context->id[i] = letters[bits & 31];
    context->id[sizeof context->id - 1] = '\0';
}

static bool is_bare(struct span value)
{
    if (value.n == 0)
        return false;
    for (size_t i = 0; i < value.n; i++) {
        char c = value.p[i];
        if (c <= ' ' || c >= 0x7f || c == '"' || c == '=' || c == '\\')
            return false;
    }
    return true;
}

/* Quoted unless it is plain ASCII without blanks; what could forge a line or hide in one becomes U+FFFD. */
static void put_value(struct str *line, struct span value)
{
    bool cut = value.n > VALUE_MAX_BYTES;
    if (cut)
        value.n = VALUE_MAX_BYTES;
    if (!cut && is_bare(value)) {
        str_add_span(line, value);
        return;
    }
    struct str clean;
    str_init(&clean, 3 * VALUE_MAX_BYTES);
    text_sanitize(&clean, value);
    str_putc(line, '"');
    for (size_t i = 0; i < clean.len; i++) {
        if (clean.data[i] == '"' || clean.data[i] == '\\')
            str_putc(line, '\\');
        str_putc(line, clean.data[i]);
    }
    str_puts(line, cut ? "…\"" : "\"");
    str_free(&clean);
}

static void put_text(struct str *line, const char *key, const char *value)
{
    if (!value || !*value)
        return;
    str_addf(line, " %s=", key);
    put_value(line, span_of(value));
}

static void put_field(struct str *line, const struct log_field *f)
{
    str_addf(line, " %s=", f->key);
    switch (f->type) {
    case LOG_F_STR:
        put_value(line, f->v.s ? span_of(f->v.s) : SPAN_LIT("-"));
        break;
    case LOG_F_SPAN:
        put_value(line, f->v.span);
        break;
    case LOG_F_UINT:
        str_addf(line, "%llu", (unsigned long long)f->v.u);
        break;
    case LOG_F_INT:
        str_addf(line, "%lld", (long long)f->v.i);
        break;
    }
}

static void put_start(struct str *line, enum log_level level)
{
    struct timespec now;
    struct tm tm;
    clock_gettime(CLOCK_REALTIME, &now);
    gmtime_r(&now.tv_sec, &tm);
    str_addf(line, "ts=%04d-%02d-%02dT%02d:%02d:%02d.%03ldZ lvl=%s prog=%s", tm.tm_year + 1900, tm.tm_mon + 1,
             tm.tm_mday, tm.tm_hour, tm.tm_min, tm.tm_sec, now.tv_nsec / 1000000, level_names[level], setup.program);
    put_text(line, "role", setup.role);
    str_addf(line, " pid=%d", (int)getpid());
}

void log_write(enum log_level level, const struct log_context *context, const char *event,
               const struct log_field *fields, size_t count)
{
    if (level < setup.least)
        return;
    struct str line;
    str_init(&line, LINE_MAX_BYTES);
    put_start(&line, level);
    if (context) {
        put_text(&line, "id", context->id);
        put_text(&line, "peer", context->peer);
    }
    put_text(&line, "ev", event);
    for (size_t i = 0; i < count; i++)
        put_field(&line, &fields[i]);
    line.overflow = false;
    if (line.len == line.max)
        str_truncate(&line, line.max - 1);
    str_putc(&line, '\n');
    /* One write a line: lines of several processes on one descriptor do not mix (PIPE_BUF, O_APPEND). Nothing can be
     * done when it fails, and a log that cannot be written must not end a session. */
    ssize_t ignored UNUSED = write(STDERR_FILENO, line.data, line.len);
    str_free(&line);
}
