"""A studio: an installation with two agents at SIP phones, and what is recorded of their talks."""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from acd.requests import Ready, Request, SignIn, SignOut
from recording.plain import PlainFolder
from recording.recordings import RATE, SIDES, Mark, MarkKind, Recording
from recording.states import State
from recording.wav import look, samples
from service.floor_client import FloorClient, Row
from service.phone.calls import PhoneCall
from service.phone.client import Telephone
from service.phone.handset import Login
from service.phone.station import AgentPhone
from service.recording_capture_work import NEW_VOICE
from storage.database import Database
from storage.recordings import DurableRecordings
from tests.sip.installation import Installation

FIRST, SECOND = "70000011", "70000012"  # made-up staff numbers
CALLER_HERTZ, FIRST_HERTZ, SECOND_HERTZ = 700, 1100, 1500
TABLES = {
    "agents": (
        f"agent,on_air_name,team,languages\n{FIRST},Melati,kup_1,id en\n{SECOND},Kenanga,kup_1,id en\n"
    ),
    "competences": f"agent,skill,tier,level,expires\n{FIRST},general,A,3,\n{SECOND},general,A,1,\n",
    "rules": (
        "rule,value,about,assumed\nring_seconds,15,How long an agent's phone rings for an offer,yes\n"
        "wrap_up_seconds,0,The time for the note after a talk (ACW),yes\n"
    ),
}
Sound = NDArray[np.int16]
PAUSE_MS = 5000  # on a busy machine


@dataclass
class Take:
    """What was recorded of one call."""

    recording: Recording
    marks: Sequence[Mark]
    caller: Sound
    agent: Sound

    def those(self, kind: MarkKind) -> list[Mark]:
        return [mark for mark in self.marks if mark.kind is kind]

    def part(self, side: Sound, mark: Mark, margin_ms: int = 400) -> Sound:
        """Return a side's samples under a mark, without its edges."""
        until = len(side) * 1000 // RATE if mark.until_ms is None else mark.until_ms
        found = side[(mark.from_ms + margin_ms) * RATE // 1000 : (until - margin_ms) * RATE // 1000]
        assert len(found) >= RATE // 5, f"{mark} is too short to be judged"
        return found


def share(sound: Sound, hertz: float) -> float:
    """Return the share of the energy at a tone, 0 for silence."""
    spectrum = np.abs(np.fft.rfft(sound.astype(float) * np.hanning(len(sound)))) ** 2
    whole = spectrum.sum()
    if whole < 1.0:
        return 0.0
    at = np.fft.rfftfreq(len(sound), 1 / RATE)
    return float(spectrum[np.abs(at - hertz) < 30].sum() / whole)


class Studio:
    """An installation with two agents, and what is recorded in it."""

    def __init__(self, installation: Installation, logins: dict[str, Login], folder: Path) -> None:
        self.installation, self.logins, self.folder = installation, logins, folder
        self.plain = PlainFolder(installation.home / "asterisk" / "spool" / "recording")

    def asks(self, request: Request) -> None:
        FloorClient(self.installation.settings).request(request)

    async def until(self, agent: str, within: float = 30.0, **wanted: str) -> None:
        """Wait for an agent's state."""
        seen: Row = {}
        for _ in range(round(within / 0.1)):
            rows = await asyncio.to_thread(FloorClient(self.installation.settings).rows, "agents")
            seen = next(row for row in rows if row["agent"] == agent)
            if wanted.items() <= seen.items():
                return
            await asyncio.sleep(0.1)
        raise AssertionError(f"wanted {wanted}, the floor shows {seen}")

    @asynccontextmanager
    async def at_work(self, *agents: str) -> AsyncIterator[list[AgentPhone]]:
        """Sign agents in, ready, each at a phone."""
        async with AsyncExitStack() as stack:
            phones = []
            for agent in agents:
                phones.append(await stack.enter_async_context(AgentPhone(self.logins[agent])))
                await self.until(agent, observed="idle")
                await asyncio.to_thread(self.asks, SignIn(agent))
                await asyncio.to_thread(self.asks, Ready(agent))
                stack.callback(self.asks, SignOut(agent))
            yield phones

    def rows(self) -> list[Recording]:
        """Return what is on record, oldest first."""

        async def read() -> list[Recording]:
            database = Database.open(self.installation.settings.database)
            try:
                return list(await DurableRecordings(database).in_state(*State))
            finally:
                database.close()

        return asyncio.run(read())

    async def recording(
        self, known: int, fits: Callable[[Recording], bool], within: float = 30.0
    ) -> Recording:
        """Wait for a recording beyond those known before; keep its files from being deleted."""
        row: Recording | None = None
        for _ in range(round(within / 0.1)):
            rows = await asyncio.to_thread(self.rows)
            if len(rows) > known:
                row = rows[-1]
                if fits(row):
                    self._keep(row.recording_id)
                    return row
            await asyncio.sleep(0.1)
        raise AssertionError(f"not within {within:g} s: {row}")

    def _keep(self, recording_id: str) -> None:
        for side in SIDES:
            path = self.plain.path(recording_id, side)
            if path.exists() and not (self.folder / path.name).exists():
                os.link(path, self.folder / path.name)

    def take(self, recording: Recording) -> Take:
        """Read what was recorded."""

        async def read() -> Sequence[Mark]:
            database = Database.open(self.installation.settings.database)
            try:
                return await DurableRecordings(database).marks(recording.recording_id)
            finally:
                database.close()

        sides = []
        for side in SIDES:
            found = look(self.folder / f"{recording.recording_id}-{side}.wav")
            sides.append(samples(found, 0, found.frames))
        return Take(recording, asyncio.run(read()), *sides)


@contextmanager
def opened(tables: dict[str, str], agents: Sequence[str]) -> Iterator[Studio]:
    """Start an installation with these tables and a phone's account for each agent."""
    running = Installation()
    try:
        running.start()
        running.staff(tables, agents[0])
        logins = {}
        for agent in agents:
            made = json.loads(running.kring("agent", "account", "create", agent, "--json"))
            logins[agent] = Login(running.sip, made["account"], made["secret"])
        kept = running.home / "kept"
        kept.mkdir()
        yield Studio(running, logins, kept)
    finally:
        running.stop()


async def answered(studio: Studio, outside: Telephone, phone: AgentPhone) -> tuple[PhoneCall, PhoneCall]:
    """A caller asks for a person and is joined with the agent; both speak in tones."""
    caller = await outside.call("1500200")
    await caller.press("0")
    agent = await phone.rings(within=30)
    agent.answer()
    caller.speaks(CALLER_HERTZ)
    agent.speaks(FIRST_HERTZ)
    await agent.hears_tone(CALLER_HERTZ, within=30)
    return caller, agent


def assert_paused(take: Take, gap: Mark) -> None:
    """A pause is short, marked from the change on, and its silence lies under the mark."""
    assert gap.detail == NEW_VOICE
    assert gap.until_ms is not None
    assert 100 <= gap.until_ms - gap.from_ms < PAUSE_MS
    for side in (take.caller, take.agent):
        under = side[gap.from_ms * RATE // 1000 : (gap.until_ms + 100) * RATE // 1000]
        loud = np.flatnonzero(np.concatenate(([1], under, [1])))
        quiet = (np.diff(loud).max() - 1) * 1000 // RATE
        assert quiet >= 50, f"something is recorded under {gap} of {take.marks}"


def started(row: Recording) -> bool:
    return row.state is not State.PLANNED


def stopped(row: Recording) -> bool:
    return row.state not in (State.PLANNED, State.STARTED)
