"""What `sandbox status` says: a stable contract, on which tests and tools of others are built. Absent is null."""
from .caducee import BALS, LISTENERS
from .people import PROFESSIONALS
from .whitelist import ELSEWHERE, HOSTED, NON_ASCII, OUR_DOMAINS, PATIENTS, PEER_DOMAIN

ENDPOINTS = "mx submission submissions imap imaps metrics".split()
CERTIFICATES = "operator peer peer2 unlisted revoked expired otherca dui dui2 duiclone trickster mes".split()


def status(sandbox) -> dict:
    place, pki = sandbox.place, sandbox.pki

    def endpoint(port, process):
        return {"host": place.host, "port": place.port(port)} if sandbox.processes.running(process) else None

    out = {name: endpoint(name, LISTENERS[name][0]) for name in ENDPOINTS}
    out["webmail"] = f"{sandbox.psc.webmail_url}/" if sandbox.processes.running("webmail") else None
    out["ca"] = str(pki.bundle)
    out["certs"] = {name: {"cert": str(pki.cert(name)), "key": str(pki.key(name)), "dn": pki.dn(name)}
                    for name in CERTIFICATES}
    out["domains"] = {"ours": OUR_DOMAINS, "peer": [PEER_DOMAIN, NON_ASCII, *HOSTED], "elsewhere": [ELSEWHERE],
                      "patients": [PATIENTS]}
    out["bals"] = bals(pki)
    out["database"] = sandbox.postgres.conninfo if sandbox.processes.running("postgresql") else None
    out["logs"] = str(place.logs)
    out["configuration"] = str(place.conf)
    out["postfix"] = {"mx": endpoint("postfix_mx", "postfix"), "inject": endpoint("postfix_inject", "postfix"),
                      "mail": str(sandbox.postfix.mail)} if sandbox.processes.running("postfix") else None
    out["whitelist"] = sandbox.whitelist.url if sandbox.processes.running("lighttpd") else None
    out["psc"] = {"issuer": sandbox.psc.issuer, "discovery": sandbox.psc.discovery, "ca": str(pki.ca("public"))} \
        if sandbox.processes.running("psc") else None
    out["annuaire"] = sandbox.annuaire.url if sandbox.processes.running("slapd") else None
    out["publication"] = sandbox.publication.url if sandbox.processes.running("fhir") else None
    out["dns"] = endpoint("dns", "dnsmasq")
    out["processes"] = {name: known["pid"] for name, known in place.state["processes"].items()
                        if sandbox.processes.running(name)}
    return out


def bals(pki) -> list:
    out = [{"address": address, "kind": kind, "national_id": None,
            "dn": pki.dn(certificates[0]) if certificates else None}
           for address, (kind, _, certificates) in BALS.items()]
    out += [{"address": p.address, "kind": "PER", "national_id": p.national_id, "dn": None}
            for p in PROFESSIONALS if p.address]
    return out
