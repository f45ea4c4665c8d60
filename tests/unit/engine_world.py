"""Everything around an engine, in memory: floor, lines, leads and orders, each with its faults."""

import asyncio
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

from acd.skills import Tier
from dialer.attempts import AttemptLimits, DialOutcome
from dialer.campaigns import Campaign, CampaignKind, CampaignState, CampaignsUnavailable, Definition, Pacing
from dialer.contacts import Contact, Person
from dialer.engine import Engine
from dialer.engine_ports import EnginePorts, Ordered
from dialer.engine_rules import EngineRules
from dialer.leads import Lead, LeadState, LeadsUnavailable
from dialer.outcomes import load_outcomes
from dialer.pacing.progressive import Progressive
from dialer.ports import Dial, LineEnd, LineLife, OutboundAgent, Team
from dialer.retry import Refusal
from domain.zones import Zone
from storage.attempts_memory import MemoryAttempts

NOON = datetime(2025, 6, 3, 5, 0, tzinfo=UTC)
LIMITS = AttemptLimits(9, 9, 9, 9, 9, 9)
ROLE = "dialer"


class VirtualClock:
    """The loop's time; the wall clock can be put wrong."""

    def __init__(self) -> None:
        self.wrong = timedelta()

    def now(self) -> datetime:
        return NOON + timedelta(seconds=self.monotonic()) + self.wrong

    def monotonic(self) -> float:
        return asyncio.get_running_loop().time()


class Floor:
    """Agents, as a test sets them."""

    def __init__(self) -> None:
        self.agents: dict[str, OutboundAgent] = {}
        self.kept: dict[str, str] = {}
        self.of_inbound: set[str] = set()  # they are in the team while they are kept for a call
        self.borrowed = 0
        self._watchers: list[Callable[[], None]] = []

    def set(self, agent: str, state: str, *, outbound: bool = False) -> None:
        now = asyncio.get_running_loop().time()
        self.agents[agent] = OutboundAgent(agent, state, now, outbound)
        self.changed()

    def leaves(self, *agents: str) -> None:
        for agent in agents:
            del self.agents[agent]
        self.changed()

    def changed(self) -> None:
        for watcher in list(self._watchers):
            watcher()

    def team(self, skill: str, tier: Tier) -> Team:
        kept = self.kept.values()
        there = (one for one in self.agents.values() if one.agent not in self.of_inbound or one.agent in kept)
        return Team(tuple(there))

    def borrow(self, skill: str, tier: Tier, wanted: int) -> int:
        self.borrowed = wanted
        return wanted

    def give_back(self, skill: str, tier: Tier) -> None:
        self.borrowed = 0

    def keep(self, agent: str, attempt_id: str, seconds: float) -> bool:
        if agent not in self.agents or self.agents[agent].state != "idle":
            return False
        self.kept[attempt_id] = agent
        self.set(agent, "ringing")
        return True

    def release(self, attempt_id: str) -> None:
        agent = self.kept.pop(attempt_id, None)
        if agent in self.agents:
            self.set(agent, "idle")

    def watch(self, callback: Callable[[], None]) -> Callable[[], None]:
        self._watchers.append(callback)
        return lambda: self._watchers.remove(callback)


class Lines:
    """Asterisk, as far as the engine sees it. Every order is kept: nothing may be sent twice."""

    def __init__(self) -> None:
        self.ready = True
        self.placed: list[Dial] = []
        self.cancelled: list[str] = []
        self.alive: dict[str, LineLife] = {}
        self.ends: dict[str, LineEnd] = {}  # of the ledger
        self.ledger: Callable[[str], LineEnd | None] = self.ends.get
        self.fails: type[Exception] | None = None
        self.takes: bool = True
        self.deaf = False  # nobody is told of ends
        self.blind = False  # nobody can look
        self.looks = 0
        self.engine: Engine | None = None

    async def place(self, dial: Dial) -> bool:
        await asyncio.sleep(0.001)
        if not self.takes:
            return False
        self.placed.append(dial)
        if self.fails is not None:
            raise self.fails
        self.alive[dial.attempt_id] = LineLife.RINGING
        return True

    def cancel(self, attempt_id: str) -> None:
        self.cancelled.append(attempt_id)
        asyncio.get_running_loop().call_later(0.01, self.end, attempt_id, 16, 0)

    async def look(self, attempt_ids: Collection[str]) -> Mapping[str, LineLife]:
        self.looks += 1
        if self.blind:
            raise OSError("blind")
        return {one: self.alive.get(one, LineLife.GONE) for one in attempt_ids}

    async def ledger_ends(self, attempt_ids: Collection[str]) -> Mapping[str, LineEnd]:
        return {one: end for one in attempt_ids if (end := self.ledger(one)) is not None}

    def answer(self, attempt_id: str) -> None:
        self.alive[attempt_id] = LineLife.UP
        assert self.engine is not None
        self.engine.answered(attempt_id)

    def end(self, attempt_id: str, cause: int = 16, sip_code: int = 0) -> None:
        life = self.alive.pop(attempt_id, None)
        if life is None:
            return
        end = LineEnd(attempt_id, cause, sip_code, life is LineLife.UP)
        self.ends[attempt_id] = end
        if not self.deaf and self.engine is not None:
            self.engine.ended(end)

    @property
    def ringing(self) -> list[str]:
        return [one for one, life in self.alive.items() if life is LineLife.RINGING]


class _Ledger:
    def __init__(self, lines: Lines) -> None:
        self._lines = lines

    async def ends(self, attempt_ids: Collection[str]) -> Mapping[str, LineEnd]:
        return await self._lines.ledger_ends(attempt_ids)


class Leads:
    """Endless leads; a `dialer.engine_leads.LeadDesk` with what a test says of its gate."""

    def __init__(self) -> None:
        self._numbers = count(1)
        self.all: dict[int, Lead] = {}
        self.most = 1_000_000
        self.refusal: Refusal | None = None
        self.put_back: list[tuple[int, str]] = []
        self.settled: list[tuple[int, DialOutcome]] = []
        self.broken = False

    def make(self, campaign_id: str, number: int | None = None) -> Lead:
        n = next(self._numbers) if number is None else number
        key = f"{n:016d}".encode()
        person = Person("3171015502900001", "Contoh", (f"6281100{n:06d}",))
        contact = Contact(n, "e" * 32, n, key, (key,), Zone.WIB, "", person)
        self.all[n] = lead = Lead(n, campaign_id, contact, LeadState.READY, NOON, 0, 0)
        return lead

    async def fetch(self, campaign: Campaign, most: int, now: datetime) -> Sequence[Lead]:
        await asyncio.sleep(0.001)
        self._check()
        room = min(most, self.most - len(self.all))
        return [self.make(campaign.campaign_id) for _ in range(max(0, room))]

    async def get(self, lead_id: int) -> Lead:
        self._check()
        return self.all[lead_id]

    async def judge(
        self, campaign: Campaign, leads: Sequence[Lead], now: datetime, *, killed: bool
    ) -> Mapping[int, Refusal | None]:
        await asyncio.sleep(0.001)
        self._check()
        return {lead.lead_id: self.refusal for lead in leads}

    def limits(self, campaign: Campaign, now: datetime) -> AttemptLimits:
        return LIMITS

    def day_began(self, lead: Lead, now: datetime) -> datetime:
        return NOON - timedelta(hours=12)

    async def put_off(self, refused: Sequence[tuple[Lead, Refusal]], now: datetime) -> None:
        self._check()
        self.put_back += [(lead.lead_id, refusal.why) for lead, refusal in refused]

    async def settle(
        self, campaign: Campaign, lead_id: int, lead: Lead | None, outcome: DialOutcome, now: datetime
    ) -> None:
        self._check()
        self.settled.append((lead_id, outcome))

    def _check(self) -> None:
        if self.broken:
            raise LeadsUnavailable("broken")


@dataclass
class Orders:
    """What people want; can be out of order, or never answer."""

    campaigns: list[Campaign] = field(default_factory=list)
    killed: bool = False
    broken: bool = False
    frozen: bool = False

    async def read(self) -> Ordered:
        await asyncio.sleep(0.001)
        while self.frozen:
            await asyncio.sleep(0.05)
        if self.broken:
            raise CampaignsUnavailable("broken")
        return Ordered(self.killed, tuple(self.campaigns))

    async def get(self, campaign_id: str) -> Campaign:
        found = {one.campaign_id: one for one in self.campaigns}
        return found[campaign_id]


@dataclass
class Counts:
    """What the engine counts."""

    dials: int = 0
    answers: int = 0
    ends: list[DialOutcome | None] = field(default_factory=list)
    refusals: list[str] = field(default_factory=list)
    failures: int = 0

    def dialled(self) -> None:
        self.dials += 1

    def answered(self) -> None:
        self.answers += 1

    def ended(self, outcome: DialOutcome | None) -> None:
        self.ends.append(outcome)

    def refused(self, why: str) -> None:
        self.refusals.append(why)

    def failed(self) -> None:
        self.failures += 1


def campaign(name: str = "c1", **changes: Any) -> Campaign:
    definition = Definition("Contoh", CampaignKind.NON_FILER, "non_filer", "outbound_agent")
    state = changes.pop("state", CampaignState.RUNNING)
    definition = replace(definition, pacing=changes.pop("pacing", Pacing.PROGRESSIVE), **changes)
    return Campaign(name, definition, 1, state, (), "staff", NOON, NOON)


class World:
    """One engine and everything around it. `async with World() as world`: it runs."""

    def __init__(self, *campaigns: Campaign, holder: str = "process-1", most_lines: int = 30) -> None:
        self.clock, self.floor, self.lines, self.leads = VirtualClock(), Floor(), Lines(), Leads()
        self.orders, self.counts = Orders(list(campaigns or (campaign(),))), Counts()
        self.outcomes = load_outcomes()
        self.attempts = MemoryAttempts(self.outcomes)
        self.room = True
        self.ids = count(1)
        self.engine = self.new_engine(holder, most_lines)

    def new_engine(self, holder: str, most_lines: int = 30) -> Engine:
        """Another engine over the same records, as after a restart."""
        self.rules = EngineRules(
            lambda _: Progressive(), self.outcomes, most_lines, lambda: f"{next(self.ids):032x}"
        )
        ports = EnginePorts(
            attempts=self.attempts,
            role=self.attempts,
            leads=self.leads,  # type: ignore[arg-type]
            campaigns=self.orders,  # type: ignore[arg-type]
            orders=self.orders,
            floor=self.floor,
            lines=self.lines,
            ledger=_Ledger(self.lines),
            room=lambda: self.room,
            clock=self.clock,
            observer=self.counts,
            sleep=asyncio.sleep,
        )
        return Engine(ports, self.rules, ROLE, holder)

    async def __aenter__(self) -> "World":
        self.lines.engine = self.engine
        self.engine.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.engine.stop()

    def agents(self, *names: str) -> None:
        for name in names:
            self.floor.set(name, "idle")

    async def rings(self, many: int) -> list[str]:
        """Wait until so many ring, and no more come; return their attempts."""
        await self.until(lambda: len(self.lines.ringing) >= many)
        await asyncio.sleep(1.0)
        assert len(self.lines.ringing) == many, self.engine.look()
        return self.lines.ringing

    async def until(self, true: Callable[[], bool], within: float = 20.0) -> float:
        """Wait until it is true; return how long that took (virtual seconds)."""
        began = asyncio.get_running_loop().time()
        while not true():
            assert asyncio.get_running_loop().time() - began < within, self.engine.look()
            await asyncio.sleep(0.01)
        return asyncio.get_running_loop().time() - began
