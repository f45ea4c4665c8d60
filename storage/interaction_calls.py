"""What the record of a call tells its note and script; and the ticks on its script."""

from collections.abc import Sequence
from datetime import datetime

import msgspec
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from desk.notes import CallFacts, NotesUnavailable
from desk.script import Tick, TicksUnavailable
from domain.calls import EventKind
from storage.interaction_tables import script_ticks
from storage.kept import Kept
from storage.tables import call_events

_USUAL_LANGUAGE = "id"
_data = msgspec.json.Decoder(dict[str, str])


class RecordedCallFacts(Kept):
    """A `desk.notes.CallFactsReader` over the record of calls."""

    unavailable = NotesUnavailable

    async def facts(self, call_id: str) -> CallFacts:
        """Return what is known of a call. Raises NotesUnavailable; KeyError: no such call."""
        events = call_events.c
        query = sa.select(events.kind, events.data).where(events.call_id == call_id)
        way = query.where(events.kind.in_([EventKind.CHOSE.value, EventKind.QUEUED.value]))
        heard = query.where(events.kind == EventKind.PROMPT.value).order_by(events.seq.desc()).limit(1)
        any_row = sa.select(events.seq).where(events.call_id == call_id).limit(1)

        def work(connection: Connection) -> CallFacts:
            if connection.execute(any_row).first() is None:
                raise KeyError(call_id)
            rows = connection.execute(way.order_by(events.seq)).all()
            prompt = connection.execute(heard).first()
            queues = [_data.decode(row.data)["queue"] for row in rows if row.kind == EventKind.QUEUED.value]
            menus = [_data.decode(row.data)["menu"] for row in rows if row.kind == EventKind.CHOSE.value]
            language = _USUAL_LANGUAGE if prompt is None else _data.decode(prompt.data).get("language")
            return CallFacts(queues[-1] if queues else "", menus, language or _USUAL_LANGUAGE)

        return await self._read(work)


class DurableTicks(Kept):
    """`desk.script.Ticks` on a database: append-only."""

    unavailable = TicksUnavailable

    async def add(self, call_id: str, staff_id: str, tick: Tick, at: datetime) -> None:
        """Make a tick durable. Raises TicksUnavailable."""
        insert = sa.insert(script_ticks).values(
            call_id=call_id,
            staff_id=staff_id,
            at=at,
            script=tick.script,
            step=tick.step,
            done=tick.done,
            answer=tick.answer,
        )

        def work(connection: Connection) -> None:
            connection.execute(insert)

        await self._write(work)

    async def of(self, call_id: str, staff_id: str) -> Sequence[Tick]:
        """Return an agent's ticks on a call, oldest first. Raises TicksUnavailable."""
        ticks = script_ticks.c
        query = sa.select(script_ticks).where(ticks.call_id == call_id, ticks.staff_id == staff_id)

        def work(connection: Connection) -> Sequence[Tick]:
            rows = connection.execute(query.order_by(ticks.number)).all()
            return [Tick(row.script, row.step, row.done, row.answer, row.at) for row in rows]

        return await self._read(work)
