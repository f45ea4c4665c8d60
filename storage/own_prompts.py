"""Prompts that this installation set itself, on a database: before and after of changes, and their audio."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Connection

from prompts.manifest import Source
from prompts.own import OwnText
from storage.database import Database
from storage.prompt_tables import prompt_changes, prompt_sounds

_C, _S = prompt_changes.c, prompt_sounds.c
_ROW = (_C.number, _C.at, _C.who, _C.prompt, _C.why, _C.undoes, _C.as_shipped, _C.shipped_digest)


class OtherPromptChange(Exception):
    """Another change of the same prompt was kept since; nothing was kept."""


@dataclass(frozen=True, slots=True)
class PromptChange:
    """A change on record."""

    number: int
    at: datetime  # aware, UTC
    who: str  # staff_id or `cli:NAME`
    prompt: str
    why: str
    undoes: int  # the change it undid; 0: none
    as_shipped: bool  # from then on the product's own is heard; what it does not have is gone
    shipped_digest: str  # of the catalogue's texts when it was made; empty: it had none
    before: OwnText | None  # None: the prompt was not there
    after: OwnText | None  # None: it is there no more


@dataclass(frozen=True, slots=True)
class KeptSound:
    """Audio, without its bytes."""

    digest: str
    at: datetime
    seconds: float
    source: Source


class _Kept(msgspec.Struct):
    texts: dict[str, str]
    sounds: dict[str, str]


_kept = msgspec.json.Decoder(_Kept)


class DurableOwnPrompts:
    """Keeps and reads them. Every method raises `storage.database.DatabaseProblem`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def newest(self) -> int:
        """Return the number of the newest change; 0: none."""
        return await self._database.read(_newest)

    async def in_force(self) -> Mapping[str, PromptChange]:
        """Return the newest change of each prompt that was ever changed."""
        return await self._database.read(_in_force)

    def in_force_now(self) -> Mapping[str, PromptChange]:
        """Do as `in_force`. Blocking."""
        return self._database.read_now(_in_force)

    async def changes(self, prompt: str = "", before: int = 0, most: int = 50) -> Sequence[PromptChange]:
        """Return changes, newest first. `prompt`: of this one only; `before`: older than this number."""
        query = sa.select(prompt_changes).order_by(_C.number.desc()).limit(most)
        if prompt:
            query = query.where(_C.prompt == prompt)
        if before:
            query = query.where(_C.number < before)
        return await self._database.read(
            lambda connection: [_change(row) for row in connection.execute(query)]
        )

    async def change(self, number: int) -> PromptChange:
        """Return one. Raises KeyError."""
        query = sa.select(prompt_changes).where(_C.number == number)
        row: Any = await self._database.read(lambda connection: connection.execute(query).first())
        if row is None:
            raise KeyError(number)
        return _change(row)

    async def add(self, change: PromptChange, based_on: int) -> PromptChange:
        """Keep a change under the next number, and return it so. `change.number` is not looked at.

        `based_on`: the newest change of that prompt as it was seen, 0: none. Raises OtherPromptChange.
        """

        def work(connection: Connection) -> PromptChange:
            if connection.dialect.name == "postgresql":
                connection.execute(sa.text("LOCK TABLE prompt_changes IN SHARE ROW EXCLUSIVE MODE"))
            seen = sa.select(sa.func.max(_C.number)).where(_C.prompt == change.prompt)
            if (connection.execute(seen).scalar() or 0) != based_on:
                raise OtherPromptChange
            values = {column.name: getattr(change, column.name) for column in _ROW}
            values |= {
                "number": _newest(connection) + 1,
                "who": change.who[:64],
                "why": change.why[:200],
                "before": _written(change.before),
                "after": _written(change.after),
            }
            connection.execute(sa.insert(prompt_changes).values(values))
            query = sa.select(prompt_changes).where(_C.number == values["number"])
            return _change(connection.execute(query).one())

        return await self._database.write(work)

    async def keep_sound(self, sound: KeptSound, wav: bytes) -> None:
        """Keep audio. What is there already begins a new day."""
        values = {
            "digest": sound.digest,
            "at": sound.at,
            "seconds": sound.seconds,
            "source": sound.source.value,
            "wav": wav,
        }

        def work(connection: Connection) -> None:
            insert = sqlite.insert if connection.dialect.name == "sqlite" else postgresql.insert
            made = insert(prompt_sounds).values(values)
            connection.execute(made.on_conflict_do_update(index_elements=["digest"], set_={"at": sound.at}))

        await self._database.write(work)

    async def sounds(self, digests: Collection[str]) -> Mapping[str, KeptSound]:
        """Return what is known of audio, by digest; what is not there is left out."""
        query = sa.select(_S.digest, _S.at, _S.seconds, _S.source).where(_S.digest.in_(digests))
        rows: Sequence[Any] = await self._database.read(lambda connection: connection.execute(query).all())
        return {row.digest: KeptSound(row.digest, row.at, row.seconds, Source(row.source)) for row in rows}

    async def wav(self, digest: str) -> bytes | None:
        """Return audio as a WAV file; None: there is none."""
        return await self._database.read(lambda connection: _wav(connection, digest))

    def wav_now(self, digest: str) -> bytes | None:
        """Do as `wav`. Blocking."""
        return self._database.read_now(lambda connection: _wav(connection, digest))

    async def drafts(self, since: datetime) -> int:
        """Remove audio that no change names, kept before `since`; return how much of it is left."""

        def work(connection: Connection) -> int:
            named = {
                digest
                for change in map(_change, connection.execute(sa.select(prompt_changes)))
                for side in (change.before, change.after)
                if side is not None
                for digest in side.sounds.values()
            }
            rows = connection.execute(sa.select(_S.digest, _S.at)).all()
            loose = [row for row in rows if row.digest not in named]
            old = [row.digest for row in loose if row.at < since]
            connection.execute(sa.delete(prompt_sounds).where(_S.digest.in_(old)))
            return len(loose) - len(old)

        return await self._database.write(work)


def _newest(connection: Connection) -> int:
    return connection.execute(sa.select(sa.func.max(_C.number))).scalar() or 0


def _in_force(connection: Connection) -> Mapping[str, PromptChange]:
    newest = sa.select(sa.func.max(_C.number)).group_by(_C.prompt)
    rows = connection.execute(sa.select(prompt_changes).where(_C.number.in_(newest)))
    return {row.prompt: _change(row) for row in rows}


def _wav(connection: Connection, digest: str) -> bytes | None:
    found = connection.execute(sa.select(_S.wav).where(_S.digest == digest)).scalar()
    return None if found is None else bytes(found)


def _change(row: Any) -> PromptChange:
    kept: dict[str, Any] = {column.name: getattr(row, column.name) for column in _ROW}
    return PromptChange(**kept, before=_read(row.before), after=_read(row.after))


def _written(side: OwnText | None) -> str:
    if side is None:
        return ""
    return msgspec.json.encode(_Kept(dict(side.texts), dict(side.sounds))).decode()


def _read(text: str) -> OwnText | None:
    if not text:
        return None
    found = _kept.decode(text)
    return OwnText(found.texts, found.sounds)
