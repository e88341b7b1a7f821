"""The OCSP responders of the sandbox's CAs (RFC 6960), over HTTP: one path a CA. What they say stands in a file that is
read at each question, so that a test changes it in one write: serials that are revoked here and on no CRL yet, and what no
honest responder would do (another signer, an answer of last week, garbage, none)."""
import argparse
import json
import socket
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.x509 import ocsp
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from .pki import DAY, Pki, name_of, new_key, read_key, utcnow
from .place import Place
from .processes import Processes

QUESTION_MAX = 65536


class Ocsp:
    def __init__(self, place: Place, processes: Processes, pki: Pki):
        self.place, self.processes, self.pki = place, processes, pki

    @property
    def file(self) -> Path:
        return self.pki.folder / "ocsp.json"

    def say(self, revoked=(), how="honest"):
        """From now on these certificates (by name) are revoked; `how`: see Responder.answer()."""
        serials = [self.pki.load(self.pki.cert(name)).serial_number for name in revoked]
        draft = self.file.with_suffix(".new")
        self.place.write(draft, json.dumps({"revoked": serials, "how": how}), 0o644)
        draft.replace(self.file)

    def start(self):
        if not self.file.exists():
            self.say()
        self.processes.start_python("ocsp", "sandbox.ocsp", "--listen", self.place.address("ocsp"), "--pki", self.pki.folder)
        self.processes.wait("ocsp", (self.place.host, self.place.port("ocsp")))


class Responder:
    def __init__(self, folder: Path):
        self.folder = folder

    def load(self, name):
        return x509.load_pem_x509_certificate((self.folder / f"ca-{name}.pem").read_bytes()), read_key(self.folder / f"ca-{name}.key")

    def delegate(self, ca, ca_key, named: bool):
        """A responder's own certificate under the CA; `named`: with the extended key usage that makes it one."""
        key, now = new_key(True), utcnow()
        builder = (x509.CertificateBuilder().subject_name(name_of([(NameOID.COMMON_NAME, "OCSP")])).issuer_name(ca.subject)
                   .public_key(key.public_key()).serial_number(x509.random_serial_number())
                   .not_valid_before(now - DAY).not_valid_after(now + DAY)
                   .add_extension(x509.BasicConstraints(False, None), True))
        if named:
            builder = builder.add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.OCSP_SIGNING]), False)
        return builder.sign(ca_key, hashes.SHA256()), key

    def signer(self, how, ca, ca_key):
        if how == "other-signer":
            return self.load("other")
        if how in ("delegated", "not-named"):
            return self.delegate(ca, ca_key, how == "delegated")
        return ca, ca_key

    def answer(self, authority: str, question: bytes) -> bytes:
        said = json.loads((self.folder / "ocsp.json").read_text())
        how, request = said["how"], ocsp.load_der_ocsp_request(question)
        if how == "garbage":
            return b"0\x03\x0a\x01\x00garbage"
        if how == "later":
            return ocsp.OCSPResponseBuilder.build_unsuccessful(ocsp.OCSPResponseStatus.TRY_LATER).public_bytes(
                serialization.Encoding.DER)
        ca, ca_key = self.load(authority)
        signer, key = self.signer(how, ca, ca_key)
        certificate = self.find(request.serial_number + (1 if how == "other-certificate" else 0), ca, ca_key)
        now = utcnow() - (8 * DAY if how == "stale" else 0 * DAY)
        gone = request.serial_number in said["revoked"]
        builder = ocsp.OCSPResponseBuilder().add_response(
            cert=certificate, issuer=ca, algorithm=hashes.SHA1(),
            cert_status=ocsp.OCSPCertStatus.REVOKED if gone else ocsp.OCSPCertStatus.GOOD,
            this_update=now, next_update=now + DAY, revocation_time=now if gone else None, revocation_reason=None)
        builder = builder.responder_id(ocsp.OCSPResponderEncoding.HASH, signer)
        if signer is not ca:
            builder = builder.certificates([signer])
        return builder.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.DER)

    def find(self, serial: int, ca, ca_key):
        """The builder wants a certificate; only its serial is used."""
        key, now = new_key(True), utcnow()
        return (x509.CertificateBuilder().subject_name(name_of([(NameOID.COMMON_NAME, "x")])).issuer_name(ca.subject)
                .public_key(key.public_key()).serial_number(serial).not_valid_before(now).not_valid_after(now + DAY)
                .sign(ca_key, hashes.SHA256()))


class Handler(BaseHTTPRequestHandler):
    def do_POST(self):
        size = int(self.headers.get("Content-Length") or 0)
        body = self.rfile.read(min(size, QUESTION_MAX))
        try:
            answer = self.server.responder.answer(self.path.strip("/"), body)
        except (ValueError, OSError) as error:
            self.send_error(400, type(error).__name__)
            return
        self.send_response(200)
        self.send_header("Content-Type", "application/ocsp-response")
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, form, *arguments):
        print(form % arguments, flush=True)


class Server(ThreadingHTTPServer):
    daemon_threads = True


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--listen", required=True)
    parser.add_argument("--pki", required=True, type=Path)
    arguments = parser.parse_args()
    host, _, port = arguments.listen.rpartition(":")
    Server.address_family = socket.AF_INET6 if ":" in host else socket.AF_INET
    server = Server((host.strip("[]"), int(port)), Handler)
    server.responder = Responder(arguments.pki)
    server.serve_forever()


if __name__ == "__main__":
    main()
