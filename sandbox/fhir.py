"""A small FHIR server that stands for the publication service of the Annuaire Santé (announced by the ANS for 2026; there is
no public copy of it). It takes FHIR Patch on Practitioner and Organization, refuses what the specification refuses, and
shows what it holds, so that a test compares it with what was meant to be published.

    PATCH /fhir/v2/Practitioner?identifier=urn:oid:1.2.250.1.71.4.2.1|8…     a Parameters of insert|add|replace|delete
    GET   /fhir/v2/Practitioner?identifier=…  ·  GET …?mailbox-mss:exact=ADDRESS|:contains=DOMAIN   a Bundle
    POST  /panne?status=503&count=2[&method=PATCH]                            tests only: the next answers fail so
"""
import argparse
import json
import socket
import ssl
import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl, urlsplit

from .people import CHDEMO, PROFESSIONALS, TILLEULS
from .pki import SIRET

BASE = "/fhir/v2/"
SYSTEM_PERSON, SYSTEM_FINESS, SYSTEM_SIRET = "urn:oid:1.2.250.1.71.4.2.1", "https://finess.esante.gouv.fr", "https://sirene.fr"
METADATA = "as-ext-mailbox-mss-metadata"
PATCH_TYPES = ("application/fhir+json", "application/json-patch+json")
FIXED = ("type",)  # the kind of a BAL, as its address, cannot change after creation
BODY_MAX = 1 << 20


class Refusal(Exception):
    def __init__(self, status, code, text):
        super().__init__(text)
        self.status, self.code = status, code


@dataclass
class Resource:
    kind: str
    identifiers: list  # system|value, the same resource under each
    version: int = 1
    telecom: list = field(default_factory=list)

    def json(self) -> dict:
        out = {"resourceType": self.kind, "id": self.identifiers[0].split("|")[1], "meta": {"versionId": str(self.version)},
               "identifier": [dict(zip(("system", "value"), i.split("|"))) for i in self.identifiers]}
        return out | ({"telecom": self.telecom} if self.telecom else {})


def population() -> list:
    out = [Resource("Practitioner", [f"{SYSTEM_PERSON}|{number}"]) for p in PROFESSIONALS for number in p.national_ids]
    out += [Resource("Organization", [f"{SYSTEM_FINESS}|{finess}", f"{SYSTEM_SIRET}|{SIRET[structure]}"])
            for structure, finess in (("tilleuls", "999000017"), ("chdemo", "999000025"))]
    # Two records of one number, as the national directory sometimes has: a conditional patch must be refused (412).
    return out + [Resource("Organization", [f"{SYSTEM_FINESS}|999000099"]) for _ in range(2)]


def operations(body: dict) -> list:
    """The operations of a FHIR Patch: each a dictionary of its named parts (type, path, name, index, value)."""
    if body.get("resourceType") != "Parameters":
        raise Refusal(400, "invalid", "le corps doit être une ressource Parameters")
    out = []
    for parameter in body.get("parameter", []):
        if parameter.get("name") != "operation":
            raise Refusal(400, "invalid", "chaque paramètre doit se nommer operation")
        parts = {}
        for part in parameter.get("part", []):
            values = [part[key] for key in part if key.startswith("value")] or [part.get("part")]
            parts[part.get("name")] = values[0]
        out.append(parts)
    if not out:
        raise Refusal(400, "required", "aucune opération")
    return out


def metadata(contact: dict) -> dict:
    """The BAL's metadata: name → value of the extension's own extensions."""
    for extension in contact.get("extension", []):
        if extension.get("url", "").endswith(METADATA):
            return {e["url"]: next(v for k, v in e.items() if k.startswith("value")) for e in extension["extension"]}
    raise Refusal(422, "structure", f"telecom sans extension {METADATA}")


def check_contact(contact: dict) -> dict:
    if contact.get("system") != "email" or not contact.get("value", "").endswith(".mssante.fr"):
        raise Refusal(422, "value", "telecom doit être un courriel d’un domaine mssante.fr")
    facts = metadata(contact)
    if not isinstance(facts.get("type"), (str, dict)):
        raise Refusal(422, "required", "le type de la BAL est obligatoire")
    return facts


def index_of(path: str, telecom: list) -> int:
    """Which element `Practitioner.telecom[2]` or `…telecom.where(value = 'a@b')` names."""
    tail = path.partition(".telecom")[2]
    if tail.startswith("[") and tail.endswith("]") and tail[1:-1].isdigit():
        index = int(tail[1:-1])
    elif tail.replace(" ", "").startswith(".where(value="):
        address = tail.partition("'")[2].partition("'")[0]
        index = next((i for i, c in enumerate(telecom) if c["value"] == address), -1)
    else:
        raise Refusal(400, "invalid", f"chemin inconnu : {path}")
    if not 0 <= index < len(telecom):
        raise Refusal(422, "not-found", f"aucun telecom à {path}")
    return index


def apply(resource: Resource, operation: dict):
    kind, path, value = operation.get("type"), operation.get("path", ""), operation.get("value")
    if kind == "add":
        if operation.get("name") != "telecom" or path != resource.kind:
            raise Refusal(400, "invalid", f"add : path doit être {resource.kind} et name telecom")
        check_contact(value)
        resource.telecom.append(value)
    elif kind == "insert":
        if path != f"{resource.kind}.telecom" or not resource.telecom:
            raise Refusal(422, "processing", "insert demande un telecom existant : employez add")
        check_contact(value)
        if any(c["value"] == value["value"] for c in resource.telecom):
            raise Refusal(409, "duplicate", "cette BAL est déjà publiée")
        resource.telecom.insert(int(operation.get("index", 0)), value)
    elif kind == "replace":
        index = index_of(path, resource.telecom)
        old, new = resource.telecom[index], check_contact(value)
        if old["value"] != value["value"] or any(metadata(old).get(name) != new.get(name) for name in FIXED):
            raise Refusal(422, "business-rule", "l’adresse et le type d’une BAL ne changent pas")
        resource.telecom[index] = value
    elif kind == "delete":
        del resource.telecom[index_of(path, resource.telecom)]
    else:
        raise Refusal(400, "invalid", f"opération inconnue : {kind}")


class Store:
    def __init__(self, key: str):
        self.key, self.resources, self.lock = key, population(), threading.Lock()
        self.failures = []

    def matching(self, kind: str, query: dict) -> list:
        found = [r for r in self.resources if r.kind == kind]
        if "identifier" in query:
            return [r for r in found if query["identifier"] in r.identifiers]
        for name, test in (("mailbox-mss:exact", str.__eq__), ("mailbox-mss:contains", str.__contains__)):
            if name in query:
                return [r for r in found if any(test(c["value"], query[name]) for c in r.telecom)]
        raise Refusal(400, "required", "identifier ou mailbox-mss est obligatoire")

    def patch(self, kind: str, query: dict, if_match, body: dict) -> Resource:
        with self.lock:
            found = self.matching(kind, query)
            if not found:
                raise Refusal(404, "not-found", "aucune ressource de cet identifiant")
            if len(found) > 1:
                raise Refusal(412, "multiple-matches", "plusieurs ressources portent cet identifiant")
            resource = found[0]
            if if_match and if_match.strip('W/"') != str(resource.version):
                raise Refusal(412, "conflict", f"la version courante est {resource.version}")
            draft = Resource(resource.kind, resource.identifiers, resource.version, list(resource.telecom))
            for operation in operations(body):  # all of them or none
                apply(draft, operation)
            resource.telecom, resource.version = draft.telecom, resource.version + 1
            return resource


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_request(self, code="-", size="-"):
        print(f"{self.command} {urlsplit(self.path).path} {int(code)}", flush=True)

    def answer(self, status, body, version=None):
        data = json.dumps(body, ensure_ascii=False).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/fhir+json; charset=utf-8")
        self.send_header("Content-Length", str(len(data)))
        if version:
            self.send_header("ETag", f'W/"{version}"')
        self.end_headers()
        self.wfile.write(data)

    def handle_any(self):
        url = urlsplit(self.path)
        query, store = dict(parse_qsl(url.query)), self.server.store
        body = self.rfile.read(min(int(self.headers.get("Content-Length") or 0), BODY_MAX))
        try:
            if self.command == "POST" and url.path == "/panne":
                store.failures += [(int(query.get("status", 503)), query.get("method"))] * int(query.get("count", 1))
                return self.answer(200, {})
            if store.failures and store.failures[0][1] in (None, self.command):
                raise Refusal(store.failures.pop(0)[0], "transient", "panne demandée par un essai")
            if self.headers.get("ESANTE-API-KEY") != store.key:
                raise Refusal(401, "login", "clé ESANTE-API-KEY absente ou fausse")
            self.route(url.path, query, body)
        except Refusal as refusal:
            self.answer(refusal.status, {"resourceType": "OperationOutcome", "issue": [
                {"severity": "error", "code": refusal.code, "diagnostics": str(refusal)}]})

    do_GET = do_POST = do_PATCH = handle_any

    def route(self, path, query, body):
        kind, store = path.removeprefix(BASE), self.server.store
        if not path.startswith(BASE) or kind not in ("Practitioner", "Organization"):
            raise Refusal(404, "not-found", "ressource inconnue")
        if self.command == "GET":
            found = store.matching(kind, query)
            return self.answer(200, {"resourceType": "Bundle", "type": "searchset", "total": len(found),
                                     "entry": [{"resource": r.json()} for r in found]})
        if self.command != "PATCH" or self.headers.get_content_type() not in PATCH_TYPES:
            raise Refusal(415, "not-supported", "PATCH en application/fhir+json est attendu")
        try:
            parsed = json.loads(body)
        except ValueError:
            raise Refusal(400, "invalid", "JSON illisible") from None
        resource = store.patch(kind, query, self.headers.get("If-Match"), parsed)
        self.answer(200, resource.json(), resource.version)


class Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, address, key, certificate, certificate_key):
        self.address_family = socket.AF_INET6 if ":" in address[0] else socket.AF_INET
        super().__init__(address, Handler)
        self.store, self.tls = Store(key), ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.tls.load_cert_chain(certificate, certificate_key)

    def get_request(self):
        connection, peer = super().get_request()
        connection.settimeout(30)
        return self.tls.wrap_socket(connection, server_side=True, do_handshake_on_connect=False), peer


def main():
    parser = argparse.ArgumentParser(description="Stands for the Annuaire's publication service (FHIR Patch)")
    parser.add_argument("--listen", required=True, help="ADDRESS:PORT")
    parser.add_argument("--certificate", required=True)
    parser.add_argument("--key", required=True)
    parser.add_argument("--api-key", default="cle-du-bac-a-sable")
    options = parser.parse_args()
    host, _, port = options.listen.rpartition(":")
    print(f"stands for the national publication service; serves {TILLEULS}, {CHDEMO}", flush=True)
    Server((host.strip("[]"), int(port)), options.api_key, options.certificate, options.key).serve_forever()


if __name__ == "__main__":
    main()
