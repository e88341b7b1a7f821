"""IMAP transcripts as data: several connections to a real server, said line by line.

    # a comment
    message m1                    a message, up to a lone dot; {m1} in a command sends it as a literal
    Subject: x

    body
    .
    A: SELECT INBOX               connection A says a command (tags are made here); A is logged in at its first word
    A< * 1 EXISTS                 its answer, line by line, in order; literals are part of their line as {n}bytes
    A< ...                        any number of lines
    A< * OK [UIDVALIDITY {v:\\d+}] ...   {name:regex} matches and keeps; {name} later is what was kept; a lone ... at a
                                  line's end matches its rest
    A< OK                         the tagged answer, its beginning: every command ends with it
    A! DONE                       a line without a tag (IDLE); it ends with the tagged answer of the command it ends
    A? * 3 EXISTS                 waits for a line that comes by itself
"""
import base64
import re
import socket

from sandbox.patience import again


class Connection:
    """A TLS connection that gives whole response lines, literals inside."""

    def __init__(self, host, port, context):
        context.check_hostname = False
        self.socket = context.wrap_socket(socket.create_connection((host, port), timeout=120))
        self.stream = self.socket.makefile("rb")
        self.tags = 0
        self.tag = b""
        self.line()

    def line(self) -> str:
        whole = b""
        while True:
            piece = self.stream.readline()
            if not piece:
                raise EOFError("the server closed the connection")
            whole += piece
            literal = re.search(rb"\{(\d+)\}\r\n$", piece)
            if not literal:
                return whole.rstrip(b"\r\n").decode("utf-8", "backslashreplace").replace("\r\n", "\n")
            whole = whole[:-2] + self.stream.read(int(literal[1]))

    def say(self, command: bytes):
        self.tags += 1
        self.tag = b"t%d" % self.tags
        self.socket.sendall(self.tag + b" " + command + b"\r\n")

    def ask(self, command: bytes) -> list:
        """The lines of an answer; the last is the tagged one, without its tag."""
        self.say(command)
        lines = [self.line()]
        while not lines[-1].startswith(self.tag.decode() + " "):
            lines.append(self.line())
        return [*lines[:-1], lines[-1][len(self.tag) + 1:]]

    def until_it_works(self, command: bytes, wanted=""):
        """Asked again while the server says [UNAVAILABLE] — its database or keyd was away — or `wanted` is not among the lines."""
        def not_yet(lines):
            return lines[-1].startswith("NO [UNAVAILABLE]") or wanted and wanted not in lines

        lines = again(lambda: self.ask(command), not_yet)
        assert lines[-1].startswith("OK") and not not_yet(lines), lines

    def login(self, address: str):
        self.until_it_works(b"AUTHENTICATE EXTERNAL " + base64.b64encode(address.encode()))

    def close(self):
        self.socket.close()


class Transcript:
    def __init__(self, text: str, connect):
        self.lines = text.split("\n")
        self.connect = connect
        self.connections, self.messages, self.kept = {}, {}, {}

    def run(self):
        number = 0
        try:
            while number < len(self.lines):
                line = self.lines[number]
                number += 1
                if line.startswith("message "):
                    end = self.lines.index(".", number)
                    body = "\r\n".join(self.lines[number:end]) + "\r\n"
                    self.messages[line.split()[1]] = body.encode("utf-8").replace(b"\\xff", b"\xff")
                    number = end + 1
                elif line and not line.startswith("#"):
                    self.step(line, number)
        finally:
            for connection in self.connections.values():
                connection.close()

    def step(self, line, number):
        who, kind, rest = re.fullmatch(r"(\w+)([:<!?]) ?(.*)", line).groups()
        if who not in self.connections:
            self.connections[who] = self.connect()
        connection = self.connections[who]
        if kind == ":":
            self.drained(connection, number)
            connection.say(self.command(rest))
            connection.pending = True
        elif kind == "!":
            connection.socket.sendall(self.command(rest) + b"\r\n")
            connection.pending = True
        else:
            self.expect(connection, rest, number)

    def drained(self, connection, number):
        assert not getattr(connection, "pending", False), f"line {number}: the answer before was not read to its end"

    def command(self, text: str) -> bytes:
        out = b""
        for piece in re.split(r"(\{\w+\})", text):
            name = piece[1:-1]
            if piece.startswith("{") and name in self.messages:
                out += b"{%d+}\r\n" % len(self.messages[name]) + self.messages[name]
            elif piece.startswith("{") and name in self.kept:
                out += self.kept[name].encode()
            else:
                out += piece.encode("utf-8")
        return out

    def pattern(self, text: str):
        out, names = "", []
        rest = text.endswith("...")
        for piece in re.split(r"(\{\w+:(?:[^{}\\]|\\.)*\}|\{[a-z]\w*\})", text[:-3] if rest else text):
            known = re.fullmatch(r"\{([a-z]\w*)\}", piece)
            fresh = re.fullmatch(r"\{(\w+):(.*)\}", piece)
            if known and known[1] in self.kept:
                out += re.escape(self.kept[known[1]])
            elif known and known[1] in self.messages:
                body = self.messages[known[1]]
                out += re.escape("{%d}" % len(body) + body.decode().replace("\r\n", "\n"))
            elif fresh:
                names.append(fresh[1])
                out += f"({fresh[2]})"
            else:
                out += re.escape(piece.replace("\\n", "\n"))
        return out + (".*" if rest else ""), names

    def expect(self, connection, text, number):
        tag = connection.tag.decode()
        tagged = re.match(r"(OK|NO|BAD)\b", text)
        if text == "...":
            connection.skipping = True
            return
        wanted, names = self.pattern(f"{tag} {text}..." if tagged else text)
        while True:
            got = connection.line()
            match = re.fullmatch(wanted, got, re.DOTALL)
            if match:
                break
            if not getattr(connection, "skipping", False) or got.startswith(tag + " "):
                raise AssertionError(f"line {number}: expected {text!r}, got {got!r}")
        connection.skipping = False
        if tagged:
            connection.pending = False
        self.kept.update(zip(names, match.groups()))
