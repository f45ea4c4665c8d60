"""What stands behind the pages of campaigns in tests: the real tables and rules, the rest in memory."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from functools import cache
from typing import Any

from dialer.campaigns import (
    MOVES,
    Campaign,
    CampaignChanged,
    CampaignKind,
    CampaignRefused,
    CampaignState,
    CampaignsUnavailable,
    Definition,
    SwitchChange,
)
from dialer.campaigns_check import Known, check_definition
from dialer.contacts import Contact, Person
from dialer.dispositions import DispositionTable, load_dispositions
from dialer.dry_run import CALLED, DryRunReport
from dialer.kinds import CapTable, KindTable, load_caps, load_kinds
from dialer.leads import Lead, LeadState
from dialer.reasons import WhyNot
from dialer.retry import Refusal, RetryTable, load_retry
from domain.zones import Zone
from tests.web.list_stage import Watch
from web.campaign_port import (
    DayFigures,
    Effect,
    EffectRow,
    LiveLook,
    LiveUnavailable,
    ResultFigures,
    ResultRow,
)

ID, LIST = "c" * 32, "1" * 32
NPWP = "3201010101010001"


@dataclass(frozen=True, slots=True)
class Tables:
    kinds: KindTable
    caps: CapTable
    retry: RetryTable
    dispositions: DispositionTable


@cache
def tables() -> Tables:
    return Tables(load_kinds(), load_caps(), load_retry(), load_dispositions())


def a_definition(**change: Any) -> Definition:
    made = Definition("Belum lapor 2025", CampaignKind.NON_FILER, "outbound", "outbound_agent")
    return replace(made, **change)


@dataclass(slots=True)
class CampaignsDouble:
    """Campaigns in memory, checked by the rules of the product."""

    clock: Watch
    campaigns: dict[str, Campaign] = field(default_factory=dict)
    acts: dict[str, list[tuple[datetime, str, str]]] = field(default_factory=dict)
    broken: bool = False
    gate: asyncio.Event | None = None  # until it is set, leads are being made
    refuse: Exception | None = None  # of leads

    async def all(self) -> Sequence[Campaign]:
        if self.broken:
            raise CampaignsUnavailable
        return list(self.campaigns.values())

    async def get(self, campaign_id: str) -> Campaign:
        if self.broken:
            raise CampaignsUnavailable
        return self.campaigns[campaign_id]

    async def create(self, definition: Definition, by: str, at: datetime) -> Campaign:
        return self.keep(f"{len(self.campaigns):032x}", definition, by, "created")

    async def copy(self, campaign_id: str, title: str, by: str, at: datetime) -> Campaign:
        like = replace(self.campaigns[campaign_id].definition, title=title)
        return self.keep(f"{len(self.campaigns):032x}", like, by, f"copied from {campaign_id}")

    def keep(self, campaign_id: str, definition: Definition, by: str, what: str, **change: Any) -> Campaign:
        self._check(definition)
        now = self.clock.now()
        made = Campaign(campaign_id, definition, 1, CampaignState.DRAFT, (), by, now, now)
        self.campaigns[campaign_id] = replace(made, **change)
        self.acts[campaign_id] = [(now, by, what)]
        return self.campaigns[campaign_id]

    def _check(self, definition: Definition) -> None:
        now, found = self.clock.now(), tables()
        known = Known(
            frozenset({"outbound"}),
            frozenset({"outbound_agent", "outbound_reminder"}),
            frozenset({"outbound_agent"}),
            frozenset({"outbound"}),
            found.dispositions.at(now),
            found.retry.at(now),
            found.caps.at(now),
        )
        check_definition(definition, known)

    async def change(
        self, campaign_id: str, version: int, definition: Definition, by: str, at: datetime
    ) -> Campaign:
        self._check(definition)
        before = self.campaigns[campaign_id]
        if before.version != version:
            raise CampaignChanged
        self.acts[campaign_id].append((at, by, "changed: pacing caps"))
        after = replace(before, definition=definition, version=version + 1, changed_at=at)
        self.campaigns[campaign_id] = after
        return after

    async def add_list(self, campaign_id: str, list_id: str, by: str, at: datetime) -> int:
        if self.gate is not None:
            await self.gate.wait()
        if self.refuse is not None:
            raise self.refuse
        before = self.campaigns[campaign_id]
        if list_id in before.lists:
            raise CampaignRefused("list", "added", list_id)
        self.campaigns[campaign_id] = replace(before, lists=(*before.lists, list_id))
        self.acts[campaign_id].append((at, by, f"list added: {list_id}, 6 leads, 1 of them control"))
        return 6

    async def move(self, campaign_id: str, to: CampaignState, by: str, at: datetime) -> Campaign:
        before = self.campaigns[campaign_id]
        if to not in MOVES[before.state]:
            raise CampaignChanged
        if to is CampaignState.RUNNING and not before.lists:
            raise CampaignRefused("lists", "missing")
        self.campaigns[campaign_id] = replace(before, state=to)
        self.acts[campaign_id].append((at, by, to.value))
        return self.campaigns[campaign_id]

    async def history(self, campaign_id: str) -> Sequence[tuple[datetime, str, str]]:
        return self.acts[campaign_id]


@dataclass(slots=True)
class LeadsDouble:
    """Only what the pages ask."""

    leads: dict[int, Lead] = field(default_factory=dict)
    counts: dict[tuple[LeadState, str], int] = field(
        default_factory=lambda: {
            (LeadState.READY, ""): 60,
            (LeadState.DONE, "promised_to_file"): 40,
            (LeadState.CONTROL, ""): 10,
        }
    )

    async def get(self, lead_id: int) -> Lead:
        return self.leads[lead_id]

    async def reasons(self, campaign_id: str) -> Mapping[tuple[LeadState, str], int]:
        return self.counts

    def __getattr__(self, name: str) -> Any:
        raise NotImplementedError(name)


@dataclass(slots=True)
class SwitchDouble:
    changes: list[SwitchChange] = field(default_factory=list)

    async def latest(self) -> SwitchChange | None:
        return self.changes[-1] if self.changes else None

    async def throw(self, who: str, reason: str, at: datetime) -> SwitchChange:
        self.changes.append(SwitchChange(at, True, reason, who))
        return self.changes[-1]

    async def lift(self, who: str, reason: str, at: datetime) -> SwitchChange:
        self.changes.append(SwitchChange(at, False, reason, who))
        return self.changes[-1]

    async def history(self, most: int = 20) -> Sequence[SwitchChange]:
        return self.changes[::-1]


class Choices:
    def scripts(self, language: str) -> Sequence[tuple[str, str]]:
        return [("outbound", "Panggilan keluar"), ("survey", "Survei")]

    def flows(self, language: str) -> Sequence[tuple[str, str]]:
        return [("outbound_agent", "Dengan agen"), ("outbound_reminder", "Pengingat")]

    def skills(self, language: str) -> Sequence[tuple[str, str]]:
        return [("outbound", "Panggilan keluar")]


@dataclass(slots=True)
class LiveDouble:
    """Tells what a test says."""

    look_now: LiveLook | None = None
    looks: int = 0

    async def look(self, campaign_id: str) -> LiveLook:
        self.looks += 1
        if self.look_now is None:
            raise LiveUnavailable
        return self.look_now


@dataclass(slots=True)
class DryRunsDouble:
    refusal: Refusal | None = None
    asked: list[tuple[int, bool]] = field(default_factory=list)
    hold: asyncio.Event | None = None
    fails: bool = False

    async def run(
        self,
        campaign: Campaign,
        now: datetime,
        day: date | None = None,
        progress: Callable[[int], None] | None = None,
    ) -> DryRunReport:
        if progress is not None:
            progress(500)
        if self.hold is not None:
            await self.hold.wait()
        if self.fails:
            raise OSError
        report = DryRunReport(date(2026, 3, 2), called=50)
        report.refused = {WhyNot.DAY_OFF: 3, WhyNot.CAP_DAY: 7}
        report.done = {"promised_to_file": 40}
        report.examples = {CALLED: [1, 2], "cap_day": [1, 99]}
        return report

    async def why(
        self, campaign: Campaign, lead: Lead, now: datetime, *, killed: bool = False
    ) -> Refusal | None:
        self.asked.append((lead.lead_id, killed))
        return Refusal(WhyNot.KILL_SWITCH, None) if killed else self.refusal


class Finder:
    async def lead_of(self, campaign_id: str, npwp: str) -> int | None:
        return 1 if npwp == NPWP else None


@dataclass(slots=True)
class ResultsDouble:
    many: int = 2

    async def figures(self, campaign_id: str) -> ResultFigures:
        outcomes, marks = {"talked": 40, "no_answer": 20}, {"clear": {4: 3, 5: 1}}
        return ResultFigures(110, 60, 40, 10, 95, outcomes, {"promised_to_file": 30}, marks)

    async def rows(self, campaign_id: str) -> AsyncIterator[Sequence[ResultRow]]:
        at = datetime(2026, 3, 2, 2, 30, tzinfo=UTC)
        for start in range(0, self.many, 1000):
            yield [self._row(row, at) for row in range(start, min(start + 1000, self.many))]

    def _row(self, row: int, at: datetime) -> ResultRow:
        said = (NPWP, "=cmd|' /C calc'!A0", "talked", "promised_to_file")
        return ResultRow("ND-1/2026", row + 2, *said, 2, at, date(2026, 3, 9))


@dataclass(slots=True)
class EffectDouble:
    effect: Effect | None = None

    async def of(self, campaign_id: str) -> Effect | None:
        return self.effect


class EveryWeekday:
    def works(self, day: date) -> bool:
        return day.weekday() < 5


AN_EFFECT = Effect(
    14,
    EffectRow("called", 1000, 300, 0.27, 0.33),
    EffectRow("control", 100, 20, 0.13, 0.29),
    0.1,
    0.02,
    0.18,
    by_script=[EffectRow("outbound", 1000, 300, 0.27, 0.33)],
    by_hour=[EffectRow("9", 200, 80, 0.33, 0.47)],
    by_attempt=[EffectRow("1", 600, 200, 0.3, 0.37)],
    fresh_until=date(2026, 3, 20),
)


def a_look(watch: Watch, **change: Any) -> LiveLook:
    made = LiveLook(
        watch.now(), 5, 1, 4, {"idle": 2, "talking": 4}, 1,
        DayFigures(200, 80, 60, 2, 50, 20, 40), 0.06, 60, 40, 10,
        reasons={"outside_window": 30, "spacing": 12},
        hours={8: DayFigures(120, 50, 40, 1, 30, 10, 20), 9: DayFigures(80, 30, 20, 1, 20, 10, 20)},
    )  # fmt: skip
    return replace(made, **change)


def a_lead(lead_id: int, campaign_id: str = ID) -> Lead:
    person = Person(NPWP, "Contoh Rahasia", ("6281100000001",))
    contact = Contact(lead_id, LIST, lead_id + 1, b"k" * 16, (b"n" * 16,), Zone.WITA, "", person)
    due = datetime(2026, 3, 2, tzinfo=UTC)
    return Lead(lead_id, campaign_id, contact, LeadState.READY, due, 1, 0, reason="no_answer")
