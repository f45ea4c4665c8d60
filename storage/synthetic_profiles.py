"""Made-up profiles for the made-up taxpayers: addresses, numbers and names that are plainly nobody's."""

import random
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from domain.directory import Profile, ProofItem
from storage.synthetic import SyntheticTaxpayer

_SEED = 1500200
_FLOWERS = ("Melati", "Kenanga", "Cempaka", "Dahlia", "Flamboyan", "Teratai", "Anggrek", "Mawar")
_PERSON_GROUPS = ("employee", "civil_servant", "entrepreneur", "treasurer")
_COMPANY_GROUPS = ("company", "company", "company", "agency")
_WOMEN = 40
_FIRST_REGISTERED = date(2000, 1, 3)
_REGISTERED_DAYS = 9_000
_WITHOUT_EMAIL = 0.05  # a register has gaps


@dataclass(frozen=True, slots=True)
class SyntheticRecord:
    """A made-up profile, and what only proves ownership."""

    profile: Profile
    secrets: Mapping[ProofItem, str]


def synthetic_record(person: SyntheticTaxpayer) -> SyntheticRecord:
    """Return the same record at every call; a person's birth date is that of the NIK."""
    taxpayer = person.taxpayer
    number = taxpayer.taxpayer_id.rpartition("-")[2]
    rng = random.Random(f"{_SEED}-profile-{number}")
    is_person = taxpayer.resident_person
    registered = _FIRST_REGISTERED + timedelta(days=rng.randrange(_REGISTERED_DAYS))
    street = f"Jalan Contoh {rng.choice(_FLOWERS)} No. {rng.randrange(1, 200)}"
    profile = Profile(
        taxpayer_id=taxpayer.taxpayer_id,
        address=f"{street}, RT {rng.randrange(1, 16):03d}/RW {rng.randrange(1, 13):03d}, Kelurahan Fiktif "
        f"{number}, Kota Contoh",
        # .invalid never resolves (RFC 2606).
        email="" if rng.random() < _WITHOUT_EMAIL else f"wajib.pajak.{number}@contoh.invalid",
        phone=f"628110000{number}",
        office_code="999",
        office_name="KPP Pratama Contoh",
        registered_on=registered,
        born_on=_born_on(taxpayer.npwp) if is_person else None,
        representative="" if is_person else f"Contoh Pengurus {number}",
        group=rng.choice(_PERSON_GROUPS if is_person else _COMPANY_GROUPS),
    )
    secrets = {
        ProofItem.EFIN: f"999{rng.randrange(10**7):07d}",
        ProofItem.AUTHORISATION_CODE: f"CONTOH{rng.randrange(10**6):06d}",
    }
    if is_person:
        secrets[ProofItem.MOTHER_NAME] = f"Contoh Orang Tua {number}"
    return SyntheticRecord(profile, secrets)


def _born_on(nik: str) -> date:
    day, month, year = int(nik[6:8]), int(nik[8:10]), 1900 + int(nik[10:12])
    return date(year, month, day - _WOMEN if day > _WOMEN else day)
