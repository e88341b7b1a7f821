/* What every command shares: words taken by name, files, dates, the connection, and how failures are said. */
#include "ctl/command.h"

#include "lib/base/clock.h"
#include "lib/base/num.h"
#include "lib/proto/whitelist.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

const char *take_option(struct invocation *i, const char *name)
{
    for (int at = 0; at + 1 < i->argc; at++)
        if (i->argv[at] && i->argv[at + 1] && strcmp(i->argv[at], name) == 0) {
            const char *value = i->argv[at + 1];
            i->argv[at] = i->argv[at + 1] = NULL;
            return value;
        }
    return NULL;
}

bool take_flag(struct invocation *i, const char *name)
{
    for (int at = 0; at < i->argc; at++)
        if (i->argv[at] && strcmp(i->argv[at], name) == 0) {
            i->argv[at] = NULL;
            return true;
        }
    return false;
}

const char *take_word(struct invocation *i)
{
    for (int at = 0; at < i->argc; at++)
        if (i->argv[at] && strncmp(i->argv[at], "--", 2) != 0) {
            const char *word = i->argv[at];
            i->argv[at] = NULL;
            return word;
        }
    return NULL;
}

bool words_end(struct invocation *i)
{
    for (int at = 0; at < i->argc; at++)
        if (i->argv[at]) {
            (void)fail(i, STATUS_USAGE,
                       LANG(i, "mot non compris : %s (voir --help)", "not understood: %s (see --help)"), i->argv[at]);
            return false;
        }
    return true;
}

int usage(struct invocation *i, const char *french, const char *english)
{
    return fail(i, STATUS_USAGE, "%s", LANG(i, french, english));
}

int fail(struct invocation *i, enum status status, const char *format, ...)
{
    va_list arguments;
    (void)i;
    fputs("caducee: ", stderr);
    va_start(arguments, format);
    vfprintf(stderr, format, arguments);
    va_end(arguments);
    fputc('\n', stderr);
    return (int)status;
}

static enum status status_of(enum store_status status)
{
    switch (status) {
    case STORE_OK:
        return STATUS_OK;
    case STORE_NOT_FOUND:
        return STATUS_NOT_FOUND;
    case STORE_EXISTS:
    case STORE_CONFLICT:
    case STORE_OVER_QUOTA:
        return STATUS_CONFLICT;
    case STORE_REFUSED:
        return STATUS_REFUSED;
    case STORE_INVALID:
        return STATUS_BAD_INPUT;
    case STORE_DAMAGED:
        return STATUS_BUG;
    case STORE_UNAVAILABLE:
        return STATUS_UNAVAILABLE;
    }
    return STATUS_BUG;
}

static const char *words_of(const struct invocation *i, enum store_status status)
{
    static const struct {
        const char *fr, *en;
    } words[] = {
        [STORE_NOT_FOUND] = {"introuvable", "not found"},
        [STORE_EXISTS] = {"existe déjà", "exists already"},
        [STORE_CONFLICT] = {"son état l'interdit, ou il existe autrement",
                            "its state forbids it, or it exists differently"},
        [STORE_OVER_QUOTA] = {"quota dépassé", "over quota"},
        [STORE_REFUSED] = {"la base refuse : droits", "the database refuses: rights"},
        [STORE_INVALID] = {"valeur refusée par une règle de la base", "a value that breaks a rule of the database"},
        [STORE_DAMAGED] = {"donnée abîmée", "damaged data"},
        [STORE_UNAVAILABLE] = {"base indisponible", "the database is unavailable"}};
    return LANG(i, words[status].fr, words[status].en);
}

int fail_store(struct invocation *i, enum store_status status, const char *what)
{
    if (status == STORE_OK)
        return STATUS_OK;
    return fail(i, status_of(status), "%s : %s", what, words_of(i, status));
}

void say(struct invocation *i, const char *format, ...)
{
    va_list arguments;
    if (i->json)
        return;
    va_start(arguments, format);
    str_vaddf(&i->out, format, arguments);
    va_end(arguments);
    str_putc(&i->out, '\n');
}

struct db *invocation_db_as(struct invocation *i, const char *role)
{
    db_destroy(&i->db);
    i->db = db_new(i->conf, role, "caducee");
    db_tolerate_schema(i->db);
    if (i->operator_name)
        db_name_operator(i->db, i->operator_name);
    return i->db;
}

struct db *invocation_db(struct invocation *i)
{
    return i->db ? i->db : invocation_db_as(i, "caducee_admin");
}

struct trace invocation_trace(const struct invocation *i, const char *action)
{
    return (struct trace){.action = action,
                          .answer = "OK",
                          .actor_kind = TRACE_ADMIN,
                          .actor = i->operator_name ? i->operator_name : "?"};
}

bool read_file(struct invocation *i, const char *path, size_t max, struct str *out)
{
    char buffer[16384];
    bool standard = strcmp(path, "-") == 0;
    FILE *file = standard ? stdin : fopen(path, "rb");
    str_init(out, max);
    if (!file) {
        (void)fail(i, STATUS_NOT_FOUND, "%s : %s", path, strerror(errno));
        return false;
    }
    for (size_t n; (n = fread(buffer, 1, sizeof(buffer), file)) > 0;)
        str_add(out, buffer, n);
    bool ok = !ferror(file) && !out->overflow;
    if (!standard)
        fclose(file);
    if (!ok) {
        (void)fail(i, STATUS_BAD_INPUT,
                   LANG(i, "%s : illisible ou plus de %zu octets", "%s: unreadable, or more than %zu bytes"), path,
                   max);
        str_free(out);
    }
    return ok;
}

int write_file(struct invocation *i, const char *path, struct span bytes, unsigned mode)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, (mode_t)mode);
    bool good = fd >= 0;
    while (good && bytes.n) {
        ssize_t n = write(fd, bytes.p, bytes.n);
        good = n > 0;
        if (good)
            bytes = (struct span){bytes.p + n, bytes.n - (size_t)n};
    }
    if (fd >= 0 && close(fd) != 0)
        good = false;
    return good ? STATUS_OK
                : fail(i, STATUS_BAD_INPUT, LANG(i, "%s : écriture impossible", "%s: cannot be written"), path);
}

bool read_date(const char *text, int64_t *out)
{
    uint64_t seconds;
    if (text[0] == '+' && num_duration(span_of(text + 1), &seconds) && seconds < UINT32_MAX) {
        *out = wall_s() + (int64_t)seconds;
        return true;
    }
    if (text[0] == '-' && num_duration(span_of(text + 1), &seconds) && seconds < UINT32_MAX) {
        *out = wall_s() - (int64_t)seconds;
        return true;
    }
    return whitelist_date(span_of(text), out);
}

void show_date(struct str *out, int64_t wall)
{
    struct tm tm;
    time_t seconds = (time_t)wall;
    char text[32];
    if (wall == 0 || !localtime_r(&seconds, &tm) || strftime(text, sizeof(text), "%Y-%m-%d %H:%M", &tm) == 0)
        str_putc(out, '-');
    else
        str_puts(out, text);
}
