"""Made-up taxpayers for trying the system out. No number here can be a real person's.

Regions end in district 99 and tax offices are 999: neither exists, and every rule of form holds.
"""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from domain.directory import Taxpayer
from domain.npwp import PROVINCES, check_digit

COUNT = 300
_SEED = 1500200
_PERSONS = 0.7
_NON_EFFECTIVE = 0.1
_NO_DISTRICT = "99"
_NO_OFFICE = "999"
_OLDEST = date(1950, 1, 1)
_DAYS = 18_000  # of births, up to 1999


@dataclass(frozen=True, slots=True)
class SyntheticTaxpayer:
    """A made-up taxpayer with the old 15-digit number."""

    taxpayer: Taxpayer
    old_npwp: str
    woman: bool = False


def synthetic_taxpayers(count: int = COUNT) -> list[SyntheticTaxpayer]:
    """Return the same made-up taxpayers at every call; a greater `count` adds to the end."""
    rng = random.Random(_SEED)
    return [_make(rng, number) for number in range(1, count + 1)]


def examples(people: Sequence[SyntheticTaxpayer]) -> list[tuple[str, str]]:
    """Return numbers to key in, each with what it is: (digits, about). One of every kind."""
    person = next(p for p in people if p.taxpayer.resident_person and p.taxpayer.active)
    woman = next(p for p in people if p.woman and p is not person)
    company = next(p for p in people if not p.taxpayer.resident_person and p.taxpayer.active)
    dormant = next(p for p in people if not p.taxpayer.active)
    return [
        (person.taxpayer.npwp, "a person, NIK"),
        (person.old_npwp, "the same person, old 15 digits"),
        (woman.taxpayer.npwp, "a woman, NIK with day + 40"),
        (company.taxpayer.npwp, "a company, 16 digits"),
        (company.old_npwp, "the same company, old 15 digits"),
        (dormant.taxpayer.npwp, "non-effective (NE)"),
    ]


def _make(rng: random.Random, number: int) -> SyntheticTaxpayer:
    is_person = rng.random() < _PERSONS
    kind = "09" if is_person else "02"
    first = f"{kind}{rng.randrange(1, 10**6):06d}"
    old = first + check_digit(first) + _NO_OFFICE + "000"
    woman = is_person and rng.random() < 0.5
    npwp = _nik(rng, number, woman) if is_person else "0" + old
    title = "Contoh Wajib Pajak" if is_person else "PT Contoh Fiktif"
    taxpayer = Taxpayer(
        taxpayer_id=f"synthetic-{number:04d}",
        npwp=npwp,
        name=f"{title} {number:04d}",
        resident_person=is_person,
        active=rng.random() >= _NON_EFFECTIVE,
    )
    return SyntheticTaxpayer(taxpayer, old, woman)


def _nik(rng: random.Random, number: int, woman: bool) -> str:
    province = rng.choice(sorted(PROVINCES))
    born = _OLDEST + timedelta(days=rng.randrange(_DAYS))
    day = born.day + (40 if woman else 0)
    return f"{province}01{_NO_DISTRICT}{day:02d}{born:%m%y}{number:04d}"
