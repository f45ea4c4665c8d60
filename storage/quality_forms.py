"""Versions of scoring forms on a database: the shipped ones are version 1, imports follow. Append-only."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Connection

from desk.tables import BadTable, Fields
from desk.working_days import office_day
from domain.clock import Clock, SystemClock
from recording.quality.forms import FORMS, Form, FormsUnavailable, KeptForm, in_force
from recording.quality.forms_book import form_and_fields, read_form, shipped, shipped_text
from recording.quality.forms_check import check_new
from storage.database import Database
from storage.kept import Kept
from storage.score_tables import quality_forms

_f = quality_forms.c
SHIPPED_BY = "system"
SHIPPED = 1  # the version of the shipped forms


class DurableForms(Kept):
    """A `recording.quality.forms.QualityForms` on a database.

    The shipped forms are kept there when it is first asked: a later program that ships others changes nothing
    of what was scored.
    """

    unavailable = FormsUnavailable

    def __init__(self, database: Database, clock: Clock | None = None) -> None:
        super().__init__(database)
        self._clock = clock or SystemClock()
        self._read_forms: dict[tuple[str, int], Form] = {}
        self._filled = False

    async def get(self, name: str, version: int) -> Form:
        """Return one. Raises KeyError, FormsUnavailable."""
        for form in await self._forms(name):
            if form.version == version:
                return form
        raise KeyError((name, version))

    async def for_day(self, name: str, day: date) -> Form:
        """Return the version for calls of a day. Raises KeyError: no such form; FormsUnavailable."""
        forms = await self._forms(name)
        if not forms:
            raise KeyError(name)
        return in_force(forms, day)

    async def versions(self, name: str = "") -> Sequence[KeptForm]:
        """Return every version of a form, or of all, newest first. Raises FormsUnavailable."""
        await self._fill()
        query = sa.select(quality_forms).order_by(_f.name, _f.version.desc())
        if name:
            query = query.where(_f.name == name)
        rows = await self._read(lambda connection: connection.execute(query).all())
        return [KeptForm(self._form(row), row.text, row.done_by, row.why, row.at) for row in rows]

    async def check(self, file: str, text: str, at: datetime) -> Form:
        """Return what `keep` would keep. Raises desk.tables.BadTable, FormsUnavailable."""
        form, fields = form_and_fields(file, text)
        return next_version(form, fields, text, await self.versions(form.name), office_day(at))

    async def keep(self, file: str, text: str, at: datetime, by: str, why: str) -> Form:
        """Keep a new version. Raises desk.tables.BadTable, FormsUnavailable; then nothing was kept."""
        form = await self.check(file, text, at)
        row = _row(form, form.version, text, by, why, at)
        if not await self._write(lambda connection: _insert(connection, row)):
            raise FormsUnavailable("another version was imported at the same moment. Remedy: import again")
        self._read_forms[(form.name, form.version)] = form
        return form

    async def _forms(self, name: str) -> Sequence[Form]:
        return [kept.form for kept in await self.versions(name)] if name in FORMS else []

    def _form(self, row: Any) -> Form:
        """Return a kept version; none is ever changed, so that it is read once."""
        key = (row.name, row.version)
        if key not in self._read_forms:
            if row.version == SHIPPED and row.text == shipped_text(row.name):
                self._read_forms[key] = shipped(row.name)
                return self._read_forms[key]
            try:
                self._read_forms[key] = read_form(f"{row.name}, version {row.version}", row.text, row.version)
            except BadTable as error:
                raise FormsUnavailable(f"a kept form cannot be read: {error}") from error
        return self._read_forms[key]

    async def _fill(self) -> None:
        if self._filled:
            return
        at = self._clock.now()
        rows = [_row(shipped(name), SHIPPED, shipped_text(name), SHIPPED_BY, "", at) for name in FORMS]

        def there(connection: Connection) -> set[str]:
            return set(connection.execute(sa.select(_f.name).where(_f.version == SHIPPED)).scalars())

        def fill(connection: Connection) -> None:
            for row in rows:
                _insert(connection, row)

        if not set(FORMS) <= await self._read(there):
            await self._write(fill)
        self._filled = True


def next_version(form: Form, fields: Fields, text: str, kept: Sequence[KeptForm], today: date) -> Form:
    """Return a form as the newest of the kept versions of it. Raises desk.tables.BadTable: it cannot be."""
    same = next((one.form.version for one in kept if one.text == text), 0)
    if same:
        fields.wrong("form", f"this is version {same} already, as it stands", "There is nothing to import")
        fields.done()
    check_new(form, fields, [one.form for one in kept], today)
    fields.done()
    return replace(form, version=max(one.form.version for one in kept) + 1)


def _row(form: Form, version: int, text: str, by: str, why: str, at: datetime) -> dict[str, object]:
    return {
        "name": form.name,
        "version": version,
        "valid_from": form.valid_from,
        "at": at,
        "done_by": by,
        "why": why[:200],
        "text": text,
    }


def _insert(connection: Connection, row: dict[str, object]) -> bool:
    dialect: Any = sqlite if connection.dialect.name == "sqlite" else postgresql
    insert = dialect.insert(quality_forms).values(row).on_conflict_do_nothing()
    return connection.execute(insert.returning(_f.version)).first() is not None
