"""Starting the sandbox's stand-in for Pro Santé Connect (package psc), and asking it for tokens."""
import urllib.request
from urllib.parse import urlencode

from .people import PROFESSIONALS
from .pki import Pki
from .place import Place, SandboxError
from .processes import Processes
from .psc import provider, tokens
from .smtp_client import client_context

MAIL_CLIENT = ("lps-sandbox", "secret-of-the-sandbox")  # a business software that reads and sends mail
WEBMAIL_CLIENT = ("webmail-sandbox", "secret-of-the-sandbox-webmail")


class ProSanteConnect:
    def __init__(self, place: Place, processes: Processes, pki: Pki):
        self.place, self.processes, self.pki = place, processes, pki
        self.folder = place.path("psc")

    @property
    def base_url(self) -> str:
        return f"https://{self.place.name}:{self.place.port('psc')}"

    @property
    def issuer(self) -> str:
        return self.base_url + provider.REALM

    @property
    def discovery(self) -> str:
        return self.base_url + provider.DISCOVERY

    @property
    def webmail_url(self) -> str:
        return f"https://{self.place.name}:{self.place.port('webmail')}"

    @property
    def admin_url(self) -> str:
        return f"https://{self.place.name}:{self.place.port('webmail_admin')}"

    def start(self):
        self.place.make_folder(self.folder, 0o700)
        clients = [":".join([*MAIL_CLIENT, "http://localhost/retour"]),
                   ":".join([*WEBMAIL_CLIENT, f"{self.webmail_url}/retour"])]
        words = ["--state", self.folder, "--listen", self.place.address("psc"), "--certificate", self.pki.cert("public"),
                 "--key", self.pki.key("public"), "--base-url", self.base_url]
        for client in clients:
            words += ["--client", client]
        self.processes.start_python("psc", "sandbox.psc.provider", *words)
        self.processes.wait("psc", (self.place.host, self.place.port("psc")))

    def person(self, national_id: str):
        for person in PROFESSIONALS:
            if national_id in person.national_ids:
                return person
        known = ", ".join(p.national_id for p in PROFESSIONALS)
        raise SandboxError(f"nobody here has the national id {national_id}; known: {known}")

    def revoke(self, token: str):
        """Withdraws an access token, as a log-out does: introspection says so from then on."""
        form = urlencode({"token": token, "client_id": MAIL_CLIENT[0], "client_secret": MAIL_CLIENT[1]}).encode()
        url = self.base_url + provider.PROTOCOL + "/revoke"
        context = client_context(self.pki.ca("public"))
        urllib.request.build_opener(urllib.request.ProxyHandler({}), urllib.request.HTTPSHandler(context=context)).open(url, form).close()

    def token(self, national_id: str, client=MAIL_CLIENT[0], **hostile) -> str:
        """An access token as PSC would give after a log-in; `hostile`: see tokens.forged()."""
        return tokens.forged(tokens.Keys(self.folder), self.issuer, client, self.person(national_id), hostile)
