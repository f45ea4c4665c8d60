"""The pages of matters over doubles: who asks, what the caller proved, and what time it is."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

import httpx

from desk.matter_rules import MatterRules
from desk.matters import Worker
from desk.matters_callbacks import Handed, Purpose
from desk.matters_desk import MatterDesk
from desk.spelling import load_spelling
from desk.standing import Rung, Standing
from dialer.dispositions import load_dispositions
from domain.directory import DirectoryUnavailable, Profile, ProofItem, Taxpayer
from domain.staff import Staff, StaffRole
from service.matter_campaigns import PurposeStanding
from service.matter_proof import SimulatedMeans
from storage.matter_watch_memory import MemoryMatterWatch, MemoryProofBook
from storage.matters_memory import MemoryMatters
from tests.unit.matter_world import TAXPAYER, Office
from tests.web.page_parts import CALL, COLLEAGUE, CSRF, OWN, AssignmentsDouble, PageParts, page_app
from web.errors import add_error_handlers
from web.matter_office_port import MatterOffice
from web.matter_port import MatterPort
from web.matter_routes import add_matter_routes
from web.visitor import Visitor

MONDAY = datetime(2025, 6, 2, 3, 0, tzinfo=UTC)  # 10.00 WIB
NUMBER, NAME, NPWP = "628110000123", "Contoh Wajib Pajak 0001", "0" * 12 + "4321"
CLUSTERS = frozenset({"taxpayer_data", "general", "complaints"})
# cookie → (role, letter of the staff_id, staff number, team)
PEOPLE = {
    "agent": (StaffRole.AGENT, "a", OWN, "alfa"),
    "colleague": (StaffRole.AGENT, "b", COLLEAGUE, "beta"),
    "leader": (StaffRole.TEAM_LEADER, "c", "", "alfa"),
    "other_leader": (StaffRole.TEAM_LEADER, "d", "", "beta"),
    "chief": (StaffRole.SUPERVISOR, "e", "", ""),
    "quality": (StaffRole.QUALITY, "f", "", ""),
    "humas": (StaffRole.UNIT, "1", "", "P2 Humas"),
    "kpp": (StaffRole.UNIT, "2", "", "KPP Pratama Contoh"),
    "other_kpp": (StaffRole.UNIT, "3", "", "KPP Pratama Lain"),
    "no_unit": (StaffRole.UNIT, "4", "", "alfa"),
}


def staff_id(who: str) -> str:
    return PEOPLE[who][1] * 32


@dataclass(slots=True)
class Watch:
    """A clock that a test moves."""

    at: datetime = MONDAY

    def now(self) -> datetime:
        return self.at

    def monotonic(self) -> float:
        return 0.0


@dataclass(slots=True)
class Register:
    """One taxpayer."""

    broken: bool = False
    asked: list[str] = field(default_factory=list)

    async def find(self, npwp: str) -> Taxpayer | None:
        raise NotImplementedError

    async def matches(self, taxpayer_id: str, item: ProofItem, answer: str) -> bool | None:
        raise NotImplementedError

    async def by_id(self, taxpayer_id: str) -> Taxpayer | None:
        self.asked.append("taxpayer")
        if self.broken:
            raise DirectoryUnavailable
        return (
            Taxpayer(TAXPAYER, NPWP, NAME, resident_person=True, active=True)
            if taxpayer_id == TAXPAYER
            else None
        )

    async def profile(self, taxpayer_id: str) -> Profile | None:
        self.asked.append("profile")
        said = ("Jalan Contoh 7", "wp@contoh.example", NUMBER, "999", "KPP Contoh")
        return Profile(TAXPAYER, *said, None, None, "", "employee")


class Callers:
    async def caller_number(self, call_id: str) -> str | None:
        return NUMBER


@dataclass(slots=True)
class Team:
    people: list[Worker] = field(
        default_factory=lambda: [
            Worker(staff_id(who), f"Petugas {who}", team, CLUSTERS if number else frozenset())
            for who, (_, _, number, team) in PEOPLE.items()
        ]
    )

    async def workers(self) -> Sequence[Worker]:
        return self.people


@dataclass(slots=True)
class Callbacks:
    """A dialer that is switched on and off, and has one promise at most."""

    state: str = "off"
    by: str = ""
    leads: dict[str, int] = field(default_factory=dict)  # call_id → lead
    handed: dict[int, Handed] = field(default_factory=dict)

    async def standing(self) -> Sequence[PurposeStanding]:
        return [PurposeStanding(one, "c" * 32 if self.by else "", self.state, None, 0) for one in Purpose]

    async def switch_on(self, by: str) -> None:
        self.state, self.by = "running", by

    async def switch_off(self, by: str) -> None:
        self.state, self.by = "stopped", by

    async def lead_of(self, call_id: str) -> int | None:
        return self.leads.get(call_id)

    async def running(self) -> Sequence[Handed]:
        return list(self.handed.values())

    async def of_promise(self, promise_id: str) -> Sequence[Handed]:
        return [one for one in self.handed.values() if one.promise_id == promise_id]

    async def of_lead(self, lead_id: int) -> Handed | None:
        return self.handed.get(lead_id)


@dataclass(slots=True)
class Stage:
    """The application and everything behind it."""

    parts: PageParts
    book: MemoryMatters
    watch: Watch
    register: Register
    signals: MemoryMatterWatch
    proofs: MemoryProofBook
    callbacks: Callbacks
    desk: MatterDesk

    def proved(self, rung: Rung, call_id: str = CALL) -> None:
        taxpayer = None if rung is Rung.ANONYMOUS else TAXPAYER
        self.parts.standings.standings[call_id] = Standing(call_id, rung, taxpayer, may_climb=True)

    async def get(self, who: str, address: str, *, page: bool = False) -> httpx.Response:
        async with self.parts.client(who, page=page) as client:
            return await client.get(address)

    async def post(self, who: str, address: str, body: Any, *, page: bool = False) -> httpx.Response:
        async with self.parts.client(who, page=page) as client:
            headers = {"x-csrf-token": CSRF, "content-type": "application/json"}
            return await client.post(address, content=json.dumps(body), headers=headers)

    async def opened(self, what: str, **body: Any) -> dict[str, Any]:
        """Open something as the agent and return its view."""
        answer = await self.post("agent", f"/api/calls/{CALL}/{what}", {**BODIES[what], **body})
        assert answer.status_code == 201, answer.text
        view: dict[str, Any] = answer.json()["matter"]
        return view

    @property
    def acts(self) -> list[tuple[str, str]]:
        """The audit trail: act and outcome."""
        return [(row.act, row.outcome) for row in self.parts.audit.rows]

    def later(self, **span: float) -> None:
        self.watch.at += timedelta(**span)


BODIES: dict[str, dict[str, Any]] = {
    "cases": {
        "type": "non_effective",
        "ne_reason": "abroad",
        "contact": NUMBER,
        "contact_name": "Contoh Pemohon",
    },
    "complaints": {
        "kind": "service",
        "reporter": "Contoh Pelapor",
        "contact": NUMBER,
        "what": "Antrean dua jam",
    },
    "promises": {
        "number": f"+{NUMBER}",
        "confirmed": True,
        "name": "Contoh Penelepon",
        "about": "Jawaban tentang SPT",
        "zone": "wib",
        "day": "2025-06-02",
        "clock": "11:00",
    },
    "data-requests": {"email": "baru@contoh.example", "mobile": NUMBER},
}


@cache  # the catalogues are read once, not for each test
def _application() -> Stage:
    book, watch, register = MemoryMatters(), Watch(), Register()
    rules = MatterRules.load(Office())
    signals, proofs, callbacks = MemoryMatterWatch(book), MemoryProofBook(), Callbacks()
    desk = MatterDesk(book, signals, Team(), rules, watch)
    doubles = (callbacks, callbacks, callbacks)
    office = MatterOffice(desk, signals, proofs, SimulatedMeans(), *doubles, load_dispositions())
    port = MatterPort(book, rules, register, Callers(), Team(), load_spelling(), office)
    parts = page_app(
        [
            lambda shared: add_error_handlers(shared.guard.app, shared.render),
            lambda shared: add_matter_routes(replace(shared, clock=watch), port),
        ]
    )
    return Stage(parts, book, watch, register, signals, proofs, callbacks, desk)


def stage(rung: Rung = Rung.FULL) -> Stage:
    """Return the application as if it had just begun, with a caller who has proved this much."""
    made = _application()
    made.book.__init__()  # type: ignore[misc]
    made.signals.__init__(made.book)  # type: ignore[misc]
    made.proofs.__init__()  # type: ignore[misc]
    made.callbacks.__init__()  # type: ignore[misc]
    made.watch.at, made.register.broken = MONDAY, False
    made.register.asked.clear()
    made.parts.audit.rows.clear()
    made.parts.standings.standings.clear()
    made.parts.assignments.calls = AssignmentsDouble().calls
    for cookie, (role, letter, number, team) in PEOPLE.items():
        staff = Staff(letter * 32, f"{cookie}1", "Contoh", frozenset({role}), number, team)
        made.parts.sessions.visitors[cookie] = Visitor(staff, f"session-{cookie}", CSRF)
    made.proved(rung)
    return made
