"""The wallboard over HTTP: who sees what, figures, messages, announcements, thresholds."""

import asyncio
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest

from domain.floor_log import EntryRow
from domain.staff import StaffRole
from tests.web.page_parts import COLLEAGUE, OWN, visitor
from tests.web.wall_stage import WallStage, wall_stage
from tests.web.whole_pages import TUESDAY
from web.wall_message_routes import NEWS

TEXT = "Rapat singkat pukul 14.00"
NOW = TUESDAY
HOUR = timedelta(hours=1)


@pytest.fixture
def stage(migrated_staff: Path, tmp_path: Path) -> Iterator[WallStage]:
    made = wall_stage(migrated_staff, tmp_path)
    yield made
    made.database.close()


async def board(stage: WallStage, who: str = "supervisor") -> dict[str, dict[str, Any]]:
    async with stage.parts.client(who) as client:
        answer = await client.get("/api/wall")
    assert answer.status_code == 200, answer.text
    rows: dict[str, dict[str, Any]] = answer.json()["rows"]
    return rows


def kinds(rows: dict[str, Any]) -> set[str]:
    return {key.split(" ")[0] for key in rows}


async def test_the_board_equals_a_day_worked_out_by_hand(stage: WallStage) -> None:
    """Three calls: one answered after 5 s, one given up after 40 s, one still waits: 1 ÷ 3, 1 ÷ 3."""
    at = NOW - timedelta(seconds=60)

    def entry(call: str, seconds: float, outcome: str = "") -> EntryRow:
        return EntryRow(call, at + timedelta(seconds=seconds), "efin", "id", at, outcome)

    stage.entered(entry("a", 0), entry("b", 0), entry("c", 0))
    stage.entered(entry("a", 5, "answered"), entry("b", 40, "caller_hung_up"))
    rows = await board(stage)
    efin, total = rows["queue efin"], rows["total"]
    assert (efin["incoming"], efin["answered"], efin["abandoned"], efin["in_time"]) == (3, 1, 1, 1)
    assert (efin["service_level_today"], efin["service_level_now"]) == (pytest.approx(1 / 3), 0.5)
    assert total["abandonment_today"] == pytest.approx(1 / 3)
    assert (efin["waiting"], efin["longest"], efin["expected"]) == (3, 42.0, 95.0)
    assert rows["trunk in"] == {"used": 40, "most": 50, "use": 0.8, "level": "warn"}
    assert rows["line"]["open"] is True


async def test_a_supervisor_sees_all_of_it(stage: WallStage) -> None:
    stage.alarms.append("disk")
    rows = await board(stage)
    assert kinds(rows) == {"agent", "queue", "tier", "total", "trunk", "line", "recordings", "campaign"}
    assert rows["recordings"]["kinds"] == ["disk"]
    states = sorted(row["state"] for key, row in rows.items() if key.startswith("agent"))
    assert states == ["free", "talking"]


async def test_a_team_leader_sees_the_own_team_and_a_planner_no_campaign(stage: WallStage) -> None:
    rows = await board(stage, "team_leader")
    assert [key for key in rows if key.startswith("agent")] == [f"agent {stage.source.key(OWN)}"]
    assert "recordings" not in rows
    assert kinds(await board(stage, "planner")) == {"agent", "queue", "tier", "total", "trunk", "line"}
    async with stage.parts.client("team_leader") as leader:
        roster = (await leader.get("/api/wall/roster")).json()["agents"]
    assert [(one["agent"], one["team"]) for one in roster] == [(OWN, "alfa")]
    async with stage.parts.client("agent") as agent:
        for path in ("/papan", "/papan/layar", "/api/wall", "/api/wall/roster", "/api/wall/events"):
            assert (await agent.get(path)).status_code == 403, path


async def test_no_name_and_no_number_is_in_the_board(stage: WallStage) -> None:
    async with stage.parts.client("supervisor") as client:
        said = (await client.get("/api/wall")).text
    for personal in (OWN, COLLEAGUE, "Melati", "Kenanga", "alfa"):
        assert personal not in said


def _told(message: bytes) -> tuple[str, dict[str, Any]]:
    lines = message.decode().removeprefix("retry: 1000\n\n").splitlines()
    return lines[0].removeprefix("event: "), msgspec.json.decode(lines[1].removeprefix("data: "))


async def test_what_changes_is_told_and_nothing_else(stage: WallStage) -> None:
    feed, own, other = stage.door.feed, stage.source.key(OWN), stage.source.key(COLLEAGUE)
    everybody = feed.listen("all", lambda _: True)
    leader = visitor(StaffRole.TEAM_LEADER)
    mine = feed.listen(stage.door.group(leader), stage.door.sees(leader))
    kind, told = _told(await anext(everybody))
    assert kind == "everything"
    assert {f"agent {own}", f"agent {other}", "queue efin"} <= set(told["rows"])
    _, told = _told(await anext(mine))
    assert f"agent {other}" not in told["rows"]
    stage.parts.floor.change(COLLEAGUE, declared="paused", reason="prayer", seconds=0.0)
    kind, told = _told(await anext(everybody))
    assert kind == "changes"
    assert told["rows"][f"agent {other}"]["reason"] == "prayer"
    assert f"agent {own}" not in told["rows"]
    stage.parts.floor.change(COLLEAGUE, declared="signed_out")
    kind, told = _told(await anext(everybody))
    assert told["gone"] == [f"agent {other}"]
    for _ in range(2):
        _, told = _told(await anext(mine))
        assert f"agent {other}" not in [*told["rows"], *told["gone"]]
    for one in (everybody, mine):
        await one.aclose()  # type: ignore[attr-defined]
    assert len(feed) == 0
    assert stage.parts.floor.callbacks == []


async def test_a_service_that_stops_ends_the_boards(stage: WallStage) -> None:
    messages = stage.door.feed.listen("all", lambda _: True)
    await anext(messages)
    waiting = asyncio.ensure_future(anext(messages))
    await asyncio.sleep(0)
    stage.door.close()
    await waiting
    assert [message async for message in messages] == []


async def test_a_message_is_sent_shown_and_acknowledged(stage: WallStage) -> None:
    page = stage.desk.listen(OWN, "session-1", "id")
    await anext(page)
    async with stage.parts.client("supervisor") as boss, stage.parts.client("agent") as agent:
        sent = (await boss.post("/api/wall/messages", json={"audience": "all", "text": TEXT})).json()
        (one,) = sent["messages"]
        assert (one["told"], one["shown"], one["acknowledged"]) == (2, 0, 0)
        assert f"event: {NEWS}".encode() in await anext(page)
        (mine,) = (await agent.get("/api/desk/messages")).json()["messages"]
        assert (mine["text"], mine["sender"]) == (TEXT, "Contoh Petugas")
        path = f"/api/desk/messages/{mine['message_id']}/acknowledge"
        assert (await agent.post(path)).json() == {"messages": []}
        assert (await agent.post(path)).status_code == 200, "idempotent"
        assert (await agent.post(f"/api/desk/messages/{'0' * 32}/acknowledge")).status_code == 404
        (one,) = (await boss.get("/api/wall/messages")).json()["messages"]
        assert (one["told"], one["shown"], one["acknowledged"]) == (2, 1, 1)
        assert (await board(stage))[f"message {one['message_id']}"]["acknowledged"] == 1
        piece = await boss.get("/api/wall/messages", headers={"hx-request": "true"})
        assert "1 dari 2 sudah membaca" in piece.text
    (row,) = stage.parts.audit.rows
    assert (row.act, row.data) == ("wall_message_sent", {"audience": "all", "told": "2"})
    assert TEXT not in repr(row)
    await page.aclose()  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("body", "status", "field"),
    [
        ({"audience": "agent", "agent": COLLEAGUE, "text": TEXT}, 422, "agent"),
        ({"audience": "team", "team": "beta", "text": TEXT}, 422, "team"),
        ({"audience": "all", "text": TEXT}, 403, ""),
        ({"audience": "team", "team": "alfa", "text": "  "}, 422, "text"),
        ({"audience": "team", "team": "alfa", "text": "x" * 501}, 422, "text"),
    ],
)
async def test_a_team_leader_writes_to_the_own_team_only(
    stage: WallStage, body: dict[str, str], status: int, field: str
) -> None:
    async with stage.parts.client("team_leader") as leader:
        answer = await leader.post("/api/wall/messages", json=body)
        assert answer.status_code == status, answer.text
        if field:
            assert [one["field"] for one in answer.json()["fields"]] == [field]
        sent = await leader.post(
            "/api/wall/messages", json={"audience": "team", "team": "alfa", "text": TEXT}
        )
        assert [one["told"] for one in sent.json()["messages"]] == [1]


async def test_an_announcement_is_heard_from_switching_on_to_switching_off(
    stage: WallStage,
) -> None:
    ends = (NOW + HOUR).isoformat()
    async with stage.parts.client("supervisor") as boss, stage.parts.client("team_leader") as leader:
        body = {"prompt": "announce_busy", "begins": "", "ends": ends}
        assert (await leader.post("/api/wall/announcements", json=body)).status_code == 403
        made = (await boss.post("/api/wall/announcements", json=body)).json()["announcements"]
        assert [(one["on"], one["text"]) for one in made] == [(True, "Antrean panjang.")]
        assert stage.announcing.announcement({}).facts == {"announced": "announce_busy"}
        name = made[0]["announcement_id"]
        assert (await board(stage))[f"announcement {name}"]["on"] is True
        over = (await boss.post(f"/api/wall/announcements/{name}/end")).json()["announcements"]
        assert [(one["on"], one["over"]) for one in over] == [(False, True)]
        assert stage.announcing.announcement({}).word == "none"
        assert f"announcement {name}" not in await board(stage)
        assert (await boss.post(f"/api/wall/announcements/{'0' * 32}/end")).status_code == 404
        piece = await boss.get("/api/wall/announcements", headers={"hx-request": "true"})
        assert "Penelepon tidak mendengar pengumuman." in piece.text
    acts = [row.act for row in stage.parts.audit.rows]
    assert acts[:2] == ["announcement_on", "announcement_off"]


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"prompt": "welcome_morning", "ends": (NOW + HOUR).isoformat()}, "prompt"),
        ({"prompt": "announce_busy", "ends": (NOW - HOUR).isoformat()}, "ends"),
        ({"prompt": "announce_busy", "ends": "besok"}, "ends"),
        ({"prompt": "announce_busy", "ends": "0001-01-01T00:00"}, "ends"),
        ({"prompt": "announce_busy", "ends": (NOW + 40 * 24 * HOUR).isoformat()}, "ends"),
    ],
)
async def test_an_announcement_that_cannot_be_is_refused_by_field(
    stage: WallStage, body: dict[str, str], field: str
) -> None:
    async with stage.parts.client("supervisor") as boss:
        answer = await boss.post("/api/wall/announcements", json=body)
    assert answer.status_code == 422, answer.text
    assert [one["field"] for one in answer.json()["fields"]] == [field]
    assert stage.announcing.known == ()


async def test_a_threshold_is_set_for_one_queue_and_taken_back(stage: WallStage) -> None:
    body = {"measure": "waiting", "queue": "efin", "warn": "2", "alarm": "3"}
    assert (await board(stage))["queue efin"]["levels"].get("waiting") is None
    async with stage.parts.client("supervisor") as boss, stage.parts.client("planner") as planner:
        assert (await planner.put("/api/wall/thresholds", json=body)).status_code == 403
        assert (await boss.put("/api/wall/thresholds", json=body)).status_code == 200
        assert (await board(stage))["queue efin"]["levels"]["waiting"] == "alarm"
        shown = (await planner.get("/api/wall/thresholds")).json()["thresholds"]
        own = [one for one in shown if one["queue"] == "efin"]
        assert [(one["warn"], one["alarm"], one["assumed"]) for one in own] == [(2.0, 3.0, False)]
        piece = await planner.get("/api/wall/thresholds", headers={"hx-request": "true"})
        assert "Asumsi" in piece.text and "<form" not in piece.text
        await boss.put("/api/wall/thresholds", json={**body, "warn": "", "alarm": ""})
        assert (await board(stage))["queue efin"]["levels"].get("waiting") is None
        wrong = await boss.put("/api/wall/thresholds", json={**body, "warn": "9"})
        assert [one["field"] for one in wrong.json()["fields"]] == ["alarm"]


async def test_what_cannot_be_read_is_told_and_the_rest_goes_on(stage: WallStage) -> None:
    await board(stage)
    stage.database.write_now(lambda c: c.exec_driver_sql("ALTER TABLE wall_thresholds RENAME TO gone"))
    await stage.source.changed()
    rows = await board(stage)
    assert rows["lacking"] == {"parts": ["settings"]}
    assert rows["queue efin"]["waiting"] == 3
    async with stage.parts.client("supervisor") as boss:
        body = {"measure": "waiting", "warn": 1, "alarm": 2}
        assert (await boss.put("/api/wall/thresholds", json=body)).status_code == 503


@pytest.mark.parametrize("path", ["/papan", "/papan/layar"])
async def test_the_pages_carry_their_words_and_only_what_the_role_may_do(stage: WallStage, path: str) -> None:
    async with stage.parts.client("supervisor") as boss, stage.parts.client("planner") as planner:
        full, narrow = (await boss.get(path)).text, (await planner.get(path)).text
    assert "Lupa EFIN" in full or "efin" in full
    assert 'id="acts"' not in narrow and "data-line" not in narrow
    assert ('id="acts"' in full) == (path == "/papan")


async def test_a_fault_of_one_part_does_not_stop_the_others(
    stage: WallStage, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def breaks() -> None:
        raise RuntimeError

    monkeypatch.setattr(stage.source, "_look_at_slow", breaks)
    rows = await board(stage)
    assert rows["lacking"] == {"parts": ["slow"]}
    assert rows["line"]["open"] is True
