"""Whose file is made: the taxpayer, and the keys by which they are found."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from domain.npwp import LENGTH, OLD_LENGTH, check_npwp
from storage.person_requests import person_key
from storage.tables import taxpayers
from storage.vault import Vault


@dataclass(frozen=True, slots=True)
class Subject:
    """A taxpayer as the search knows them."""

    npwp: str = field(repr=False)  # 16 digits
    taxpayer_id: str  # empty: the register does not know them
    name: str = field(repr=False)
    keys: frozenset[bytes]  # of contacts, attempts, outcomes
    lookup: bytes  # of proofs; empty: not in the register
    is_npwp: Callable[[str], bool] = field(repr=False)  # whether digits are one of their numbers


def subject_of(connection: Connection, vault: Vault, npwp: str) -> Subject:
    """Return whom an NPWP (16 digits, or a person's old 15) names, also where the register knows nobody.

    Raises ValueError: it is no NPWP. The number is not told.
    """
    check = check_npwp(npwp)
    if not check.valid:
        raise ValueError("this is no NPWP")
    t = taxpayers.c
    lookups = [vault.lookup_key(one) for one in {npwp, *check.candidates}]
    row = connection.execute(
        sa.select(taxpayers).where(sa.or_(t.npwp_lookup.in_(lookups), t.old_npwp_lookup.in_(lookups)))
    ).first()
    if row is None:
        digits = next((one for one in check.candidates if len(one) == LENGTH), npwp)
        known = frozenset({npwp, digits})
        return Subject(
            digits, "", "", frozenset(person_key(vault, one) for one in known), b"", known.__contains__
        )
    whole = vault.open(bytes(row.sealed_npwp), f"taxpayers/{row.taxpayer_id}/npwp".encode()).decode()
    name = vault.open(bytes(row.sealed_name), f"taxpayers/{row.taxpayer_id}/name".encode()).decode()
    old = None if row.old_npwp_lookup is None else bytes(row.old_npwp_lookup)

    def is_npwp(digits: str) -> bool:
        if digits == whole or (len(digits) == OLD_LENGTH and "0" + digits == whole):
            return True
        return old is not None and vault.lookup_key(digits) == old

    numbers = {whole} | ({npwp} if is_npwp(npwp) else set())
    keys = frozenset(person_key(vault, one) for one in numbers)
    return Subject(whole, row.taxpayer_id, name, keys, vault.lookup_key(row.taxpayer_id), is_npwp)
