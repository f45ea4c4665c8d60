"""Reads the record of calls for people: headers and timelines, nothing personal in clear."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any

import msgspec
import sqlalchemy as sa

from domain.calls import EndReason, EventKind
from domain.masking import mask
from storage.database import Database
from storage.rows import Rows
from storage.tables import call_events, calls
from storage.vault import Vault

_PAGE = 200  # calls whose events are in memory at once
_data = msgspec.json.Decoder(dict[str, str])


class CallNotFound(Exception):
    """No call, or more than one, has this id."""


@dataclass(frozen=True, slots=True)
class RecordedCall:
    """A call's header; the caller's number is masked."""

    call_id: str
    channel: str
    dialled: str
    caller: str | None
    flow_version: str
    started_at: datetime  # aware, UTC
    ended_at: datetime | None
    end_reason: EndReason | None

    @property
    def seconds(self) -> float | None:
        """How long it took, or None while it runs."""
        return None if self.ended_at is None else (self.ended_at - self.started_at).total_seconds()


@dataclass(frozen=True, slots=True)
class RecordedEvent:
    """A row of a call's record; `sealed` says that it has a secret, which is not opened."""

    call_id: str
    seq: int
    at: datetime  # aware, UTC
    kind: EventKind
    data: Mapping[str, str]
    sealed: bool


@dataclass(frozen=True, slots=True)
class CallFilter:
    """Which calls are meant: begun from `since` to before `until` (aware), and still running."""

    since: datetime | None = None
    until: datetime | None = None
    unfinished: bool = False


class CallReader:
    """Reads calls. Blocking; every method raises `storage.database.DatabaseProblem` and VaultProblem."""

    def __init__(self, database: Database, vault: Vault) -> None:
        self._database = database
        self._rows = Rows(vault)

    def newest(self, which: CallFilter, limit: int) -> list[RecordedCall]:
        """Return the newest calls, newest first."""
        query = _select(which).order_by(calls.c.started_at.desc(), calls.c.call_id.desc()).limit(limit)
        return self._calls(query)

    def find(self, beginning: str) -> RecordedCall:
        """Return the call whose id begins so. Raises CallNotFound."""
        pattern = calls.c.call_id.startswith(beginning, autoescape=True)
        found = self._calls(sa.select(calls).where(pattern).limit(2)) if beginning else []
        if not found:
            raise CallNotFound("No call has this id. Remedy: kring calls list")
        if len(found) > 1:
            raise CallNotFound("More than one call's id begins so. Remedy: give more of it.")
        return found[0]

    def events(self, call_id: str) -> list[RecordedEvent]:
        """Return a call's events in order."""
        return self._events([call_id])

    def oldest_first(self, which: CallFilter) -> Iterator[tuple[RecordedCall, list[RecordedEvent]]]:
        """Return every call with its events, oldest first, a page of calls at a time."""
        last: tuple[datetime, str] | None = None
        while True:
            query = _select(which).order_by(calls.c.started_at, calls.c.call_id).limit(_PAGE)
            if last is not None:
                started, call_id = calls.c.started_at, calls.c.call_id
                query = query.where(sa.or_(started > last[0], sa.and_(started == last[0], call_id > last[1])))
            page = self._calls(query)
            if not page:
                return
            events = self._events([call.call_id for call in page])
            by_call = {key: list(group) for key, group in groupby(events, lambda event: event.call_id)}
            for call in page:
                yield call, by_call.get(call.call_id, [])
            last = page[-1].started_at, page[-1].call_id

    def _calls(self, query: "sa.Select[Any]") -> list[RecordedCall]:
        rows = self._database.read_now(lambda connection: connection.execute(query).all())
        return [self._call(row) for row in rows]

    def _call(self, row: Any) -> RecordedCall:
        call = self._rows.call(row)
        return RecordedCall(
            call_id=call.call_id,
            channel=call.channel,
            dialled=call.dialled,
            caller=None if call.caller is None else mask(call.caller),
            flow_version=call.flow_version,
            started_at=call.started_at,
            ended_at=call.ended_at,
            end_reason=call.end_reason,
        )

    def _events(self, call_ids: Sequence[str]) -> list[RecordedEvent]:
        query = (
            sa.select(call_events)
            .where(call_events.c.call_id.in_(call_ids))
            .order_by(call_events.c.call_id, call_events.c.seq)
        )
        rows = self._database.read_now(lambda connection: connection.execute(query).all())
        return [
            RecordedEvent(
                row.call_id,
                row.seq,
                row.at,
                EventKind(row.kind),
                _data.decode(row.data),
                row.sealed_secret is not None,
            )
            for row in rows
        ]


def _select(which: CallFilter) -> "sa.Select[Any]":
    query = sa.select(calls)
    if which.since is not None:
        query = query.where(calls.c.started_at >= which.since)
    if which.until is not None:
        query = query.where(calls.c.started_at < which.until)
    if which.unfinished:
        query = query.where(calls.c.ended_at.is_(None))
    return query
