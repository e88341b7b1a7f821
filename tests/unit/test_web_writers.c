#include "tests/unit/unit.h"

#include "webmail-cgi/html_writer.h"
#include "webmail-cgi/json_writer.h"

static void escapes_text_and_attributes(void **state UNUSED)
{
    struct str out;
    struct html h;
    str_init(&out, 10000);
    html_init(&h, &out);
    OPEN(&h, "p", ATTR("title", "\"><script>"), FLAG_IF(false, "hidden"), FLAG("open"), ATTR("lang", NULL),
         ATTR_N("data-n", 42));
    html_text(&h, "<b>&'\"</b>\n\xe2\x80\xae"
                  "evil\x01");
    CLOSE(&h, "p");
    assert_true(html_done(&h));
    assert_str(&out, "<p title=\"&quot;&gt;&lt;script&gt;\" open data-n=\"42\">&lt;b&gt;&amp;&#39;&quot;&lt;/b&gt;\n"
                     "\xef\xbf\xbd"
                     "evil\xef\xbf\xbd</p>");
    str_free(&out);
}

static void lets_only_harmless_addresses_pass(void **state UNUSED)
{
    static const struct {
        const char *input, *want;
    } table[] = {
        {"/b/1", "/b/1"},
        {"/", "/"},
        {"", ""},
        {"#contenu", "#contenu"},
        {"?page=2&x=1", "?page=2&amp;x=1"},
        {"https://a.example/?q=\"", "https://a.example/?q=&quot;"},
        {"mailto:a@b.c", "mailto:a@b.c"},
        {"//evil.example/", "#"},
        {"/\\evil.example/", "#"},
        {"http://a.example/", "#"},
        {"javascript:alert(1)", "#"},
        {"JaVaScRiPt:alert(1)", "#"},
        {" javascript:alert(1)", "#"},
        {"java\tscript:alert(1)", "#"},
        {"data:text/html,x", "#"},
        {"vbscript:x", "#"},
        {"relative", "#"},
    };
    for (size_t i = 0; i < COUNT(table); i++) {
        struct str out, want;
        struct html h;
        str_init(&out, 1000);
        str_init(&want, 1000);
        str_addf(&want, "<a href=\"%s\">", table[i].want);
        html_init(&h, &out);
        OPEN(&h, "a", URL("href", table[i].input));
        assert_str(&out, want.data);
        str_free(&want);
        str_free(&out);
    }
}

static void makes_links_of_plain_text(void **state UNUSED)
{
#define LINK(url) "<a href=\"" url "\" target=\"_blank\" rel=\"noopener noreferrer nofollow\">" url "</a>"
    static const struct {
        const char *input, *want;
    } table[] = {
        {"rien", "rien"},
        {"voir https://a.fr/x?a=1.", "voir " LINK("https://a.fr/x?a=1") "."},
        {"(https://a.fr)", "(" LINK("https://a.fr") ")"},
        {"xhttps://a.fr", "xhttps://a.fr"},
        {"http://a.fr", "<span class=\"plain-link\">http://a.fr</span>"},
        {"javascript:alert(1)", "javascript:alert(1)"},
        {"https://a.fr/\"onmouseover=alert(1)", LINK("https://a.fr/") "&quot;onmouseover=alert(1)"},
        {"https://a.fr/<script>", LINK("https://a.fr/") "&lt;script&gt;"},
        {"https://", "https://"},
    };
    for (size_t i = 0; i < COUNT(table); i++) {
        struct str out;
        struct html h;
        str_init(&out, 10000);
        html_init(&h, &out);
        html_lines(&h, span_of(table[i].input));
        assert_str(&out, table[i].want);
        str_free(&out);
    }
}

static void writes_json(void **state UNUSED)
{
    struct str out;
    struct json j;
    str_init(&out, 1000);
    json_init(&j, &out);
    json_object(&j, NULL);
    json_text(&j, "a", SPAN_LIT("</script>\"\\\n\xe2\x80\xa8\xc3\xa9"));
    json_array(&j, "l");
    json_number(&j, NULL, -3);
    json_bool(&j, NULL, true);
    json_object(&j, NULL);
    json_end(&j);
    json_end(&j);
    json_number(&j, "n", 2);
    json_end(&j);
    assert_str(&out, "{\"a\":\"\\u003c/script\\u003e\\\"\\\\\\u000a\\u2028\xc3\xa9\",\"l\":[-3,true,{}],\"n\":2}");
    str_free(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(escapes_text_and_attributes),
        cmocka_unit_test(lets_only_harmless_addresses_pass),
        cmocka_unit_test(makes_links_of_plain_text),
        cmocka_unit_test(writes_json),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
