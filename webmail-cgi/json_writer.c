#include "webmail-cgi/json_writer.h"

#include "lib/base/text.h"

void json_init(struct json *j, struct str *out)
{
    *j = (struct json){.out = out};
}

static void write_string(struct str *out, struct span in)
{
    uint32_t c;
    str_putc(out, '"');
    while (in.n > 0) {
        if (!utf8_next(&in, &c)) {
            c = 0xfffd;
            in = (struct span){in.p + 1, in.n > 0 ? in.n - 1 : 0};
        }
        if (c < 0x20 || c == '<' || c == '>' || c == '&' || c == 0x7f || c == 0x2028 || c == 0x2029) {
            str_addf(out, "\\u%04x", (unsigned)c);
            continue;
        }
        if (c == '"' || c == '\\')
            str_putc(out, '\\');
        utf8_put(out, c);
    }
    str_putc(out, '"');
}

static void begin_value(struct json *j, const char *key)
{
    if (j->depth > 0) {
        if (j->needs_comma[j->depth - 1])
            str_putc(j->out, ',');
        j->needs_comma[j->depth - 1] = true;
    }
    if (key) {
        write_string(j->out, span_of(key));
        str_putc(j->out, ':');
    }
}

static void nest(struct json *j, const char *key, char opening, char closing)
{
    must(j->depth < JSON_DEPTH_MAX);
    begin_value(j, key);
    str_putc(j->out, opening);
    j->closing[j->depth] = closing;
    j->needs_comma[j->depth++] = false;
}

void json_object(struct json *j, const char *key)
{
    nest(j, key, '{', '}');
}

void json_array(struct json *j, const char *key)
{
    nest(j, key, '[', ']');
}

void json_end(struct json *j)
{
    must(j->depth > 0);
    str_putc(j->out, j->closing[--j->depth]);
}

void json_text(struct json *j, const char *key, struct span value)
{
    begin_value(j, key);
    write_string(j->out, value);
}

void json_number(struct json *j, const char *key, int64_t value)
{
    begin_value(j, key);
    str_addf(j->out, "%lld", (long long)value);
}

void json_bool(struct json *j, const char *key, bool value)
{
    begin_value(j, key);
    str_puts(j->out, value ? "true" : "false");
}
