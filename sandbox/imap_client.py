"""The DUI: Python's imaplib with a client certificate, STARTTLS, then SASL EXTERNAL in the command itself (SASL-IR)."""
import base64
import imaplib

from .patience import SECONDS, again

imaplib._MAXLINE = 50_000_000  # its own limit is for servers that it cannot trust


class Dui(imaplib.IMAP4):
    patience = SECONDS

    def __init__(self, host, port, context, bal=None, name="imap.caducee.mssante.fr", patience=SECONDS):
        """`bal`: the authorisation identity; "" for the only one bound; None: do not log in yet. `patience`: for how long
        NO [UNAVAILABLE] (RFC 5530: ask again later) is asked again."""
        self.patience = patience
        super().__init__(host, port, timeout=SECONDS)
        context.check_hostname = bool(context.verify_mode)
        self.starttls_as(context, name)
        if bal is not None:
            self.external(bal)

    def _simple_command(self, name, *args):
        literal = self.literal  # the first try takes it

        def ask():
            self.literal = literal
            return super(Dui, self)._simple_command(name, *args)

        return again(ask, lambda answer: answer[0] == "NO" and b"[UNAVAILABLE]" in (answer[1][-1] or b""), self.patience)

    def starttls_as(self, context, name):
        """imaplib's own starttls() checks the name it has connected to; ours is known by its certificate's."""
        typ, data = self._simple_command("STARTTLS")
        if typ != "OK":
            raise self.error(data)
        self.sock = context.wrap_socket(self.sock, server_hostname=name)
        self.file = self.sock.makefile("rb")
        self._tls_established = True
        self._get_capabilities()

    def external(self, bal: str):
        identity = base64.b64encode(bal.encode()).decode() or "="
        typ, data = self._simple_command("AUTHENTICATE", "EXTERNAL", identity)
        if typ != "OK":
            raise self.error(data[-1].decode("utf-8", "replace"))
        self.state = "AUTH"
        return data

    def oauthbearer(self, bal: str, token: str):
        """RFC 7628. A refusal comes as a challenge (3.2.2); who leaves it without its %x01 waits for the server's patience."""
        response = f"n,a={bal},\x01auth=Bearer {token}\x01\x01".encode()
        self.authenticate("OAUTHBEARER", lambda challenge: b"\x01" if challenge else response)

    def messages(self, folder="INBOX") -> list:
        """Every message of a folder, byte for byte, oldest first; nothing is marked as read."""
        self.select(folder, readonly=True)
        _, found = self.uid("SEARCH", "ALL")
        out = []
        for uid in found[0].split():
            typ, data = self.uid("FETCH", uid, "(BODY.PEEK[])")
            if typ != "OK":
                raise self.error(data[-1].decode("utf-8", "replace"))
            out.append(next(part[1] for part in data if isinstance(part, tuple)))
        return out

    def last(self, folder="INBOX") -> bytes:
        """The newest message of a folder."""
        self.select(folder, readonly=True)
        _, data = self.fetch("*", "(BODY.PEEK[])")
        return next(part[1] for part in data if isinstance(part, tuple))

    def wait_for_more(self, count: int, folder="INBOX"):
        """Returns when the folder holds more than `count` messages; the socket's timeout bounds the wait."""
        while int(self.select(folder, readonly=True)[1][0]) <= count:
            self.idle_until_exists()

    def idle_until_exists(self):
        """RFC 2177: waits for the server to say that the folder has grown."""
        tag = self._new_tag()
        self.send(tag + b" IDLE\r\n")
        while not self._get_line().startswith(b"+"):
            pass
        while b"EXISTS" not in (line := self._get_line()):
            if line.startswith(b"* BYE"):
                raise self.abort(line)
        self.send(b"DONE\r\n")
        while not self._get_line().startswith(tag):
            pass
