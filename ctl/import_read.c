#include "ctl/import_read.h"

#include "lib/base/file.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

enum { MESSAGE_MAX = 128 * 1024 * 1024 };

/* LF becomes CRLF; what has CRLF keeps it. mboxrd: ">From " at a line's start loses one '>'. */
static void add_line(struct str *out, struct span line, bool mbox)
{
    if (line.n && line.p[line.n - 1] == '\r')
        line.n--;
    size_t quotes = 0;
    while (mbox && quotes < line.n && line.p[quotes] == '>')
        quotes++;
    if (quotes && span_starts_nocase((struct span){line.p + quotes, line.n - quotes}, "From "))
        line.p++, line.n--;
    str_add_span(out, line);
    str_puts(out, "\r\n");
}

/* "From sender Thu Nov 20 17:00:00 2026" */
static int64_t date_of_separator(struct span line)
{
    struct tm tm = {.tm_isdst = -1};
    char text[64];
    const char *space = line.n > 5 ? memchr(line.p + 5, ' ', line.n - 5) : NULL;
    if (!space)
        return 0;
    size_t n = (size_t)(line.p + line.n - space - 1);
    if (n >= sizeof(text))
        return 0;
    memcpy(text, space + 1, n);
    text[n] = 0;
    return strptime(text, "%a %b %d %H:%M:%S %Y", &tm) ? (int64_t)timegm(&tm) : 0;
}

static bool give(struct str *message, int64_t date, bool (*each)(const struct import_message *, void *), void *arg)
{
    struct import_message m = {.bytes = str_span(message), .date = date, .seen = true};
    bool go_on = message->len == 0 || message->overflow || each(&m, arg);
    str_clear(message);
    return go_on;
}

bool import_mbox(struct invocation *i, const char *path, bool (*each)(const struct import_message *, void *), void *arg)
{
    FILE *file = fopen(path, "rb");
    if (!file) {
        (void)fail(i, STATUS_NOT_FOUND, "%s : %s", path, strerror(errno));
        return false;
    }
    struct str message;
    char *line = NULL;
    size_t size = 0;
    int64_t date = 0;
    bool go_on = true, blank = true, begun = false;
    str_init(&message, MESSAGE_MAX);
    for (ssize_t n; go_on && (n = getline(&line, &size, file)) >= 0;) {
        struct span text = {line, n > 0 && line[n - 1] == '\n' ? (size_t)n - 1 : (size_t)n};
        if (blank && text.n > 5 && memcmp(text.p, "From ", 5) == 0) { /* a separator follows a blank line (RFC 4155) */
            go_on = !begun || give(&message, date, each, arg);
            date = date_of_separator(text);
            begun = true;
        } else if (begun) {
            add_line(&message, text, true);
        }
        blank = text.n == 0 || (text.n == 1 && text.p[0] == '\r');
    }
    if (go_on && begun)
        (void)give(&message, date, each, arg);
    free(line);
    fclose(file);
    str_free(&message);
    if (!begun)
        (void)fail(i, STATUS_BAD_INPUT,
                   LANG(i, "%s : pas une mbox (« From » en tête est attendu)",
                        "%s: not an mbox (\"From \" is expected first)"),
                   path);
    return begun;
}

/* Maildir: the letters after ":2," (S seen, R answered, F flagged, D draft, T to be left out). */
static bool read_flags(const char *name, struct import_message *m)
{
    const char *info = strstr(name, ":2,");
    for (const char *p = info ? info + 3 : ""; *p; p++) {
        m->seen = m->seen || *p == 'S';
        m->answered = m->answered || *p == 'R';
        m->flagged = m->flagged || *p == 'F';
        m->draft = m->draft || *p == 'D';
        if (*p == 'T')
            return false;
    }
    return true;
}

static bool give_file(struct invocation *i, const char *path, const char *name,
                      bool (*each)(const struct import_message *, void *), void *arg)
{
    struct str raw, message;
    struct stat about;
    struct import_message m = {.date = 0};
    struct span line;
    bool go_on = true;
    str_init(&raw, MESSAGE_MAX);
    str_init(&message, MESSAGE_MAX);
    if (stat(path, &about) == 0 && S_ISREG(about.st_mode) && read_flags(name, &m) && file_read(&raw, path, NULL)) {
        struct span rest = str_span(&raw);
        while (span_cut(&rest, '\n', &line))
            add_line(&message, line, false);
        m.bytes = str_span(&message);
        m.date = (int64_t)about.st_mtime;
        go_on = message.overflow || each(&m, arg);
    } else if (errno) {
        say(i, LANG(i, "laissé de côté : %s", "left out: %s"), name);
    }
    str_free(&raw);
    str_free(&message);
    return go_on;
}

bool import_maildir(struct invocation *i, const char *folder, bool (*each)(const struct import_message *, void *),
                    void *arg)
{
    static const char *const parts[] = {"cur", "new"};
    bool found = false, go_on = true;
    for (size_t n = 0; n < COUNT(parts); n++) {
        char *path = xasprintf("%s/%s", folder, parts[n]);
        struct dirent **names = NULL;
        int count = scandir(path, &names, NULL, alphasort);
        found = found || count >= 0;
        for (int k = 0; k < count; k++) {
            char *file = xasprintf("%s/%s", path, names[k]->d_name);
            if (go_on && names[k]->d_name[0] != '.')
                go_on = give_file(i, file, names[k]->d_name, each, arg);
            xfree(&file);
            free(names[k]);
        }
        free(names);
        xfree(&path);
    }
    if (!found)
        (void)fail(i, STATUS_NOT_FOUND, LANG(i, "%s : pas un Maildir", "%s: not a Maildir"), folder);
    return found;
}
