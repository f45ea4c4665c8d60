"""Calls that are over, recorded and sealed by the product's own code, in the whole application."""

import time
from collections.abc import Sequence
from datetime import datetime, timedelta

import numpy as np
import sqlalchemy as sa

from domain.floor_log import Phase
from domain.ids import new_id
from recording.recordings import RATE, Mark, MarkKind, Mode, Recording
from recording.sealing import Sealing, SealingGround
from recording.states import State
from recording.wav import Samples
from service.recording_rounds import Rounds
from service.recording_sealing_side import make_store
from service.secrets import make_recording_keys
from storage.sealing import DurableSeals, Keeping
from storage.tables import floor_legs
from tests.sealing_world import voice, write_wav
from tests.web.page_parts import OWN
from tests.web.whole_pages import TEAMS, WholePages

_CALLER, _AGENT = 210.0, 130.0  # Hz of their voices
_TURN = 3.1  # seconds that one of them speaks


class RecordedCalls:
    """Puts calls on record as they are once the sealing worker and the index have done their work."""

    def __init__(self, world: WholePages) -> None:
        self._world, side = world, world.recording
        settings, database = world.prepared.settings, world.database
        make_recording_keys(settings, database)
        make_store(settings, database)
        side.sealing.plain.root.mkdir(mode=0o700, parents=True, exist_ok=True)
        ground = SealingGround(
            side.book, DurableSeals(side.keeping.keeping.manifest), side.sealing.store, side.sealing.keys,
            side.sealing.plain, side.alarms, Keeping(database, side.keeping.keeping.table), world.clock,
        )  # fmt: skip
        self._rounds = Rounds(Sealing(ground), ground, lambda told: None)
        self._legs = 0

    async def stopped(
        self,
        agent: str = OWN,
        *,
        ago: timedelta = timedelta(hours=20),
        seconds: float = 8.0,
        marks: Sequence[Mark] = (),
        call_id: str = "",
        queue: str = "efin",
    ) -> Recording:
        """Record a call of an agent; it is over, and nothing is sealed yet."""
        side, at, length = self._world.recording, self._world.clock.now() - ago, round(seconds * 1000)
        one = Recording(
            new_id(), call_id or new_id(), 1, "leg", "in", queue, "", agent, "id", Mode.ALWAYS,
            State.PLANNED, at,
        )  # fmt: skip
        # Asterisk's files are as old as the call is by the clock of the application.
        age = time.time() - at.timestamp()
        for name, sound in zip(("caller", "agent"), _voices(seconds), strict=True):
            write_wav(side.sealing.plain.path(one.recording_id, name), sound, age=age)
        await side.book.plan(one)
        await side.book.move(one.recording_id, "start", at)
        await side.book.mark(one.recording_id, [Mark(MarkKind.TALK, 0, length, agent), *marks])
        await side.book.move(
            one.recording_id, "stop", at + timedelta(seconds=seconds), {"expected_ms": length}
        )
        await self._answered(one.call_id, agent, at, seconds, marks)
        return one

    async def seal(self) -> int:
        """Seal what is over; return how many were."""
        return await self._rounds.go()

    async def index(self) -> None:
        """Let the index of facts catch up."""
        await self._world.quality.review.feed_now()

    async def _answered(
        self, call_id: str, agent: str, at: datetime, seconds: float, marks: Sequence[Mark]
    ) -> None:
        """Put the phases of the agent's leg on record. Numbers below those that the floor gives."""
        held = [
            (one.until_ms - one.from_ms) / 1000 for one in marks if one.kind is MarkKind.HOLD and one.until_ms
        ]
        phases = [(Phase.TALK, seconds - sum(held)), *((Phase.HOLD, one) for one in held)]
        leg = new_id()
        rows = [
            {
                "n": -self._legs - seq, "leg": leg, "seq": seq, "at": at, "call_id": call_id, "agent": agent,
                "phase": phase.value, "seconds": length, "outcome": "ended", "estimated": False,
            }
            for seq, (phase, length) in enumerate(phases, 1)
        ]  # fmt: skip
        self._legs += len(rows)
        assert agent in TEAMS
        await self._world.database.write(lambda connection: connection.execute(sa.insert(floor_legs), rows))


def _voices(seconds: float) -> tuple[Samples, Samples]:
    """Return both sides of a talk in which they speak in turn."""
    first = (np.arange(round(seconds * RATE)) / RATE // _TURN) % 2 == 0
    caller = np.where(first, 0, voice(seconds, _CALLER, 1)).astype("<i2")
    agent = np.where(first, voice(seconds, _AGENT, 2), 0).astype("<i2")
    return caller, agent
