"""Calls' stories out of the record: one visit to the database, every row found by index."""

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from desk.card import Booked, CallRecord, CallStory, LiveCalls, StoryUnavailable, story_of, with_live
from desk.placed import NonePlaced, PlacedCalls, is_placed, with_placed
from domain.calls import EventKind
from storage.database import Database
from storage.floor_rows import entry_of, leg_of
from storage.kept import Kept
from storage.rows import Rows
from storage.tables import call_events, callbacks, calls, floor_entries, floor_legs
from storage.vault import Vault

# Keys, timers and playbacks tell nothing here; keys are the most of the sealed values.
_KINDS = [
    kind.value
    for kind in (
        EventKind.STEP,
        EventKind.PROMPT,
        EventKind.CHOSE,
        EventKind.COLLECTED,
        EventKind.ASKED,
        EventKind.LOOKED_UP,
        EventKind.QUEUED,
    )
]


class DurableStories(Kept):
    """A `desk.card.CallStories` on a database, brought up to date by the calls that are inside."""

    unavailable = StoryUnavailable

    def __init__(
        self, database: Database, vault: Vault, live: LiveCalls, placed: PlacedCalls | None = None
    ) -> None:
        """`placed`: knows whom calls of ours were placed to; None: nobody is called."""
        super().__init__(database)
        self._rows = Rows(vault)
        self._live = live
        self._placed = placed or NonePlaced()

    async def story(self, call_id: str) -> CallStory:
        """Return a call's story. Raises StoryUnavailable; KeyError: no such call."""
        record = await self._read(lambda connection: self._record(connection, call_id))
        story = None if record is None else story_of(record)
        live = self._live.live(call_id)
        if live is not None:
            story = with_live(story, live)
        if story is None:
            raise KeyError(call_id)
        if not is_placed(story):
            return story
        to = await self._placed.placed_to(call_id)
        return story if to is None else with_placed(story, to)

    def _record(self, connection: Connection, call_id: str) -> CallRecord | None:
        # The caller's own number stays sealed: the card does not need it.
        header = sa.select(calls.c.dialled, calls.c.started_at).where(calls.c.call_id == call_id)
        call = connection.execute(header).first()
        if call is None:
            return None
        events = sa.select(call_events).where(
            call_events.c.call_id == call_id, call_events.c.kind.in_(_KINDS)
        )
        entries = sa.select(floor_entries).where(floor_entries.c.call_id == call_id)
        legs = sa.select(floor_legs).where(floor_legs.c.call_id == call_id)
        return CallRecord(
            call_id,
            call.dialled,
            call.started_at,
            [self._rows.event(row) for row in connection.execute(events.order_by(call_events.c.seq))],
            [entry_of(row) for row in connection.execute(entries.order_by(floor_entries.c.n))],
            [leg_of(row) for row in connection.execute(legs.order_by(floor_legs.c.n))],
            _booked(connection, call_id),
        )


def _booked(connection: Connection, call_id: str) -> Booked | None:
    columns = (callbacks.c.booked_at, callbacks.c.attempts, callbacks.c.outcome, callbacks.c.closed_at)
    row = connection.execute(sa.select(*columns).where(callbacks.c.call_id == call_id)).first()
    if row is None:
        return None
    return Booked(row.booked_at, row.attempts, row.outcome or "", row.closed_at is not None)
