"""Agents and callers of a day: what each does with a telephone, and what became of every call."""

import asyncio
import contextlib
import random
from collections import deque
from collections.abc import Coroutine
from dataclasses import dataclass, replace
from typing import Any

from bench.swarm import CallFailed, Leg, LegState, Swarm, now
from bench.swarm_day import Colleague, Day, Visit
from bench.swarm_sip import Credentials, Dialog
from bench.swarm_tones import Tones

EXPIRES = 60  # seconds of a registration; renewed at half of it
_FIRST_WORD = 3.0  # seconds within which both hear each other after an agent's answer
CALLER_TONES = 400
_SLACK = 8.0  # seconds on top of a talk before a call counts as stuck


@dataclass(slots=True)
class Contact:
    """One call as its caller lived it. Times are those of `bench.swarm.now`; 0: it did not happen."""

    visit: Visit
    waits_since: float = 0.0  # the key that leads to the queue
    served_at: float = 0.0  # the agent's tone is heard
    agent: int = -1  # the agent's place
    heard: bool = False  # the agent heard the caller too
    ended_at: float = 0.0
    gap: float = 0.0  # the longest pause in the agent's tone
    how: str = "comes"  # then: waits, talks; at last one of served, impatient, lost
    why: str = ""  # it was lost

    @property
    def wait(self) -> float:
        """Return how long the caller waited, or has."""
        return (self.served_at or self.ended_at or now()) - self.waits_since


@dataclass(frozen=True, slots=True)
class Offer:
    """One ring of an agent's phone."""

    agent: int
    at: float  # arrival of the INVITE
    free_since: float  # the agent's last call was over; 0: it is the first
    call: int = -1  # whose it was, once they spoke


class Crowd:
    """Who calls now, by tone: how an agent's phone knows whose voice it hears."""

    def __init__(self, agents: int) -> None:
        self._contacts: dict[int, Contact] = {}
        self._free = deque(range(agents, agents + CALLER_TONES))  # the longest unused first

    def enter(self, contact: Contact) -> int:
        """Return the tone of a caller from now on. Raises IndexError when everybody has one."""
        tone = self._free.popleft()
        self._contacts[tone] = contact
        return tone

    def leave(self, tone: int) -> None:
        """Give a tone back."""
        del self._contacts[tone]
        self._free.append(tone)

    def whose(self, tone: int | None) -> Contact | None:
        """Return whose tone it is."""
        return None if tone is None else self._contacts.get(tone)


class AgentPhone:
    """An agent's telephone: it rings, is answered after a while, and talks as long as the call is to last."""

    def __init__(
        self, swarm: Swarm, tones: Tones, colleague: Colleague, who: Credentials, crowd: Crowd
    ) -> None:
        self.colleague, self.who = colleague, who
        self.offers: list[Offer] = []
        self.busy_offers = 0  # rings while busy: never allowed
        self.unheard: list[str] = []  # answered calls that did not become a talk though their caller stayed
        self.gaps: list[float] = []  # the longest pause in each caller's tone, in seconds
        self.talked = 0.0  # seconds
        self.leg: Leg | None = None  # the last one
        self.answers = True  # False: let it ring
        self._swarm, self._tones, self._crowd = swarm, tones, crowd
        self._delays = random.Random(colleague.place)
        self._tasks: set[asyncio.Task[None]] = set()
        self._registration: Dialog | None = None

    async def plug_in(self) -> None:
        """Register, and stay registered. Raises NotRegistered."""
        self._registration = await self._swarm.register(self.who, EXPIRES)
        self._swarm.phones[self.who.user] = self._ring
        self._start(self._renew())

    async def plug_out(self) -> None:
        """Hang up and take the registration back."""
        for task in list(self._tasks):
            task.cancel()
        if self.leg is not None:
            await self._swarm.hang_up(self.leg)
        self._swarm.phones.pop(self.who.user, None)
        await self._swarm.register(self.who, 0, self._registration)

    async def dial(self, code: str, within: float = 5.0) -> None:
        """Dial a code and hang up once it was said what came of it. Raises CallFailed."""
        leg = await self._swarm.call(code, self.who.user, self.who, within)
        leg.line.speaks = self._tones.frames[self.colleague.place]
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(leg.ended.wait(), within)
        await self._swarm.hang_up(leg)

    def _start(self, work: Coroutine[None, None, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _renew(self) -> None:
        while True:
            await asyncio.sleep(EXPIRES / 2 * self._delays.uniform(0.7, 1.0))
            self._registration = await self._swarm.register(self.who, EXPIRES, self._registration)

    def _ring(self, leg: Leg) -> None:
        if self.leg is not None and self.leg.state is not LegState.ENDED:
            self.busy_offers += 1
            self._swarm.refuse(leg)
            return
        free_since = 0.0 if self.leg is None else self.leg.ended_at
        self.leg = leg
        self.offers.append(Offer(self.colleague.place, leg.offered_at, free_since))
        self._start(self._serve(leg))

    async def _serve(self, leg: Leg) -> None:
        offer = len(self.offers) - 1
        if self.answers:
            await asyncio.sleep(self._delays.uniform(0.05, 0.15))  # 3 to 9 seconds of a real day
            self._swarm.answer(leg)
        if leg.state is LegState.ANSWERED:
            await self._talk(leg, offer)

    async def _talk(self, leg: Leg, offer: int) -> None:
        leg.line.speaks = self._tones.frames[self.colleague.place]
        tone = await first_tone(leg, _FIRST_WORD)
        contact = self._crowd.whose(tone)
        if contact is None or tone is None:
            if leg.state is LegState.ANSWERED:
                self.unheard.append(f"agent {self.colleague.place}: no caller heard in {_FIRST_WORD:g} s")
                await self._swarm.hang_up(leg)
            return
        contact.heard = True
        self.offers[offer] = replace(self.offers[offer], call=contact.visit.place)
        lasts = contact.visit.talk + (0 if contact.visit.agent_ends else _SLACK)
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(leg.ended.wait(), lasts)
        await self._swarm.hang_up(leg)
        self.talked += leg.ended_at - leg.answered_at
        self.gaps.append(leg.line.heard[tone].gap)


async def first_tone(leg: Leg, within: float) -> int | None:
    """Return whose tone a leg hears first; None when the call ends or `within` seconds pass before."""
    if leg.line.heard:
        return next(iter(leg.line.heard))
    heard: asyncio.Future[int] = asyncio.get_running_loop().create_future()
    leg.line.on_tone = lambda tone: None if heard.done() else heard.set_result(tone)
    ended = asyncio.ensure_future(leg.ended.wait())
    try:
        waits: set[asyncio.Future[Any]] = {heard, ended}
        await asyncio.wait(waits, timeout=within, return_when=asyncio.FIRST_COMPLETED)
        return heard.result() if heard.done() else None
    finally:
        ended.cancel()
        leg.line.on_tone = None


class Callers:
    """Everybody who calls: dials, presses the key, waits as long as patience lasts, talks, hangs up."""

    def __init__(self, swarm: Swarm, tones: Tones, number: str, crowd: Crowd, listens: float) -> None:
        """`listens`: seconds of what is said before the menu."""
        self.contacts: list[Contact] = []
        self._swarm, self._tones, self._number, self._crowd = swarm, tones, number, crowd
        self._thinks = listens + 0.2

    async def call(self, visit: Visit) -> Contact:
        """Make one call from its beginning to its end; return what became of it."""
        contact = Contact(visit)
        self.contacts.append(contact)
        try:
            leg = await self._swarm.call(self._number, f"0812555{visit.place % 100_000:05d}")
        except CallFailed as failure:
            contact.how, contact.why = "lost", str(failure)
            return contact
        tone = self._crowd.enter(contact)
        try:
            await self._go_through(contact, leg, self._tones.frames[tone])
        finally:
            await self._swarm.hang_up(leg)
            contact.ended_at = leg.ended_at
            self._crowd.leave(tone)
        return contact

    async def _go_through(self, contact: Contact, leg: Leg, voice: bytes) -> None:
        await asyncio.sleep(self._thinks)
        contact.waits_since = await leg.line.press(contact.visit.line.key)
        contact.how = "waits"
        tone = await first_tone(leg, contact.visit.patience)
        if tone is None:
            contact.how = "lost" if leg.state is LegState.ENDED else "impatient"
            contact.why = "hung up on while waiting" if contact.how == "lost" else ""
            return
        contact.served_at, contact.agent, contact.how = now(), tone, "talks"
        leg.line.speaks = voice
        lasts = contact.visit.talk + (_SLACK if contact.visit.agent_ends else 0)
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(leg.ended.wait(), lasts)
        contact.gap = leg.line.heard[tone].gap
        ended = leg.state is LegState.ENDED
        early = ended and now() - contact.served_at < 0.8 * contact.visit.talk - 0.5
        if early:
            contact.why = "hung up on in the talk"
        elif ended is not contact.visit.agent_ends:
            contact.why = "hung up on by the agent" if ended else "not hung up on though the agent did"
        contact.how = "lost" if contact.why else "served"


async def live(day: Day, callers: Callers) -> None:
    """Let a day's callers come at their times; return when the last is gone."""
    began = asyncio.get_running_loop().time()
    async with asyncio.TaskGroup() as group:
        for visit in day.visits:
            await asyncio.sleep(max(0.0, began + visit.at - asyncio.get_running_loop().time()))
            group.create_task(callers.call(visit))
