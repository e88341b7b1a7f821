"""DNS of the trust space: MX and addresses of every operator here, by dnsmasq on a port of its own."""
from .place import Place, require
from .processes import Processes
from .whitelist import ELSEWHERE, HOSTED, NON_ASCII, OUR_DOMAINS, PATIENTS, PEER_DOMAIN

PEER_MX, OUR_MX, PATIENT_MX = "mx.autre-operateur.mssante.fr", "mx.caducee.mssante.fr", "mx.patient.mssante.fr"
NO_MAIL = HOSTED[249]  # its MX is null (RFC 7505)
PATIENT_ADDRESS = "127.0.0.2"  # another server than the peer's: it has a certificate of its own


def records(listen: str) -> list:
    """Lines of dnsmasq's configuration."""
    out = [f"host-record={host},{listen}" for host in
           (PEER_MX, OUR_MX, "mx.ailleurs.mssante.fr", "imap.caducee.mssante.fr", "smtp.caducee.mssante.fr")]
    out.append(f"host-record={PATIENT_MX},{PATIENT_ADDRESS}")
    mx = [(domain, OUR_MX) for domain in OUR_DOMAINS]
    mx += [(domain, PEER_MX) for domain in [PEER_DOMAIN, NON_ASCII.encode("idna").decode(), *HOSTED] if domain != NO_MAIL]
    mx += [(PATIENTS, PATIENT_MX), (ELSEWHERE, "mx.ailleurs.mssante.fr")]
    out += [f"mx-host={domain},{host},10" for domain, host in mx]
    out.append(f"dns-rr={NO_MAIL},15,000000")  # preference 0, the root
    return out


class Dns:
    def __init__(self, place: Place, processes: Processes):
        self.place, self.processes = place, processes
        self.file = place.path("dnsmasq.conf")

    def start(self):
        fixed = ["port=%d" % self.place.port("dns"), f"listen-address={self.place.listen}", "bind-interfaces",
                 "no-resolv", "no-hosts", "no-poll", "local=/fr/", "local-ttl=60", "log-facility=-", "keep-in-foreground",
                 f"pid-file={self.place.path('dnsmasq.pid')}"]
        self.place.write(self.file, "\n".join(fixed + records(self.place.host)) + "\n", 0o644)
        self.processes.start("dnsmasq", [require("dnsmasq"), f"--conf-file={self.file}",
                                         f"--user={self.place.account.pw_name}"])
        self.processes.wait("dnsmasq", (self.place.host, self.place.port("dns")))
