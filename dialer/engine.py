"""The engine: one path for every dial, from the leased lead to the end on record.

Decides by `dialer.engine_rules` and `dialer.engine_decisions`, does what they say against the ports, and is
itself what Asterisk and the floor tell (`dialer.ports.OutboundEar`). All on one event loop.
"""

import asyncio
import logging
from collections import deque
from collections.abc import Awaitable, Callable, Collection, Coroutine
from typing import Any

from dialer.attempts import AttemptsUnavailable, DialOutcome, NotAllowed
from dialer.campaigns import CampaignsUnavailable
from dialer.engine_decisions import Decisions
from dialer.engine_dial import Dialling
from dialer.engine_lines import (
    ACTIVE,
    Bar,
    Borrow,
    Cancel,
    Command,
    Fetch,
    KeepAnswer,
    KeepEnd,
    KeepJoined,
    LookUp,
    Place,
    Stage,
)
from dialer.engine_look_up import LookingUp
from dialer.engine_ports import CampaignLook, EngineLook, EnginePorts, Ordered
from dialer.engine_rules import EngineRules
from dialer.leads import LeadsUnavailable
from dialer.ports import LineEnd
from dialer.reasons import WhyNot

log = logging.getLogger(__name__)

TICK = 0.25  # seconds between two looks at clock, disk and lines
ORDERS_EVERY = 0.25  # seconds between two readings of what people want
ORDERS_WITHIN = 0.6  # seconds for one; longer, and the database counts as gone
ROLE_EVERY = 2.0  # seconds between two renewals of the role
ROLE_LASTS = 10.0  # seconds; another engine may take it when it was not renewed for so long
ROLE_SURE = 7.0  # seconds after the last renewal for which the role is ours without doubt
JUMP = 1.5  # seconds by which the clock may differ from the monotonic one between two ticks
STEADY = 30.0  # seconds without a jump, after which the clock is believed again
BETWEEN_DECISIONS = 0.01  # seconds; what happens in between shares one
AGAIN = 0.5  # seconds until what could not be written or looked up is tried again
UNWRITTEN = (AttemptsUnavailable, LeadsUnavailable, CampaignsUnavailable)


class Engine:
    """Dials for one Asterisk. `start`, then tell it everything an `OutboundEar` is told."""

    def __init__(self, ports: EnginePorts, rules: EngineRules, role: str, holder: str) -> None:
        """`role`: the engine's name, the same after a restart. `holder`: this process."""
        self._ports, self._rules, self._role, self._holder = ports, rules, role, holder
        self._decisions = Decisions(rules)
        self._dialling = Dialling(ports, rules, role, holder, self)
        self._looking = LookingUp(ports, rules, role, self)
        self._tasks: set[asyncio.Task[None]] = set()
        self._loops: list[asyncio.Task[None]] = []
        self._writes: dict[str, deque[Callable[[], Awaitable[object]]]] = {}
        self._deciding = self._stopped = False
        self._decided = -BETWEEN_DECISIONS  # when it last decided
        self._due: asyncio.Handle | None = None  # the next decision
        self._ordered = False  # what people want is known
        self._control = False  # Asterisk can be commanded
        self._renewed: float | None = None  # when the role was last renewed
        self._offset: float | None = None  # wall clock minus monotonic
        self._steady_since = 0.0
        self._unwatch: Callable[[], None] = lambda: None

    @property
    def name(self) -> str:
        """Under which it leases leads and puts attempts on record."""
        return self._role

    def start(self) -> None:
        """Begin. It dials once it holds the role, is told `back`, and has looked up what was left over."""
        self._unwatch = self._ports.floor.watch(self.soon)
        self._control = self._ports.lines.ready
        for loop in (self._keep_role, self._read_orders, self._tick):
            self._loops.append(asyncio.get_running_loop().create_task(loop()))

    async def stop(self, within: float = 3.0) -> None:
        """Dial no more, cancel what rings, put the ends on record, give the role up."""
        self._unwatch()
        self._control = False
        self._update()
        self._stopped = True
        if self._due is not None:
            self._due.cancel()
        clock = self._ports.clock
        deadline = clock.monotonic() + within
        rings = {Stage.PREPARING, Stage.RINGING}
        while clock.monotonic() < deadline and (
            self._writes or any(line.stage in rings for line in self._rules.lines.values())
        ):
            await self._ports.sleep(0.02)
        for task in [*self._loops, *self._tasks]:
            task.cancel()
        await asyncio.gather(*self._loops, *self._tasks, return_exceptions=True)
        try:
            await self._ports.role.give_up(self._role, self._holder)
        except AttemptsUnavailable:
            log.warning("the role could not be given up; it expires")

    async def dial_for(self, agent: str, lead_id: int) -> str:
        """Dial a lead that is leased under this engine's name, for one agent; return the attempt's id.

        Raises NotAllowed with a WhyNot; a lead that the gate refused was given back.
        """
        now = self._ports.clock.monotonic()
        try:
            lead = await self._ports.leads.get(lead_id)
        except KeyError:
            raise NotAllowed(WhyNot.LEASE_LOST) from None
        desk = self._rules.desks.get(lead.campaign_id)
        if desk is None:
            raise NotAllowed(self._rules.why_not() or WhyNot.CAMPAIGN_NOT_RUNNING)
        team = self._ports.floor.team(*desk.group)
        place = self._decisions.asked(lead.campaign_id, lead, agent, team, now)
        if isinstance(place, WhyNot):
            self._ports.observer.refused(place)
            raise NotAllowed(place)
        return await self._dialling.for_agent(place)

    def look(self) -> EngineLook:
        """Return the engine as it stands."""
        rules = self._rules
        campaigns = []
        for campaign_id, desk in rules.desks.items():
            stages = [line.stage for line in rules.lines.values() if line.campaign_id == campaign_id]
            campaigns.append(
                CampaignLook(
                    campaign_id,
                    preparing=stages.count(Stage.PREPARING),
                    ringing=stages.count(Stage.RINGING),
                    waiting=stages.count(Stage.WAITING),
                    joined=stages.count(Stage.JOINED),
                    leads=len(desk.leads),
                    refused=tuple(sorted(desk.refused.items())),
                    pacing=desk.pacer.explain(),
                )
            )
        return EngineLook(
            rules.state,
            rules.why_not(),
            tuple(sorted(bar.value for bar in rules.bars)),
            self._holds_role(),
            sum(line.stage in ACTIVE for line in rules.lines.values()),
            tuple(campaigns),
        )

    # ---- dialer.ports.OutboundEar

    def rings(self, attempt_id: str) -> None:
        """The far end rings."""
        self.do(self._rules.rings(attempt_id, self._now()))

    def answered(self, attempt_id: str, amd: str = "") -> None:
        """The far end answered."""
        self.do(self._rules.answered(attempt_id, amd, self._now()))

    def joined(self, attempt_id: str, agent: str) -> None:
        """An agent was joined with it."""
        self.do(self._rules.joined(attempt_id, agent, self._now()))

    def over(self, attempt_id: str, how: DialOutcome) -> None:
        """Its flow came to an end."""
        self.do(self._rules.over(attempt_id, how, self._now()))

    def ended(self, end: LineEnd) -> None:
        """The channel is gone."""
        self.do(self._rules.ended(end, self._now()))

    def lost(self) -> None:
        """Asterisk cannot be commanded."""
        self._control = False
        self._update()

    def back(self) -> None:
        """It can again."""
        self._control = True
        self._update()

    # ---- Doing

    def soon(self) -> None:
        """Decide anew, once for everything that happens in this turn of the loop."""
        if not self._deciding and not self._stopped:
            self._deciding = True
            loop = asyncio.get_running_loop()
            pause = self._decided + BETWEEN_DECISIONS - self._now()
            self._due = loop.call_later(pause, self._decide) if pause > 0 else loop.call_soon(self._decide)

    def do(self, commands: Collection[Command]) -> None:
        """Do what the rules say, then decide anew."""
        for command in commands:
            self._do(command)
        self.soon()

    def spawn(self, work: Coroutine[Any, Any, None]) -> None:
        """Let work go on by itself; an internal error is told and the engine goes on."""
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._over)

    def write(self, attempt_id: str, work: Callable[[], Awaitable[object]]) -> None:
        """Put something of an attempt on record, after what came before it, until it is there."""
        queue = self._writes.setdefault(attempt_id, deque())
        queue.append(work)
        if len(queue) == 1:
            self.spawn(self._write_all(attempt_id, queue))

    def _decide(self) -> None:
        self._deciding, self._decided = False, self._now()
        if self._stopped:
            return
        floor = self._ports.floor
        teams = {group: floor.team(*group) for group in self._decisions.groups()}
        commands = self._decisions.decide(self._now(), teams)
        for command in commands:
            self._do(command)

    def _do(self, command: Command) -> None:
        ports = self._ports
        match command:
            case Place():
                self.spawn(self._dialling.all(command))
            case Fetch():
                self.spawn(self._fetch(command))
            case Cancel():
                ports.lines.cancel(command.attempt_id)
            case LookUp():
                self.spawn(self._looking.look_up(command.only))
            case Borrow(group, wanted):
                _ = ports.floor.borrow(*group, wanted) if wanted else ports.floor.give_back(*group)  # type: ignore[func-returns-value]
            case KeepAnswer(attempt_id, amd):
                ports.observer.answered()
                at = ports.clock.now()
                self.write(attempt_id, lambda: ports.attempts.answered(attempt_id, at, amd))
            case KeepJoined(attempt_id, agent):
                joined_at = ports.clock.now()
                self.write(attempt_id, lambda: ports.attempts.joined(attempt_id, agent, joined_at))
            case KeepEnd():
                self._keep_end(command)

    def _keep_end(self, end: KeepEnd) -> None:
        ports, at = self._ports, self._ports.clock.now()
        ports.floor.release(end.attempt_id)

        async def hear() -> None:
            nonlocal end
            end = await self._looking.last_word(end)
            ports.observer.ended(end.outcome)

        async def keep() -> None:
            if end.outcome is None:
                await ports.attempts.flagged(end.attempt_id, at)
            else:
                await ports.attempts.ended(
                    end.attempt_id, end.outcome, at, sip_code=end.sip_code, cause=end.cause
                )

        async def settle() -> None:
            desk = self._rules.desks.get(end.campaign_id)
            campaign = desk.campaign if desk else await ports.campaigns.get(end.campaign_id)
            outcome = end.outcome or DialOutcome.LOST
            await ports.leads.settle(campaign, end.lead_id, end.lead, outcome, at)

        for work in (hear, keep, settle):
            self.write(end.attempt_id, work)

    async def _write_all(self, attempt_id: str, queue: deque[Callable[[], Awaitable[object]]]) -> None:
        while queue:
            try:
                await queue[0]()
            except UNWRITTEN:
                await self._ports.sleep(AGAIN)
                continue
            except KeyError:
                log.warning("a campaign is gone; its lead is let go", extra={"attempt": attempt_id})
            except Exception:  # what comes behind it must be written all the same
                self._ports.observer.failed()
                log.exception("something of an attempt was not put on record")
            queue.popleft()
        self._writes.pop(attempt_id, None)

    async def _fetch(self, fetch: Fetch) -> None:
        ports, desk = self._ports, self._rules.desks.get(fetch.campaign_id)
        try:
            now = ports.clock.now()
            leads = await ports.leads.fetch(desk.campaign, fetch.most, now) if desk else ()
        except LeadsUnavailable:
            leads = ()
        self.do(self._rules.leased(fetch.campaign_id, leads, self._now()))

    def _over(self, task: "asyncio.Task[None]") -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            self._ports.observer.failed()
            log.error("an internal error of the engine", exc_info=error)

    # ---- What may bar it

    async def _tick(self) -> None:
        while True:
            now = self._now()
            self._mind_the_clock(now)
            self.do(self._rules.watch(now))
            self._bar(Bar.DISK, not self._ports.room())
            self._update()
            self.soon()
            await self._ports.sleep(TICK)

    def _mind_the_clock(self, now: float) -> None:
        offset = self._ports.clock.now().timestamp() - now
        if self._offset is not None and abs(offset - self._offset) > JUMP:
            self._steady_since = now
            self._bar(Bar.CLOCK, barred=True)
        elif Bar.CLOCK in self._rules.bars and now - self._steady_since > STEADY:
            self._bar(Bar.CLOCK, barred=False)
        self._offset = offset

    async def _read_orders(self) -> None:
        reading: asyncio.Task[Ordered] | None = None
        try:
            while True:
                reading = reading or asyncio.get_running_loop().create_task(self._ports.orders.read())
                waiting = asyncio.ensure_future(self._ports.sleep(ORDERS_WITHIN))
                await asyncio.wait({reading, waiting}, return_when=asyncio.FIRST_COMPLETED)
                waiting.cancel()
                if not reading.done():
                    self._bar(Bar.DATABASE, barred=True)
                    continue
                ordered, reading = reading, None
                self._follow(ordered)
                await self._ports.sleep(ORDERS_EVERY)
        finally:
            if reading is not None:
                reading.cancel()

    def _follow(self, reading: "asyncio.Task[Ordered]") -> None:
        error = reading.exception()
        if error is not None:
            if not isinstance(error, CampaignsUnavailable):
                self._ports.observer.failed()
                log.error("what people ordered could not be read", exc_info=error)
            self._bar(Bar.DATABASE, barred=True)
            return
        ordered, self._ordered = reading.result(), True
        self.do(self._rules.ordered(ordered.campaigns, self._now()))
        self._bar(Bar.KILL_SWITCH, ordered.killed)
        self._bar(Bar.DATABASE, barred=False)
        self._update()

    def _bar(self, why: Bar, barred: bool) -> None:
        if barred is not (why in self._rules.bars):
            log.warning("dialling is %s: %s", "barred" if barred else "not barred any more", why.value)
            self.do((self._rules.bar if barred else self._rules.clear)(why, self._now()))

    async def _keep_role(self) -> None:
        while True:
            now = self._now()
            try:
                if await self._ports.role.take(self._role, self._holder, ROLE_LASTS):
                    self._renewed = now
                elif self._renewed is not None:
                    log.error("another engine has taken the role; this one dials no more")
                    self._renewed = None
            except AttemptsUnavailable:
                log.warning("the role could not be renewed")
            self._update()
            await self._ports.sleep(ROLE_EVERY)

    def _holds_role(self) -> bool:
        return self._renewed is not None and self._now() - self._renewed < ROLE_SURE

    def _update(self) -> None:
        can = self._control and self._ports.lines.ready and self._holds_role()
        can = can and self._ordered and not self._stopped
        if can and self._rules.state == "starting":
            self.do(self._rules.back(self._now()))
        elif not can and self._rules.state != "starting":
            self.do(self._rules.lost(self._now()))

    def _now(self) -> float:
        return self._ports.clock.monotonic()
