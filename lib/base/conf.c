/* The only place of libinih. It gives no line numbers and cuts lines at 200 bytes in silence; so it reads through a
 * reader of ours, which counts lines and refuses a long one.
 */
#include "lib/base/conf.h"

#include "lib/base/clock.h"
#include "lib/base/num.h"

#include <errno.h>
#include <ini.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum type { STR, PATH, ZONE, CHOICE, UINT, SIZE, DURATION, BOOL, MAP };

static const struct setting {
    enum type type;
    const char *section, *name, *value;
    uint64_t low, high;
    const char *help;
    size_t offset;
} settings[] = {
#define SETTING(type, section, name, value, low, high, help)                                                           \
    {type, #section, #name, value, low, high, help, offsetof(struct conf, section##_##name)},
#include "lib/base/settings.def"
#undef SETTING
};

struct reading {
    struct conf *conf;
    const char *path;
    FILE *file;
    struct str *error;
    unsigned line;
    bool continued; /* the line now read starts with a blank: it continues the value before it */
    bool failed;
    unsigned seen[COUNT(settings)]; /* line where a setting was given, 0: not yet */
};

static void fail(struct reading *r, const char *format, ...) PRINTF(2, 3);
static void fail(struct reading *r, const char *format, ...)
{
    if (r->failed)
        return;
    r->failed = true;
    str_addf(r->error, "%s:%u: ", r->path, r->line);
    va_list arguments;
    va_start(arguments, format);
    str_vaddf(r->error, format, arguments);
    va_end(arguments);
}

static void *field(struct conf *conf, const struct setting *s)
{
    return (char *)conf + s->offset;
}

static void set_text(struct conf *conf, const struct setting *s, struct span value)
{
    char **at = field(conf, s);
    xfree(at);
    *at = xstrndup(value.n ? value.p : "", value.n);
}

static bool is_choice(const struct setting *s, struct span value)
{
    struct span rest = span_of(s->value), one;
    while (span_cut(&rest, '|', &one))
        if (span_eq(one, value))
            return true;
    return false;
}

static bool set_bool(bool *at, struct span value)
{
    *at = span_is(value, "yes") || span_is(value, "true") || span_is(value, "on") || span_is(value, "1");
    return *at || span_is(value, "no") || span_is(value, "false") || span_is(value, "off") || span_is(value, "0");
}

static bool set_number(struct conf *conf, const struct setting *s, struct span value)
{
    uint64_t n;
    bool read = s->type == SIZE       ? num_size(value, &n)
                : s->type == DURATION ? num_duration(value, &n)
                                      : num_u64(value, UINT64_MAX, &n);
    if (!read || n < s->low || (s->high && n > s->high))
        return false;
    *(uint64_t *)field(conf, s) = n;
    return true;
}

/* What a value of this setting looks like, in words: for errors and for the reference. */
static void describe(struct str *out, const struct setting *s)
{
    static const char *const words[] = {[STR] = "text",
                                        [PATH] = "an absolute path",
                                        [ZONE] = "a zone of the tz database such as Europe/Paris",
                                        [CHOICE] = "one of ",
                                        [UINT] = "a whole number",
                                        [SIZE] = "a size such as 512, 64K, 36M or 2G",
                                        [DURATION] = "a duration such as 30s, 15m, 10h or 5d",
                                        [BOOL] = "yes or no",
                                        [MAP] = "any key and value"};
    str_puts(out, words[s->type]);
    if (s->type == CHOICE)
        str_puts(out, s->value);
    if (s->high)
        str_addf(out, " from %llu to %llu", (unsigned long long)s->low, (unsigned long long)s->high);
    else if (s->low)
        str_addf(out, ", at least %llu", (unsigned long long)s->low);
}

static bool set_value(struct conf *conf, const struct setting *s, struct span value)
{
    switch (s->type) {
    case PATH:
        if (value.n && value.p[0] != '/')
            return false;
        set_text(conf, s, value);
        return true;
    case ZONE:
        if (!clock_zone_exists(value))
            return false;
        set_text(conf, s, value);
        return true;
    case STR:
        set_text(conf, s, value);
        return true;
    case CHOICE:
        if (!is_choice(s, value))
            return false;
        set_text(conf, s, value);
        return true;
    case BOOL:
        return set_bool(field(conf, s), value);
    case UINT:
    case SIZE:
    case DURATION:
        return set_number(conf, s, value);
    case MAP:
        break;
    }
    return false;
}

/* A list may be longer than a line: its continuation is laid behind it with a blank. */
static void continue_value(struct reading *r, const struct setting *s, const char *more)
{
    char **at = field(r->conf, s);
    if (s->type != STR) {
        fail(r, "a continued value, expected %s.%s on one line (only lists of text may continue)", s->section, s->name);
        return;
    }
    char *joined = xasprintf("%s%s%s", *at, **at ? " " : "", more);
    xfree(at);
    *at = joined;
}

static void add_pair(struct reading *r, const struct setting *s, const char *key, const char *value)
{
    conf_map *map = field(r->conf, s);
    vec_each (map, pair)
        if (strcmp(pair->key, key) == 0) {
            fail(r, "\"%s\" stands twice in [%s.%s], expected once (first on line %u)", key, s->section, s->name,
                 pair->line);
            return;
        }
    vec_push(map, (struct conf_pair){xstrdup(key), xstrdup(value), r->line});
}

static void take(struct reading *r, const struct setting *s, const char *value)
{
    unsigned *seen = &r->seen[s - settings];
    if (*seen && r->continued) {
        continue_value(r, s, value);
        return;
    }
    if (*seen) {
        fail(r, "%s stands twice in [%s], expected once (first on line %u)", s->name, s->section, *seen);
        return;
    }
    *seen = r->line;
    if (!set_value(r->conf, s, span_of(value))) {
        fail(r, "bad value \"%s\" for %s in [%s], expected ", value, s->name, s->section);
        describe(r->error, s);
    }
}

static bool section_is(const struct setting *s, const char *section)
{
    if (s->type != MAP)
        return strcmp(s->section, section) == 0;
    size_t n = strlen(s->section);
    return strncmp(s->section, section, n) == 0 && section[n] == '.' && strcmp(s->name, section + n + 1) == 0;
}

static void name_sections(struct str *out)
{
    const char *last = "";
    for (size_t i = 0; i < COUNT(settings); i++) {
        if (settings[i].type == MAP)
            str_addf(out, " [%s.%s]", settings[i].section, settings[i].name);
        else if (strcmp(last, settings[i].section) != 0)
            str_addf(out, " [%s]", settings[i].section);
        if (settings[i].type != MAP)
            last = settings[i].section;
    }
}

static void name_keys(struct str *out, const char *section)
{
    for (size_t i = 0; i < COUNT(settings); i++)
        if (settings[i].type != MAP && section_is(&settings[i], section))
            str_addf(out, " %s", settings[i].name);
}

static int on_pair(void *arg, const char *section, const char *name, const char *value)
{
    struct reading *r = arg;
    bool known_section = false;
    for (size_t i = 0; i < COUNT(settings) && !r->failed; i++) {
        const struct setting *s = &settings[i];
        if (!section_is(s, section))
            continue;
        known_section = true;
        if (s->type == MAP) {
            add_pair(r, s, name, value);
            return !r->failed;
        }
        if (strcmp(s->name, name) == 0) {
            take(r, s, value);
            return !r->failed;
        }
    }
    if (!known_section) {
        fail(r, "unknown section [%s], expected one of:", section);
        name_sections(r->error);
    } else {
        fail(r, "unknown key \"%s\" in [%s], expected one of:", name, section);
        name_keys(r->error, section);
    }
    return 0;
}

/* fgets() as libinih calls it, one line a call. Its buffer is 200 bytes: what does not fit is refused, never cut. */
static char *read_line(char *to, int size, void *arg)
{
    struct reading *r = arg;
    if (r->failed || size < 2 || !fgets(to, size, r->file))
        return NULL;
    r->line++;
    r->continued = to[0] == ' ' || to[0] == '\t';
    size_t n = strlen(to);
    bool whole = n + 1 < (size_t)size || to[n - 1] == '\n' || feof(r->file);
    if (!whole && (to[0] == '#' || to[0] == ';')) { /* a comment may be as long as it likes */
        for (int c; (c = fgetc(r->file)) != EOF && c != '\n';)
            ;
        to[n - 1] = '\n';
    } else if (!whole) {
        fail(r,
             "the line is too long, expected at most %d bytes (a list may continue on a next line that starts with "
             "blanks)",
             size - 2);
        return NULL;
    }
    return to;
}

static void set_defaults(struct conf *conf)
{
    for (size_t i = 0; i < COUNT(settings); i++) {
        const struct setting *s = &settings[i];
        struct span value = span_of(s->value), rest = value;
        if (s->type == CHOICE && !span_cut(&rest, '|', &value))
            panic("choice %s.%s has no value", s->section, s->name);
        if (s->type == ZONE) /* tzdata may not be installed: UTC then, as libc does */
            set_text(conf, s, value);
        else if (s->type != MAP && !set_value(conf, s, value))
            panic("default of %s.%s is not of its type", s->section, s->name);
    }
}

bool conf_load(struct conf *conf, const char *path, struct str *error)
{
    *conf = (struct conf){.path = NULL};
    set_defaults(conf);
    conf->path = realpath(path, NULL);
    FILE *file = fopen(path, "re");
    if (!file || !conf->path) {
        str_addf(error, "%s:0: cannot be read (%s), expected a configuration file", path, strerror(errno));
        if (file)
            fclose(file);
        conf_free(conf);
        return false;
    }
    size_t before = error->len;
    struct reading r = {.conf = conf, .path = path, .file = file, .error = error};
    int first_bad = ini_parse_stream(read_line, &r, on_pair, &r);
    if (!r.failed && ferror(file))
        fail(&r, "cannot be read (%s), expected a configuration file", strerror(errno));
    /* libinih goes on behind a line it does not understand: that line is the first mistake, whatever came after it. */
    if (first_bad != 0 && (!r.failed || (first_bad > 0 && (unsigned)first_bad < r.line))) {
        str_truncate(error, before);
        r.failed = false;
        r.line = first_bad > 0 ? (unsigned)first_bad : r.line;
        fail(&r, "not understood, expected \"[section]\", \"key = value\", or a comment after ; or #");
    }
    fclose(file);
    if (r.failed)
        conf_free(conf);
    return !r.failed;
}

static void free_map(conf_map *map)
{
    vec_each (map, pair) {
        xfree(&pair->key);
        xfree(&pair->value);
    }
    vec_free(map);
}

void conf_free(struct conf *conf)
{
    for (size_t i = 0; i < COUNT(settings); i++) {
        if (settings[i].type == MAP)
            free_map(field(conf, &settings[i]));
        else if (settings[i].type <= CHOICE)
            xfree(field(conf, &settings[i]));
    }
    xfree(&conf->path);
}

static void print_setting(struct str *out, const struct setting *s)
{
    str_addf(out, "# %s (", s->help);
    describe(out, s);
    str_puts(out, ")\n");
    if (s->type == MAP) {
        str_puts(out, "\n");
        return;
    }
    struct span value = span_of(s->value), rest = value;
    if (s->type == CHOICE)
        span_cut(&rest, '|', &value);
    str_addf(out, "#%s = %.*s\n\n", s->name, (int)value.n, value.p);
}

void conf_print_reference(struct str *out)
{
    const char *last = "";
    for (size_t i = 0; i < COUNT(settings); i++) {
        const struct setting *s = &settings[i];
        if (s->type == MAP)
            str_addf(out, "[%s.%s]\n", s->section, s->name);
        else if (strcmp(last, s->section) != 0)
            str_addf(out, "[%s]\n", s->section);
        last = s->type == MAP ? "" : s->section;
        print_setting(out, s);
    }
}
