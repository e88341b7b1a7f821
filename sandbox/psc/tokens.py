"""Keys and tokens of the sandbox's Pro Santé Connect: what a real one signs, and on request what it never would, for the
tests that must see it refused. A library signs (python3-cryptography); the JOSE envelope is RFC 7515's."""
import base64
import hashlib
import hmac
import json
import os
import time
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

ACCESS_LIFE, REFRESH_LIFE = 240, 1800  # seconds; PSC's access tokens live some four minutes
ROLE_OID = "1.2.250.1.213.1.1.5.5"
CURVE_BYTES = 32


def b64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def unb64(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def integer(number: int) -> str:
    return b64(number.to_bytes((number.bit_length() + 7) // 8, "big"))


class Keys:
    """The provider's signing keys, kept in its folder so that a restart changes no `kid`."""

    def __init__(self, folder: Path):
        self.folder = Path(folder)
        self.folder.mkdir(parents=True, exist_ok=True)
        self.rsa = self._key("rsa.pem", lambda: rsa.generate_private_key(65537, 2048))
        self.ec = self._key("ec.pem", lambda: ec.generate_private_key(ec.SECP256R1()))

    def _key(self, name, make):
        file = self.folder / name
        if not file.exists():
            pem = make().private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8,
                                       serialization.NoEncryption())
            draft = self.folder / f".{name}.{os.getpid()}"
            draft.write_bytes(pem)
            draft.chmod(0o600)
            draft.rename(file)
        return serialization.load_pem_private_key(file.read_bytes(), None)

    def public_pem(self) -> bytes:
        return self.rsa.public_key().public_bytes(serialization.Encoding.PEM,
                                                  serialization.PublicFormat.SubjectPublicKeyInfo)

    def kid(self, key) -> str:
        der = key.public_key().public_bytes(serialization.Encoding.DER,
                                            serialization.PublicFormat.SubjectPublicKeyInfo)
        return b64(hashlib.sha256(der).digest())

    def jwks(self) -> dict:
        n, e = self.rsa.public_key().public_numbers().n, self.rsa.public_key().public_numbers().e
        point = self.ec.public_key().public_numbers()
        return {"keys": [
            {"kty": "RSA", "use": "sig", "alg": "RS256", "kid": self.kid(self.rsa), "n": integer(n), "e": integer(e)},
            {"kty": "EC", "use": "sig", "alg": "ES256", "crv": "P-256", "kid": self.kid(self.ec),
             "x": b64(point.x.to_bytes(CURVE_BYTES, "big")), "y": b64(point.y.to_bytes(CURVE_BYTES, "big"))},
        ]}

    def sign(self, claims: dict, alg="RS256", kid=None) -> str:
        """A compact JWS. `none` and `HS256` (with the public key as its secret) exist for hostile tests only."""
        key = self.ec if alg == "ES256" else self.rsa
        header = {"alg": alg, "typ": "JWT", "kid": kid or self.kid(key)}
        text = ".".join(b64(json.dumps(part, ensure_ascii=False, separators=(",", ":")).encode())
                        for part in (header, claims))
        return f"{text}.{b64(self._signature(alg, text.encode()))}"

    def verified(self, token: str):
        """The claims of a token that the RSA key has signed; None for anything else."""
        head, _, signature = token.rpartition(".")
        try:
            self.rsa.public_key().verify(unb64(signature), head.encode(), padding.PKCS1v15(), hashes.SHA256())
            return json.loads(unb64(head.split(".")[1]))
        except (ValueError, InvalidSignature):
            return None

    def _signature(self, alg: str, text: bytes) -> bytes:
        if alg == "none":
            return b""
        if alg == "HS256":
            return hmac.new(self.public_pem(), text, "sha256").digest()
        if alg == "ES256":
            r, s = decode_dss_signature(self.ec.sign(text, ec.ECDSA(hashes.SHA256())))
            return r.to_bytes(CURVE_BYTES, "big") + s.to_bytes(CURVE_BYTES, "big")
        if alg == "PS256":
            return self.rsa.sign(text, padding.PSS(padding.MGF1(hashes.SHA256()), 32), hashes.SHA256())
        if alg == "RS256":
            return self.rsa.sign(text, padding.PKCS1v15(), hashes.SHA256())
        raise ValueError(f"no such algorithm here: {alg}")


def subject(person) -> str:
    """Opaque, stable, not the national id: as a Keycloak's federated `sub`."""
    return "f:550dc1c8-d97b-4b1e-ac8c-8eb4471cf9dd:" + person.national_id


def identity(person, session: str) -> dict:
    """What every token of PSC says of who logged in."""
    return {"sub": subject(person), "preferred_username": person.national_id, "SubjectNameID": person.national_id,
            "given_name": person.given, "family_name": person.family, "sid": session, "session_state": session}


def access_claims(issuer: str, client: str, person, session: str, acr="eidas1", life=ACCESS_LIFE, now=None) -> dict:
    now = int(now or time.time())
    return {"iss": issuer, "typ": "Bearer", "azp": client, "iat": now, "exp": now + life, "auth_time": now,
            "jti": b64(os.urandom(16)), "acr": acr, "scope": "openid scope_all", **identity(person, session)}


def id_claims(issuer: str, client: str, person, session: str, nonce, acr="eidas1", now=None) -> dict:
    now = int(now or time.time())
    claims = {**access_claims(issuer, client, person, session, acr, now=now), "typ": "ID", "aud": client}
    del claims["scope"]
    return {**claims, **({"nonce": nonce} if nonce else {})}


def exercise(person) -> dict:
    """One entry of SubjectRefPro.exercices[]: a professional's activity in a structure."""
    return {"codeProfession": person.profession, "codeCategorieProfessionnelle": "C",
            "libelleprofession": person.label, "nomDexercice": person.family, "prenomDexercice": person.given,
            "codeCiviliteDexercice": person.title, "activities": [{
                "codeModeExercice": "S", "codeSecteurDactivite": "SA01", "codeRole": "",
                "raisonSocialeSite": person.structure, "numeroSiretSite": getattr(person, "siret", ""),
                "numeroFinessSite": getattr(person, "finess", "")}]}


def userinfo(person) -> dict:
    origins = {"0": "ADELI", "3": "FINESS", "8": "RPPS"}
    return {"sub": subject(person), "preferred_username": person.national_id, "SubjectNameID": person.national_id,
            "given_name": person.given, "family_name": person.family, "Secteur_Activite": "SA01^1.2.250.1.71.4.2.4",
            "SubjectRole": [f"{person.profession}^{ROLE_OID}"] if person.profession else [],
            "SubjectOrganization": person.structure, "SubjectOrganizationID": getattr(person, "finess", ""),
            "otherIds": [{"identifiant": number, "origine": origins.get(number[0], "autre"), "qualite": 1}
                         for number in person.national_ids],
            "SubjectRefPro": {"codeCivilite": person.title, "exercices": [exercise(person)]}}


def forged(keys: Keys, issuer: str, client: str, person, hostile: dict) -> str:
    """An access token made without a log-in, for tests and for `sandbox token`. `hostile` overrides: claims by name
    (None takes one out), and `alg`, `kid`, `expired`, `id_token`."""
    hostile = dict(hostile)
    alg, kid = hostile.pop("alg", "RS256"), hostile.pop("kid", None)
    now = time.time() - (3600 if hostile.pop("expired", False) else 0)
    session = b64(os.urandom(12))
    if hostile.pop("id_token", False):
        claims = id_claims(issuer, client, person, session, None, now=now)
    else:
        claims = access_claims(issuer, client, person, session, now=now)
    claims.update(hostile)
    return keys.sign({name: value for name, value in claims.items() if value is not None}, alg, kid)
