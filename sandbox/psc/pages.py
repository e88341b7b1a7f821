"""The two pages a person sees at the sandbox's Pro Santé Connect. Plain HTML, no script, usable by keyboard."""
from html import escape

STYLE = """
:root{color-scheme:light dark;font:16px/1.5 system-ui,sans-serif}
body{margin:0;display:grid;place-items:center;min-height:100vh;background:Canvas;color:CanvasText}
main{width:min(34rem,92vw);padding:2rem 0}
h1{font-size:1.35rem;margin:0 0 .25rem}p{margin:.25rem 0 1.25rem}
.mark{display:inline-block;padding:.1rem .5rem;border-radius:.3rem;background:#b3261e;color:#fff;font-size:.8rem}
ul{list-style:none;margin:0;padding:0;display:grid;gap:.5rem}
button{width:100%;text-align:left;padding:.75rem 1rem;border:1px solid #8886;border-radius:.5rem;background:Field;
color:FieldText;font:inherit;cursor:pointer}
button:hover,button:focus-visible{outline:3px solid #0b57d0;outline-offset:1px}
small{display:block;opacity:.75}
"""


def page(title: str, body: str) -> str:
    return (f"<!doctype html><html lang=fr><meta charset=utf-8><meta name=viewport content='width=device-width'>"
            f"<title>{escape(title)}</title><style>{STYLE}</style><main>{body}</main></html>")


def choice(people, hidden: dict) -> str:
    """Who logs in: one button a synthetic professional."""
    fields = "".join(f"<input type=hidden name='{escape(name)}' value='{escape(value, True)}'>"
                     for name, value in hidden.items())
    buttons = "".join(
        f"<li><button name=person value='{escape(p.national_id, True)}'>{escape(f'{p.title} {p.given} {p.family}')}"
        f"<small>{escape(p.label)}, {escape(p.structure)} — {escape(p.national_id)}</small></button></li>"
        for p in people)
    return page("Pro Santé Connect du bac à sable",
                "<p><span class=mark>Bac à sable</span></p><h1>Pro Santé Connect</h1>"
                "<p>Choisissez la personne fictive qui s’authentifie. Aucune carte n’est demandée.</p>"
                f"<form method=post action=''>{fields}<ul>{buttons}</ul></form>")


def message(title: str, text: str) -> str:
    return page(title, f"<p><span class=mark>Bac à sable</span></p><h1>{escape(title)}</h1><p>{escape(text)}</p>")
