/* Forms as browsers and others send them: the first byte chooses urlencoded or multipart; then declared input has a go. */
#include "webmail-cgi/input.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    static const struct input_rule rules[] = {
        {IN_NUMBER, "n", 100, NULL}, {IN_TEXT, "t", 50, NULL}, {IN_LINES, "l", 500, NULL}, {IN_CHOICE, "c", 0, "a|b"},
        {IN_NUMBERS, "u", 5, NULL},  {IN_DATE, "d", 0, NULL},  {IN_FILES, "f", 3, NULL},   {IN_END, NULL, 0, NULL}};
    if (n == 0)
        return 0;
    struct span body = {(const char *)data + 1, n - 1}, boundary;
    struct arena *arena = arena_new(1 << 20);
    field_list raw = {0};
    struct input in;
    enum fields_status status =
        data[0] & 1 ? fields_multipart(arena, SPAN_LIT("B"), body, &raw) : fields_urlencoded(arena, body, &raw);
    must(raw.len <= FIELDS_MAX);
    if (status == FIELDS_OK && input_check(&in, rules, &raw)) {
        must(in_number(&in, "n", 0) <= 100);
        must(text_is_line(in_text(&in, "t"), 50));
        must(in_text(&in, "c").n <= 1);
    }
    if (status == FIELDS_OK)
        input_free(&in);
    vec_free(&raw);
    if (multipart_boundary(body, &boundary))
        must(boundary.n >= 1 && boundary.n <= 70);
    arena_destroy(&arena);
    return 0;
}
