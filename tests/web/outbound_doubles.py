"""An agent's outbound work over doubles: one campaign, one lead, what was dialled, skipped and said."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from desk.access import Handling
from dialer.campaigns import Campaign, CampaignState
from dialer.desk_rules import load_desk_rules
from dialer.disposed import NO_DISPOSITION, SYSTEM, Disposed
from dialer.disposition_desk import Consequences, Wish
from dialer.kinds import load_kinds
from domain.audit import AuditRow
from domain.clock import SystemClock
from tests.unit.outbound_world import DEFINITION, LEAD, TEN, disposition_desk
from tests.web.floor_double import agent_view
from tests.web.page_parts import CALL, OWN, PageParts, page_app
from web.outbound_port import (
    Called,
    DialNews,
    DialStep,
    DueCallback,
    OutboundPort,
    OutboundUnavailable,
    PastAttempt,
    Preview,
    Refusal,
    WorkRefused,
)
from web.outbound_routes import add_outbound_routes
from web.parts import Shared

CAMPAIGN = Campaign(LEAD.campaign_id, DEFINITION, 1, CampaignState.RUNNING, ("e" * 32,), "m" * 32, TEN, TEN)
CALLED = Called(CALL, CALL, CAMPAIGN, LEAD, 0, "483920", (PastAttempt(TEN, "busy", ""),))
RULES = disposition_desk()


class OfficeClock(SystemClock):
    """A Wednesday, 10.00 WIB, and so many minutes."""

    minutes = 0.0

    def now(self) -> datetime:
        return TEN + timedelta(minutes=self.minutes)


@dataclass
class DeskDouble:
    """A `web.outbound_port.OutboundDesk` in memory."""

    running: list[Campaign] = field(default_factory=lambda: [CAMPAIGN])
    leads: int = 1  # that may still be kept
    down: bool = False
    refuses: str = ""
    held: Preview | None = None
    news: DialNews | None = None
    due: list[DueCallback] = field(default_factory=list)
    calls: dict[str, Called] = field(default_factory=lambda: {CALL: CALLED})
    given: dict[str, list[Disposed]] = field(default_factory=dict)
    done: list[Consequences] = field(default_factory=list)
    dialled: list[int] = field(default_factory=list)
    skipped: list[tuple[int, str]] = field(default_factory=list)
    ears: list[Callable[[str], None]] = field(default_factory=list)
    clock: OfficeClock = field(default_factory=OfficeClock)

    def _check(self) -> None:
        if self.down:
            raise OutboundUnavailable("away")
        if self.refuses:
            raise WorkRefused(self.refuses)

    async def campaigns_of(self, agent: str) -> Sequence[Campaign]:
        self._check()
        return self.running

    async def campaigns(self) -> Sequence[Campaign]:
        return self.running

    async def callbacks_of(self, agent: str) -> Sequence[DueCallback]:
        return self.due

    def kept(self, agent: str) -> Preview | None:
        return self.held

    async def next_lead(self, agent: str) -> Preview | None:
        self._check()
        if self.held is None and self.leads:
            self.leads -= 1
            self.held = Preview(CAMPAIGN, LEAD, TEN + timedelta(minutes=10), CALLED.past)
        return self.held

    def reveal(self, agent: str, lead_id: int) -> Preview:
        if self.held is None or self.held.lead.lead_id != lead_id:
            raise WorkRefused(Refusal.NOT_YOURS)
        self.held = replace(self.held, revealed=True)
        return self.held

    async def dial(self, agent: str, lead_id: int) -> None:
        self._check()
        self.dialled.append(lead_id)
        self.news = DialNews(CALL, lead_id, DialStep.DIALLING, self.clock.now())

    async def skip(self, agent: str, by: str, lead_id: int, reason: str) -> None:
        self._check()
        self.skipped.append((lead_id, reason))
        self.held = None

    def dialling(self, agent: str) -> DialNews | None:
        return self.news

    async def contact(self, call_id: str) -> Called | None:
        self._check()
        return self.calls.get(call_id)

    async def dispositions(self, call_id: str) -> Sequence[Disposed]:
        self._check()
        return self.given.get(call_id, [])

    async def dispose(self, called: Called, agent: str, by: str, wish: Wish) -> Consequences:
        earlier = self.given.setdefault(called.call_id, [])
        found = RULES.give(called.talked(agent, by), wish, earlier, self.clock.now())
        earlier.append(found.row)
        self.done.append(found)
        return found

    async def undisposed(self, agents: Sequence[str] | None, since: datetime) -> Sequence[Disposed]:
        rows = [rows[-1] for rows in self.given.values() if rows]
        return [
            row
            for row in rows
            if row.code == NO_DISPOSITION and row.at >= since and (agents is None or row.agent in agents)
        ]

    def on_news(self, ear: Callable[[str], None]) -> None:
        self.ears.append(ear)


def nothing_said(call_id: str = CALL, agent: str = OWN, at: datetime = TEN) -> Disposed:
    """Return what stands for a call whose agent said nothing."""
    return Disposed(call_id, 1, call_id, CAMPAIGN.campaign_id, 7, at, SYSTEM, agent, NO_DISPOSITION)


class OutboundApp:
    """An application with the agent's outbound work alone."""

    def __init__(self) -> None:
        self.desk = DeskDouble()
        self.port = OutboundPort(self.desk, RULES, load_desk_rules(), load_kinds())
        self.parts: PageParts = page_app([self._area])
        self.floor = self.parts.floor
        self.floor.view[OWN] = agent_view(OWN, declared="ready", observed="idle")

    def _area(self, shared: Shared) -> None:
        add_outbound_routes(replace(shared, clock=self.desk.clock), self.port)

    @property
    def acts(self) -> list[AuditRow]:
        """What is on the trail."""
        return self.parts.audit.rows

    def over(self) -> None:
        """The call and its note are over."""
        self.parts.assignments.calls[CALL] = [Handling(OWN, "alfa", live=False)]
