"""The register of taxpayers on tables: everything personal sealed, found by a keyed fingerprint."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

import msgspec
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from domain.answers import normal, same
from domain.directory import DirectoryUnavailable, Profile, ProofItem, Taxpayer
from domain.npwp import LENGTH, OLD_LENGTH
from storage.database import Database
from storage.kept import Kept
from storage.proof_tables import taxpayer_profiles
from storage.synthetic import SyntheticTaxpayer
from storage.synthetic_profiles import synthetic_record
from storage.tables import taxpayers
from storage.vault import Vault

T = TypeVar("T")

_profile = msgspec.json.Decoder(Profile)
_secrets = msgspec.json.Decoder(dict[str, str])
_SHOWN: Mapping[ProofItem, Callable[[Profile], str]] = {
    ProofItem.ADDRESS: lambda profile: profile.address,
    ProofItem.EMAIL: lambda profile: profile.email,
    ProofItem.PHONE: lambda profile: profile.phone,
    ProofItem.REPRESENTATIVE: lambda profile: profile.representative,
    ProofItem.BIRTH_DATE: lambda profile: profile.born_on.isoformat() if profile.born_on else "",
    ProofItem.REGISTERED_ON: lambda profile: (
        profile.registered_on.isoformat() if profile.registered_on else ""
    ),
}
"""Items of proof that the profile shows as well; all others are secrets."""


class DatabaseDirectory(Kept):
    """A `domain.directory.TaxpayerRecords` on a database."""

    unavailable = DirectoryUnavailable

    def __init__(self, database: Database, vault: Vault) -> None:
        super().__init__(database)
        self._vault = vault

    async def find(self, npwp: str) -> Taxpayer | None:
        """Return the taxpayer with this NPWP, or None.

        `npwp` has 16 digits, or is a person's old number of 15 digits. Raises DirectoryUnavailable.
        """
        columns = {LENGTH: taxpayers.c.npwp_lookup, OLD_LENGTH: taxpayers.c.old_npwp_lookup}
        column = columns.get(len(npwp))
        if column is None:
            return None
        return await self._one(column == self._vault.lookup_key(npwp))

    async def by_id(self, taxpayer_id: str) -> Taxpayer | None:
        """Return the taxpayer with this key, or None. Raises DirectoryUnavailable."""
        return await self._one(taxpayers.c.taxpayer_id == taxpayer_id)

    async def profile(self, taxpayer_id: str) -> Profile | None:
        """Return what the register shows of a taxpayer, or None. Raises DirectoryUnavailable."""
        query = _profile_of(taxpayer_id)

        def made(row: Any) -> Profile:
            return _profile.decode(self._open(row.sealed_profile, taxpayer_id, "profile"))

        return await self._found(query, made)

    async def matches(self, taxpayer_id: str, item: ProofItem, answer: str) -> bool | None:
        """Whether an answer is what the register holds; None if it does not hold the item.

        Raises AnswerUnreadable, DirectoryUnavailable.
        """
        normal(item, answer)  # an answer that cannot be one is told whether or not the item is held
        held = await self._held(taxpayer_id, item)
        return same(item, held, answer) if held else None

    async def _held(self, taxpayer_id: str, item: ProofItem) -> str:
        if item is ProofItem.NAME:
            taxpayer = await self.by_id(taxpayer_id)
            return "" if taxpayer is None else taxpayer.name
        shown = _SHOWN.get(item)
        if shown is not None:
            profile = await self.profile(taxpayer_id)
            return "" if profile is None else shown(profile)

        def made(row: Any) -> str:
            secrets = _secrets.decode(self._open(row.sealed_secrets, taxpayer_id, "secrets"))
            return secrets.get(item.value, "")

        return await self._found(_profile_of(taxpayer_id), made) or ""

    async def _one(self, which: "sa.ColumnElement[bool]") -> Taxpayer | None:
        def made(row: Any) -> Taxpayer:
            return Taxpayer(
                taxpayer_id=row.taxpayer_id,
                npwp=self._open(row.sealed_npwp, row.taxpayer_id, "npwp"),
                name=self._open(row.sealed_name, row.taxpayer_id, "name"),
                resident_person=row.resident_person,
                active=row.active,
            )

        return await self._found(sa.select(taxpayers).where(which), made)

    async def _found(self, query: "sa.Select[Any]", made: Callable[[Any], T]) -> T | None:
        def read(connection: Connection) -> T | None:
            row = connection.execute(query).first()
            return None if row is None else made(row)

        return await self._read(read)

    def fill_if_empty(self, people: Sequence[SyntheticTaxpayer]) -> int:
        """Put taxpayers into an empty register; return how many. Blocking.

        Those of them who are in the register without a profile get one. Raises
        `storage.database.DatabaseProblem`.
        """

        def fill(connection: Connection) -> int:
            made = 0
            if connection.execute(sa.select(taxpayers.c.taxpayer_id).limit(1)).first() is None:
                rows = [self._row(person) for person in people]
                connection.execute(sa.insert(taxpayers), rows)
                made = len(rows)
            self._add_profiles(connection, people)
            return made

        return self._database.write_now(fill)

    def _add_profiles(self, connection: Connection, people: Sequence[SyntheticTaxpayer]) -> None:
        profiles = taxpayer_profiles.c.taxpayer_id
        without = (
            sa.select(taxpayers.c.taxpayer_id)
            .outerjoin(taxpayer_profiles, profiles == taxpayers.c.taxpayer_id)
            .where(profiles.is_(None))
        )
        missing = {row.taxpayer_id for row in connection.execute(without)}
        rows = [self._profile_row(one) for one in people if one.taxpayer.taxpayer_id in missing]
        if rows:
            connection.execute(sa.insert(taxpayer_profiles), rows)

    def _profile_row(self, person: SyntheticTaxpayer) -> dict[str, object]:
        record, taxpayer_id = synthetic_record(person), person.taxpayer.taxpayer_id
        profile = msgspec.json.encode(record.profile).decode()
        secrets = msgspec.json.encode({item.value: held for item, held in record.secrets.items()}).decode()
        return {
            "taxpayer_id": taxpayer_id,
            "sealed_profile": self._seal(profile, taxpayer_id, "profile"),
            "sealed_secrets": self._seal(secrets, taxpayer_id, "secrets"),
        }

    def _row(self, person: SyntheticTaxpayer) -> dict[str, object]:
        taxpayer = person.taxpayer
        # A company's old number is found as `0` and the number; only a person's is a key of its own.
        old = person.old_npwp if taxpayer.resident_person else None
        return {
            "taxpayer_id": taxpayer.taxpayer_id,
            "npwp_lookup": self._vault.lookup_key(taxpayer.npwp),
            "old_npwp_lookup": None if old is None else self._vault.lookup_key(old),
            "sealed_npwp": self._seal(taxpayer.npwp, taxpayer.taxpayer_id, "npwp"),
            "sealed_name": self._seal(taxpayer.name, taxpayer.taxpayer_id, "name"),
            "resident_person": taxpayer.resident_person,
            "active": taxpayer.active,
        }

    def _seal(self, value: str, taxpayer_id: str, column: str) -> bytes:
        return self._vault.seal(value.encode(), f"taxpayers/{taxpayer_id}/{column}".encode())

    def _open(self, sealed: bytes, taxpayer_id: str, column: str) -> str:
        return self._vault.open(bytes(sealed), f"taxpayers/{taxpayer_id}/{column}".encode()).decode()


def _profile_of(taxpayer_id: str) -> "sa.Select[Any]":
    return sa.select(taxpayer_profiles).where(taxpayer_profiles.c.taxpayer_id == taxpayer_id)
