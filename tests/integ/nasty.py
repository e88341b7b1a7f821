"""A corpus of nasty messages, made here: each is something seen in the wild or allowed by a grammar that few read.
`corpus()` gives (name, bytes), always the same."""


def crlf(text: str) -> bytes:
    return text.replace("\r\n", "\n").replace("\n", "\r\n").encode("utf-8", "surrogateescape")


BASE = "Date: Fri, 20 Nov 2026 10:00:00 +0100\nMessage-ID: <x@y>\n"

ADDRESSES = {
    "plain": "a@b.fr",
    "angle": "<a@b.fr>",
    "name": "Claire Martin <a@b.fr>",
    "quoted": '"Martin, Claire" <a@b.fr>',
    "escapes": r'"Mar\"tin \\ x" <a@b.fr>',
    "comment": "a@b.fr (Claire Martin)",
    "comment-inside": "Claire (Dr) Martin <a@b.fr>",
    "nested-comment": "a@b.fr (Claire (Dr (x)) Martin)",
    "route": "<@r1.fr,@r2.fr:a@b.fr>",
    "group": "Soins: a@b.fr, Paul <c@d.fr>;",
    "empty-group": "undisclosed-recipients:;",
    "group-then-more": "Soins: a@b.fr;, c@d.fr",
    "list": "a@b.fr, c@d.fr,e@f.fr",
    "folded": "a@b.fr,\n c@d.fr,\n\te@f.fr",
    "encoded": "=?utf-8?q?Cl=C3=A9mence?= <a@b.fr>",
    "encoded-split": "=?utf-8?q?Cl=C3=A9?=\n =?utf-8?q?mence?= <a@b.fr>",
    "utf8": "Clémence <a@b.fr>",
    "latin1": b"Cl\xe9mence <a@b.fr>".decode("utf-8", "surrogateescape"),
    "no-host": "a",
    "no-local": "@b.fr",
    "empty-angle": "<>",
    "name-empty-angle": "Claire <>",
    "open-quote": '"Claire <a@b.fr>',
    "open-angle": "Claire <a@b.fr",
    "open-comment": "a@b.fr (Claire",
    "stray-comma": ",a@b.fr,,c@d.fr,",
    "semicolons": "a@b.fr; c@d.fr",
    "quoted-local": '"a b"@b.fr',
    "dots": "a..b@c..fr",
    "dotted-name": "J. Martin <a@b.fr>",
    "ip": "a@[192.0.2.1]",
    "ipv6": "a@[IPv6:2001:db8::1]",
    "two-ats": "a@b@c.fr",
    "empty": "",
    "spaces": "   ",
    "tab": "Claire\tMartin\t<a@b.fr>",
    "nul-ish": "Claire\x01Martin <a@b.fr>",
    "long": ", ".join(f"Nom{i} Prenom{i} <p{i}@exemple.fr>" for i in range(200)),
    "idn": "a@été.fr",
}
SUBJECTS = {
    "empty": "",
    "folded": "un\n deux\n\ttrois",
    "utf8": "été",
    "latin1": b"\xe9t\xe9".decode("utf-8", "surrogateescape"),
    "encoded": "=?iso-8859-1?q?=E9t=E9?=",
    "quotes": 'il a dit "bonjour" \\ et (parti)',
    "long": "x" * 2000,
    "spaces": "   deux   espaces   ",
    "colon": "Re: [KO Intégration système !][902] XDM/1.0/DDM+x",
    "only-fold": "\n  x",
}
DATES = {
    "none": None,
    "empty": "",
    "obsolete": "20 Nov 26 10:00 GMT",
    "comment": "Fri, 20 Nov 2026 10:00:00 +0100 (CET)",
    "nonsense": "demain",
    "folded": "Fri, 20 Nov 2026\n 10:00:00 +0100",
}
IDS = {
    "no-brackets": "x@y",
    "spaces": "< x @ y >",
    "two": "<a@b> <c@d>",
    "comment": "<a@b> (x)",
    "empty": "",
    "folded": "\n <a@b>",
    "quoted": '<"a b"@c>',
}
TYPES = {
    "none": None,
    "empty": "",
    "only-type": "text",
    "slash": "text/",
    "upper": "TEXT/PLAIN; CHARSET=UTF-8",
    "semicolon": "text/plain;",
    "semicolons": "text/plain;;charset=utf-8;",
    "spaces": "text/plain ; charset = utf-8",
    "comment": "text/plain (x); charset=utf-8 (y)",
    "quoted": 'text/plain; charset="utf-8"; name="a \\"b\\" c.txt"',
    "unquoted-spaces": "text/plain; name=un deux.txt",
    "rfc2231": "application/pdf; name*=utf-8'fr'%C3%A9t%C3%A9.pdf",
    "rfc2231-continued": "application/pdf; name*0=\"un \"; name*1=\"deux.pdf\"",
    "rfc2231-both": "application/pdf; name*0*=utf-8''%C3%A9; name*1=t; name*2*=%C3%A9.pdf",
    "encoded-word": "application/pdf; name=\"=?utf-8?q?=C3=A9t=C3=A9.pdf?=\"",
    "duplicate": "text/plain; charset=utf-8; charset=latin1",
    "html": "text/html; charset=utf-8",
    "no-equal": "text/plain; charset",
    "folded": "text/plain;\n charset=utf-8;\n\tname=x",
    "utf8": 'application/pdf; name="été.pdf"',
    "odd": "x-foo/y.bar+z; a=b",
    "bad": "foo bar; x=y",
    "open-quote": 'text/plain; name="a',
    "message-external": 'message/external-body; access-type=local-file; name="/x"',
    "message-partial": "message/partial; id=x; number=1; total=2",
    "message-delivery": "message/delivery-status",
}
ENCODINGS = ["7bit", "8BIT", "binary", "Base64", "quoted-printable", "x-foo", "", "base64 (x)", " 7bit ", "7-bit"]
DISPOSITIONS = {
    "attachment": "attachment",
    "name": 'attachment; filename="a b.pdf"',
    "rfc2231": "attachment; filename*=UTF-8''%C3%A9t%C3%A9.pdf",
    "continued": 'attachment; filename*0="un"; filename*1="deux"; size=12',
    "upper": "INLINE; FILENAME=x",
    "empty": "",
    "bad": "; filename=x",
    "comment": "attachment (x); filename=y",
    "8bit": 'attachment; filename="été.pdf"',
}
LANGUAGES = ["fr", "fr, en", "fr,en ,  de", "", "(x) fr"]


def header_messages():
    for field in ("From", "To"):
        for name, value in ADDRESSES.items():
            yield f"{field.lower()}-{name}", f"{field}: {value}\nSubject: x\n{BASE}\ny\n"
    for name, value in SUBJECTS.items():
        yield f"subject-{name}", f"From: a@b.fr\nSubject: {value}\n{BASE}\ny\n"
    for name, value in DATES.items():
        yield f"date-{name}", "From: a@b.fr\n" + (f"Date: {value}\n" if value is not None else "") + "Subject: x\n\ny\n"
    for name, value in IDS.items():
        yield f"id-{name}", f"From: a@b.fr\nMessage-ID: {value}\nIn-Reply-To: {value}\nSubject: x\n\ny\n"


def type_messages():
    for name, value in TYPES.items():
        yield f"type-{name}", ("From: a@b.fr\n" + BASE + "MIME-Version: 1.0\n" +
                               (f"Content-Type: {value}\n" if value is not None else "") + "\nun\ndeux\n")
    for number, value in enumerate(ENCODINGS):
        yield f"encoding-{number}", f"From: a@b.fr\n{BASE}Content-Type: text/plain\nContent-Transfer-Encoding: {value}\n\nw6k=\n"
    for name, value in DISPOSITIONS.items():
        yield f"disposition-{name}", f"From: a@b.fr\n{BASE}Content-Type: application/pdf\nContent-Disposition: {value}\n\nx\n"
    for number, value in enumerate(LANGUAGES):
        yield f"language-{number}", f"From: a@b.fr\n{BASE}Content-Type: text/plain\nContent-Language: {value}\n\nx\n"
    yield "other-fields", ("From: a@b.fr\n" + BASE + "Content-Type: text/plain\nContent-ID: <a@b>\nContent-Description: =?utf-8?q?"
                           "=C3=A9?= (x)\nContent-MD5: Q2hlY2s=\nContent-Location: http://x/ y\n\nx\n")


def part(body, *fields):
    return "\n".join(fields) + "\n\n" + body if fields else "\n" + body


def multipart(parts, boundary="b", end=True, subtype="mixed", before="", after="", declared=None):
    inside = before + "".join(f"--{boundary}\n{one}\n" for one in parts) + (f"--{boundary}--\n" if end else "") + after
    return f"Content-Type: multipart/{subtype}; boundary={declared or boundary}\n\n{inside}"


def structure_messages():
    text = part("un", "Content-Type: text/plain")
    html = part("<p>un</p>", "Content-Type: text/html")
    inner = multipart([text, html], "inner", subtype="alternative")
    rfc822 = part("From: x@y.fr\nSubject: dedans\n\ncorps", "Content-Type: message/rfc822")
    head = "From: a@b.fr\nSubject: x\n" + BASE + "MIME-Version: 1.0\n"
    shapes = {
        "two": multipart([text, html]),
        "none": "Content-Type: multipart/mixed; boundary=b\n\n",
        "no-parts": "Content-Type: multipart/mixed; boundary=b\n\n--b--\n",
        "no-end": multipart([text, html], end=False),
        "no-boundary-param": "Content-Type: multipart/mixed\n\n--b\n\nx\n--b--\n",
        "empty-boundary": 'Content-Type: multipart/mixed; boundary=""\n\n--\n\nx\n----\n',
        "boundary-never": "Content-Type: multipart/mixed; boundary=z\n\n--b\n\nx\n--b--\n",
        "preamble": multipart([text], before="avant\n\n", after="apres\n"),
        "prefix": multipart([text, "Content-Type: text/plain\n\n--bb\nx"], "b"),
        "trailing-spaces": "Content-Type: multipart/mixed; boundary=b\n\n--b  \n\nx\n--b--  \n",
        "quoted-boundary": multipart([text], "a b c", declared='"a b c"'),
        "special-boundary": multipart([text], "=_'()+,-./:=?", declared="\"=_'()+,-./:=?\""),
        "long-boundary": multipart([text], "b" * 70),
        "nested": multipart([inner, text]),
        "nested-same": multipart([multipart([text], "b"), text], "b"),
        "nested-no-end": multipart([multipart([text], "inner", end=False), text]),
        "empty-part": multipart(["", text]),
        "header-only": multipart(["Content-Type: text/plain", text]),
        "no-header": multipart([part("nu")]),
        "empty-body": multipart([part("", "Content-Type: text/plain")]),
        "digest": multipart([part("From: x@y.fr\nSubject: d\n\nz")], subtype="digest"),
        "rfc822": multipart([rfc822]),
        "rfc822-root": "Content-Type: message/rfc822\n\nFrom: x@y.fr\nSubject: d\n\nz\n",
        "rfc822-multipart": multipart([part("From: x@y.fr\n" + inner, "Content-Type: message/rfc822"), text]),
        "rfc822-twice": multipart([part("From: x@y.fr\nContent-Type: message/rfc822\n\nFrom: z@t.fr\n\ncorps",
                                        "Content-Type: message/rfc822")]),
        "rfc822-empty": multipart([part("", "Content-Type: message/rfc822")]),
        "rfc822-no-body": multipart([part("From: x@y.fr", "Content-Type: message/rfc822")]),
        "rfc822-base64": multipart([part("RnJvbTogeA==", "Content-Type: message/rfc822", "Content-Transfer-Encoding: base64")]),
        "attachment": multipart([text, part("JVBERg==", 'Content-Type: application/pdf; name="a.pdf"',
                                            "Content-Transfer-Encoding: base64", "Content-Disposition: attachment; filename=a.pdf",
                                            "Content-ID: <c@d>", "Content-Description: le document")]),
        "related": multipart([html, part("x", "Content-Type: image/png", "Content-ID: <i>")], subtype="related; type=\"text/html\""),
        "report": multipart([text, part("Reporting-MTA: dns; x\n", "Content-Type: message/delivery-status"),
                             part("From: a@b\n", "Content-Type: text/rfc822-headers")],
                            subtype="report; report-type=delivery-status"),
        "params": "Content-Type: multipart/mixed; boundary=b; charset=utf-8; x*=utf-8''%C3%A9\nContent-Disposition: inline\n"
                  "Content-Language: fr\nContent-Location: x\n\n--b\n\nx\n--b--\n",
        "boundary-in-body": multipart([part("texte --b dedans\n --b\n--bx", "Content-Type: text/plain")]),
        "text-after-end": multipart([text], after="--b\n\nencore\n--b--\n"),
        "many": multipart([part(str(i), "Content-Type: text/plain") for i in range(60)]),
    }
    deep = text
    for level in range(25):
        deep = multipart([deep], f"n{level}")
    shapes["deep"] = deep
    for name, shape in shapes.items():
        yield f"multipart-{name}", head + shape
    yield "no-header-at-all", "\nseulement un corps\n"
    yield "no-body", "From: a@b.fr\nSubject: x\n"
    yield "no-body-blank", "From: a@b.fr\nSubject: x\n\n"
    yield "not-a-header", "ceci n'est pas un en-tete\nFrom: a@b.fr\n\nx\n"
    yield "space-before-colon", "From : a@b.fr\nSubject : x\n\ny\n"
    yield "two-from", "From: a@b.fr\nFrom: c@d.fr\nTo: e@f.fr\nTo: g@h.fr\nSubject: un\nSubject: deux\n\ny\n"
    yield "sender-reply-to", "From: a@b.fr\nSender: s@t.fr\nReply-To: r@u.fr, R <v@w.fr>\nCc: c@d.fr\nBcc: e@f.fr\n\ny\n"
    yield "empty-sender", "From: a@b.fr\nSender: \nReply-To:\n\ny\n"
    yield "long-line", "From: a@b.fr\nX-Long: " + "x" * 30000 + "\n\n" + "y" * 30000 + "\n"
    yield "many-headers", "From: a@b.fr\n" + "".join(f"X-{i}: {i}\n" for i in range(3000)) + "\ny\n"


def corpus():
    for make in (header_messages, type_messages, structure_messages):
        for name, text in make():
            yield name, crlf(text)
    yield "lf-only", b"From: a@b.fr\nContent-Type: multipart/mixed; boundary=b\n\n--b\n\nx\n--b--\n"
    yield "mixed-ends", b"From: a@b.fr\r\nSubject: x\nTo: c@d.fr\r\n\r\nun\ndeux\r\n"
    yield "no-last-end", b"From: a@b.fr\r\n\r\nsans fin"
    yield "8bit-body", b"From: a@b.fr\r\nContent-Type: text/plain\r\n\r\n\xff\xfe\x80\r\n"
