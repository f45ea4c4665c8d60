"""Where the text of each kind of table is read, checked and put in force."""

import asyncio
import re
from collections.abc import Mapping
from datetime import date, timedelta
from functools import cache
from typing import Protocol

from acd.skills import office_day
from acd.tables_csv import CsvRefused, dump, load_folder
from desk.tables import BadTable
from domain.clock import Clock
from recording.policies import SHIPPED as SHIPPED_POLICIES
from recording.policies import PolicyProblem, read_policies
from recording.quality.forms_book import shipped_text
from service import config_days
from service.config_kinds import FILE_KINDS, FileKind, check_yaml, mistake_of
from storage.acd_tables import AcdTables
from storage.calendar import CalendarOverrides
from storage.changes import DurableChanges
from storage.quality_forms import DurableForms
from storage.recording_policies import DurablePolicies
from web.config_port import ConfigRefused, Form, Mistake
from web.config_text import from_spreadsheets

_VALID_FROM = re.compile(r"^(valid_from:\s*)\S+", re.MULTILINE)


class Source(Protocol):
    """One kind of table."""

    name: str
    group: str
    form: Form
    live: bool  # in force within seconds
    file: str

    def shipped(self) -> str:
        """Return the text that comes with the product."""
        ...

    async def text(self) -> str:
        """Return the text as it was last set."""
        ...

    async def checked(self, text: str) -> str:
        """Return the text as it would be kept. Raises ConfigRefused."""
        ...

    async def put(self, text: str, who: str, why: str) -> None:
        """Put a checked text in force where that is not the record of changes itself."""
        ...

    async def for_undo(self, text: str) -> str:
        """Return an earlier text as it can be put in force again."""
        ...


class FileSource:
    """A file of the product; what was set stands in the record of changes, and is read at the next start."""

    live = False

    def __init__(self, kind: FileKind, changes: DurableChanges) -> None:
        self.name, self.group, self.form, self.file = kind.name, kind.group, kind.form, kind.file
        self._kind, self._changes = kind, changes

    def shipped(self) -> str:
        """Return the product's file."""
        return self._kind.shipped()

    async def text(self) -> str:
        """Return the newest change's text, else the shipped one."""
        _, text = await self._changes.text(self.name)
        return self._kind.shipped() if text is None else text

    async def checked(self, text: str) -> str:
        """Return the text with plain line ends, if the table's own reader takes it."""
        plain = _plain(text)
        beside: dict[str, str] = {}
        for other in FILE_KINDS.values():
            if other.path.parent == self._kind.path.parent and other.name != self.name:
                _, own = await self._changes.text(other.name)
                if own is not None:
                    beside[other.path.name] = own
        await asyncio.to_thread(self._kind.check, plain, beside)
        return plain

    async def put(self, text: str, who: str, why: str) -> None:
        """Do nothing: the record of changes is the store."""

    async def for_undo(self, text: str) -> str:
        """Return it as it is."""
        return text


class DaysSource:
    """Days that differ from the calendar."""

    name, group, form, live, file = "days", "hours", Form.CSV, True, "days.csv"

    def __init__(self, overrides: CalendarOverrides) -> None:
        self._overrides = overrides

    def shipped(self) -> str:
        """Return no day: the shipped hours have their own file of days."""
        return config_days.dump([])

    async def text(self) -> str:
        """Return the days in force."""
        return config_days.dump(await self._overrides.all())

    async def checked(self, text: str) -> str:
        """Return the days in their order."""
        return config_days.dump(config_days.load(from_spreadsheets(text)))

    async def put(self, text: str, who: str, why: str) -> None:
        """Put them in force, all at once."""
        await self._overrides.replace(config_days.load(text))

    async def for_undo(self, text: str) -> str:
        """Return it as it is."""
        return text


class AcdSource:
    """One of the tables of agents and skills; checked together with the others."""

    group, form, live = "floor", Form.CSV, True

    def __init__(self, table: str, tables: AcdTables, clock: Clock) -> None:
        self.name, self.file = f"acd_{table}", f"{table}.csv"
        self._table, self._tables, self._clock = table, tables, clock

    def shipped(self) -> str:
        """Return the product's table."""
        return _shipped_acd()[self._table]

    async def text(self) -> str:
        """Return the table in force."""
        _, texts = await self._tables.texts()
        return texts[self._table]

    async def checked(self, text: str) -> str:
        """Return the table as it is written by the product."""
        try:
            draft = await self._tables.draft({self._table: _cells(text)}, self._today())
        except CsvRefused as error:
            raise ConfigRefused(
                [
                    Mistake(
                        one.row,
                        one.field,
                        one.value,
                        one.what,
                        one.remedy,
                        "" if one.file == self.file else one.file,
                    )
                    for one in error.problems
                ]
            ) from error
        return draft.texts[self._table]

    async def put(self, text: str, who: str, why: str) -> None:
        """Put a new version of the tables in force. Raises storage.acd_tables.ChangedMeanwhile."""
        draft = await self._tables.draft({self._table: text}, self._today())
        await self._tables.put(draft, who, why, self._clock.now())

    async def for_undo(self, text: str) -> str:
        """Return it as it is."""
        return text

    def _today(self) -> date:
        return office_day(self._clock.now())


class FormSource:
    """A form by which calls are scored: each change is a version of its own, from its day on."""

    group, form, live = "quality", Form.YAML, True

    def __init__(self, which: str, forms: DurableForms, clock: Clock) -> None:
        self.name, self.file = f"form_{which}", f"form_{which}.yaml"
        self._which, self._forms, self._clock = which, forms, clock

    def shipped(self) -> str:
        """Return the product's form."""
        return shipped_text(self._which)

    async def text(self) -> str:
        """Return the newest version, in force or to come."""
        return (await self._forms.versions(self._which))[0].text

    async def checked(self, text: str) -> str:
        """Return the text, if it can be the next version of this form."""
        plain = _plain(text)
        try:
            form = await self._forms.check(self.file, plain, self._clock.now())
        except BadTable as error:
            raise ConfigRefused(
                [Mistake(one.line, "", "", one.what, one.remedy) for one in error.problems]
            ) from error
        if form.name != self._which:
            remedy = f"write `form: {self._which}`"
            raise ConfigRefused([Mistake(1, "form", form.name, "this is another form", remedy)])
        return plain

    async def put(self, text: str, who: str, why: str) -> None:
        """Keep it as the next version."""
        await self._forms.keep(self.file, text, self._clock.now(), who, why)

    async def for_undo(self, text: str) -> str:
        """Return it from the first day on that is free: what was scored stays as it was scored."""
        newest = (await self._forms.versions(self._which))[0].form
        day = max(office_day(self._clock.now()), newest.valid_from + timedelta(days=1))
        return _VALID_FROM.sub(rf"\g<1>{day.isoformat()}", text, count=1)


class PolicySource:
    """What is recorded."""

    name, group, form, live, file = "recording_policies", "recording", Form.YAML, True, "policies.yaml"

    def __init__(self, policies: DurablePolicies, clock: Clock) -> None:
        self._policies, self._clock = policies, clock

    def shipped(self) -> str:
        """Return the product's table."""
        return SHIPPED_POLICIES.read_text(encoding="utf-8")

    async def text(self) -> str:
        """Return the table in force."""
        return (await self._policies.newest()).text

    async def checked(self, text: str) -> str:
        """Return the text, if it can be used."""
        plain = _plain(text)
        check_yaml(plain)
        try:
            read_policies(self.file, plain)
        except PolicyProblem as error:
            raise ConfigRefused([mistake_of(str(error), plain, self.file)]) from error
        return plain

    async def put(self, text: str, who: str, why: str) -> None:
        """Put it in force: calls that begin from now on go by it."""
        await self._policies.add(text, who[:64], why[:200], self._clock.now())

    async def for_undo(self, text: str) -> str:
        """Return it as it is."""
        return text


def make_sources(
    changes: DurableChanges,
    overrides: CalendarOverrides,
    tables: AcdTables,
    forms: DurableForms,
    policies: DurablePolicies,
    clock: Clock,
) -> Mapping[str, Source]:
    """Return every kind, by name, in the order in which pages list them."""
    acd = [
        AcdSource(table, tables, clock)
        for table in (
            "agents", "competences", "skills", "requirements", "rings", "reserves", "pause_reasons", "rules",
        )
    ]  # fmt: skip
    files = {name: FileSource(kind, changes) for name, kind in FILE_KINDS.items()}
    every: list[Source] = [
        DaysSource(overrides),
        *acd,
        *(FormSource(which, forms, clock) for which in ("inbound", "outbound", "complaint")),
        PolicySource(policies, clock),
        *files.values(),
    ]
    return {source.name: source for source in every}


def _cells(text: str) -> str:
    # Spreadsheets set to Indonesian part cells by `;`: the table's own reader sees to those.
    return text if ";" in text.partition("\n")[0] else from_spreadsheets(text)


@cache
def _shipped_acd() -> Mapping[str, str]:
    return dump(load_folder().tables)


def _plain(text: str) -> str:
    plain = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    return plain if plain.endswith("\n") else f"{plain}\n"
