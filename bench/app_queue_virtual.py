"""A recorded day on a virtual clock, through the real matcher or through a model of app_queue.

Callers and agents do what those of `bench.swarm_people` do, without telephones: so a day takes a tenth of
a second, and what is the rules' doing can be told from what is chance.
"""

from __future__ import annotations

import math
import random
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from heapq import heappop, heappush

from acd.commands import Command, Offer
from acd.idle import IdleShares
from acd.matcher import Matcher
from acd.pools import Stand
from acd.skills import Ability, Gate, Language, Skillbook, Tier
from bench import swarm_people
from bench.swarm_columns import Columns, columns
from bench.swarm_day import WIDER_AFTER, Colleague, Day, widening
from bench.swarm_people import Contact

_MORNING = 1_000.0  # the clock's first second: 0 means that something did not happen
_HEARD = 0.04  # from an agent's answer to the tone at the caller's; with it both arms' waits are as measured
_ANSWERS = (0.05, 0.15)  # as AgentPhone
_STRAYS = 0.01  # seconds by which a call comes later than it is written: as telephones do
_ENDS = {True: 0.03, False: 0.005}  # from the end of a talk to a free agent, by whether the agent ends it


@dataclass(slots=True)
class DeskPhone:
    """What became of one agent's telephone."""

    colleague: Colleague
    offers: list[swarm_people.Offer] = field(default_factory=list)
    busy_offers: int = 0
    talked: float = 0.0  # seconds
    free_since: float = 0.0
    busy: bool = False


class Hall(ABC):
    """A day's callers and agents; who distributes the calls is a subclass. Agents go by their places."""

    def __init__(self, day: Day, seed: int) -> None:
        """The same seed gives the same day: it draws how fast agents answer."""
        self.day, self.now = day, _MORNING
        self.contacts = [Contact(visit) for visit in day.visits]
        self.phones = [DeskPhone(colleague) for colleague in day.staff]
        self.chance = random.Random(seed)
        self._events: list[tuple[float, int, Callable[[], None]]] = []
        self._serial = 0

    def run(self) -> Columns:
        """Let the day pass; return its columns."""
        for contact in self.contacts:
            late = self.chance.uniform(0.0, _STRAYS)
            self.at(_MORNING + contact.visit.at + late, partial(self._comes, contact))
        while self._events:
            self.now, _, happens = heappop(self._events)
            happens()
        return columns(self.day, self.contacts, self.phones)

    def at(self, when: float, happens: Callable[[], None]) -> None:
        """Let something happen at a moment."""
        self._serial += 1
        heappush(self._events, (when, self._serial, happens))

    def ring(self, contact: Contact, agent: int, delay: float) -> None:
        """Ring an agent's phone for a call, `delay` seconds from now."""
        phone = self.phones[agent]
        phone.busy_offers += phone.busy
        phone.busy = True
        when = self.now + delay
        contact.agent, contact.how = agent, "rings"
        offer = swarm_people.Offer(agent, when, phone.free_since)
        answered = when + self.chance.uniform(*_ANSWERS)
        self.at(answered, partial(self._answers, contact, phone, offer))

    @abstractmethod
    def enters(self, contact: Contact) -> None:
        """A call comes."""

    @abstractmethod
    def leaves(self, contact: Contact, agent: int) -> None:
        """A caller gave up; `agent`'s phone rang for them (-1: nobody's) and is quiet again."""

    @abstractmethod
    def answers(self, contact: Contact) -> None:
        """An agent answered a call that rang."""

    @abstractmethod
    def frees(self, agent: int) -> None:
        """A talk is over."""

    def _comes(self, contact: Contact) -> None:
        contact.waits_since, contact.how = self.now, "waits"
        self.at(self.now + contact.visit.patience, partial(self._gives_up, contact))
        self.enters(contact)

    def _gives_up(self, contact: Contact) -> None:
        if contact.how not in ("waits", "rings"):
            return
        agent = contact.agent if contact.how == "rings" else -1
        contact.how, contact.ended_at, contact.agent = "impatient", self.now, -1
        if agent >= 0:
            self.phones[agent].busy = False
        self.leaves(contact, agent)

    def _answers(self, contact: Contact, phone: DeskPhone, offer: swarm_people.Offer) -> None:
        if contact.how != "rings" or contact.agent != offer.agent:
            return  # the caller gave up meanwhile
        contact.how = "talks"
        phone.offers.append(swarm_people.Offer(offer.agent, offer.at, offer.free_since, contact.visit.place))
        self.answers(contact)
        contact.served_at = self.now + _HEARD
        ends = contact.served_at + contact.visit.talk + _ENDS[contact.visit.agent_ends]
        self.at(ends, partial(self._ends, contact, phone, self.now))

    def _ends(self, contact: Contact, phone: DeskPhone, since: float) -> None:
        contact.how, contact.heard, contact.ended_at = "served", True, self.now
        phone.talked += self.now - since
        phone.busy, phone.free_since = False, self.now
        self.frees(phone.colleague.place)


class OurHall(Hall):
    """Distributed by the product's matcher, in the order of its idle shares."""

    INVITE = 0.0025  # seconds from a free agent to the INVITE, as measured

    def __init__(self, day: Day, seed: int, book: Skillbook) -> None:
        """`book`: the day's tables (`bench.swarm_floor.write_tables`)."""
        super().__init__(day, seed)
        self._matcher, self._shares = Matcher(book), IdleShares()
        self._offers: dict[int, int] = {}  # call → number
        self._wakes = math.inf
        for colleague in day.staff:
            self._matcher.define_agent(_name(colleague.place), _ability(colleague), self.now)
            self._shares.on_duty(_name(colleague.place), self.now)
        for colleague in day.staff:
            self.frees(colleague.place)

    def enters(self, contact: Contact) -> None:
        """Let it wait."""
        visit = contact.visit
        self._obey(self._matcher.enter(str(visit.place), visit.line.queue, "id", self.now, self.now))

    def leaves(self, contact: Contact, agent: int) -> None:
        """Take it out; the agent whose phone rang is free again."""
        self._obey(self._matcher.leave(str(contact.visit.place), self.now))
        if agent >= 0 and self._matcher.desks[_name(agent)].stand is Stand.FREE:
            self._shares.free(_name(agent), self.now)

    def answers(self, contact: Contact) -> None:
        """Claim the offer and join."""
        number = self._offers[contact.visit.place]
        mine, _ = self._matcher.claim(number, self.now)
        joined, _ = self._matcher.connected(number, self.now)
        if not (mine and joined):
            raise RuntimeError(f"call {contact.visit.place} was answered without an offer")

    def frees(self, agent: int) -> None:
        """Give the agent the next call, or let them rest."""
        order = self._shares.free(_name(agent), self.now)
        self._obey(self._matcher.free(_name(agent), self.now, order))

    def _obey(self, commands: Sequence[Command]) -> None:
        for command in commands:
            if isinstance(command, Offer):
                self._shares.taken(command.agent, self.now)
                self._offers[int(command.call)] = command.number
                self.ring(self.contacts[int(command.call)], int(command.agent), self.INVITE)
        due = self._matcher.wake_at
        if due < self._wakes:
            self._wakes = due
            self.at(max(due, self.now), self._tick)

    def _tick(self) -> None:
        self._wakes = math.inf
        self._obey(self._matcher.tick(self.now))


class PeerHall(Hall):
    """A model of app_queue as `bench.app_queue_conf` sets it up.

    Each call looks once a second, from its entry on, and only if fewer calls of its queue wait before it
    than members are free, of any penalty. It takes the least penalty, then who has been free longest in
    whole seconds. Its greatest penalty grows once it has waited for more whole seconds than the rule says.
    """

    INVITE = 0.002

    def __init__(self, day: Day, seed: int) -> None:
        super().__init__(day, seed)
        self._queues: dict[str, list[Contact]] = {line.queue: [] for line in day.lines}
        self._members = {line.queue: _members(day, line.queue) for line in day.lines}
        for members in self._members.values():
            self.chance.shuffle(members)  # its own order is that of a hash
        self._last = [0] * len(day.staff)  # whole second of the last call's end
        self._fraction = self.chance.random()  # where the day begins between two seconds of the clock

    def enters(self, contact: Contact) -> None:
        """Let it wait, and look for the first time."""
        self._queues[contact.visit.line.queue].append(contact)
        self._look(contact)

    def leaves(self, contact: Contact, agent: int) -> None:
        """Take it out; nobody is told that the agent is free again."""
        self._queues[contact.visit.line.queue].remove(contact)

    def answers(self, contact: Contact) -> None:
        """Take it out of the queue."""
        self._queues[contact.visit.line.queue].remove(contact)

    def frees(self, agent: int) -> None:
        """Note the second; the next call that looks finds the agent."""
        self._last[agent] = self._second(self.now)

    def _look(self, contact: Contact) -> None:
        if contact.how != "waits":
            return
        free = [
            member for member in self._members[contact.visit.line.queue] if not self.phones[member[1]].busy
        ]
        if self._has_its_turn(contact, len(free)):
            waited = self._second(self.now) - self._second(contact.waits_since)
            most = sum(waited > after - 1 for after in WIDER_AFTER)
            admitted = [member for member in free if member[0] <= most]
            if admitted:
                _, agent = min(admitted, key=lambda member: (member[0], self._last[member[1]]))
                self.ring(contact, agent, self.INVITE)
                return
        self.at(self.now + 1.0 + self.chance.uniform(0.0005, 0.004), partial(self._look, contact))

    def _has_its_turn(self, contact: Contact, free: int) -> bool:
        queue = self._queues[contact.visit.line.queue]
        before = queue[: queue.index(contact)]
        return sum(other.how == "waits" for other in before) < free

    def _second(self, when: float) -> int:
        return math.floor(when + self._fraction)


def _members(day: Day, queue: str) -> list[tuple[int, int]]:
    """Return the penalty and the place of each agent of a queue."""
    line = next(line for line in day.lines if line.queue == queue)
    return [
        (widening(line.tier).index(colleague.skills[line.skill]) + 1, colleague.place)
        for colleague in day.staff
        if line.skill in colleague.skills
    ]


def _name(place: int) -> str:
    return f"{place:04d}"


def _ability(colleague: Colleague) -> Ability:
    return Ability(
        frozenset(
            Gate(skill, Tier(tier), 1, language)
            for skill, tier in colleague.skills.items()
            for language in Language
        )
    )
