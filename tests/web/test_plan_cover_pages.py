"""A plan beside the schedule, on the pages and through the API: the numbers of a small plan by hand."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from reporting.planning.staffing import load_of, pool
from tests.web.test_plan_routes import FIRST, LAST, SLOTS, TODAY, World, made, numbers, world

__all__ = ["world"]  # the fixture

# On the schedule from opening to closing: 21 agents on incoming calls, one on outbound. Required: 20 and 30.
ROSTERED = 21


async def test_days_stand_beside_the_schedule(world: World) -> None:
    async with world.parts.client("planner") as client:
        plan_id = await world.make(client)
        found = (await client.get(f"/api/plans/{plan_id}/cover")).json()
        page = (await client.get(f"/perencana/{plan_id}")).text
    assert [one["day"] for one in found["days"]] == [f"{FIRST}", f"{LAST}"]
    day = found["days"][0]
    assert [one["rostered"] for one in day["slots"]] == [ROSTERED, ROSTERED]
    assert [(one["difference"], one["word"]) for one in day["slots"]] == [(1, "over"), (-9, "thin")]
    assert [one["outgoing"] for one in day["slots"]] == [1, 1]
    # Half hours: 50 agents required, 42 there, 9 short in one, 1 over in the other.
    hours = [day[f"{name}_hours"] for name in ("required", "rostered", "short", "over", "short_of_calls")]
    assert hours == [25.0, 21.0, 4.5, 0.5, 0.0]
    assert (found["short_hours"], found["over_hours"], day["shifts"]) == (9.0, 1.0, 22)
    plan = made(world.planner.asked[0])
    levels = [
        pool(load_of(slot.calls, slot.handle, plan.given), ROSTERED, plan.asked.target).service_level
        for slot in SLOTS
    ]
    assert [one["level"] for one in day["slots"]] == pytest.approx(levels)
    assert day["level"] == pytest.approx((100 * levels[0] + 150 * levels[1]) / 250)
    assert set(found["notes"]) == {"pool", "outgoing"}
    assert f'hx-get="/api/plans/{plan_id}/cover" hx-trigger="load"' in page
    assert f'value="{FIRST}" id="cover-first"' in page or 'id="cover-first"' in page
    assert '<option value="beta">beta</option>' in page


async def test_the_piece_says_short_and_over_by_sign_and_word(world: World) -> None:
    async with world.parts.client("planner", page=True) as client, world.parts.client("planner") as program:
        plan_id = await world.make(program)
        piece = (await client.get(f"/api/plans/{plan_id}/cover?team=beta")).text
        day = (await client.get(f"/api/plans/{plan_id}/cover/{LAST}?team=beta")).text
    text = re.sub(r"<[^>]+>", " ", piece)
    assert "9,0 jam agen kurang dan 1,0 jam lebih" in text
    assert re.search(r"−4,5\s+tanpa cadangan", text)
    assert re.search(r"\+1,0\s+lebih", text)
    assert re.search(r"−9,0\s+tanpa cadangan", text)
    assert "Rencana tidak mengenal tim" in text
    assert "Dari tim beta" in day
    assert numbers(day)[9:13] == ["20", "21,0", "8,0", numbers(day)[12]]
    assert 'class="chart"' in day
    assert f"/cover/{LAST}?queue=&amp;team=beta" in piece


async def test_one_queue_is_asked_for(world: World) -> None:
    async with world.parts.client("planner") as client:
        plan_id = await world.make(client)
        found = await client.get(f"/api/plans/{plan_id}/cover?first={LAST}&queue=efin")
        unknown = await client.get(f"/api/plans/{plan_id}/cover?queue=general")
    assert found.json()["queue"] == "efin" and found.json()["first"] == f"{LAST}" == found.json()["last"]
    assert {"queue_alone", "skills_now"} <= set(found.json()["notes"])
    assert world.rosters.asked == [(("efin",), ""), (("general",), "")]
    assert (unknown.status_code, [one["field"] for one in unknown.json()["fields"]]) == (422, ["queue"])


@pytest.mark.parametrize(
    ("query", "field"),
    [
        (f"first={TODAY}&last={TODAY}", "first"),
        (f"first={LAST}&last={FIRST}", "last"),
        (f"first={FIRST}&last={FIRST + timedelta(days=31)}", "last"),
        ("team=gama", "team"),
        ("queue=EFIN", "queue"),
    ],
)
async def test_what_cannot_be_compared_is_told_beside_its_field(world: World, query: str, field: str) -> None:
    async with world.parts.client("planner") as client:
        plan_id = await world.make(client)
        answer = await client.get(f"/api/plans/{plan_id}/cover?{query}")
    assert answer.status_code == 422
    assert [one["field"] for one in answer.json()["fields"]] == [field]


async def test_a_schedule_that_cannot_be_read_is_told(world: World) -> None:
    async with world.parts.client("planner") as client:
        plan_id = await world.make(client)
        world.rosters.broken = True
        assert (await client.get(f"/api/plans/{plan_id}/cover/{FIRST}")).status_code == 503
        world.rosters.broken = False
        assert (await client.get(f"/api/plans/{plan_id}/cover/{TODAY}")).status_code == 422
    async with world.parts.client("team_leader") as other:
        assert (await other.get(f"/api/plans/{plan_id}/cover")).status_code == 403
