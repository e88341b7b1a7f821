/* Forms as browsers and others send them: the first byte chooses urlencoded or multipart, and in what pieces the form comes;
 * then declared input has a go. A form says the same whole as in pieces. */
#include "webmail-cgi/input.h"
#include "webmail-cgi/multipart.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static enum fields_status multipart(struct arena *arena, struct span body, size_t piece, struct spool *files,
                                    field_list *raw)
{
    struct multipart form;
    bool good = true;
    spool_clear(files);
    multipart_begin(&form, arena, SPAN_LIT("B"), files, raw);
    while (good && body.n > 0) {
        size_t n = body.n < piece ? body.n : piece;
        good = multipart_feed(&form, (struct span){body.p, n});
        body = (struct span){body.p + n, body.n - n};
    }
    return multipart_end(&form);
}

static void same_in_pieces(struct arena *arena, struct span body, size_t piece, enum fields_status status,
                           const field_list *raw)
{
    struct spool files;
    field_list again = {0};
    spool_init(&files, 1 << 20);
    must(multipart(arena, body, piece, &files, &again) == status && again.len == raw->len);
    for (size_t i = 0; status == FIELDS_OK && i < raw->len; i++)
        must(span_eq(again.items[i].name, raw->items[i].name) && span_eq(again.items[i].value, raw->items[i].value));
    vec_free(&again);
    spool_free(&files);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    static const struct input_rule rules[] = {
        {IN_NUMBER, "n", 100, NULL}, {IN_TEXT, "t", 50, NULL}, {IN_LINES, "l", 500, NULL}, {IN_CHOICE, "c", 0, "a|b"},
        {IN_NUMBERS, "u", 5, NULL},  {IN_DATE, "d", 0, NULL},  {IN_FILES, "f", 3, NULL},   {IN_END, NULL, 0, NULL}};
    if (n == 0)
        return 0;
    struct span body = {(const char *)data + 1, n - 1}, boundary;
    struct arena *arena = arena_new(16 << 20);
    struct spool files;
    field_list raw = {0};
    struct input in;
    bool parts = data[0] & 1;
    spool_init(&files, 1 << 20);
    enum fields_status status = parts ? multipart(arena, body, n, &files, &raw) : fields_urlencoded(arena, body, &raw);
    if (parts)
        same_in_pieces(arena, body, 1 + data[0] / 2, status, &raw);
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
    spool_free(&files);
    arena_destroy(&arena);
    return 0;
}
