"""A house in which days go by at a word: complaints and cases are taken, worked on, and told by telephone.

    python -m tests.sip.complaint_house FILE serve --keep

runs `kring` as many seconds ahead as stand in the file, so that a callback that is due in hours or days is
due at once. The clock goes forward only, as in `tests.sip.ahead`.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

from dialer import engine
from domain.clock import SystemClock
from service import matter_side
from service.phone.calls import PhoneCall
from service.phone.client import Telephone
from service.phone.sounds import SoundLibrary
from service.phone.station import AgentPhone
from tests.sip.agent import Agent
from tests.sip.ahead import Ahead
from tests.sip.office import Clerk, demo_passwords, login_of
from tests.sip.people import People

# Of the example tables: who takes calls, and who works for outbound only.
INTAKE, CALLER_BACK = "1002", "1005"
LEADER, CHIEF = "ketua", "supervisor"
ROUND = 0.5  # seconds between two rounds of callbacks, in the place of 10
BELIEVED = 0.5  # seconds after which the dialer believes a clock that jumped, in the place of 30
WITHIN = 40.0  # seconds, on however busy a machine
MINUTE = timedelta(minutes=1)
A_WHILE = 15 * MINUTE  # after the time on the trail: a call that is put off by minutes is not told
ATTEMPTS = 5  # of the table: one, and four further ones after no answer
SWITCHED_OFF = 480  # SIP: temporarily unavailable


class Days(Ahead):
    """An installation that begins on a working morning, and whose clock is moved on."""

    def __init__(self, trunk: str) -> None:
        super().__init__(trunk)
        self._told = self.home / "ahead"
        self.program = (sys.executable, "-m", "tests.sip.complaint_house", str(self._told))
        self._tell()

    def goes_on_until(self, at: datetime) -> None:
        """Move the clock to a time to come; one that is over already leaves it alone."""
        self.ahead += max(at - self.now(), timedelta())
        self._tell()

    def _tell(self) -> None:
        new = self._told.with_suffix(".new")
        new.write_text(str(self.ahead.total_seconds()), encoding="ascii")
        new.replace(self._told)


@dataclass
class House:
    """The installation, the people outside, and who works here."""

    installation: Days
    people: People
    does: dict[str, int]  # number → what it answers with, from now on
    outside: Telephone
    intake: Agent
    caller_back: Agent
    passwords: dict[str, str]
    leader: Clerk | None = None  # with a session of now

    @asynccontextmanager
    async def at_the_page(self, who: str) -> AsyncIterator[Clerk]:
        """Sign somebody in, for a while: no session outlasts hours in which nothing is done."""
        clerk = await Clerk.signs_in(self.installation, who, self.passwords[who])
        try:
            yield clerk
        finally:
            await clerk.leaves()

    async def goes_on_until(self, at: datetime) -> None:
        """Let time go by until then, if it is to come."""
        self.installation.goes_on_until(at)
        await self.leader_leaves()  # hours in which nothing was done end a session

    async def until(self, matter: str, known: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        """Wait until a complaint or case is so, as its page shows it to the team leader."""
        if self.leader is None:
            self.leader = await Clerk.signs_in(self.installation, LEADER, self.passwords[LEADER])
        deadline = time.monotonic() + WITHIN
        while not known(found := await self.leader.gets(f"/api/matters/{matter}")):
            assert time.monotonic() < deadline, json.dumps([found["trail"], found["promises"]])
            await asyncio.sleep(0.2)
        return dict(found)

    async def leader_leaves(self) -> None:
        """Close the team leader's browser."""
        leader, self.leader = self.leader, None
        if leader is not None:
            await leader.leaves()

    async def call_to(
        self, number: str, count: int, meanwhile: Callable[[], Awaitable[None]] | None = None
    ) -> PhoneCall:
        """Wait for somebody's first, second … call from us, doing something meanwhile."""
        deadline = time.monotonic() + WITHIN
        while len(found := [call for call in self.people.calls if call.number == number]) < count:
            assert time.monotonic() < deadline, f"{len(found)} calls to {number}"
            await asyncio.sleep(0.2)
            if meanwhile is not None:
                await meanwhile()
        assert len(found) == count, f"{len(found)} calls to {number}"
        return found[-1]

    async def nobody_answers(self, of: dict[str, str], attempt: int = 1) -> None:
        """The time comes, the dialer calls in vain; what came of it, and when it calls again, is told.

        `of`: matter → number.
        """
        now = [await self.until(one, lambda at: is_with_the_dialer(at, attempt)) for one in of]
        await self.goes_on_until(max(due_at(one) for one in now) + A_WHILE)
        for before, (matter, number) in zip(now, of.items(), strict=True):
            call = await self.call_to(number, attempt, partial(self.when_it_is_due, matter, attempt))
            await call.until_ended(WITHIN)
            at = await self.until(matter, lambda at: in_vain(at) == attempt)
            if attempt < ATTEMPTS:
                assert due_at(at) > self.installation.now()
                assert at["matter"]["state"] == before["matter"]["state"]
                assert promise_of(at)["matter"]["state"] == "open"
                assert "Tidak diangkat" in promise_of(at)["trail"][-1]["detail"]

    async def when_it_is_due(self, matter: str, attempt: int) -> None:
        """Let the time come that the dialer has in mind: a cap on attempts may have put it off."""
        at = await self.until(matter, lambda at: True)
        if is_with_the_dialer(at, attempt):
            await self.goes_on_until(due_at(at) + A_WHILE)


def promise_of(matter: dict[str, Any]) -> dict[str, Any]:
    """Return the promise to tell the outcome, with its trail."""
    (promise,) = [one for one in matter["promises"] if one["matter"]["kind"] == "promise"]
    return dict(promise)


def is_with_the_dialer(matter: dict[str, Any], attempt: int) -> bool:
    """Whether the dialer has the promise, with everything before this attempt on the trail."""
    return promise_of(matter)["matter"]["dialer"] is True and in_vain(matter) == attempt - 1


def due_at(matter: dict[str, Any]) -> datetime:
    """Return when the promise is due."""
    return datetime.fromisoformat(promise_of(matter)["matter"]["due_at"])


def in_vain(matter: dict[str, Any]) -> int:
    """Return how many calls in vain are on the trail."""
    return sum(row["what"] in ("tried", "give_up") for row in promise_of(matter)["trail"])


@asynccontextmanager
async def opened(does: dict[str, int], library: SoundLibrary) -> AsyncIterator[House]:
    """Start the house; `does`: number outside → what it answers with."""
    async with People(does, library) as people:
        installation = Days(people.address)
        await asyncio.to_thread(installation.start)
        try:
            passwords = await asyncio.to_thread(demo_passwords, installation, CALLER_BACK, WITHIN)
            logins = await asyncio.gather(
                *(asyncio.to_thread(login_of, installation, agent) for agent in (INTAKE, CALLER_BACK))
            )
            async with (
                AgentPhone(logins[0]) as one,
                AgentPhone(logins[1]) as other,
                Telephone(installation.sip, library) as outside,
            ):
                house = House(installation, people, does, outside, Agent(one), Agent(other), passwords)
                yield house
                await house.leader_leaves()
        finally:
            await asyncio.to_thread(installation.stop)


def main() -> None:
    """Run `kring` as far ahead as the file says, now and later."""
    told = Path(sys.argv.pop(1))

    def now(self: SystemClock) -> datetime:
        return datetime.now(UTC) + timedelta(seconds=float(told.read_text(encoding="ascii")))

    setattr(SystemClock, "now", now)  # noqa: B010 - a method, which may not be assigned otherwise
    matter_side.CALLBACKS_EVERY = ROUND
    engine.STEADY = BELIEVED  # the dialer stands still after the clock has jumped
    from service.cli import main as kring

    kring()


if __name__ == "__main__":
    main()
