"""A small SMTP client that can be rude: it sends just the bytes it is told, and shows replies as they are."""
import base64
import socket
import ssl
from dataclasses import dataclass


@dataclass
class Reply:
    code: int
    lines: list  # without code and separator

    @property
    def text(self) -> str:
        return " ".join(self.lines)

    @property
    def enhanced(self) -> str:
        first = self.lines[-1].split(" ", 1)[0]
        return first if first[:2] in ("2.", "4.", "5.") else ""

    def __str__(self):
        return f"{self.code} {self.text}"


class Closed(Exception):
    """The server has closed the connection."""


def client_context(ca=None, certificate=None, key=None, version=None) -> ssl.SSLContext:
    """What a peer of the trust space uses: TLS 1.2 or later, its certificate, only the health CA. No `ca`: anyone's."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    if version:
        context.minimum_version = context.maximum_version = version
    if ca:
        context.load_verify_locations(ca)
    else:
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    if certificate:
        context.load_cert_chain(certificate, key)
    return context


class Smtp:
    def __init__(self, host, port, timeout=120, source=""):
        self.socket = socket.create_connection((host, port), timeout, (source, 0) if source else None)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.pending = b""
        self.banner = self.read()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        self.socket.close()

    def send(self, data: bytes):
        try:
            self.socket.sendall(data)
        except OSError as error:
            raise Closed from error

    def line(self) -> str:
        while b"\n" not in self.pending:
            try:
                more = self.socket.recv(65536)
            except TimeoutError:
                raise
            except OSError:  # a reset, or TLS cut off
                more = b""
            if not more:
                raise Closed
            self.pending += more
        line, _, self.pending = self.pending.partition(b"\n")
        return line.rstrip(b"\r").decode("utf-8", "replace")

    def read(self) -> Reply:
        lines = []
        while True:
            line = self.line()
            lines.append(line[4:])
            if line[3:4] != "-":
                return Reply(int(line[:3]), lines)

    def command(self, line) -> Reply:
        self.send((line if isinstance(line, bytes) else line.encode()) + b"\r\n")
        return self.read()

    def ehlo(self, name="mx.autre-operateur.mssante.fr") -> Reply:
        return self.command(f"EHLO {name}")

    def starttls(self, context, name="mx.caducee.mssante.fr", session=None) -> Reply:
        reply = self.command("STARTTLS")
        if reply.code == 220:
            self.socket = context.wrap_socket(self.socket, server_hostname=name, session=session)
        return reply

    def data(self, message: bytes) -> Reply:
        """DATA with dot-stuffing; the reply of the command when it is refused, else the one after the dot."""
        reply = self.command("DATA")
        if reply.code != 354:
            return reply
        body = message.replace(b"\r\n.", b"\r\n..")
        if body.startswith(b"."):
            body = b"." + body
        if not body.endswith(b"\r\n"):
            body += b"\r\n"
        self.send(body + b".\r\n")
        return self.read()

    # -- submission: SASL (RFC 4954) with an initial response ----------------------------------------------------------
    def auth(self, mechanism: str, response: str) -> Reply:
        return self.command(f"AUTH {mechanism} {base64.b64encode(response.encode()).decode() or '='}")

    def oauthbearer(self, bal: str, token: str) -> Reply:
        """RFC 7628. A refusal comes as a challenge of JSON, which the client answers with an empty line of its kind."""
        reply = self.auth("OAUTHBEARER", f"n,a={bal},\x01auth=Bearer {token}\x01\x01")
        return self.command("AQ==") if reply.code == 334 else reply

    def xoauth2(self, bal: str, token: str) -> Reply:
        reply = self.auth("XOAUTH2", f"user={bal}\x01auth=Bearer {token}\x01\x01")
        return self.command("") if reply.code == 334 else reply

    def external(self, bal: str) -> Reply:
        return self.auth("EXTERNAL", bal)
