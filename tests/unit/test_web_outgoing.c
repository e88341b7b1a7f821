#include "tests/unit/unit.h"

#include "webmail-cgi/outgoing.h"

#include "lib/proto/mime_decode.h"

static void reads_typed_addresses(void **state UNUSED)
{
    static const struct {
        const char *input, *want; /* name|address;… or "!what is bad" */
    } table[] = {
        {"", ""},
        {"a@b.fr", "|a@b.fr;"},
        {"a@b.fr, c@d.fr; e@f.fr,", "|a@b.fr;|c@d.fr;|e@f.fr;"},
        {"Claire Martin <c.martin@b.fr>", "Claire Martin|c.martin@b.fr;"},
        {"\"MARTIN, Claire\" <c@b.fr>, x@y.fr", "MARTIN, Claire|c@b.fr;|x@y.fr;"},
        {"a", "!a"},
        {"a@b@c.fr", "!a@b@c.fr"},
        {"a b@c.fr", "!a b@c.fr"},
        {"X <a@b.fr", "!X <a@b.fr"},
        {"X <a@b.fr> y", "!X <a@b.fr> y"},
        {"@b.fr", "!@b.fr"},
        {"a@", "!a@"},
        {"ok@b.fr, <script>@x.fr", "!<script>@x.fr"},
    };
    for (size_t i = 0; i < COUNT(table); i++) {
        outgoing_addresses list = {0};
        struct span bad;
        struct str shown;
        str_init(&shown, 1000);
        if (outgoing_read_addresses(span_of(table[i].input), &list, &bad))
            vec_each (&list, a)
                str_addf(&shown, "%.*s|%.*s;", (int)a->name.n, a->name.n ? a->name.p : "", (int)a->address.n,
                         a->address.p);
        else
            str_addf(&shown, "!%.*s", (int)bad.n, bad.p);
        assert_str(&shown, table[i].want);
        str_free(&shown);
        vec_free(&list);
    }
}

static void writes_header_values(void **state UNUSED)
{
    static const struct {
        const char *input, *want;
    } table[] = {
        {"Bonjour", "Bonjour"},
        {"été", "=?UTF-8?B?w6l0w6k=?="},
        {"=?x?=", "=?UTF-8?B?PT94Pz0=?="},
        {"a\r\nBcc: evil@x", "=?UTF-8?B?Ye+/ve+/vUJjYzogZXZpbEB4?="},
    };
    for (size_t i = 0; i < COUNT(table); i++) {
        struct str out;
        str_init(&out, 1000);
        outgoing_header_text(&out, 9, span_of(table[i].input));
        assert_str(&out, table[i].want);
        str_free(&out);
    }
}

static char *written(const struct outgoing *m)
{
    struct spool out;
    spool_init(&out, 4 << 20);
    outgoing_write(&out, m);
    struct span bytes = spool_span(&out);
    assert_false(out.overflow);
    char *text = xstrndup(bytes.p, bytes.n);
    spool_free(&out);
    return text;
}

static void writes_whole_messages(void **state UNUSED)
{
    struct outgoing m = {.from = {SPAN_LIT("Dr Claire \"C\" Martin"), SPAN_LIT("c@ours.mssante.fr")},
                         .subject = SPAN_LIT("XDM"),
                         .text = SPAN_LIT("é = a \n.b\r\nfin"),
                         .message_id = SPAN_LIT("<1@x>"),
                         .product = "NIL1",
                         .read_receipt = true};
    vec_push(&m.to, (struct outgoing_address){SPAN_LIT("Zoé"), SPAN_LIT("z@b.fr")});
    char *out = written(&m);
    assert_non_null(strstr(out, "\r\nFrom: \"Dr Claire \\\"C\\\" Martin\" <c@ours.mssante.fr>\r\n"));
    assert_non_null(strstr(out, "\r\nTo: =?UTF-8?B?Wm/DqQ==?= <z@b.fr>\r\n"));
    assert_non_null(strstr(out, "\r\nX-MSS-NIL: NIL1\r\n"));
    assert_non_null(strstr(out, "\r\nDisposition-Notification-To: "));
    assert_non_null(strstr(out, "quoted-printable\r\n\r\n=C3=A9 =3D a=20\r\n=2Eb\r\nfin\r\n"));
    assert_null(strstr(out, "multipart"));
    xfree(&out);
    vec_push(&m.files,
             (struct outgoing_file){SPAN_LIT("a\r\nX: é.pdf"), SPAN_LIT("text/html\r\nX: y"), SPAN_LIT("abc")});
    out = written(&m);
    assert_non_null(strstr(out, "\r\n filename*=UTF-8''a%0D%0AX%3A%20%C3%A9.pdf\r\n\r\nYWJj\r\n--=_"));
    assert_non_null(strstr(out, "Content-Type: application/octet-stream;"));
    assert_null(strstr(out, "\r\nX: "));
    outgoing_free(&m);
    xfree(&out);
}

/* Larger than one step of the encoder, and than what a spool keeps in memory. */
static void encodes_large_files(void **state UNUSED)
{
    enum { LARGE = 1 << 20 };
    struct outgoing m = {.from = {SPAN_LIT("C"), SPAN_LIT("c@ours.mssante.fr")}, .text = SPAN_LIT("texte")};
    struct str decoded;
    char *bytes = xmalloc(LARGE);
    for (size_t i = 0; i < LARGE; i++)
        bytes[i] = (char)(i * 31 + i / 1000);
    vec_push(&m.files, (struct outgoing_file){SPAN_LIT("a.bin"), SPAN_LIT("application/pdf"), {bytes, LARGE}});
    char *out = written(&m), *begin = strstr(out, "a.bin\r\n\r\n");
    assert_non_null(begin);
    begin += strlen("a.bin\r\n\r\n");
    char *end = strstr(begin, "\r\n--=_");
    assert_non_null(end);
    str_init(&decoded, LARGE + 8);
    mime_decode(&decoded, ENCODING_BASE64, (struct span){begin, (size_t)(end - begin)});
    assert_int_equal(decoded.len, LARGE);
    assert_memory_equal(decoded.data, bytes, LARGE);
    str_free(&decoded);
    xfree(&out);
    xfree(&bytes);
    outgoing_free(&m);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_typed_addresses),
        cmocka_unit_test(writes_header_values),
        cmocka_unit_test(writes_whole_messages),
        cmocka_unit_test(encodes_large_files),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
