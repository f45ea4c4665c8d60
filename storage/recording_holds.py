"""Holds on recordings: who asked for each, why, who lifted it. Append-only, and in the manifest too."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from domain.clock import Clock
from recording.manifest import Act, Entry
from recording.ports import RecordingsUnavailable
from recording.recordings import Recording
from recording.states import State
from storage.database import Database
from storage.kept import Kept
from storage.recording_manifest import DurableManifest
from storage.recording_tables import recording_holds, recordings
from storage.recordings import move_in, recording_of

_H = recording_holds.c
_REASON, _BY = 64, 64  # characters
HOLD, RELEASE = "hold", "release"
_OVER = frozenset({State.DESTROYED, State.LOST})  # nothing is left that could be kept


@dataclass(frozen=True, slots=True)
class HoldStep:
    """A hold, or its end."""

    at: datetime
    by: str  # staff_id, or "system"
    act: str  # hold, release
    reason: str


class DurableHolds(Kept):
    """A `recording.ports.Holds` on a database."""

    unavailable = RecordingsUnavailable

    def __init__(self, database: Database, manifest: DurableManifest, clock: Clock) -> None:
        super().__init__(database)
        self._manifest = manifest
        self._clock = clock

    async def hold(self, recording_id: str, reason: str, by: str) -> None:
        """Hold a recording for a reason, once per reason. Idempotent; what is gone cannot be held.

        Raises RecordingsUnavailable; KeyError: no such recording; ValueError: reason or name is empty or
        too long.
        """
        _check(reason, by)

        def work(connection: Connection) -> None:
            recording = locked(connection, recording_id)
            if recording.state in _OVER or reason in held_for(connection, recording_id):
                return
            self._step(connection, recording_id, HOLD, reason, by)
            if recording.state is State.SEALED:
                move_in(connection, recording_id, "hold", self._clock.now())

        await self._manifest.write(work)

    async def release(self, recording_id: str, reason: str, by: str) -> None:
        """Lift the hold of a reason. Idempotent. Raises as `hold` does."""
        _check(reason, by)

        def work(connection: Connection) -> None:
            locked(connection, recording_id)
            held = held_for(connection, recording_id)
            if reason not in held:
                return
            self._step(connection, recording_id, RELEASE, reason, by)
            if held == {reason}:
                move_in(connection, recording_id, "release", self._clock.now())

        await self._manifest.write(work)

    async def settle(self) -> int:
        """Give what was held before it was sealed its state; return how many those were.

        Raises RecordingsUnavailable.
        """
        open_ones = _open_holds()
        sealed = recordings.c.state == State.SEALED.value
        query = sa.select(recordings.c.recording_id).where(
            sealed, recordings.c.recording_id.in_(sa.select(open_ones.c.recording_id))
        )

        def work(connection: Connection) -> int:
            found = connection.execute(query).scalars().all()
            for recording_id in found:
                if held_for(connection, recording_id):
                    move_in(connection, recording_id, "hold", self._clock.now())
            return len(found)

        return await self._manifest.write(work)

    async def reasons(self, recording_id: str) -> frozenset[str]:
        """Return what a recording is held for. Raises RecordingsUnavailable."""
        return await self._read(lambda connection: held_for(connection, recording_id))

    async def trail(self, recording_id: str) -> Sequence[HoldStep]:
        """Return every hold and release, oldest first. Raises RecordingsUnavailable."""
        query = sa.select(recording_holds).where(_H.recording_id == recording_id).order_by(_H.seq)
        rows: Sequence[Any] = await self._read(lambda connection: connection.execute(query).all())
        return [HoldStep(row.at, row.done_by, row.act, row.reason) for row in rows]

    def _step(self, connection: Connection, recording_id: str, act: str, reason: str, by: str) -> None:
        at = self._clock.now()
        last = sa.select(sa.func.coalesce(sa.func.max(_H.seq), 0)).where(_H.recording_id == recording_id)
        values = {
            "recording_id": recording_id,
            "seq": connection.execute(last).scalar_one() + 1,
            "at": at,
            "done_by": by,
            "act": act,
            "reason": reason,
        }
        connection.execute(sa.insert(recording_holds).values(values))
        word = Act.HELD if act == HOLD else Act.RELEASED
        self._manifest.append(connection, Entry(recording_id, word, at, detail=reason))


def locked(connection: Connection, recording_id: str) -> Recording:
    """Return a recording whose row nobody else changes until the transaction ends. Raises KeyError."""
    query = sa.select(recordings).where(recordings.c.recording_id == recording_id).with_for_update()
    row = connection.execute(query).mappings().first()
    if row is None:
        raise KeyError(recording_id)
    return recording_of(row)


def held_for(connection: Connection, recording_id: str) -> frozenset[str]:
    """Return the reasons for which a recording is held now."""
    steps = sa.select(_H.act, _H.reason).where(_H.recording_id == recording_id).order_by(_H.seq)
    held: set[str] = set()
    for act, reason in connection.execute(steps):
        (held.add if act == HOLD else held.discard)(reason)
    return frozenset(held)


def _open_holds() -> sa.Subquery:
    """Recordings with more holds than releases: each reason is held and released in turn."""
    balance = sa.func.sum(sa.case((_H.act == HOLD, 1), else_=-1))
    return sa.select(_H.recording_id).group_by(_H.recording_id).having(balance > 0).subquery()


def _check(reason: str, by: str) -> None:
    for name, value, most in (("reason", reason, _REASON), ("name", by, _BY)):
        if not 0 < len(value.strip()) <= most:
            raise ValueError(f"a hold's {name} has from 1 to {most} characters")
