"""The book of appeals and compiled lists. Reasons and notes are sealed; steps and verdicts only grow."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, TypeVar

import msgspec
import sqlalchemy as sa
from sqlalchemy.engine import Connection
from sqlalchemy.exc import IntegrityError

from recording.quality.appeals import (
    Appeal,
    AppealChanged,
    AppealQuery,
    AppealRefused,
    AppealsUnavailable,
    CompiledList,
    Contested,
    Decided,
    How,
    Moved,
    Outcome,
    Place,
    Step,
    Verdict,
)
from storage.appeal_tables import (
    appeal_items,
    appeal_steps,
    appeal_verdicts,
    appeals,
    compiled_lists,
    compiled_receipts,
    compiled_scores,
)
from storage.database import Database, DatabaseProblem
from storage.vault import Vault, VaultProblem

T = TypeVar("T")

_json = msgspec.json.Encoder(order="deterministic")
_words = msgspec.json.Decoder(dict[str, str])
_items = msgspec.json.Decoder(list[str])
_places = msgspec.json.Decoder(list[tuple[int, int | None]])
_NOT_PLAIN = frozenset({"verified", "outcome", "owes"})
_PLAIN = tuple(column.name for column in appeals.c if column.name not in _NOT_PLAIN)
_NEWEST_FIRST = (appeals.c.filed_at.desc(), appeals.c.appeal_id.desc())


class DurableAppeals:
    """A `recording.quality.appeals.AppealBook` on a database."""

    def __init__(self, database: Database, vault: Vault) -> None:
        self._database = database
        self._vault = vault

    async def file(self, moved: Moved) -> Appeal:
        """Keep a new appeal. Raises AppealRefused (`there_is_one`)."""
        new = moved.appeal

        def insert(connection: Connection) -> Any:
            known = _row(connection, appeals.c.appeal_id == new.appeal_id)
            if known is not None:
                return known
            stands = sa.and_(appeals.c.score_id == new.score_id, appeals.c.state != "withdrawn")
            if _row(connection, stands) is not None:
                raise AppealRefused("there_is_one")
            connection.execute(sa.insert(appeals).values(self._values(new)))
            self._add_items(connection, new)
            connection.execute(sa.insert(appeal_steps).values(self._step_values(moved.step)))
            return None

        known = await self._write(insert)
        return new if known is None else (await self._several([known]))[0]

    async def change(self, moved: Moved) -> Appeal:
        """Keep a step with its verdicts, all or none. Raises AppealChanged."""
        after = moved.appeal
        which = sa.and_(appeals.c.appeal_id == after.appeal_id, appeals.c.version == after.version - 1)

        def update(connection: Connection) -> None:
            if connection.execute(sa.update(appeals).where(which).values(self._values(after))).rowcount != 1:
                raise AppealChanged
            if moved.step.what == "complete":
                self._add_items(connection, after)
            connection.execute(sa.insert(appeal_steps).values(self._step_values(moved.step)))
            if moved.verdicts:
                connection.execute(sa.insert(appeal_verdicts), _verdict_values(moved))

        await self._write(update)
        return after

    async def get(self, appeal_id: str) -> Appeal:
        """Return one. Raises KeyError: there is none."""
        row = await self._read(lambda connection: _row(connection, appeals.c.appeal_id == appeal_id))
        if row is None:
            raise KeyError(appeal_id)
        return (await self._several([row]))[0]

    async def trail(self, appeal_id: str) -> Sequence[Step]:
        """Return every step, first to last."""
        query = (
            sa.select(appeal_steps)
            .where(appeal_steps.c.appeal_id == appeal_id)
            .order_by(appeal_steps.c.number)
        )
        return [self._step(row) for row in await self._all(query)]

    async def verdicts(self, appeal_id: str) -> Sequence[Verdict]:
        """Return what was decided, by item."""
        query = (
            sa.select(appeal_verdicts)
            .where(appeal_verdicts.c.appeal_id == appeal_id)
            .order_by(appeal_verdicts.c.seq)
        )
        return [
            Verdict(row.item, row.criterion, row.first, row.rescore, row.arbiter, row.final, How(row.how))
            for row in await self._all(query)
        ]

    async def find(self, query: AppealQuery) -> Sequence[Appeal]:
        """Return appeals, newest first."""
        return await self._several(
            await self._all(
                sa.select(appeals).where(*_wanted(query)).order_by(*_NEWEST_FIRST).limit(query.most)
            )
        )

    async def owing(self, most: int = 100) -> Sequence[Appeal]:
        """Return appeals whose last step still has to be told, oldest first."""
        query = sa.select(appeals).where(appeals.c.owes).order_by(appeals.c.since).limit(most)
        return await self._several(await self._all(query))

    async def settled(self, appeal_id: str, version: int) -> None:
        """The step to this version was told. Idempotent."""
        which = sa.and_(appeals.c.appeal_id == appeal_id, appeals.c.version == version)
        query = sa.update(appeals).where(which).values(owes=False)
        await self._write(lambda connection: connection.execute(query))

    async def decided(self, since: datetime | None, until: datetime | None) -> Sequence[Decided]:
        """Return the counts of verdicts by reviewer of the first score and criterion."""
        overturned = sa.case((appeal_verdicts.c.final != appeal_verdicts.c.first, 1), else_=0)
        by = (appeal_verdicts.c.reviewer, appeal_verdicts.c.criterion)
        query = sa.select(*by, sa.func.count().label("all"), sa.func.sum(overturned).label("over"))
        if since is not None:
            query = query.where(appeal_verdicts.c.at >= since)
        if until is not None:
            query = query.where(appeal_verdicts.c.at < until)
        rows = await self._all(query.group_by(*by).order_by(*by))
        return [Decided(row.reviewer, row.criterion, row.all, int(row.over)) for row in rows]

    async def compile(self, made: CompiledList) -> None:
        """Keep a compiled list. Raises AppealRefused (`listed`): a score is on one."""

        def insert(connection: Connection) -> None:
            known = sa.select(compiled_lists.c.list_id).where(compiled_lists.c.list_id == made.list_id)
            if connection.execute(known).first() is not None:
                return
            taken = sa.select(compiled_scores.c.score_id).where(compiled_scores.c.score_id.in_(made.scores))
            if connection.execute(taken).first() is not None:
                raise AppealRefused("listed", "scores")
            columns = ("list_id", "made_by", "made_at", "why", "down_from", "down_until")
            values = {name: getattr(made, name) for name in columns}
            connection.execute(sa.insert(compiled_lists).values(values))
            rows = [
                {"score_id": score_id, "list_id": made.list_id, "agent": agent}
                for score_id, agent in made.scores.items()
            ]
            connection.execute(sa.insert(compiled_scores), rows)

        await self._write(insert)

    async def receive(self, list_id: str, agent: str, at: datetime, by: str) -> CompiledList:
        """An agent has the list: the first receipt counts. Raises KeyError."""
        key = {"list_id": list_id, "agent": agent}

        def insert(connection: Connection) -> None:
            on_it = sa.select(compiled_scores.c.score_id).filter_by(**key)
            if connection.execute(on_it).first() is None:
                raise KeyError(list_id)
            if connection.execute(sa.select(compiled_receipts.c.at).filter_by(**key)).first() is None:
                connection.execute(sa.insert(compiled_receipts).values(**key, at=at, noted_by=by))

        await self._write(insert)
        return (await self._lists(compiled_lists.c.list_id == list_id, 1))[0]

    async def lists(self, agents: Sequence[str] = (), most: int = 50) -> Sequence[CompiledList]:
        """Return lists with scores of these agents (none named: all), newest first."""
        if not agents:
            return await self._lists(sa.true(), most)
        theirs = sa.select(compiled_scores.c.list_id).where(compiled_scores.c.agent.in_(agents))
        return await self._lists(compiled_lists.c.list_id.in_(theirs), most)

    async def list_of(self, score_id: str) -> CompiledList | None:
        """Return the list that a score is on."""
        on_it = sa.select(compiled_scores.c.list_id).where(compiled_scores.c.score_id == score_id)
        found = await self._lists(compiled_lists.c.list_id.in_(on_it), 1)
        return found[0] if found else None

    async def _lists(self, which: "sa.ColumnElement[bool]", most: int) -> Sequence[CompiledList]:
        query = sa.select(compiled_lists).where(which).order_by(compiled_lists.c.made_at.desc()).limit(most)
        rows = await self._all(query)
        ids = [row.list_id for row in rows]
        on_them = await self._all(sa.select(compiled_scores).where(compiled_scores.c.list_id.in_(ids)))
        receipts = await self._all(sa.select(compiled_receipts).where(compiled_receipts.c.list_id.in_(ids)))
        return [
            CompiledList(
                row.list_id,
                row.made_by,
                row.made_at,
                row.why,
                row.down_from,
                row.down_until,
                {one.score_id: one.agent for one in on_them if one.list_id == row.list_id},
                {one.agent: one.at for one in receipts if one.list_id == row.list_id},
            )
            for row in rows
        ]

    async def _several(self, rows: Sequence[Any]) -> Sequence[Appeal]:
        ids = [row.appeal_id for row in rows]
        order = (appeal_items.c.version, appeal_items.c.seq)
        query = sa.select(appeal_items).where(appeal_items.c.appeal_id.in_(ids)).order_by(*order)
        newest: dict[str, tuple[int, list[Any]]] = {}
        for item in await self._all(query) if ids else ():
            version, kept = newest.get(item.appeal_id, (0, []))
            newest[item.appeal_id] = (item.version, [*kept, item] if version == item.version else [item])
        return [self._appeal(row, newest[row.appeal_id][1]) for row in rows]

    async def _all(self, query: "sa.Select[Any]") -> Sequence[Any]:
        return await self._read(lambda connection: connection.execute(query).all())

    async def _read(self, work: Callable[[Connection], T]) -> T:
        try:
            return await self._database.read(work)
        except DatabaseProblem as error:
            raise AppealsUnavailable(str(error)) from error

    async def _write(self, work: Callable[[Connection], T]) -> T:
        try:
            return await self._database.write(work)
        except DatabaseProblem as error:
            # Two at once: the index lets one of them through.
            if isinstance(error.__cause__, IntegrityError):
                raise AppealChanged from error
            raise AppealsUnavailable(str(error)) from error

    def _values(self, appeal: Appeal) -> dict[str, Any]:
        return {
            **{name: getattr(appeal, name) for name in _PLAIN},
            "verified": _json.encode(sorted(appeal.verified)).decode(),
            "outcome": appeal.outcome.value,
            "owes": True,
        }

    def _add_items(self, connection: Connection, appeal: Appeal) -> None:
        rows = [
            {
                "appeal_id": appeal.appeal_id,
                "version": appeal.version,
                "seq": seq,
                "item": one.item,
                "evidence": one.evidence,
                "places": _json.encode([(place.from_ms, place.until_ms) for place in one.places]).decode(),
                "sealed_reason": self._vault.seal(
                    one.reason.encode(), _context(appeal.appeal_id, f"{appeal.version}/{seq}")
                ),
            }
            for seq, one in enumerate(appeal.contested, 1)
        ]
        connection.execute(sa.insert(appeal_items), rows)

    def _appeal(self, row: Any, items: Sequence[Any]) -> Appeal:
        contested = tuple(
            Contested(
                item.item,
                self._open(item.sealed_reason, _context(row.appeal_id, f"{item.version}/{item.seq}")),
                tuple(Place(*place) for place in _places.decode(item.places)),
                item.evidence,
            )
            for item in items
        )
        return Appeal(
            **{name: getattr(row, name) for name in _PLAIN},
            contested=contested,
            verified=frozenset(_items.decode(row.verified)),
            outcome=Outcome(row.outcome),
        )

    def _step_values(self, step: Step) -> dict[str, Any]:
        context = _context(step.appeal_id, f"note/{step.number}")
        columns = ("appeal_id", "number", "at", "who", "what", "state")
        return {
            **{name: getattr(step, name) for name in columns},
            "words": _json.encode(dict(step.words)).decode(),
            "sealed_note": self._vault.seal(step.note.encode(), context) if step.note else None,
        }

    def _step(self, row: Any) -> Step:
        context = _context(row.appeal_id, f"note/{row.number}")
        note = "" if row.sealed_note is None else self._open(row.sealed_note, context)
        words: Mapping[str, str] = _words.decode(row.words)
        return Step(row.appeal_id, row.number, row.at, row.who, row.what, row.state, words, note)

    def _open(self, sealed: Any, context: bytes) -> str:
        try:
            return self._vault.open(bytes(sealed), context).decode()
        except VaultProblem as error:
            raise AppealsUnavailable(str(error)) from error


def _wanted(query: AppealQuery) -> "list[sa.ColumnElement[bool]]":
    """Return what a query asks for."""
    found: list[sa.ColumnElement[bool]] = []
    for column, values in (
        (appeals.c.agent, query.agents),
        (appeals.c.score_id, query.score_ids),
        (appeals.c.state, query.states),
    ):
        if values:
            found.append(column.in_(values))
    for column, value in (
        (appeals.c.team, query.team),
        (appeals.c.reviewer, query.reviewer),
        (appeals.c.recording_id, query.recording_id),
    ):
        if value:
            found.append(column == value)
    if query.scorer:
        found.append(sa.or_(appeals.c.rescorer == query.scorer, appeals.c.arbiter == query.scorer))
    if query.since is not None:
        found.append(appeals.c.filed_at >= query.since)
    if query.until is not None:
        found.append(appeals.c.filed_at < query.until)
    return found


def _verdict_values(moved: Moved) -> list[dict[str, Any]]:
    columns = ("item", "criterion", "first", "rescore", "arbiter", "final")
    return [
        {
            **{name: getattr(one, name) for name in columns},
            "appeal_id": moved.appeal.appeal_id,
            "seq": seq,
            "at": moved.step.at,
            "reviewer": moved.appeal.reviewer,
            "how": one.how.value,
        }
        for seq, one in enumerate(moved.verdicts, 1)
    ]


def _row(connection: Connection, which: "sa.ColumnElement[bool]") -> Any:
    return connection.execute(sa.select(appeals).where(which)).first()


def _context(appeal_id: str, what: str) -> bytes:
    return f"appeals/{appeal_id}/{what}".encode()
