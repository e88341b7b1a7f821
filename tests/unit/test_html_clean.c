/* The cleaner: what stays, what goes, and that nothing dangerous ever comes out. */
#include "tests/unit/unit.h"

#include "lib/proto/html_clean.h"

static void check(const char *input, enum html_source source, const char *want)
{
    struct str out;
    unsigned remote;
    str_init(&out, HTML_OUTPUT_MAX);
    assert_true(html_clean(&out, span_of(input), source, &remote));
    assert_str(&out, want);
    str_free(&out);
}

static void kept(void **state)
{
    (void)state;
    static const struct {
        const char *input, *want;
    } cases[] = {
        {"<p>Bonjour <b>le</b> monde</p>", "<p>Bonjour <b>le</b> monde</p>"},
        {"a &lt;b&gt; &amp; \"c\" 'd' `e`", "<p>a &lt;b&gt; &amp; &quot;c&quot; &#39;d&#39; &#96;e&#96;</p>"},
        {"<P ALIGN=center>x", "<p align=\"center\">x</p>"},
        {"<a href=\"https://x.fr/?a=1&amp;b\">x</a>", "<a href=\"https://x.fr/?a=1&amp;b\">x</a>"},
        {"<a href=mailto:a@b>x</a>", "<a href=\"mailto:a@b\">x</a>"},
        {"<img src=\"cid:a@b\" alt=x width=10>", "<img src=\"cid:a@b\" alt=\"x\" width=\"10\">"},
        {"<table border=1><tr><td colspan=2>x</td></tr></table>",
         "<table border=\"1\"><tr><td colspan=\"2\">x</td></tr></table>"},
        {"<ul><li>x</ul><hr><br>", "<ul><li>x</li></ul><hr><br>"},
        {"<p>\xc3\xa9t\xc3\xa9 &eacute; &nbsp;</p>", "<p>\xc3\xa9t\xc3\xa9 \xc3\xa9 \xc2\xa0</p>"},
        {"<o:p>x</o:p><blink>y</blink>", "<p>x</p>y"},
        {"", ""},
    };
    for (size_t i = 0; i < COUNT(cases); i++)
        check(cases[i].input, HTML_OF_MAIL, cases[i].want);
}

static void gone(void **state)
{
    (void)state;
    static const struct {
        const char *input, *want;
    } cases[] = {
        {"<p>a<script>alert(1)</script>b</p>", "<p>ab</p>"},
        {"<p style=\"color:red\" onclick=x id=y class=z>a</p>", "<p>a</p>"},
        {"<style>p{}</style><p>a</p>", "<p>a</p>"},
        {"<svg><a href=https://x>y</a></svg><p>z</p>", "<p>z</p>"},
        {"<math><mi>x</mi></math><p>z</p>", "<p>z</p>"},
        {"<iframe src=https://x>y</iframe><p>z</p>", "<p>z</p>"},
        {"<form action=https://x><input name=a>t</form>", "t"},
        {"<a href=\"javascript:alert(1)\">x</a>", "<a>x</a>"},
        {"<a href=\"jav&#x0A;ascript:alert(1)\">x</a>", "<a>x</a>"},
        {"<a href=\" &#1;javascript:x\">x</a>", "<a>x</a>"},
        {"<a href=\"data:text/html,x\">x</a>", "<a>x</a>"},
        {"<a href=\"//x.fr\">x</a>", "<a>x</a>"},
        {"<a href=\"/local\">x</a>", "<a>x</a>"},
        {"<img src=https://x/y.png alt=z>", "<img alt=\"z\">"},
        {"<img src=\"cid:a&quot; onerror=&quot;x\">", "<img>"},
        {"<img src=\"data:image/png;base64,AAAA\">", "<img>"},
        {"<img src=x onerror=alert(1)//", "<img>"},
        {"<body background=https://x><p>a</p>", "<p>a</p>"},
        {"<td background=https://x>a</td>", "<td>a</td>"},
        {"<!--[if mso]><p>x</p><![endif]--><p>y</p>", "<p>y</p>"},
        {"<base href=https://x><meta http-equiv=refresh content=0><link rel=x href=y><p>a</p>", "<p>a</p>"},
        {"<textarea></textarea><noscript><p title=\"</noscript><img src=x onerror=alert(1)>\">", ""},
        {"<title><p>x</p></title><p>y</p>", "<p>y</p>"},
    };
    for (size_t i = 0; i < COUNT(cases); i++)
        check(cases[i].input, HTML_OF_MAIL, cases[i].want);
}

static void of_cda(void **state)
{
    (void)state;
    check("<p class=cda-x><img src=\"data:image/png;base64,AAAA\">", HTML_OF_CDA,
          "<p class=\"cda-x\"><img src=\"data:image/png;base64,AAAA\"></p>");
    check("<p class=other><img src=\"data:image/svg+xml;base64,AAAA\">", HTML_OF_CDA, "<p><img></p>");
}

static void limits(void **state)
{
    (void)state;
    struct str in, out;
    unsigned remote;
    str_init(&in, HTML_INPUT_MAX * 2);
    str_init(&out, HTML_OUTPUT_MAX);
    static const char *const repeated[] = {"<div>", "<b><p>", "<table><tr><td>", "</p>",    "<a href=https://x.fr>",
                                           "&",     "<!--",   "<p x=\"",         "\xc3\xa9"};
    for (size_t i = 0; i < COUNT(repeated); i++) {
        str_clear(&in);
        str_clear(&out);
        while (in.len < 1000000)
            str_puts(&in, repeated[i]);
        assert_true(html_clean(&out, str_span(&in), HTML_OF_MAIL, &remote));
    }
    str_clear(&out);
    assert_false(html_clean(&out, SPAN_LIT("\xff\xfe<script>"), HTML_OF_MAIL, &remote)); /* not UTF-8 */
    assert_true(html_clean(&out, SPAN_LIT("<img src=http://a><img src=//b><img src=cid:c>"), HTML_OF_MAIL, &remote));
    assert_int_equal(remote, 2);
    str_free(&in);
    str_free(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(kept), cmocka_unit_test(gone), cmocka_unit_test(of_cda),
                                       cmocka_unit_test(limits)};
    return cmocka_run_group_tests_name("html_clean", tests, NULL, NULL);
}
