"""The Annuaire Santé of the sandbox: a real slapd (mdb, syncprov) over generated entries. Names are made of lists; the
same number always gives the same entry, so that a test can say what it expects."""
import base64
import os
import secrets
import subprocess
import tempfile

from .people import CHDEMO, FAMILIES, GIVEN, PROFESSIONALS, TILLEULS, luhn
from .pki import SIRET, Pki
from .place import SOURCE, Place, SandboxError, require
from .processes import Processes
from .whitelist import HOSTED, OUR_DOMAINS, PEER_DOMAIN

SCHEMA = SOURCE / "sandbox/annuaire.schema"
SUFFIX = "dc=mssante,dc=fr"
BALS = f"ou=bal,{SUFFIX}"
# code → label of the profession, and whether it is one of RPPS+ (its holders carry a role)
PROFESSIONS = [("10", "Médecin", ""), ("21", "Pharmacien", ""), ("60", "Infirmier", ""), ("70", "Kinésithérapeute", ""),
               ("50", "Sage-femme", ""), ("209", "Éducateur spécialisé", "Accompagnement éducatif"),
               ("210", "Assistant de service social", "Coordination de parcours")]
TOWNS = "VILLE-FICTIVE BOURG-ÉPHÉMÈRE SAINT-EXEMPLE PORT-IMAGINAIRE CHÂTEAU-SUPPOSÉ".split()
PLACES = ["EHPAD LES TILLEULS BLEUS", "CH DE L’ÎLE FICTIVE", "LABORATOIRE DU PONT", "IME LES ALIZÉS", "CABINET DES ORMES"]
CONF = """include /etc/ldap/schema/core.schema
include /etc/ldap/schema/cosine.schema
include /etc/ldap/schema/inetorgperson.schema
include {schema}
modulepath /usr/lib/ldap
moduleload back_mdb
moduleload syncprov
pidfile {run}/slapd.pid
TLSCertificateFile {cert}
TLSCertificateKeyFile {key}
TLSCACertificateFile {ca}
TLSVerifyClient allow
sizelimit unlimited
authz-regexp "gidNumber=[0-9]+[+]uidNumber=({uids}),cn=peercred,cn=external,cn=auth" "cn=admin,{suffix}"

database mdb
suffix "{suffix}"
rootdn "cn=admin,{suffix}"
rootpw {password}
directory {data}
maxsize 2147483648
dbnosync
index objectClass,entryUUID,entryCSN,modifyTimestamp,mail,TypeBAL eq
access to * by dn.exact="cn=admin,{suffix}" manage by * read
overlay syncprov
syncprov-checkpoint 1000 10
syncprov-sessionlog 10000
"""


def text(value) -> str:
    """One attribute line's value; base64 when LDIF's safe form (RFC 2849) does not hold it."""
    if value.isascii() and value.isprintable() and value[:1] not in (" ", ":", "<") and not value.endswith(" "):
        return f": {value}"
    return ":: " + base64.b64encode(value.encode()).decode()


def ldif(entry: dict) -> str:
    lines = [f"dn: mail={entry['mail']},{BALS}", "objectClass: boiteAuxLettres"]
    lines += [f"{name}{text(value)}" for name, value in entry.items() if value]
    return "\n".join(lines) + "\n\n"


def generated(number: int) -> dict:
    """The number-th entry of the rest of the country."""
    kind = ("PER", "PER", "PER", "PER", "PER", "PER", "ORG", "ORG", "CAB", "APP")[number % 10]
    place, town = PLACES[number % len(PLACES)], TOWNS[number // 7 % len(TOWNS)]
    domain = f"domaine-{number % 97}.operateur-{number % 31}.mssante.fr"
    siret = luhn(f"99{number % 800:07}0001")
    entry = {"TypeBAL": kind, "o": f"{place} {number % 800}", "TypeIdentifiantPM": "SIRET", "IdentifiantPM": siret,
             "l": town}
    if kind != "PER":
        return {"mail": f"{kind.lower()}-{number}@{domain}", **entry, "description": f"Secrétariat {number}"}
    code, label, role = PROFESSIONS[number // 10 % len(PROFESSIONS)]
    given = [*GIVEN["F"], *GIVEN["M"]][number // 3 % 10]
    family = f"{FAMILIES[number % len(FAMILIES)]}-{FAMILIES[number // 11 % len(FAMILIES)]}"
    return {"mail": f"personne.{number}@{domain}", "givenName": given, "sn": family, "TypeIdentifiantPP": "8",
            "IdentifiantPP": luhn(f"998{number:07}"), "profession": code, "role": role, **entry,
            "description": label}


def ours() -> list:
    """Entries of our own domains: those of the sandbox's people, and BALs that wait to be created here."""
    finess = {TILLEULS: "999000017", CHDEMO: "999000025"}
    siret = {TILLEULS: SIRET["tilleuls"], CHDEMO: SIRET["chdemo"]}
    entries = []
    for person in PROFESSIONALS:
        if person.address:
            entries.append({"mail": person.address, "TypeBAL": "PER", "givenName": person.given, "sn": person.family,
                            "title": person.title, "TypeIdentifiantPP": person.national_id[0],
                            "IdentifiantPP": person.national_id[1:], "profession": person.profession,
                            "role": "Accompagnement" if person.profession == "209" else "", "o": person.structure,
                            "TypeIdentifiantPM": "SIRET", "IdentifiantPM": siret[person.structure], "l": TOWNS[0]})
    new = [("nadia.cordier", "PER", TILLEULS), ("accueil", "ORG", TILLEULS), ("dpi", "APP", CHDEMO),
           ("cabinet.des.lilas", "CAB", CHDEMO), ("hugo.secret", "PER", CHDEMO)]
    for name, kind, structure in new:
        entry = {"mail": f"{name}@{OUR_DOMAINS[structure == CHDEMO]}", "TypeBAL": kind, "o": structure,
                 "TypeIdentifiantPM": "FINESS", "IdentifiantPM": finess[structure], "l": TOWNS[1]}
        if kind == "PER":
            given, _, family = name.partition(".")
            entry |= {"givenName": given.capitalize(), "sn": family.upper(), "TypeIdentifiantPP": "8",
                      "IdentifiantPP": luhn(f"997100000{len(entries)}"), "profession": "60"}
        if name == "hugo.secret":
            entry["listeRouge"] = "TRUE"
        entries.append(entry)
    for domain in (PEER_DOMAIN, *HOSTED[:2]):
        entries.append({"mail": f"resultats@{domain}", "TypeBAL": "APP", "o": "AUTRE OPERATEUR", "l": TOWNS[2],
                        "TypeIdentifiantPM": "SIRET", "IdentifiantPM": SIRET["autre"]})
    return entries


class Annuaire:
    def __init__(self, place: Place, processes: Processes, pki: Pki):
        self.place, self.processes, self.pki = place, processes, pki
        self.file, self.data = place.path("slapd.conf"), place.path("ldap")

    @property
    def url(self) -> str:
        return f"ldap://{self.place.reach('ldap')}"

    @property
    def tls_url(self) -> str:
        """The same by implicit TLS."""
        return f"ldaps://{self.place.reach('ldaps')}"

    @property
    def socket(self) -> str:
        """For tests: whoever runs the sandbox is its administrator there (SASL EXTERNAL)."""
        return "ldapi://" + str(self.place.run / "slapd.sock").replace("/", "%2F")

    def configure(self):
        uids = "|".join(sorted({"0", str(self.place.account.pw_uid), str(os.geteuid())}))
        password = self.place.state.setdefault("ldap_password", secrets.token_hex(16))
        self.place.save()
        self.place.make_folder(self.data, 0o700)
        # The source tree may be closed to the servers' account: slapd reads a copy.
        schema = self.place.write(self.place.path("annuaire.schema"), SCHEMA.read_text(), 0o644)
        self.place.write(self.file, CONF.format(
            schema=schema, run=self.place.run, cert=self.pki.cert("web"), uids=uids,
            key=self.pki.key("web"), ca=self.pki.bundle, suffix=SUFFIX, password=password, data=self.data))

    def start(self, size=0, listen=None):
        """Starts slapd; an empty one is loaded with ours and `size` generated entries first. `listen`: other addresses."""
        self.configure()
        if not (self.data / "data.mdb").exists():
            self.load(size)
        self.processes.start("slapd", [require("slapd"), "-d", "0", "-f", self.file, "-h",
                                       listen or f"{self.url}/ {self.tls_url}/ {self.socket}/"])
        self.processes.wait("slapd", (self.place.host, self.place.port("ldap")))

    def load(self, size: int):
        """Off-line and in bulk: 300,000 entries in less than a minute."""
        base = (f"dn: {SUFFIX}\nobjectClass: dcObject\nobjectClass: organization\no: Annuaire\ndc: mssante\n\n"
                f"dn: {BALS}\nobjectClass: organizationalUnit\nou: bal\n\n")
        with tempfile.NamedTemporaryFile("w", dir=self.place.folder, suffix=".ldif") as file:
            file.write(base)
            file.writelines(ldif(entry) for entry in ours())
            file.writelines(ldif(generated(number)) for number in range(size))
            file.flush()
            self.place.own(file.name, mode=0o644)
            self.run([require("slapadd"), "-q", "-w", "-f", self.file, "-l", file.name])

    def reload(self, size: int):
        """Another Annuaire, from nothing."""
        self.processes.stop("slapd")
        for file in self.data.glob("*.mdb"):
            file.unlink()
        self.start(size)

    def modify(self, changes: str):
        """LDIF change records, applied while it runs (RFC 2849)."""
        self.run(["ldapmodify", "-Q", "-Y", "EXTERNAL", "-H", self.socket, "-c"], changes)

    def add(self, entry: dict):
        self.modify(ldif(entry).replace("\nobjectClass", "\nchangetype: add\nobjectClass", 1))

    def remove(self, address: str):
        self.modify(f"dn: mail={address},{BALS}\nchangetype: delete\n")

    def run(self, command, words=None):
        account = self.place.account
        who = {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []} if self.place.is_root else {}
        done = subprocess.run([str(c) for c in command], input=words, capture_output=True, text=True,
                              cwd=self.place.folder, **who)
        if done.returncode:
            raise SandboxError(f"{command[0]}: {done.stderr.strip()}")
