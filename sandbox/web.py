"""lighttpd: the whitelist over HTTPS and CRLs over HTTP, as the national sites serve them; and in front of our webmail."""
from .pki import Pki
from .place import Place, bracketed, require
from .processes import Processes

CONF = """server.modules = ("mod_accesslog", "mod_openssl", "mod_fastcgi")
server.document-root = "{www}"
server.bind = "{listen}"
server.port = {http}
server.pid-file = ""
server.errorlog = "{logs}/lighttpd.log"
accesslog.filename = "{logs}/lighttpd-access.log"
# without the query: Pro Santé Connect's code stands in it
accesslog.format = "%h %V %t \\"%m %U %H\\" %>s %b"
mimetype.assign = (".xml" => "application/xml", ".crl" => "application/pkix-crl", ".json" => "application/json")
etag.use-mtime = "enable"
$SERVER["socket"] == "{https_address}" {{
    ssl.engine = "enable"
    ssl.pemfile = "{cert}"
    ssl.privkey = "{key}"
    ssl.openssl.ssl-conf-cmd = ("MinProtocol" => "TLSv1.2")
}}
# The same service where the administration part is reached by a personal certificate: asked for, and handed over.
$SERVER["socket"] == "{admin_address}" {{
    ssl.engine = "enable"
    ssl.pemfile = "{public_cert}"
    ssl.privkey = "{public_key}"
    ssl.openssl.ssl-conf-cmd = ("MinProtocol" => "TLSv1.2", "Options" => "-SessionTicket")
    server.max-keep-alive-requests = 0
    ssl.ca-file = "{persons}"
    ssl.verifyclient.activate = "enable"
    ssl.verifyclient.enforce = "disable"
    ssl.verifyclient.exportcert = "enable"
    ssl.verifyclient.depth = 3
    fastcgi.server = ("/" => (("socket" => "{run}/webmail.sock", "check-local" => "disable",
                               "fix-root-scriptname" => "enable")))
}}
# The webmail: everything comes from its own service; bodies stream both ways, up to 64 MiB.
$SERVER["socket"] == "{webmail_address}" {{
    ssl.engine = "enable"
    ssl.pemfile = "{public_cert}"
    ssl.privkey = "{public_key}"
    ssl.openssl.ssl-conf-cmd = ("MinProtocol" => "TLSv1.2")
    server.max-request-size = 65536
    server.stream-request-body = 1
    server.stream-response-body = 2
    fastcgi.server = ("/" => (("socket" => "{run}/webmail.sock", "check-local" => "disable",
                               "fix-root-scriptname" => "enable")))
}}
"""


class Web:
    def __init__(self, place: Place, processes: Processes, pki: Pki):
        self.place, self.processes, self.pki = place, processes, pki
        self.file = place.path("lighttpd.conf")

    def start(self):
        place = self.place
        self.place.write(self.file, CONF.format(
            www=place.path("www"), listen=bracketed(place.listen), http=place.port("http"), https_address=place.address("https"),
            logs=place.logs, cert=self.pki.cert("web"), key=self.pki.key("web"), run=place.run,
            webmail_address=place.address("webmail"), admin_address=place.address("webmail_admin"),
            persons=self.pki.persons, public_cert=self.pki.cert("public"),
            public_key=self.pki.key("public")), 0o644)
        self.processes.start("lighttpd", [require("lighttpd"), "-D", "-f", self.file])
        self.processes.wait("lighttpd", (place.host, place.port("http")), (place.host, place.port("https")))
