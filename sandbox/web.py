"""lighttpd: the whitelist over HTTPS, CRLs over HTTP, as the national sites serve them."""
from .pki import Pki
from .place import Place, require
from .processes import Processes

CONF = """server.modules = ("mod_accesslog", "mod_openssl")
server.document-root = "{www}"
server.bind = "{listen}"
server.port = {http}
server.pid-file = ""
server.errorlog = "{logs}/lighttpd.log"
accesslog.filename = "{logs}/lighttpd-access.log"
mimetype.assign = (".xml" => "application/xml", ".crl" => "application/pkix-crl", ".json" => "application/json")
etag.use-mtime = "enable"
$SERVER["socket"] == "{https_address}" {{
    ssl.engine = "enable"
    ssl.pemfile = "{cert}"
    ssl.privkey = "{key}"
    ssl.openssl.ssl-conf-cmd = ("MinProtocol" => "TLSv1.2")
}}
"""


class Web:
    def __init__(self, place: Place, processes: Processes, pki: Pki):
        self.place, self.processes, self.pki = place, processes, pki
        self.file = place.path("lighttpd.conf")

    def start(self):
        place = self.place
        self.place.write(self.file, CONF.format(
            www=place.path("www"), listen=place.listen, http=place.port("http"), https_address=place.address("https"),
            logs=place.logs, cert=self.pki.cert("web"), key=self.pki.key("web")), 0o644)
        self.processes.start("lighttpd", [require("lighttpd"), "-D", "-f", self.file])
        self.processes.wait("lighttpd", (place.listen, place.port("http")), (place.listen, place.port("https")))
