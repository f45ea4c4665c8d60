"""Reads and changes every kind of table, with the record of who changed what, and undoing."""

import asyncio
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from domain.clock import Clock
from domain.own_tables import in_use
from recording.policies import PoliciesUnavailable
from recording.quality.forms import FormsUnavailable
from service.config_kinds import FILE_KINDS
from service.config_merge import Overlaps, counted, differences, taken_back
from service.config_sources import Source
from storage import acd_tables
from storage.changes import DurableChanges, KeptChange, NewChange, OtherChange
from storage.database import DatabaseProblem
from storage.vault import Vault, VaultProblem
from web.config_port import (
    CannotUndo,
    ChangeDetail,
    ChangedMeanwhile,
    ChangeRow,
    ConfigRefused,
    ConfigUnavailable,
    Form,
    KindState,
    NothingChanged,
    Opened,
    Preview,
)
from web.config_text import assumed_lines, row_count

ELSEWHERE = "elsewhere"
"""Who is named for a change that came another way (the command line, another program) and was seen later."""


@dataclass(frozen=True, slots=True)
class _Wanted:
    """A change that is about to be made."""

    kind: str
    text: str
    who: str
    why: str
    undoes: int = 0


class TableOffice:
    """A `web.config_port.ConfigOffice`."""

    def __init__(
        self,
        sources: Mapping[str, Source],
        changes: DurableChanges,
        vault: Vault,
        clock: Clock,
        read_now: Callable[[Path], Path] = in_use,
    ) -> None:
        """`read_now`: the file that this service read for a shipped one when it started."""
        self._sources, self._changes, self._vault, self._clock = sources, changes, vault, clock
        self._read_now = read_now
        self._turn = asyncio.Lock()

    async def kinds(self) -> Sequence[KindState]:
        """Return every kind."""
        with _asked():
            newest = await self._changes.newest()
            texts = {name: await source.text() for name, source in self._sources.items()}
            # Some thirty files are read: not where calls have their turn.
            return await asyncio.to_thread(
                lambda: [
                    self._state(source, texts[name], newest.get(name))
                    for name, source in self._sources.items()
                ]
            )

    async def open(self, kind: str) -> Opened:
        """Return a table as it stands. Raises KeyError."""
        source = self._sources[kind]
        with _asked():
            text, newest = await source.text(), await self._changes.newest()
        return Opened(self._state(source, text, newest.get(kind)), text, self._mark(kind, text))

    async def shipped(self, kind: str) -> str:
        """Return the text that comes with the product. Raises KeyError."""
        return self._sources[kind].shipped()

    async def preview(self, kind: str, text: str) -> Preview:
        """Return what a text would change. Raises KeyError, ConfigRefused."""
        source = self._sources[kind]
        with _asked():
            return self._preview(source, await source.text(), await source.checked(text))

    async def put(self, kind: str, text: str, based_on: str, who: str, why: str) -> ChangeRow:
        """Put a text in force, whole. Raises KeyError, ConfigRefused, ChangedMeanwhile, NothingChanged."""
        async with self._turn:
            source = self._sources[kind]
            with _asked():
                now = await source.text()
                if self._mark(kind, now) != based_on:
                    raise ChangedMeanwhile
                return await self._put(source, now, _Wanted(kind, await source.checked(text), who, why))

    async def changes(self, kind: str = "", before: int = 0, most: int = 50) -> Sequence[ChangeRow]:
        """Return changes, newest first; `before`: older than this number."""
        with _asked():
            async with self._turn:
                await self._notice(kind)
            rows = await self._changes.rows(kind, before, most)
            undone = await self._changes.undone([row.number for row in rows])
        return [_row(row, undone.get(row.number, 0)) for row in rows]

    async def change(self, number: int) -> ChangeDetail:
        """Return one. Raises KeyError."""
        with _asked():
            kept, before, after = await self._changes.get(number)
            undone = await self._changes.undone([number])
        return ChangeDetail(_row(kept, undone.get(number, 0)), before, after, differences(before, after))

    async def undo_preview(self, number: int) -> Preview:
        """Return what undoing a change would change. Raises KeyError, CannotUndo."""
        with _asked():
            source, now, text = await self._undone(number)
            return self._preview(source, now, text)

    async def undo(self, number: int, who: str, why: str) -> ChangeRow:
        """Undo a change, leaving later ones; it is a change itself. Raises KeyError, CannotUndo."""
        async with self._turn:
            with _asked():
                source, now, text = await self._undone(number)
                try:
                    return await self._put(source, now, _Wanted(source.name, text, who, why, number))
                except (ChangedMeanwhile, NothingChanged) as error:
                    raise CannotUndo("undo_meanwhile") from error

    async def _undone(self, number: int) -> tuple[Source, str, str]:
        """Return the kind, its text now, and its text without a change. Raises KeyError, CannotUndo."""
        kept, before, after = await self._changes.get(number)
        if kept.kind not in self._sources:
            raise CannotUndo("undo_unknown")
        if not await self._stands(number):
            raise CannotUndo("undo_already")
        source = self._sources[kept.kind]
        now = await source.text()
        try:
            text = taken_back(before, after, now, rows=source.form is Form.CSV)
        except Overlaps as error:
            raise CannotUndo("undo_overlaps") from error
        if text == now:
            raise CannotUndo("undo_already")
        try:
            return source, now, await source.checked(await source.for_undo(text))
        except ConfigRefused as error:
            raise CannotUndo("undo_refused", error.mistakes) from error

    async def _stands(self, number: int) -> bool:
        """Whether a change was not undone, or its undoing was undone."""
        by = (await self._changes.undone([number])).get(number)
        return by is None or not await self._stands(by)

    async def _put(self, source: Source, now: str, wanted: _Wanted) -> ChangeRow:
        if wanted.text == now:
            raise NothingChanged
        await self._notice(source.name)
        newest = (await self._changes.newest()).get(source.name)
        change = self._change(source, now, wanted)
        if source.live:
            try:
                await source.put(wanted.text, wanted.who, wanted.why)
            except acd_tables.ChangedMeanwhile as error:
                raise ChangedMeanwhile from error
            return _row(await self._changes.add(change), 0)
        try:
            return _row(await self._changes.add(change, newest.number if newest else 0), 0)
        except OtherChange as error:
            raise ChangedMeanwhile from error

    async def _notice(self, kind: str = "") -> None:
        """Keep what was changed another way since the newest change on record, so that nothing is missing."""
        newest = await self._changes.newest()
        for name, source in self._sources.items():
            if not source.live or (kind and name != kind):
                continue
            known = newest.get(name)
            before = source.shipped() if known is None else (await self._changes.get(known.number))[2]
            now = await source.text()
            if now != before:
                change = self._change(source, before, _Wanted(name, now, ELSEWHERE, ""))
                await self._changes.add(change)

    def _change(self, source: Source, now: str, wanted: _Wanted) -> NewChange:
        added, removed = counted(differences(now, wanted.text))
        return NewChange(
            self._clock.now(),
            wanted.who,
            wanted.kind,
            wanted.why.strip(),
            wanted.undoes,
            added,
            removed,
            wanted.text == source.shipped(),
            now,
            wanted.text,
        )

    def _preview(self, source: Source, now: str, text: str) -> Preview:
        found = differences(now, text)
        added, removed = counted(found)
        return Preview(text, found, added, removed, len(assumed_lines(source.form, text)), source.live)

    def _state(self, source: Source, text: str, newest: KeptChange | None) -> KindState:
        waiting = False
        if source.name in FILE_KINDS:
            path = FILE_KINDS[source.name].path
            waiting = self._read_now(path).read_text(encoding="utf-8") != text
        return KindState(
            name=source.name,
            group=source.group,
            form=source.form,
            live=source.live,
            file=source.file,
            rows=row_count(source.form, text),
            assumed=len(assumed_lines(source.form, text)),
            own=text != source.shipped(),
            waiting=waiting,
            changed_at=None if newest is None else newest.at,
            changed_by="" if newest is None else newest.who,
        )

    def _mark(self, kind: str, text: str) -> str:
        return self._vault.lookup_key(f"config/{kind}\n{text}").hex()[:32]


def _row(kept: KeptChange, undone_by: int) -> ChangeRow:
    return ChangeRow(
        kept.number,
        kept.at,
        kept.who,
        kept.kind,
        kept.why,
        kept.undoes,
        undone_by,
        kept.added,
        kept.removed,
    )


@contextmanager
def _asked() -> Iterator[None]:
    try:
        yield
    except (DatabaseProblem, VaultProblem, FormsUnavailable, PoliciesUnavailable, OSError) as error:
        raise ConfigUnavailable(str(error)) from error
