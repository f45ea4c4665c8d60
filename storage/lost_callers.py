"""Whom to call back after a breakdown, as the record of calls tells it."""

from collections.abc import Sequence
from datetime import datetime
from itertools import groupby
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from domain.callbacks import CallbacksUnavailable, LostCaller
from domain.calls import Call, EndReason, EventKind
from domain.waiting_room import TalkEnd
from storage.database import Database
from storage.kept import Kept
from storage.rows import Rows
from storage.tables import call_events, calls
from storage.vault import Vault

_ROOM = frozenset({EventKind.QUEUED.value, EventKind.DEQUEUED.value, EventKind.TALK_OVER.value})
_READ = (*sorted(_ROOM), EventKind.PROMPT.value)
_USUAL_LANGUAGE = "id"
_ANSWERED = "answered"  # how a call left the room for an agent
_data = msgspec.json.Decoder(dict[str, str])


class RecordedLostCallers(Kept):
    """A `domain.callbacks.LostCallers` from the record of calls."""

    unavailable = CallbacksUnavailable

    def __init__(self, database: Database, vault: Vault) -> None:
        super().__init__(database)
        self._rows = Rows(vault)

    async def lost_callers(self, since: datetime) -> Sequence[LostCaller]:
        """Return callers who waited or talked and whose calls ended as lost from `since` on."""
        return await self._read(lambda connection: self._lost(connection, since))

    def _lost(self, connection: Connection, since: datetime) -> list[LostCaller]:
        lost, answered = _read(connection, since)
        found = [caller for call, events in lost if (caller := _lost(self._rows.call(call), events))]
        # When each number last reached an agent, in a call that was not lost itself.
        served: dict[str, datetime] = {}
        for call in map(self._rows.call, answered):
            if call.caller is not None:
                served[call.caller] = max(call.started_at, served.get(call.caller, call.started_at))
        first: dict[str, LostCaller] = {}
        for caller in sorted(found, key=lambda one: (one.since, one.call_id)):
            if caller.number not in served or served[caller.number] < caller.lost_at:
                first.setdefault(caller.number, caller)
        return list(first.values())


def _read(connection: Connection, since: datetime) -> tuple[list[tuple[Any, list[Any]]], Sequence[Any]]:
    """Return the lost calls with their ways in and out of the room, and later calls that were answered."""
    is_lost = sa.and_(calls.c.end_reason == EndReason.LOST.value, calls.c.ended_at >= since)
    headers = connection.execute(sa.select(calls).where(is_lost)).all()
    in_and_out = (
        sa.select(call_events)
        .join(calls, calls.c.call_id == call_events.c.call_id)
        .where(is_lost, call_events.c.kind.in_(_READ))
        .order_by(call_events.c.call_id, call_events.c.seq)
    )
    rows = connection.execute(in_and_out).all()
    events = {call_id: list(group) for call_id, group in groupby(rows, lambda row: row.call_id)}
    left = (
        sa.select(call_events.c.call_id)
        .where(
            call_events.c.call_id == calls.c.call_id,
            call_events.c.kind == EventKind.DEQUEUED.value,
            call_events.c.data.contains(f'"{_ANSWERED}"'),
        )
        .exists()
    )
    again = sa.and_(
        calls.c.started_at >= since, calls.c.end_reason.is_distinct_from(EndReason.LOST.value), left
    )
    answered = connection.execute(sa.select(calls).where(again)).all()
    return [(header, events[header.call_id]) for header in headers if header.call_id in events], answered


def _lost(call: Call, events: Sequence[Any]) -> LostCaller | None:
    """Return whom to call back, unless the call was past the room when it was lost."""
    entries = [event for event in events if event.kind == EventKind.QUEUED.value]
    if call.caller is None or call.ended_at is None or not entries:
        return None
    last = [event for event in events if event.kind in _ROOM][-1]
    how = _data.decode(last.data).get("how", "")
    answered = last.kind == EventKind.DEQUEUED.value and how == _ANSWERED
    comes_back = last.kind == EventKind.TALK_OVER.value and how != TalkEnd.ENDED
    if not (last.kind == EventKind.QUEUED.value or answered or comes_back):
        return None
    queue = _data.decode(entries[-1].data).get("queue", "")
    prompts = [_data.decode(event.data) for event in events if event.kind == EventKind.PROMPT.value]
    language = prompts[-1].get("language", _USUAL_LANGUAGE) if prompts else _USUAL_LANGUAGE
    return LostCaller(call.call_id, call.caller, queue, language, entries[0].at, call.ended_at, answered)
