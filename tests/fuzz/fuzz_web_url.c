/* What stands in addresses and cookies, and what of it comes out in a page: nothing may leave an attribute. */
#include "webmail-cgi/fields.h"
#include "webmail-cgi/html_writer.h"
#include "webmail-cgi/outgoing.h"
#include "webmail-cgi/uid_token.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    struct span in = {(const char *)data, n}, value;
    struct arena *arena = arena_new(1 << 20);
    struct str out;
    struct html h;
    uid_list uids = {0};
    outgoing_addresses addresses = {0};
    if (percent_decode(arena, in, true, &value))
        must(!memchr(value.p, 0, value.n));
    if (cookie_get(in, "__Host-caducee", &value))
        must(value.p >= in.p && value.p + value.n <= in.p + in.n);
    (void)!uid_token_read(in, &uids);
    must(uids.len <= UID_TOKEN_UIDS_MAX);
    (void)!outgoing_read_addresses(in, &addresses, &value);
    str_init(&out, n * 12 + 4096);
    html_init(&h, &out);
    OPEN(&h, "a", ATTR_SPAN("title", in));
    must(strchr(out.data, '>') == out.data + out.len - 1);
    str_clear(&out);
    OPEN(&h, "a", ((struct html_attr){.name = "href", .kind = HTML_URL, .span = in}));
    must(strchr(out.data, '>') == out.data + out.len - 1 && !strstr(out.data, "\"javascript:"));
    str_clear(&out);
    html_lines(&h, in);
    must(!out.overflow);
    str_clear(&out);
    outgoing_header_text(&out, 10, in);
    for (size_t i = 0; i + 1 < out.len; i++)
        must(out.data[i] != '\n' || out.data[i + 1] == ' ');
    str_free(&out);
    vec_free(&uids);
    vec_free(&addresses);
    arena_destroy(&arena);
    return 0;
}
