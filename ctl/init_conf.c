/* Editing caducee.conf line by line: comments and order are the operator's. */
#include "ctl/init.h"

#include "lib/base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { CONF_MAX = 1 << 20 };

static bool is_section(struct span line, const char *section)
{
    struct span trimmed = span_trim(line);
    return trimmed.n == strlen(section) + 2 && trimmed.p[0] == '[' && trimmed.p[trimmed.n - 1] == ']' &&
           span_is((struct span){trimmed.p + 1, trimmed.n - 2}, section);
}

static bool is_key(struct span line, const char *key)
{
    struct span name;
    return line.n && line.p[0] != ';' && line.p[0] != '#' && span_cut(&line, '=', &name) &&
           span_is(span_trim(name), key);
}

static void rewrite(struct str *out, struct span text, const char *section, const char *key, const char *value)
{
    struct span line;
    bool inside = false, done = false;
    while (span_cut(&text, '\n', &line)) {
        bool header = span_trim(line).n && span_trim(line).p[0] == '[';
        if (inside && !done && is_key(line, key)) {
            str_addf(out, "%s = %s\n", key, value);
            done = true;
            continue;
        }
        str_add_span(out, line);
        str_putc(out, '\n');
        if (header)
            inside = is_section(line, section);
        /* A value that stood nowhere goes right under its header; an older line of it further down is then taken out. */
        if (header && inside && !done) {
            struct span rest = text, next;
            bool later = false;
            while (!later && span_cut(&rest, '\n', &next) && !(span_trim(next).n && span_trim(next).p[0] == '['))
                later = is_key(next, key);
            if (!later) {
                str_addf(out, "%s = %s\n", key, value);
                done = true;
            }
        }
    }
    if (!done)
        str_addf(out, "\n[%s]\n%s = %s\n", section, key, value);
}

static bool write_beside(const char *file, struct span text, struct str *error)
{
    char part[4096];
    struct stat st;
    bool known = stat(file, &st) == 0;
    int n = snprintf(part, sizeof(part), "%s.new", file);
    int fd =
        n > 0 && n < (int)sizeof(part) ? open(part, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0640) : -1;
    bool good =
        fd >= 0 && write(fd, text.p, text.n) == (ssize_t)text.n && fsync(fd) == 0 &&
        (!known || (fchmod(fd, st.st_mode & 0777) == 0 && (geteuid() != 0 || fchown(fd, st.st_uid, st.st_gid) == 0)));
    if (fd >= 0)
        close(fd);
    good = good && rename(part, file) == 0;
    if (!good)
        str_addf(error, "%s: %s", file, strerror(errno));
    return good;
}

bool init_set(const char *file, const char *section, const char *key, const char *value, struct str *error)
{
    struct str text, out;
    str_init(&text, CONF_MAX);
    str_init(&out, CONF_MAX);
    bool good = file_read(&text, file, error);
    if (good) {
        rewrite(&out, str_span(&text), section, key, value);
        good = write_beside(file, str_span(&out), error);
    }
    str_free(&text);
    str_free(&out);
    return good;
}
