"""The planner's pages and API: a small plan computed by hand, kept, changed, tried, taken along."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import partial
from pathlib import Path

import httpx
import pytest

from desk.working_days import office_day
from domain.clock import SystemClock
from reporting.planning.compare import what_if
from reporting.planning.cover import CoverDay, cover
from reporting.planning.plans import (
    Asked,
    Backtest,
    DayPlan,
    Given,
    PastDay,
    Plan,
    PlanRefused,
    PlansUnavailable,
    Reason,
    SlotPlan,
)
from reporting.planning.roster import DayRoster
from reporting.planning.simulated import Measured, Outcome, Simulated, SimulatedQueue, SimulatedSlot
from reporting.planning.table import load_planning
from reporting.planning.what_if import Change, WhatIf
from storage.plans_memory import MemoryPlans
from tests.web.page_parts import PageParts, page_app
from tests.web.plan_rosters import FixedRosters
from web.errors import add_error_handlers
from web.plan_port import PlanPort
from web.plan_routes import add_plan_routes

TODAY = office_day(SystemClock().now())
FIRST, LAST = TODAY + timedelta(days=1), TODAY + timedelta(days=2)
# Two half hours with 100 and 150 calls; 14 and 20 agents: 17 agents' hours a day, 25 on the roster.
SLOTS = (
    SlotPlan(480, 100.0, 180.0, 14, 15, 20, 0.85, 0.02, 6.0, 0.71),
    SlotPlan(510, 150.0, 180.0, 20, 21, 30, 0.95, 0.01, 3.0, 0.75),
)


def made(asked: Asked) -> Plan:
    days = (
        DayPlan(FIRST, 250.0, 200.0, 300.0, SLOTS, (Reason("filing_person", 2.5, 3),)),
        DayPlan(LAST, 1250.5, 1000.0, 1500.0, SLOTS, (Reason("weekday", 0.9),)),
    )
    tested = Backtest(
        9, (PastDay(date(2026, 1, 5), 1, 1000.0, 950.0, 800.0),), 0.05, 0.2, -0.05, 0.8, 0.11, 0.3
    )
    given = Given(180.0, 240.0, 4.0, 0.6, {"handle": "history", "patience": "assumed", "ring": "history"})
    return Plan(asked, given, days, {"efin": 1.0}, 200, date(2025, 1, 2), TODAY, tested, ("patience",))


@dataclass(slots=True)
class PlannerDouble:
    """Makes the plan of this file, or refuses."""

    refuses: Exception | None = None
    came: Mapping[date, int] = field(default_factory=dict)
    asked: list[Asked] = field(default_factory=list)

    async def make(self, asked: Asked) -> Plan:
        if self.refuses is not None:
            raise self.refuses
        self.asked.append(asked)
        return made(asked)

    async def what_if(self, plan: Plan, changes: Sequence[Change]) -> WhatIf:
        if self.refuses is not None:
            raise self.refuses
        return what_if(plan, changes)

    async def simulate(self, plan: Plan, day: date) -> Simulated:
        if self.refuses is not None:
            raise self.refuses
        outcome = Outcome(
            Measured(0.78, 0.02), Measured(0.031, 0.005), Measured(7.5, 0.4), Measured(0.73, 0.01)
        )
        slots = (SimulatedSlot(480, 14, 0.75, 15, 0.83), SimulatedSlot(510, 20, 0.8, 22, 0.9))
        queues = (SimulatedQueue("efin", 250.0, 0.78, 0.03), SimulatedQueue("token", 5.0, 0.0, 1.0))
        return Simulated(day, 8, 251.5, 0.91, 0.014, outcome, outcome, True, slots, queues, 40, 0)

    async def cover(self, plan: Plan, rosters: Sequence[DayRoster], queue: str = "") -> Sequence[CoverDay]:
        return cover(plan, rosters, queue)

    async def happened(self, plan: Plan) -> Mapping[date, int]:
        if self.refuses is not None:
            raise PlansUnavailable("away")
        return self.came


@dataclass(slots=True)
class World:
    parts: PageParts
    plans: MemoryPlans
    planner: PlannerDouble
    rosters: FixedRosters

    async def make(self, client: httpx.AsyncClient) -> str:
        answer = await client.post("/api/plans", json={"first": f"{FIRST}", "last": f"{LAST}"})
        assert answer.status_code == 201, answer.text
        return str(answer.json()["plan_id"])


@pytest.fixture
def world(tmp_path: Path) -> World:
    plans, planner, rosters = MemoryPlans(), PlannerDouble(), FixedRosters()

    async def people() -> Mapping[str, str]:
        return {"s" * 32: "Contoh Petugas"}

    port = PlanPort(plans, planner, rosters, load_planning(), lambda: ["efin", "general"], people, tmp_path)
    parts = page_app([partial(add_plan_routes, port=port)])
    add_error_handlers(parts.app, parts.shared.render)
    return World(parts, plans, planner, rosters)


def numbers(html: str) -> list[str]:
    """Return the texts of cells and values that hold figures."""
    found = re.findall(r'<(?:td|dd|th)[^>]*class="number"[^>]*>(.*?)</(?:td|dd|th)>', html, re.DOTALL)
    return [re.sub(r"\s+", " ", one).strip() for one in found]


async def test_a_plan_is_made_and_summed_by_hand(world: World) -> None:
    async with world.parts.client("planner") as client:
        body = {
            "first": f"{FIRST}", "last": f"{LAST}", "level": "85", "within": "30", "shrinkage": "25",
            "queues": "efin", "calls": "", "handle": "300",
        }  # fmt: skip
        answer = await client.post("/api/plans", json=body)
        assert answer.status_code == 201
        [asked] = world.planner.asked
        assert (asked.target.level, asked.target.within, asked.shrinkage) == (0.85, 30.0, 0.25)
        assert (asked.queues, asked.calls, asked.handle) == (("efin",), None, 300.0)
        found = answer.json()
        assert "Lupa EFIN" in (await client.get(f"/perencana/{found['plan_id']}")).text
    # 250 + 1,250.5 calls; each day (14 + 20) ÷ 2 = 17 hours with calls, (20 + 30) ÷ 2 = 25 on the roster.
    assert (found["calls"], found["hours"], found["paid"], found["peak"]) == (1500.5, 34.0, 50.0, 20)
    assert found["peak_at"].startswith(f"{FIRST}T08:30")
    assert [row["hours"] for row in found["days"]] == [17.0, 17.0]
    assert found["miss"] is None
    assert [row.act for row in world.parts.audit.rows] == ["plan_made"]


async def test_the_page_shows_what_the_api_says(world: World) -> None:
    async with world.parts.client("planner") as client:
        plan_id = await world.make(client)
        html = (await client.get(f"/perencana/{plan_id}")).text
        row = (await client.get(f"/api/plans/{plan_id}")).json()["days"][1]
    assert "1.500 panggilan pada 2 hari layanan memerlukan 34 jam agen (50 jam terjadwal)" in html
    assert "batas lapor orang pribadi (3 hari kerja lagi) × 2,50" in html
    cells = numbers(html)
    assert f"{row['calls']:,.0f}".replace(",", ".") == "1.250"
    assert "1.250" in cells
    assert "1.000 – 1.500" in cells
    assert "5,0 % · pembanding 20,0 %" in cells
    assert "−5,0 %" in cells
    assert "85,0 %" in cells  # the first half hour's level
    assert "asumsi" in html
    assert "kesabaran penelepon" in html


async def test_days_that_are_over_are_set_beside_the_forecast(world: World) -> None:
    world.planner.came = {FIRST: 200}
    async with world.parts.client("planner") as client:
        found = (await client.get(f"/api/plans/{await world.make(client)}")).json()
    assert [row["happened"] for row in found["days"]] == [200, None]
    assert found["miss"] == pytest.approx(50 / 200)


async def test_a_day_has_its_half_hours(world: World) -> None:
    async with world.parts.client("planner", page=True) as client:
        async with world.parts.client("planner") as program:
            plan_id = await world.make(program)
            day = (await program.get(f"/api/plans/{plan_id}/days/{LAST}")).json()
            assert (await program.get(f"/api/plans/{plan_id}/days/{TODAY}")).status_code == 404
        piece = (await client.get(f"/api/plans/{plan_id}/days/{LAST}")).text
    assert [slot["agents"] for slot in day["day"]["slots"]] == [14, 20]
    assert (day["hours"], day["paid"]) == (17.0, 25.0)
    assert numbers(piece)[9:18] == ["100,0", "3:00", "14", "15", "20", "85,0 %", "2,0 %", "6,0 dtk", "71,0 %"]


async def test_a_form_leads_to_the_plan(world: World) -> None:
    async with world.parts.client("planner", page=True) as client:
        answer = await client.post("/api/plans", json={"first": f"{FIRST}", "last": f"{LAST}"})
    [plan_id] = world.plans.kept
    assert (answer.status_code, answer.headers["HX-Redirect"]) == (204, f"/perencana/{plan_id}")


async def test_a_plan_is_kept_listed_and_put_away(world: World) -> None:
    async with world.parts.client("planner") as client, world.parts.client("supervisor") as other:
        plan_id = await world.make(client)
        assert (await client.post(f"/api/plans/{plan_id}/put-away")).status_code == 409
        kept = await client.post(f"/api/plans/{plan_id}/keep", json={"name": " Musim lapor "})
        assert kept.json()["name"] == "Musim lapor"
        [row] = (await other.get("/api/plans")).json()
        assert (row["name"], row["kept"], row["made_by"]) == ("Musim lapor", True, "Contoh Petugas")
        assert "Musim lapor" in (await other.get("/perencana")).text
        assert (await client.post(f"/api/plans/{plan_id}/put-away")).status_code == 204
        assert (await other.get("/api/plans")).json() == []
        assert (await client.get(f"/api/plans/{plan_id}")).json()["put_away"] is True
    assert [one.act for one in world.parts.audit.rows] == ["plan_made", "plan_kept", "plan_put_away"]


async def test_two_numbers_are_changed_side_by_side(world: World) -> None:
    async with world.parts.client("planner") as client, world.parts.client("planner", page=True) as page:
        plan_id = await world.make(client)
        body = {"name": "volume", "value": 120, "other": "handle", "other_value": 150}
        columns = (await client.post(f"/api/plans/{plan_id}/what-if", json=body)).json()["columns"]
        piece = (await page.post(f"/api/plans/{plan_id}/what-if", json=body)).text
    assert [len(one["changes"]) for one in columns] == [0, 1, 1, 2]
    assert columns[1]["changes"] == [{"name": "volume", "value": 1.2}]
    # 2 days of 100 + 150 calls, by half hours; 120 % of them.
    assert [one["calls"] for one in columns] == pytest.approx([500.0, 600.0, 500.0, 600.0])
    assert columns[0]["paid"] == 50.0
    head, *cells = numbers(piece)[:9]
    assert head == "Seperti rencana"
    assert cells[:3] == ["Volume 120 %", "Waktu penanganan 2:30", "Volume 120 % + Waktu penanganan 2:30"]
    assert cells[3:7] == ["500", "600", "500", "600"]


@pytest.mark.parametrize(
    ("body", "field_name"),
    [
        ({"value": 120, "other": "handle"}, "other_value"),
        ({"value": 120, "other_value": 3}, "other"),
        ({"value": 120, "other": "volume", "other_value": 3}, "other"),
        ({"value": 100_000}, "value"),
        ({"value": 120, "other": "level", "other_value": 200}, "other_value"),
        ({"name": "agents", "value": 1}, "name"),
    ],
)
async def test_a_change_that_is_wrong_is_told_beside_its_field(
    world: World, body: dict[str, object], field_name: str
) -> None:
    async with world.parts.client("planner") as client:
        plan_id = await world.make(client)
        answer = await client.post(f"/api/plans/{plan_id}/what-if", json=body)
    assert answer.status_code == 422
    assert [one["field"] for one in answer.json()["fields"]] == [field_name]


async def test_a_day_is_tried_in_the_simulator(world: World) -> None:
    async with world.parts.client("planner") as client, world.parts.client("planner", page=True) as page:
        plan_id = await world.make(client)
        body = {"day": f"{FIRST}"}
        found = (await client.post(f"/api/plans/{plan_id}/simulate", json=body)).json()
        piece = (await page.post(f"/api/plans/{plan_id}/simulate", json=body)).text
    assert found["outcome"]["level"] == {"value": 0.78, "plus_minus": 0.02}
    assert "78,0 % ± 2,0 %" in piece
    assert "tidak cukup: keahlian membagi mereka" in piece  # 78 % is below 80 %
    assert re.search(r"Tidak ada agen yang dapat menerima antrean: [^,]*[Tt]oken[^,]*\.<", piece)
    assert "18,5" in numbers(piece)  # (15 + 22) ÷ 2 hours with as many as the simulator needs


@pytest.mark.parametrize(
    ("refuses", "status", "field_name"),
    [
        (PlanRefused("history", "calls"), 422, "calls"),
        (PlanRefused("closed", "first"), 422, "first"),
        (PlansUnavailable("away"), 503, ""),
    ],
)
async def test_what_cannot_be_made_is_told_with_its_remedy(
    world: World, refuses: Exception, status: int, field_name: str
) -> None:
    world.planner.refuses = refuses
    async with world.parts.client("planner") as client:
        answer = await client.post("/api/plans", json={"first": f"{FIRST}", "last": f"{LAST}"})
    assert answer.status_code == status
    assert [one["field"] for one in answer.json()["fields"]] == ([field_name] if field_name else [])
    assert world.plans.kept == {}


async def test_figures_that_are_away_do_not_hide_a_plan(world: World) -> None:
    async with world.parts.client("planner") as client:
        plan_id = await world.make(client)
        world.planner.refuses = PlansUnavailable("away")
        answer = await client.get(f"/perencana/{plan_id}")
    assert answer.status_code == 200
    assert "1.250" in numbers(answer.text)


async def test_a_plan_is_taken_along_by_half_hours(world: World) -> None:
    async with world.parts.client("planner") as client:
        plan_id = await world.make(client)
        answer = await client.get(f"/api/plans/{plan_id}/file?form=csv")
        sheet = await client.get(f"/api/plans/{plan_id}/file?form=xlsx")
    rows = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert rows[0][:2] == ["Hari", "Mulai (WIB)"]
    assert rows[1] == [
        f"{FIRST:%d.%m.%Y}", "08.00", "100,0", "180,0", "14", "15", "20", "85,0 %", "2,0 %", "6,0",
    ]  # fmt: skip
    assert len(rows) == 1 + 4
    assert sheet.content[:2] == b"PK"


async def test_an_unknown_plan_is_not_there(world: World) -> None:
    async with world.parts.client("planner") as client:
        for address in (f"/perencana/{'0' * 32}", f"/api/plans/{'0' * 32}"):
            assert (await client.get(address)).status_code == 404
        assert (await client.post(f"/api/plans/{'0' * 32}/keep", json={"name": "x"})).status_code == 404


async def test_only_who_plans_may(world: World) -> None:
    for role in ("agent", "team_leader", "quality", "administrator", "auditor"):
        async with world.parts.client(role) as client:
            assert (await client.get("/perencana")).status_code == 403, role
            assert (await client.get("/api/plans")).status_code == 403, role


async def test_the_form_proposes_the_target_and_marks_it_as_assumed(world: World) -> None:
    async with world.parts.client("planner") as client:
        html = (await client.get("/perencana")).text
    assert 'name="level"' in html
    assert re.search(r'<input[^>]*value="80"[^>]*name="level"|<input[^>]*name="level"[^>]*value="80"', html)
    assert "belum ditetapkan siapa pun" in html
    assert "Lupa EFIN" in html or "efin" in html
