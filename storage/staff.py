"""Staff on a database: names and secrets sealed, found by keyed fingerprints."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from domain.staff import (
    SYSTEM,
    By,
    Credential,
    Staff,
    StaffMoved,
    StaffRole,
    StaffTaken,
    StaffUnavailable,
)
from domain.staff_changes import StaffAct, StaffChange, act_of, differences
from storage.database import Database
from storage.kept import Kept
from storage.staff_changes import StaffRecord
from storage.staff_tables import staff, staff_credentials, staff_recovery_codes
from storage.vault import Vault, VaultProblem


class DurableStaff(Kept):
    """A `domain.staff_changes.StaffBook` on a database; one transaction for each change and its record."""

    unavailable = StaffUnavailable

    def __init__(self, database: Database, vault: Vault) -> None:
        super().__init__(database)
        self._vault = vault
        self._record = StaffRecord(vault)

    async def all(self) -> Sequence[Staff]:
        """Return everybody, by user name; disabled ones too."""
        rows = await self._read(lambda connection: connection.execute(sa.select(staff)).all())
        return sorted(map(self.person, rows), key=lambda one: one.user_name)

    async def by_id(self, staff_id: str) -> Staff | None:
        """Return one person."""
        return await self._one(staff.c.staff_id == staff_id)

    async def by_user_name(self, user_name: str) -> Staff | None:
        """Return who signs in with this name."""
        return await self._one(staff.c.user_name_lookup == self._name_key(user_name))

    async def add(self, new: Sequence[tuple[Staff, Credential]], by: By = SYSTEM) -> None:
        """Keep new people, all or none. Raises StaffTaken."""

        def insert(connection: Connection) -> None:
            for place, (person, credential) in enumerate(new):
                self._check_free(connection, person, place)
                since = {"created_at": credential.changed_at, "changed_at": credential.changed_at}
                connection.execute(sa.insert(staff).values(**self._values(person), **since))
                connection.execute(
                    sa.insert(staff_credentials).values(
                        staff_id=person.staff_id,
                        sealed_password=self._seal(person.staff_id, "password", credential.password_hash),
                        must_change=credential.must_change,
                        changed_at=credential.changed_at,
                        totp_step=0,
                    )
                )
                made = differences(None, person)
                self._record.write(
                    connection, person.staff_id, StaffAct.MADE, credential.changed_at, by, made
                )

        await self._write(insert)

    async def change(self, person: Staff, at: datetime, by: By = SYSTEM, was: Staff | None = None) -> None:
        """Change all of a person but the credential; `was`: only if they still stand so.

        Raises StaffTaken; StaffMoved; KeyError: no such person.
        """

        def update(connection: Connection) -> bool:
            mine = staff.c.staff_id == person.staff_id
            row = connection.execute(sa.select(staff).where(mine).with_for_update()).first()
            if row is None:
                return False
            before = self.person(row)
            if was is not None and before != was:
                raise StaffMoved
            if fields := differences(before, person):
                self._check_free(connection, person, 0)
                values = {**self._values(person), "changed_at": at}
                connection.execute(sa.update(staff).where(mine).values(values))
                self._record.write(connection, person.staff_id, act_of(before, person), at, by, fields)
            return True

        if not await self._write(update):
            raise KeyError(person.staff_id)

    async def credential(self, staff_id: str) -> Credential:
        """Return what a person signs in with. Raises KeyError: no such person."""
        query = sa.select(staff_credentials).where(staff_credentials.c.staff_id == staff_id)
        row = await self._read(lambda connection: connection.execute(query).first())
        if row is None:
            raise KeyError(staff_id)
        return Credential(
            self._open(staff_id, "password", row.sealed_password),
            row.must_change,
            row.changed_at,
            "" if row.sealed_totp is None else self._open(staff_id, "totp", row.sealed_totp),
            row.totp_since,
        )

    async def set_password(
        self, staff_id: str, password_hash: str, at: datetime, *, must_change: bool, by: By = SYSTEM
    ) -> None:
        """Replace a password. Raises KeyError: no such person."""
        sealed = self._seal(staff_id, "password", password_hash)
        act = StaffAct.PASSWORD_CHANGED if by.who == staff_id else StaffAct.PASSWORD_RESET
        put = {"sealed_password": sealed, "changed_at": at, "must_change": must_change}
        mine = staff_credentials.c.staff_id == staff_id

        def replace(connection: Connection) -> bool:
            if connection.execute(sa.update(staff_credentials).where(mine).values(put)).rowcount != 1:
                return False
            self._record.write(connection, staff_id, act, at, by)
            return True

        if not await self._write(replace):
            raise KeyError(staff_id)

    async def note(self, staff_id: str, act: StaffAct, at: datetime, by: By) -> None:
        """Put on record what changes no value: codes, sessions."""
        await self._write(lambda connection: self._record.write(connection, staff_id, act, at, by))

    async def changes(self, before: int = 0, most: int = 50) -> Sequence[StaffChange]:
        """Return changes of all accounts, newest first; `before`: older than this number."""
        return await self._read(lambda connection: self._record.read(connection, None, before, most))

    async def changes_of(self, staff_ids: Collection[str]) -> Sequence[StaffChange]:
        """Return every change of these accounts, newest first."""
        return await self._read(lambda connection: self._record.read(connection, staff_ids, 0, None))

    async def change_of_number(self, number: int) -> StaffChange | None:
        """Return one change."""
        return await self._read(lambda connection: self._record.one(connection, number))

    async def rehash(self, staff_id: str, old: str, new: str) -> None:
        """Replace a hash by a stronger one of the same password, unless it changed meanwhile."""
        sealed = self._seal(staff_id, "password", new)
        mine = staff_credentials.c.staff_id == staff_id

        def replace(connection: Connection) -> None:
            found = connection.execute(sa.select(staff_credentials.c.sealed_password).where(mine)).scalar()
            if found is not None and self._open(staff_id, "password", found) == old:
                connection.execute(sa.update(staff_credentials).where(mine).values(sealed_password=sealed))

        await self._write(replace)

    async def set_totp(self, staff_id: str, secret: str, since: datetime | None) -> None:
        """Keep a secret (enrolled with `since`); an empty one ends codes and recovery codes."""
        sealed = self._seal(staff_id, "totp", secret) if secret else None
        await self._update(staff_id, sealed_totp=sealed, totp_since=since)
        if not secret:
            await self.set_recovery_codes(staff_id, ())

    async def use_step(self, staff_id: str, step: int) -> bool:
        """Mark a TOTP time step as used; False: it or a later one was used before."""
        unused = sa.and_(staff_credentials.c.staff_id == staff_id, staff_credentials.c.totp_step < step)
        change = sa.update(staff_credentials).where(unused).values(totp_step=step)
        return await self._write(lambda connection: connection.execute(change).rowcount == 1)

    async def set_recovery_codes(self, staff_id: str, codes: Sequence[str]) -> None:
        """Replace a person's recovery codes; only fingerprints are kept."""
        table = staff_recovery_codes
        rows = [{"staff_id": staff_id, "code_lookup": self._code_key(staff_id, code)} for code in codes]

        def replace(connection: Connection) -> None:
            connection.execute(sa.delete(table).where(table.c.staff_id == staff_id))
            if rows:
                connection.execute(sa.insert(table), rows)

        await self._write(replace)

    async def use_recovery_code(self, staff_id: str, code: str, at: datetime) -> bool:
        """Mark a recovery code as used; False: there is none, or it was used before."""
        table = staff_recovery_codes
        key = self._code_key(staff_id, code)
        unused = sa.and_(table.c.staff_id == staff_id, table.c.code_lookup == key, table.c.used_at.is_(None))
        change = sa.update(table).where(unused).values(used_at=at)
        return await self._write(lambda connection: connection.execute(change).rowcount == 1)

    async def recovery_codes_left(self, staff_id: str) -> int:
        """Return how many recovery codes are unused."""
        table = staff_recovery_codes
        unused = sa.and_(table.c.staff_id == staff_id, table.c.used_at.is_(None))
        query = sa.select(sa.func.count()).select_from(table).where(unused)
        return int(await self._read(lambda connection: connection.execute(query).scalar_one()))

    async def bind_subject(self, staff_id: str, subject: str) -> bool:
        """Tie a person to a subject of the directory at first use; False: tied to another one."""
        key = self._vault.lookup_key(f"oidc/{subject}")
        mine = staff_credentials.c.staff_id == staff_id

        def bind(connection: Connection) -> bool:
            row = connection.execute(sa.select(staff_credentials.c.subject_lookup).where(mine)).first()
            if row is None:
                return False
            if row.subject_lookup is None:
                connection.execute(sa.update(staff_credentials).where(mine).values(subject_lookup=key))
                return True
            return bool(bytes(row.subject_lookup) == key)

        return await self._write(bind)

    def person(self, row: Any) -> Staff:
        """Return the person of a selected row. Raises StaffUnavailable."""
        return Staff(
            row.staff_id,
            self._open(row.staff_id, "user_name", row.sealed_user_name),
            self._open(row.staff_id, "display_name", row.sealed_display_name),
            frozenset(map(StaffRole, row.roles.split())),
            row.number,
            row.team,
            row.language,
            row.disabled,
        )

    def _values(self, person: Staff) -> dict[str, Any]:
        return {
            "staff_id": person.staff_id,
            "user_name_lookup": self._name_key(person.user_name),
            "sealed_user_name": self._seal(person.staff_id, "user_name", person.user_name),
            "sealed_display_name": self._seal(person.staff_id, "display_name", person.display_name),
            "roles": " ".join(sorted(person.roles)),
            "number": person.number,
            "team": person.team,
            "language": person.language,
            "disabled": person.disabled,
        }

    def _check_free(self, connection: Connection, person: Staff, place: int) -> None:
        others = sa.select(staff.c.staff_id).where(staff.c.staff_id != person.staff_id)
        name = others.where(staff.c.user_name_lookup == self._name_key(person.user_name))
        if connection.execute(name).first() is not None:
            raise StaffTaken("user_name", place)
        number = others.where(staff.c.number == person.number)
        if person.number and connection.execute(number).first() is not None:
            raise StaffTaken("number", place)

    async def _one(self, which: "sa.ColumnElement[bool]") -> Staff | None:
        query = sa.select(staff).where(which)
        row = await self._read(lambda connection: connection.execute(query).first())
        return None if row is None else self.person(row)

    async def _update(self, staff_id: str, **values: Any) -> None:
        mine = staff_credentials.c.staff_id == staff_id
        change = sa.update(staff_credentials).where(mine).values(values)
        if not await self._write(lambda connection: connection.execute(change).rowcount == 1):
            raise KeyError(staff_id)

    def _name_key(self, user_name: str) -> bytes:
        return self._vault.lookup_key(f"staff/{user_name.casefold()}")

    def _code_key(self, staff_id: str, code: str) -> bytes:
        return self._vault.lookup_key(f"staff_recovery/{staff_id}/{code}")

    def _seal(self, staff_id: str, what: str, value: str) -> bytes:
        return self._vault.seal(value.encode(), f"staff/{staff_id}/{what}".encode())

    def _open(self, staff_id: str, what: str, sealed: Any) -> str:
        try:
            return self._vault.open(bytes(sealed), f"staff/{staff_id}/{what}".encode()).decode()
        except VaultProblem as error:
            raise StaffUnavailable(str(error)) from error
