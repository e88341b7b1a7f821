#include "lib/base/json.h"

#include "lib/base/text.h"

#include <stdio.h>

static void put_character(struct str *out, uint32_t c)
{
    switch (c) {
    case '"':
    case '\\':
        str_putc(out, '\\');
        str_putc(out, (char)c);
        break;
    case '\n':
        str_puts(out, "\\n");
        break;
    case '\t':
        str_puts(out, "\\t");
        break;
    default:
        if (c < 0x20 || c == 0x7f)
            str_addf(out, "\\u%04x", c);
        else
            utf8_put(out, c);
    }
}

bool json_quote(struct str *out, struct span text)
{
    str_putc(out, '"');
    while (text.n) {
        uint32_t c;
        struct span before = text;
        if (!utf8_next(&text, &c)) {
            text = (struct span){before.p + 1, before.n - 1};
            c = 0xfffd;
        }
        put_character(out, c);
    }
    return str_putc(out, '"');
}

static void comma(struct str *out)
{
    if (out->len == 0)
        return;
    char last = out->data[out->len - 1];
    if (last != '{' && last != '[' && last != ':')
        str_putc(out, ',');
}

void json_open(struct str *out, char bracket)
{
    comma(out);
    str_putc(out, bracket);
}

void json_close(struct str *out, char bracket)
{
    str_putc(out, bracket);
}

void json_key(struct str *out, const char *key)
{
    comma(out);
    if (key) {
        json_quote(out, span_of(key));
        str_putc(out, ':');
    }
}

void json_put(struct str *out, const char *key, const char *text)
{
    json_key(out, key);
    if (text)
        json_quote(out, span_of(text));
    else
        str_puts(out, "null");
}

void json_put_span(struct str *out, const char *key, struct span text)
{
    json_key(out, key);
    json_quote(out, text);
}

void json_put_i64(struct str *out, const char *key, int64_t value)
{
    json_key(out, key);
    str_addf(out, "%lld", (long long)value);
}

void json_put_bool(struct str *out, const char *key, bool value)
{
    json_key(out, key);
    str_puts(out, value ? "true" : "false");
}
