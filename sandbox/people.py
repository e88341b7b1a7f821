"""Synthetic people. No number here can be a person's: a NIR's month is 20 or more and its department 99, an RPPS and a
FINESS stand outside the allocated ranges. The same number always gives the same person."""
from dataclasses import dataclass, field

FAMILIES = "ZÉPHYRIN OCTAVIO LANTERNE MIRABEL PASTOURET QUILLEBOIS TARAVANT VERGNOLLE BRUMAIRE ÉGLANTINE".split()
GIVEN = {"F": "AGATHE SOLÈNE MARIE-ÈVE INÈS ROSALIE".split(), "M": "ANATOLE HUGO LÉANDRE YANIS BASTIEN".split()}
TOWNS = [("99101", "VILLE-FICTIVE"), ("99102", "BOURG-ÉPHÉMÈRE"), ("99103", "SAINT-EXEMPLE")]
OID_INS_TEST = "1.2.250.1.213.1.4.10"


def luhn(digits: str) -> str:
    """The digits with their Luhn key appended (RPPS, SIRET, FINESS)."""
    total = 0
    for place, digit in enumerate(reversed(digits)):
        value = int(digit) * (2 if place % 2 == 0 else 1)
        total += value - 9 if value > 9 else value
    return digits + str(-total % 10)


def nir_key(thirteen: str) -> str:
    """The control key of a matricule; Corsica's letters count as 19 and 18."""
    number = int(thirteen.replace("2A", "19").replace("2B", "18"))
    return f"{97 - number % 97:02}"


@dataclass
class Patient:
    matricule: str
    sex: str
    family: str
    given: str
    birth_date: str  # YYYYMMDD
    birth_place: str
    town: str
    oid: str = OID_INS_TEST

    @property
    def address(self) -> str:
        return f"{self.matricule}@patient.mssante.fr"


def patient(number: int) -> Patient:
    sex = "FM"[number % 2]
    year, month, order = 1930 + number * 7 % 80, 20 + number % 20, 1 + number % 999
    code, town = TOWNS[number % len(TOWNS)]
    body = f"{'12'[sex == 'F']}{year % 100:02}{month}99{code[2:]}{order:03}"
    return Patient(body + nir_key(body), sex, FAMILIES[number % len(FAMILIES)],
                   GIVEN[sex][number // 2 % len(GIVEN[sex])], f"{year}{1 + number % 12:02}{1 + number % 28:02}", code, town)


@dataclass
class Professional:
    """Somebody who can log in by the sandbox's Pro Santé Connect."""

    national_ids: list  # the first is the one that PSC gives
    title: str
    given: str
    family: str
    profession: str  # national code; "" for who has none (a secretary)
    label: str
    structure: str
    address: str = ""  # the BAL of one's own; "" for none
    member_of: dict = field(default_factory=dict)  # BAL → role

    @property
    def national_id(self) -> str:
        return self.national_ids[0]

    @property
    def siret(self) -> str:
        """Of the structure where Pro Santé Connect says that they work."""
        from .pki import SIRET
        return SIRET["tilleuls" if self.structure == TILLEULS else "chdemo"]


TILLEULS, CHDEMO = "EHPAD Les Tilleuls", "CH de Démonstration"
T, C = "tilleuls.caducee.mssante.fr", "ch-demo.caducee.mssante.fr"
PROFESSIONALS = [
    Professional(["8" + luhn("9970000001")], "Dr", "Claire", "MARTIN", "10", "médecin", TILLEULS, f"claire.martin@{T}",
                 {f"soins@{T}": "gestionnaire"}),
    Professional(["8" + luhn("9970000002")], "M.", "Paul", "DURAND", "60", "infirmier", CHDEMO, f"paul.durand@{C}"),
    Professional(["8" + luhn("9970000003")], "Mme", "Samia", "BENALI", "209", "éducatrice spécialisée", TILLEULS,
                 f"samia.benali@{T}", {f"soins@{T}": "membre"}),
    # A CPE card: no profession, no BAL of her own, only the service's.
    Professional(["3999900017/0012"], "Mme", "Lucie", "MOREAU", "", "secrétaire", TILLEULS, "", {f"soins@{T}": "membre"}),
    # One whose ADELI number gave way to an RPPS number: both name him.
    Professional(["8" + luhn("9970000005"), "0999000051"], "M.", "Jean", "PETIT", "70", "masseur-kinésithérapeute", CHDEMO,
                 f"jean.petit@{C}"),
]
