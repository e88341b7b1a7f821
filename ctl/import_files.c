/* Messages from files that other programs wrote: an mbox (mboxrd or mboxo; also what `caducee bal export` sealed), or a
 * Maildir with its sub-folders (Maildir++: ".Archives.2024"). */
#include "ctl/import.h"

#include "lib/base/file.h"
#include "lib/proto/imap_utf7.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

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

/* -- mbox -- */
struct mbox {
    const struct import_files *files;
    const struct import_sink *sink;
    struct str message, folder, use, flags;
    int64_t date;
};

/* The fields that `caducee bal export` puts in front of each message: where it lay, and its flags. */
static bool take_field(struct span *rest, const char *name, struct str *out)
{
    struct span line;
    if (!span_starts_nocase(*rest, name) || !span_cut(rest, '\n', &line))
        return false;
    str_clear(out);
    size_t n = strlen(name);
    str_add_span(out, span_trim((struct span){line.p + n, line.n - n}));
    return true;
}

static void take_flags(struct mbox *b, struct import_message *m)
{
    static const char *const names[] = {"\\Seen", "\\Answered", "\\Flagged", "\\Draft"};
    struct span rest = str_span(&b->flags), word;
    bool *const bits[] = {&m->seen, &m->answered, &m->flagged, &m->draft};
    m->seen = false;
    while (span_cut(&rest, ' ', &word)) {
        if (word.n && *word.p != '\\') { /* keywords come last */
            m->keywords = (struct span){word.p, (size_t)(b->flags.data + b->flags.len - word.p)};
            return;
        }
        for (size_t n = 0; n < COUNT(names); n++)
            if (span_is_nocase(word, names[n]))
                *bits[n] = true;
    }
}

static bool give_mbox(struct mbox *b)
{
    struct import_message m = {.date = b->date, .folder = b->files->folder, .use = b->files->use, .seen = true};
    struct span bytes = str_span(&b->message);
    if (b->message.overflow)
        b->sink->left_out("> 128 Mio", b->sink->arg);
    bool go_on = true;
    if (take_field(&bytes, "X-Caducee-Folder:", &b->folder))
        m.folder = b->folder.data;
    if (take_field(&bytes, "X-Caducee-Use:", &b->use))
        m.use = b->use.data;
    if (take_field(&bytes, "X-Caducee-Flags:", &b->flags))
        take_flags(b, &m);
    m.bytes = bytes;
    if (bytes.n && !b->message.overflow)
        go_on = b->sink->each(&m, b->sink->arg);
    str_clear(&b->message);
    return go_on;
}

/* A separator follows a blank line (RFC 4155), which is the separator's, not the message's. */
static bool read_mbox(struct mbox *b, FILE *file)
{
    char *line = NULL;
    size_t size = 0;
    bool go_on = true, blank = true, begun = false;
    for (ssize_t n; go_on && (n = getline(&line, &size, file)) >= 0;) {
        struct span text = {line, n > 0 && line[n - 1] == '\n' ? (size_t)n - 1 : (size_t)n};
        bool empty = text.n == 0 || (text.n == 1 && text.p[0] == '\r');
        if (blank && text.n > 5 && memcmp(text.p, "From ", 5) == 0) {
            go_on = !begun || give_mbox(b);
            b->date = date_of_separator(text);
            begun = true;
        } else if (begun) {
            if (blank && b->message.len)
                str_puts(&b->message, "\r\n");
            if (!empty)
                add_line(&b->message, text, true);
        }
        blank = empty;
    }
    if (go_on && begun)
        (void)give_mbox(b);
    free(line);
    return begun;
}

bool import_mbox(struct invocation *i, const struct import_files *files, const struct import_sink *sink)
{
    FILE *file = strcmp(files->path, "-") == 0 ? stdin : fopen(files->path, "rb");
    if (!file) {
        (void)fail(i, STATUS_NOT_FOUND, "%s : %s", files->path, strerror(errno));
        return false;
    }
    struct mbox b = {.files = files, .sink = sink};
    str_init(&b.message, IMPORT_MESSAGE_MAX);
    str_init(&b.folder, 1024);
    str_init(&b.use, 64);
    str_init(&b.flags, 16384);
    sink->open(files->folder, 0, sink->arg);
    bool begun = read_mbox(&b, file);
    if (file != stdin)
        fclose(file);
    str_free(&b.message);
    str_free(&b.folder);
    str_free(&b.use);
    str_free(&b.flags);
    if (!begun)
        (void)fail(i, STATUS_BAD_INPUT,
                   LANG(i, "%s : pas une mbox (« From » en tête est attendu)",
                        "%s: not an mbox (\"From \" is expected first)"),
                   files->path);
    return begun;
}

/* -- Maildir: the letters after ":2," (S seen, R answered, F flagged, D draft, T to be left out) -- */
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

static bool give_file(const char *path, const char *name, const struct import_files *files,
                      const struct import_sink *sink)
{
    struct str raw, message;
    struct stat about;
    struct import_message m = {.folder = files->folder, .use = files->use};
    struct span line;
    bool go_on = true;
    str_init(&raw, IMPORT_MESSAGE_MAX);
    str_init(&message, IMPORT_MESSAGE_MAX);
    if (stat(path, &about) != 0 || !S_ISREG(about.st_mode) || !read_flags(name, &m)) {
        go_on = true; /* marked as deleted, or no message at all */
    } else if (file_read(&raw, path, NULL)) {
        struct span rest = str_span(&raw);
        while (span_cut(&rest, '\n', &line))
            add_line(&message, line, false);
        m.bytes = str_span(&message);
        m.date = (int64_t)about.st_mtime;
        go_on = message.overflow || sink->each(&m, sink->arg);
    } else {
        sink->left_out(name, sink->arg);
    }
    str_free(&raw);
    str_free(&message);
    return go_on;
}

static bool give_folder(const struct import_files *files, const struct import_sink *sink, bool *found)
{
    static const char *const parts[] = {"cur", "new"};
    bool go_on = true;
    sink->open(files->folder, 0, sink->arg);
    for (size_t n = 0; n < COUNT(parts); n++) {
        char *path = xasprintf("%s/%s", files->path, parts[n]);
        struct dirent **names = NULL;
        int count = scandir(path, &names, NULL, alphasort);
        *found = *found || count >= 0;
        for (int k = 0; k < count; k++) {
            char *file = xasprintf("%s/%s", path, names[k]->d_name);
            if (go_on && names[k]->d_name[0] != '.')
                go_on = give_file(file, names[k]->d_name, files, sink);
            xfree(&file);
            free(names[k]);
        }
        free(names);
        xfree(&path);
    }
    return go_on;
}

/* Maildir++: ".Archives.2024" is the folder Archives/2024; names are modified UTF-7 as IMAP's, or UTF-8. */
static bool give_subfolder(const char *root, const char *name, const struct import_sink *sink)
{
    struct str folder;
    bool found = false, go_on = true;
    str_init(&folder, 1024);
    if (!imap_utf7_decode(&folder, span_of(name + 1))) {
        str_clear(&folder);
        str_puts(&folder, name + 1);
    }
    for (size_t n = 0; n < folder.len; n++)
        if (folder.data[n] == '.')
            folder.data[n] = '/';
    char *path = xasprintf("%s/%s", root, name);
    struct import_files files = {.path = path, .folder = folder.data};
    if (folder.len)
        go_on = give_folder(&files, sink, &found);
    xfree(&path);
    str_free(&folder);
    return go_on;
}

bool import_maildir(struct invocation *i, const struct import_files *files, const struct import_sink *sink)
{
    struct dirent **names = NULL;
    bool found = false, go_on = give_folder(files, sink, &found);
    int count = found ? scandir(files->path, &names, NULL, alphasort) : 0;
    for (int k = 0; k < count; k++) {
        const char *name = names[k]->d_name;
        if (go_on && name[0] == '.' && name[1] && strcmp(name, "..") != 0)
            go_on = give_subfolder(files->path, name, sink);
        free(names[k]);
    }
    free(names);
    if (!found)
        (void)fail(i, STATUS_NOT_FOUND, LANG(i, "%s : pas un Maildir", "%s: not a Maildir"), files->path);
    return found;
}
