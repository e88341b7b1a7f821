"""Starting the stand-in for the national publication service (FHIR Patch)."""
from .pki import Pki
from .place import Place
from .processes import Processes

API_KEY = "cle-du-bac-a-sable"


class Publication:
    def __init__(self, place: Place, processes: Processes, pki: Pki):
        self.place, self.processes, self.pki = place, processes, pki

    @property
    def url(self) -> str:
        return f"https://{self.place.name}:{self.place.port('fhir')}/fhir/v2"

    def start(self):
        self.processes.start_python("fhir", "sandbox.fhir", "--listen", self.place.address("fhir"), "--certificate",
                                    self.pki.cert("public"), "--key", self.pki.key("public"), "--api-key", API_KEY)
        self.processes.wait("fhir", (self.place.host, self.place.port("fhir")))
