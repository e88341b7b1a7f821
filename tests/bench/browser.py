"""A browser as small as a benchmark needs: cookies, redirects, one connection a server kept open, bytes counted."""
import http.client
import re
import ssl
from html import unescape
from urllib.parse import urlencode, urljoin, urlsplit

BOUNDARY = "frontiere-de-la-mesure"


class Page:
    def __init__(self, url, status, headers, body, wire):
        self.url, self.status, self.headers, self.body, self.wire = url, status, headers, body, wire

    @property
    def text(self) -> str:
        return self.body.decode("utf-8", "replace")

    def find(self, pattern) -> str:
        found = re.search(pattern, self.text)
        if not found:
            raise LookupError(f"{self.url} ({self.status}): nothing like {pattern}")
        return unescape(found[1])

    def field(self, name) -> str:
        tag = self.find(rf"(<input[^>]*name=[\"']?{name}[\"' ][^>]*>)")
        return unescape(re.search(r"value=[\"']([^\"']*)", tag)[1])


class Browser:
    def __init__(self):
        self.context = ssl._create_unverified_context()  # the sandbox's own certificates, on loopback
        self.cookies, self.open = {}, {}

    def cookie(self, url) -> str:
        return "; ".join(f"{k}={v}" for k, v in self.cookies.get(urlsplit(url).netloc, {}).items())

    def ask(self, method, url, body=None, headers=()) -> Page:
        """One request; redirects are not followed."""
        parts = urlsplit(url)
        sent = {"Cookie": self.cookie(url), "Origin": f"{parts.scheme}://{parts.netloc}", **dict(headers)}
        words = method, parts.path + ("?" + parts.query if parts.query else ""), body, sent
        try:
            answer = self.answer(parts.netloc, words)
        except (http.client.RemoteDisconnected, ConnectionError, ssl.SSLError):  # kept open too long for the server
            self.open.pop(parts.netloc).close()
            answer = self.answer(parts.netloc, words)
        data = answer.read()
        for line in answer.headers.get_all("Set-Cookie") or ():
            name, _, value = line.split(";")[0].partition("=")
            jar = self.cookies.setdefault(parts.netloc, {})
            if re.search(r"max-age=0|=deleted|-del-", line, re.I) or not value:
                jar.pop(name, None)
            else:
                jar[name] = value
        return Page(url, answer.status, answer.headers, data, len(str(answer.headers)) + len(data))

    def answer(self, netloc, words):
        if netloc not in self.open:
            self.open[netloc] = http.client.HTTPSConnection(netloc, context=self.context, timeout=60)
        self.open[netloc].request(*words)
        return self.open[netloc].getresponse()

    def go(self, method, url, body=None, headers=()) -> Page:
        page = self.ask(method, url, body, headers)
        for _ in range(10):
            if page.status not in (301, 302, 303):
                break
            page = self.ask("GET", urljoin(page.url, page.headers["Location"]))
        if page.status >= 400:
            raise LookupError(f"{url}: {page.status} at {page.url}: {page.text[-300:]}")
        return page

    def get(self, url) -> Page:
        return self.go("GET", url)

    def post(self, url, fields) -> Page:
        return self.go("POST", url, urlencode(fields), {"Content-Type": "application/x-www-form-urlencoded"})

    def upload(self, url, fields, name, content) -> Page:
        parts = [f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{k}"\r\n\r\n{v}\r\n'.encode() for k, v in fields.items()]
        parts.append(f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"; filename="mesure.bin"\r\n'
                     "Content-Type: application/octet-stream\r\n\r\n".encode() + content + b"\r\n")
        body = b"".join(parts) + f"--{BOUNDARY}--\r\n".encode()
        return self.go("POST", url, body, {"Content-Type": f"multipart/form-data; boundary={BOUNDARY}"})

    def view_bytes(self, url) -> int:
        """A first view: the page and what it loads, compressed where the server does."""
        zipped = {"Accept-Encoding": "gzip, deflate"}
        plain, page = self.get(url), self.go("GET", url, None, zipped)
        total, seen = page.wire, set()
        linked = re.findall(r"<link[^>]*rel=[\"']?(?:stylesheet|icon|manifest)[^>]*>|<script[^>]*src=[^>]*>|<img[^>]*>", plain.text)
        for tag in linked:
            where = re.search(r"(?:href|src)=[\"']?([^\"' >]+)", tag)
            target = where and urljoin(plain.url, unescape(where[1]))
            if target and target.startswith("https:") and target not in seen:
                seen.add(target)
                total += self.ask("GET", target, None, zipped).wire
        return total

    def close(self):
        for connection in self.open.values():
            connection.close()
