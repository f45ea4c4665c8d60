"""The pages of appeals, calibration and coaching over real books; scores, forms and holds are doubles."""

import json
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import httpx

from domain.audit import AuditQuery, AuditRow
from domain.staff import Staff, StaffRole
from recording.quality.coaching import load_coaching_table
from recording.quality.coaching_desk import CoachingDesk
from recording.quality.scores import Kind, Score
from recording.recordings import Mode, Recording
from recording.states import State
from service.quality_appeals import StaffReviewers
from storage.appeals import DurableAppeals
from storage.calibration import DurableRounds
from storage.coaching import DurableTasks
from storage.database import Database
from storage.vault import Vault
from tests.unit.appeal_world import (
    RECORDING,
    AppealWorld,
    FormsDouble,
    appeal_world,
)
from tests.unit.matter_world import MONDAY, Office
from tests.web.page_parts import COLLEAGUE, CSRF, OWN, AuditDouble, PageParts, page_app
from web.appeal_port import AppealPort
from web.appeal_routes import add_appeal_routes
from web.calibration_routes import add_calibration_routes
from web.coaching_routes import add_coaching_routes
from web.errors import add_error_handlers
from web.visitor import Visitor

_R = StaffRole
# cookie → (role, letter of the staff_id, staff number, team)
PEOPLE = {
    "agent": (_R.AGENT, "a", OWN, "alfa"),
    "colleague": (_R.AGENT, "b", COLLEAGUE, "beta"),
    "leader": (_R.TEAM_LEADER, "c", "", "alfa"),
    "other_leader": (_R.TEAM_LEADER, "5", "", "beta"),
    "lead": (_R.QUALITY_LEAD, "d", "", ""),
    "chief": (_R.SUPERVISOR, "e", "", ""),
    "first": (_R.QUALITY, "1", "", ""),
    "second": (_R.QUALITY, "2", "", ""),
    "third": (_R.QUALITY, "3", "", ""),
    "fourth": (_R.QUALITY, "4", "", ""),
    "planner": (_R.PLANNER, "9", "", ""),
}
OTHER_RECORDING = "b" * 32


def staff_id(who: str) -> str:
    return PEOPLE[who][1] * 32


class StaffDouble:
    """Staff as `PEOPLE` has them."""

    async def all(self) -> Sequence[Staff]:
        return [
            Staff(letter * 32, f"{name}1", f"Nama {name}", frozenset({role}), number, team)
            for name, (role, letter, number, team) in PEOPLE.items()
        ]


@dataclass(slots=True)
class TrailDouble:
    """Reads what the pages wrote."""

    audit: AuditDouble

    async def rows(self, query: AuditQuery) -> Sequence[tuple[int, AuditRow]]:
        found = [row for row in self.audit.rows if query.subject in ("", row.subject)]
        return list(enumerate(found, 1))

    async def acts(self) -> Sequence[str]:
        return sorted({row.act for row in self.audit.rows})


class RecordingsDouble:
    """Two recordings."""

    async def get(self, recording_id: str) -> Recording | None:
        if recording_id not in (RECORDING, OTHER_RECORDING):
            return None
        return Recording(
            recording_id, "call-1", 1, "ch", "in", "general", "", OWN, "id", Mode.ALWAYS, State.SEALED, MONDAY
        )


@dataclass(slots=True)
class QualityStage:
    """The application and everything behind it."""

    parts: PageParts
    world: AppealWorld
    coaching: CoachingDesk

    async def get(self, who: str, address: str, *, page: bool = False) -> httpx.Response:
        async with self.parts.client(who, page=page) as client:
            return await client.get(address)

    async def post(self, who: str, address: str, body: Any, *, page: bool = False) -> httpx.Response:
        async with self.parts.client(who, page=page) as client:
            headers = {"x-csrf-token": CSRF, "content-type": "application/json"}
            return await client.post(address, content=json.dumps(body), headers=headers)

    async def filed(self, first: Score, *items: str, evidence: str = "", letter: str = "f") -> dict[str, Any]:
        """File an appeal as the agent and return its view."""
        contested = [
            {"item": item, "reason": f"Alasan {item}", "evidence": evidence, "places": [{"from_ms": 4000}]}
            for item in items
        ]
        body = {"appeal_id": letter * 32, "score_id": first.score_id, "contested": contested}
        answer = await self.post("agent", "/api/appeals", body)
        assert answer.status_code == 201, answer.text
        view: dict[str, Any] = answer.json()
        return view

    async def step(self, who: str, view: dict[str, Any], way: str, **body: Any) -> dict[str, Any]:
        """Take a step and return the view after it."""
        address = f"/api/appeals/{view['appeal_id']}/{way}"
        answer = await self.post(who, address, {"version": view["version"], **body})
        assert answer.status_code == 200, answer.text
        after: dict[str, Any] = answer.json()
        return after

    async def rescoring(self, first: Score, *items: str) -> dict[str, Any]:
        """File an appeal and take it to the re-scorer, who is `second`."""
        view = await self.filed(first, *items)
        view = await self.step("leader", view, "review", event="endorse")
        return await self.step("lead", view, "decide", event="approve", rescorer=staff_id("second"))

    async def blind(self, kind: Kind, who: str, first: Score, *wrong: str, **facts: str) -> None:
        """Let somebody's blind score become final."""
        score = await self.world.scored(kind, staff_id(who), *wrong, reminds_of=first.score_id, **facts)
        await self.world.blind.scored(score)

    @property
    def acts(self) -> list[tuple[str, str]]:
        """The audit trail: act and outcome."""
        return [(row.act, row.outcome) for row in self.parts.audit.rows]


@contextmanager
def opened_stage(migrated: Path, folder: Path) -> Iterator[QualityStage]:
    """Give the application over a fresh copy of a migrated database."""
    shutil.copy(migrated, folder / "kring.db")
    database = Database.open(f"sqlite:///{folder}/kring.db")
    try:
        yield quality_stage(database, Vault.create(folder / "key"))
    finally:
        database.close()


def quality_stage(database: Database, vault: Vault) -> QualityStage:
    """Return the application as if it had just begun."""
    rounds = DurableRounds(database, vault)
    world = appeal_world(DurableAppeals(database, vault), rounds)
    staff: Any = StaffDouble()
    recordings: Any = RecordingsDouble()
    coaching = CoachingDesk(
        DurableTasks(database, vault), world.scores, FormsDouble(), load_coaching_table(), Office(),
        StaffReviewers(staff, TrailDouble(AuditDouble())), world.watch,
    )  # fmt: skip
    port = AppealPort(
        world.desk,
        world.blind,
        rounds,
        coaching,
        staff,
        recordings,
        Office(),
    )
    areas = (add_appeal_routes, add_calibration_routes, add_coaching_routes)
    parts = page_app(
        [
            lambda shared: add_error_handlers(shared.guard.app, shared.render),
            *(partial(_with_clock, add=add, port=port, world=world) for add in areas),
        ]
    )
    reviewers = StaffReviewers(staff, TrailDouble(parts.audit))
    world.desk.on = replace(world.desk.on, people=reviewers)
    for cookie, (role, letter, number, team) in PEOPLE.items():
        person = Staff(letter * 32, f"{cookie}1", f"Nama {cookie}", frozenset({role}), number, team)
        parts.sessions.visitors[cookie] = Visitor(person, f"session-{cookie}", CSRF)
    return QualityStage(parts, world, coaching)


def _with_clock(shared: Any, add: Any, port: AppealPort, world: AppealWorld) -> None:
    add(replace(shared, clock=world.watch), port)
