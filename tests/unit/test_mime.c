/* MIME as strangers write it: words, parameters, addresses, dates, the tree and its offsets, the IMAP forms. */
#include "tests/unit/unit.h"

#include "lib/proto/charset.h"
#include "lib/proto/mime_address.h"
#include "lib/proto/mime_decode.h"
#include "lib/proto/mime_imap.h"
#include "lib/proto/mime_subject.h"
#include "lib/proto/mime_text.h"
#include "lib/proto/mime_tree.h"

struct io {
    const char *input, *want;
};

static void words(void **state)
{
    (void)state;
    static const struct io cases[] = {
        {"plain", "plain"},
        {"=?utf-8?Q?=C3=89t=C3=A9?=", "Été"},
        {"=?UTF-8?b?w4l0w6k=?=", "Été"},
        {"=?iso-8859-1?q?=C9t=E9?=", "Été"},
        {"=?iso-8859-1*fr?q?=C9t=E9?=", "Été"},
        {"=?utf-8?q?a_b?= =?utf-8?q?c?= d", "a bc d"},
        {"=?utf-8?q?a?=\r\n =?utf-8?q?b?=", "ab"},
        {"=?utf-8?b?w4k=?= x =?utf-8?b?w4k=?=", "É x É"},
        {"=?utf-8?b?ww==?= =?utf-8?b?iQ==?=", "É"}, /* a character cut in two */
        {"=?utf-8?q?a b?=", "a b"},
        {"=?utf-8?x?a?=", "=?utf-8?x?a?="},
        {"=?utf-8?q?never ends", "=?utf-8?q?never ends"},
        {"\xc9t\xe9", "Été"}, /* raw 8-bit: not UTF-8, hence windows-1252 */
        {"Ét\xc3\xa9", "Été"},
        {"a\r\n b\tc", "a b c"},
        {"=?utf-8?q?a=0D=0AX:_b?=", "a  X: b"}, /* no line end is born from a word */
        {"=?windows-1252?q?=80?=", "€"},
        {"=?wrong?q?=80?=", "€"},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct str out;
        str_init(&out, 1000);
        mime_words_decode(&out, span_of(cases[i].input));
        assert_str(&out, cases[i].want);
        str_free(&out);
    }
}

static void transfer_encodings(void **state)
{
    (void)state;
    static const struct {
        enum part_encoding encoding;
        const char *input, *want;
    } cases[] = {
        {ENCODING_BASE64, "Qm9u\r\nam91cg==", "Bonjour"},
        {ENCODING_BASE64, "Qm 9u!!", "Bon"},
        {ENCODING_BASE64, "Qg", "B"},
        {ENCODING_QP, "a=20b=\r\nc", "a bc"},
        {ENCODING_QP, "a= \r\nb", "ab"},
        {ENCODING_QP, "a=zzb=", "a=zzb"},
        {ENCODING_QP, "=c3=A9", "é"},
        {ENCODING_8BIT, "a=20", "a=20"},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct str out;
        str_init(&out, 1000);
        assert_true(mime_decode(&out, cases[i].encoding, span_of(cases[i].input)));
        assert_str(&out, cases[i].want);
        str_free(&out);
    }
    struct str small;
    str_init(&small, 3);
    assert_false(mime_decode(&small, ENCODING_QP, SPAN_LIT("abcd")));
    assert_false(mime_decode(&small, ENCODING_BASE64, SPAN_LIT("QUJDREVG")));
    str_free(&small);
}

static void parameters(void **state)
{
    (void)state;
    static const struct {
        const char *input, *value, *name, *want;
    } cases[] = {
        {"text/plain; charset=utf-8", "text/plain", "charset", "utf-8"},
        {"text/plain; charset=\"us-ascii\" (comment)", "text/plain", "charset", "us-ascii"},
        {"text/plain;charset = utf-8;;x=y", "text/plain", "x", "y"},
        {"attachment; filename=\"a \\\"b\\\".pdf\"", "attachment", "filename", "a \"b\".pdf"},
        {"attachment; filename*=utf-8''%C3%A9t%C3%A9.pdf", "attachment", "filename", "été.pdf"},
        {"attachment; filename*=iso-8859-1'fr'%E9t%E9.pdf; filename=ete.pdf", "attachment", "filename", "été.pdf"},
        {"a; filename*1=\"cd\"; filename*0=\"ab\"", "a", "filename", "abcd"},
        {"a; filename*0*=utf-8''%C3; filename*1*=%A9", "a", "filename", "é"},
        {"a; filename==?utf-8?q?=C3=A9?=", "a", "filename", "é"},
        {"a; filename*=utf-8''%0D%0Ax", "a", "filename", "  x"},
        {"a; filename*=utf-8''%C3%A9%", "a", "filename", "é%"},
        {"(c) text/html (d) ; a=b", "text/html", "a", "b"},
        {"a; b", "a", "b", ""},
        {"", "", "x", ""},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct arena *arena = arena_new(1 << 20);
        struct mime_params params;
        struct span value;
        mime_structured(arena, span_of(cases[i].input), &value, &params);
        assert_span(value, cases[i].value);
        assert_span(mime_param_text(arena, &params, cases[i].name), cases[i].want);
        arena_destroy(&arena);
    }
}

static void addresses(void **state)
{
    (void)state;
    static const struct io cases[] = {
        {"a@b.c", "a@b.c"},
        {"Jean Dupont <j@d.fr>, x@y.z", "Jean Dupont <j@d.fr>, x@y.z"},
        {"\"Dupont, Jean\" <j@d.fr>", "Dupont, Jean <j@d.fr>"},
        {"j@d.fr (Jean Dupont)", "Jean Dupont <j@d.fr>"},
        {"Jean (le vrai) Dupont <j@d.fr>", "Jean Dupont <j@d.fr>"},
        {"\"a b\"@c.d", "a b@c.d"},
        {"<@x,@y:a@b>", "a@b"},
        {"a@b, , c@d", "a@b, c@d"},
        {"a@b.c;d@e.f", "a@b.c, d@e.f"},
        {"A <a@b> B <c@d>", "A  B <c@d>"},
        {"undisclosed-recipients:;", ""},
        {"Equipe: a@b.c, B <b@c.d>;, z@z.z", "a@b.c, B <b@c.d>, z@z.z"},
        {"=?utf-8?q?=C3=89lodie?= <e@m.fr>", "Élodie <e@m.fr>"},
        {"\xc9lodie <e@m.fr>", "Élodie <e@m.fr>"},
        {"x <a@b", "x <a@b>"},
        {"\"never ends", "never ends"},
        {"\"Claire <a@b.fr>", "Claire <a@b.fr>"},
        {"\"Claire <\"a@b.fr>, c@d.fr", "Claire <a@b.fr>, c@d.fr"},
        {"a@b.fr (Claire", "Claire <a@b.fr>"},
        {"a@b.fr (", "a@b.fr"},
        {"((((((((((((((((((((((((((((((((((((((((a@b", ""},
        {"toto", "toto"},
        {"", ""},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct arena *arena = arena_new(1 << 20);
        struct str out;
        mime_address_list list = {0};
        str_init(&out, 1000);
        mime_addresses(arena, span_of(cases[i].input), &list);
        mime_addresses_text(&out, &list);
        assert_str(&out, cases[i].want);
        vec_free(&list);
        str_free(&out);
        arena_destroy(&arena);
    }
}

static void dates(void **state)
{
    (void)state;
    static const struct {
        const char *input;
        bool good;
        int64_t utc;
        int zone;
    } cases[] = {
        {"Fri, 20 Nov 2026 17:00:00 +0100", true, 1795190400, 60},
        {"Fri, 20 Nov 2026 17:00:00 +0100 (CET)", true, 1795190400, 60},
        {"20 Nov 26 16:00 GMT", true, 1795190400, 0},
        {"Thu, 1 Jan 1970 00:00:00 -0130", true, 5400, -90},
        {"Thu, 29 Feb 2024 12:00:00 +0000", true, 1709208000, 0},
        {"yesterday", false, 0, 0},
        {"Fri, 20 Nov 2026 27:00:00 +0100", false, 0, 0},
        {"Fri, 20 Nov 2026 17:00:00 +16307552700", false, 0, 0},
        {"Fri, 20 Nov 2026 999999999:00:00 +0100", false, 0, 0},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        int64_t utc = 0;
        int zone = 0;
        assert_int_equal(mime_date(span_of(cases[i].input), &utc, &zone), cases[i].good);
        if (cases[i].good) {
            assert_int_equal(utc, cases[i].utc);
            assert_int_equal(zone, cases[i].zone);
        }
    }
}

static void subjects(void **state)
{
    (void)state;
    static const struct {
        const char *input, *want;
        bool reply;
    } cases[] = {
        {"Compte rendu", "compte rendu", false},
        {"Re: Compte rendu", "compte rendu", true},
        {"RE : re:FWD: Compte  rendu (fwd)", "compte rendu", true},
        {"[liste] Re: [liste] x", "x", true},
        {"Re[2]: x", "x", true},
        {"[liste] x", "x", false},
        {"[seul]", "[seul]", false},
        {"[Fwd: Re: x]", "x", true},
        {"ÉTÉ", "e\u0301te\u0301", false},
        {"", "", false},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct str out;
        bool reply;
        str_init(&out, 1000);
        mime_base_subject(&out, span_of(cases[i].input), &reply);
        assert_str(&out, cases[i].want);
        assert_int_equal(reply, cases[i].reply);
        str_free(&out);
    }
}

static void html_words(void **state)
{
    (void)state;
    static const struct io cases[] = {
        {"<p>Bonjour <b>le</b> monde</p><p>ici", "Bonjour le monde\nici"},
        {"a&eacute;&#233;&#xe9;&nbsp;b&unknown;&", "aééé b&unknown;&"},
        {"x<script>alert('</p>')</script>y<style>z</style>", "xy"},
        {"x<!-- y --> z", "x z"},
        {"1 < 2 <br> 3", "1 < 2\n3"},
        {"<td>a</td><td>b</td>", "a b"},
        {"<script>never ends", ""},
        {"<", "<"},
        {"&#0;&#xd800;&#x110000;x", "&#0; x"},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct str out;
        str_init(&out, 1000);
        mime_html_words(&out, span_of(cases[i].input));
        assert_str(&out, cases[i].want);
        str_free(&out);
    }
}

/* Parts as "parent.number kind type body", one a line. */
static void show_tree(struct str *out, struct mime_tree *tree)
{
    vec_each (&tree->parts, part) {
        struct span body = mime_body_of(tree, part);
        str_addf(out, "%u.%u %c %.*s/%.*s [", part->parent, part->number, "lmr"[part->kind], (int)part -> type.n,
                 part->type.p, (int)part->subtype.n, part->subtype.p);
        if (part->kind == PART_LEAF)
            str_add_span(out, body);
        if (part->kind == PART_MULTIPART)
            str_puts(out, "]\n");
        else
            str_addf(out, "] %u\n", part->lines);
    }
}

#define MIXED "Content-Type: multipart/mixed; boundary=b\r\n\r\n"
#define TYPE  "Content-Type: "

static void trees(void **state)
{
    (void)state;
    static const struct io cases[] = {
        {"", "0.1 l text/plain [] 0\n"},
        {"just text", "0.1 l text/plain [] 0\n"},
        {"A: b\r\n\r\nx\r\ny\r\n", "0.1 l text/plain [x\r\ny\r\n] 2\n"},
        {"A: b\n\nx\ny", "0.1 l text/plain [x\ny] 1\n"},
        {MIXED "pre\r\n--b\r\n\r\none\r\n--b\r\n" TYPE "a/b\r\n\r\ntwo\r\n\r\n--b--\r\nepilogue\r\n",
         "0.1 m multipart/mixed []\n0.1 l text/plain [one] 0\n0.2 l a/b [two\r\n] 1\n"},
        {MIXED "--b\r\n\r\nnever closed", "0.1 m multipart/mixed []\n0.1 l text/plain [never closed] 0\n"},
        {MIXED "no delimiter", "0.1 l text/plain [no delimiter] 0\n"},
        {TYPE "multipart/mixed\r\n\r\n--b\r\n", "0.1 l text/plain [--b\r\n] 1\n"},
        {MIXED "--b\r\n\r\n--b\r\n--b--\r\n",
         "0.1 m multipart/mixed []\n0.1 l text/plain [] 0\n0.2 l text/plain [] 0\n"},
        {MIXED "--b\n\none\n--b\r\n\r\ntwo\n--b--",
         "0.1 m multipart/mixed []\n0.1 l text/plain [one] 0\n0.2 l text/plain [two] 0\n"},
        /* an outer delimiter ends what an inner one forgot to */
        {MIXED "--b\r\n" TYPE "multipart/x; boundary=c\r\n\r\n--c\r\n\r\nin\r\n--b\r\n\r\nout\r\n--b--\r\n",
         "0.1 m multipart/mixed []\n0.1 m multipart/x []\n1.1 l text/plain [in] 0\n0.2 l text/plain [out] 0\n"},
        /* one boundary begins like another */
        {MIXED "--b\r\n" TYPE "multipart/x; boundary=bc\r\n\r\n--bc\r\n\r\nin\r\n--bc--\r\n--b\r\n\r\nout\r\n--b--\r\n",
         "0.1 m multipart/mixed []\n0.1 m multipart/x []\n1.1 l text/plain [in] 0\n0.2 l text/plain [out] 0\n"},
        {MIXED "--b\r\n" TYPE "message/rfc822\r\n\r\nSubject: s\r\n\r\nin\r\n--b--\r\n",
         "0.1 m multipart/mixed []\n0.1 r message/rfc822 [] 2\n1.1 l text/plain [in] 0\n"},
        {TYPE "multipart/digest; boundary=b\r\n\r\n--b\r\n\r\nSubject: s\r\n\r\nin\r\n--b--\r\n",
         "0.1 m multipart/digest []\n0.1 r message/rfc822 [] 2\n1.1 l text/plain [in] 0\n"},
        {TYPE "message/rfc822\r\nContent-Transfer-Encoding: base64\r\n\r\nQUJD", "0.1 l message/rfc822 [QUJD] 0\n"},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct arena *arena = arena_new(1 << 20);
        struct mime_tree tree;
        struct str out;
        str_init(&out, 10000);
        mime_tree_parse(&tree, arena, span_of(cases[i].input));
        show_tree(&out, &tree);
        assert_str(&out, cases[i].want);
        mime_tree_free(&tree);
        str_free(&out);
        arena_destroy(&arena);
    }
}

static void imap_forms(void **state)
{
    (void)state;
    static const struct {
        const char *message, *envelope, *structure;
    } cases[] = {
        {"Subject: a \"b\"\r\nFrom: G: x@y;\r\nTo: z\r\n\r\nhi",
         "(NIL \"a \\\"b\\\"\" ((NIL NIL \"G\" NIL)(NIL NIL \"x\" \"y\")(NIL NIL NIL NIL)) ((NIL NIL \"G\" NIL)(NIL "
         "NIL "
         "\"x\" \"y\")(NIL NIL NIL NIL)) ((NIL NIL \"G\" NIL)(NIL NIL \"x\" \"y\")(NIL NIL NIL NIL)) ((NIL NIL \"z\" "
         "\"\")) NIL NIL NIL NIL)",
         "(\"text\" \"plain\" (\"charset\" \"us-ascii\") NIL NIL \"7bit\" 2 0 NIL NIL NIL NIL)"},
        {"Subject: \xc3\xa9\r\nDate: x\r\n y\r\nSender: s@t\r\nFrom: f@g\r\n\r\n",
         "(\"x y\" {2}\r\n\xc3\xa9 ((NIL NIL \"f\" \"g\")) ((NIL NIL \"s\" \"t\")) ((NIL NIL \"f\" \"g\")) NIL NIL NIL "
         "NIL "
         "NIL)",
         "(\"text\" \"plain\" (\"charset\" \"us-ascii\") NIL NIL \"7bit\" 0 0 NIL NIL NIL NIL)"},
        {"Content-Type: IMAGE/png; name=a\r\nContent-ID: <i>\r\nContent-Transfer-Encoding: BASE64\r\n"
         "Content-Disposition: inline; filename=b\r\nContent-Language: fr, en\r\nContent-Location: u\r\n\r\nAAAA",
         "(NIL NIL NIL NIL NIL NIL NIL NIL NIL NIL)",
         "(\"IMAGE\" \"png\" (\"name\" \"a\") \"<i>\" NIL \"BASE64\" 4 NIL (\"inline\" (\"filename\" \"b\")) (\"fr\" "
         "\"en\") \"u\")"},
        {"From: <@x.y, @z:a@b>\r\nContent-Language: (a, b) fr (c)\r\n\r\n",
         "(NIL NIL ((NIL \"@x.y,@z\" \"a\" \"b\")) ((NIL \"@x.y,@z\" \"a\" \"b\")) ((NIL \"@x.y,@z\" \"a\" \"b\")) NIL "
         "NIL NIL NIL NIL)",
         "(\"text\" \"plain\" (\"charset\" \"us-ascii\") NIL NIL \"7bit\" 0 0 NIL NIL \"fr\" NIL)"},
        {MIXED
         "--b\r\nContent-Type: text/plain\r\n\r\n--b\r\n\r\n--b\r\nContent-Type: message/rfc822\r\n\r\na: b\r\n--b--",
         "(NIL NIL NIL NIL NIL NIL NIL NIL NIL NIL)",
         "((\"text\" \"plain\" (\"charset\" \"us-ascii\") NIL NIL \"7bit\" 0 0 NIL NIL NIL NIL)(\"text\" \"plain\" "
         "(\"charset\" \"us-ascii\") NIL NIL \"7bit\" 0 0 NIL NIL NIL NIL)(\"message\" \"rfc822\" NIL NIL NIL \"7bit\" "
         "4 (NIL "
         "NIL NIL NIL NIL NIL NIL NIL NIL NIL) (\"text\" \"plain\" (\"charset\" \"us-ascii\") NIL NIL \"7bit\" 0 0 NIL "
         "NIL NIL "
         "NIL) 0 NIL NIL NIL NIL) \"mixed\" (\"boundary\" \"b\") NIL NIL NIL)"},
        {"Content-Type: message/rfc822\r\n\r\nSubject: s\r\n\r\nin", "(NIL NIL NIL NIL NIL NIL NIL NIL NIL NIL)",
         "(\"message\" \"rfc822\" NIL NIL NIL \"7bit\" 16 (NIL \"s\" NIL NIL NIL NIL NIL NIL NIL NIL) (\"text\" "
         "\"plain\" (\"charset\" \"us-ascii\") NIL NIL \"7bit\" 2 0 NIL NIL NIL NIL) 2 NIL NIL NIL NIL)"},
        {"Content-Type: message/rfc822\r\nContent-Transfer-Encoding: base64\r\n\r\nAAAA",
         "(NIL NIL NIL NIL NIL NIL NIL NIL NIL NIL)",
         "(\"application\" \"octet-stream\" NIL NIL NIL \"base64\" 4 NIL NIL NIL NIL)"},
        {MIXED "--b\r\n\r\nx\r\n--b--", "(NIL NIL NIL NIL NIL NIL NIL NIL NIL NIL)",
         "((\"text\" \"plain\" (\"charset\" \"us-ascii\") NIL NIL \"7bit\" 1 0 NIL NIL NIL NIL) \"mixed\" "
         "(\"boundary\" "
         "\"b\") NIL NIL NIL)"},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct arena *arena = arena_new(1 << 20);
        struct mime_tree tree;
        struct str out;
        str_init(&out, 10000);
        mime_tree_parse(&tree, arena, span_of(cases[i].message));
        mime_imap_envelope(&out, arena, mime_header_of(&tree, &tree.parts.items[0]));
        assert_str(&out, cases[i].envelope);
        str_clear(&out);
        mime_imap_structure(&out, &tree, true);
        assert_str(&out, cases[i].structure);
        mime_tree_free(&tree);
        str_free(&out);
        arena_destroy(&arena);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(words),      cmocka_unit_test(transfer_encodings),
        cmocka_unit_test(parameters), cmocka_unit_test(addresses),
        cmocka_unit_test(dates),      cmocka_unit_test(subjects),
        cmocka_unit_test(html_words), cmocka_unit_test(trees),
        cmocka_unit_test(imap_forms),
    };
    return cmocka_run_group_tests_name("mime", tests, NULL, NULL);
}
