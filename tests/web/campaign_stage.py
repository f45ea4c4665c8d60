"""The pages of campaigns over doubles: the real tables and rules, campaigns and leads in memory."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import httpx

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
from dialer.campaigns_text import to_plain
from dialer.contacts import Contact, Person
from dialer.dispositions import DispositionTable, load_dispositions
from dialer.dry_run import CALLED, DryRunReport
from dialer.kinds import CapTable, KindTable, load_caps, load_kinds
from dialer.leads import Lead, LeadState
from dialer.lists import ListState
from dialer.reasons import WhyNot
from dialer.retry import Refusal, RetryTable, load_retry
from domain.zones import Zone
from tests.web.list_stage import PEOPLE, ListsDouble, PeopleDouble, Watch, a_list, sign_in_everybody
from tests.web.page_parts import PageParts, page_app
from web.campaign_door import CampaignDoor
from web.campaign_port import (
    CampaignPort,
    DayFigures,
    Effect,
    EffectRow,
    LiveLook,
    LiveUnavailable,
    ResultFigures,
    ResultRow,
)
from web.campaign_routes import add_campaign_routes
from web.errors import add_error_handlers
from web.texts import Texts

ID, LIST = "c" * 32, "1" * 32
NPWP = "3201010101010001"
FORM: dict[str, Any] = {
    "form": "1",
    "title": "Belum lapor 2025",
    "kind": "non_filer",
    "tax_period": "2025",
    "script": "outbound",
    "flow": "outbound_agent",
    "pacing": "progressive",
    "skill": "outbound",
    "tier": "A",
    "priority": "0",
    "starts_on": "",
    "ends_on": "2026-03-31",
    "window.opens": "08:00",
    "window.closes": "16:00",
    "window.weekdays": ["mon", "tue"],
    "caps.life": "4",
    "caps.day": "1",
    "caps.rolling_24h": "1",
    "retry.busy.attempts": "2",
    "retry.busy.spacing": "45m",
    "retry.busy.next_number": "no",
    "retry.no_answer.attempts": "",
    "retry.no_answer.spacing": "",
    "retry.no_answer.next_number": "yes",
    "dispositions": "promised_to_file",
    "needs_poro": "yes",
    "ring_seconds": "25",
    "most_lines": "30",
    "abandon_limit": "0.03",
    "least_team": "8",
    "control_share": "0.1",
    "effect_days": "14",
    "amd": "no",
    "fields": "jatuh_tempo, tahun",
    "content": "SPT Tahunan 2025",
}


@dataclass(frozen=True, slots=True)
class Tables:
    kinds: KindTable
    caps: CapTable
    retry: RetryTable
    dispositions: DispositionTable


@cache
def tables() -> Tables:
    return Tables(load_kinds(), load_caps(), load_retry(), load_dispositions())


@cache
def _texts() -> Texts:
    return Texts.load()


def said(name: str) -> str:
    """Return a text of the catalogue, in Indonesian."""
    return _texts().say("id", name)


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


@dataclass(slots=True)
class CampaignStage:
    """The application and everything behind it."""

    parts: PageParts
    door: CampaignDoor
    campaigns: CampaignsDouble
    lists: ListsDouble
    leads: LeadsDouble
    switch: SwitchDouble
    live: LiveDouble
    dry_runs: DryRunsDouble
    results: ResultsDouble
    effect: EffectDouble
    watch: Watch

    def client(self, who: str, *, page: bool = False) -> httpx.AsyncClient:
        return self.parts.client(who, page=page)

    async def get(self, who: str, address: str, *, page: bool = False) -> httpx.Response:
        async with self.client(who, page=page) as client:
            return await client.get(address)

    async def post(self, who: str, address: str, body: Any = None, *, page: bool = False) -> httpx.Response:
        async with self.client(who, page=page) as client:
            return await client.post(address, json=body)

    def campaign(self, campaign_id: str = ID, **change: Any) -> Campaign:
        """Put a campaign there."""
        definition = a_definition(**change.pop("definition", {}))
        return self.campaigns.keep(campaign_id, definition, PEOPLE["manager"][1] * 32, "created", **change)

    @property
    def acts(self) -> list[tuple[str, str]]:
        return [(row.act, row.subject) for row in self.parts.audit.rows]


@cache
def _folder() -> "TemporaryDirectory[str]":
    return TemporaryDirectory(prefix="campaigns-")


@cache  # made once, not for each test
def _application() -> CampaignStage:
    watch, lists = Watch(), ListsDouble()
    campaigns, leads = CampaignsDouble(watch), LeadsDouble()
    switch, live, dry_runs = SwitchDouble(), LiveDouble(), DryRunsDouble()
    results, effect = ResultsDouble(), EffectDouble()
    doors: list[CampaignDoor] = []
    port = CampaignPort(
        campaigns,
        lists,
        leads,
        switch,
        tables(),
        Choices(),
        live,
        dry_runs,
        Finder(),
        results,
        effect,
        EveryWeekday(),
        PeopleDouble(),
        Path(_folder().name),
    )
    parts = page_app(
        [
            lambda shared: add_error_handlers(shared.guard.app, shared.render),
            lambda shared: doors.append(add_campaign_routes(replace(shared, clock=watch), port)),
        ]
    )
    sign_in_everybody(parts)
    return CampaignStage(
        parts, doors[0], campaigns, lists, leads, switch, live, dry_runs, results, effect, watch
    )


def campaign_stage() -> CampaignStage:
    """Return the application as if it had just begun; one approved list and two leads are there."""
    made = _application()
    for double in (made.watch, made.lists, made.leads, made.switch, made.dry_runs, made.results, made.effect):
        double.__init__()  # type: ignore[misc]
    made.campaigns.__init__(made.watch)  # type: ignore[misc]
    made.live.__init__(a_look(made.watch))  # type: ignore[misc]
    made.door.__init__(made.door.shared, made.door.port)  # type: ignore[misc]
    made.lists.lists[LIST] = a_list(LIST, "x" * 32, ListState.APPROVED)
    made.leads.leads.update({number: a_lead(number) for number in (1, 2)})
    made.parts.audit.rows.clear()
    return made


def plain(**change: Any) -> dict[str, Any]:
    """Return a definition as a program sends it."""
    return {**to_plain(a_definition()), **change}
