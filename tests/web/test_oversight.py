"""The page of alarms and states of recordings, over real records."""

import asyncio
import shutil
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from prometheus_client import CollectorRegistry, generate_latest

from recording.disk import DiskWatch, Space
from recording.recordings import AlarmKind
from recording.states import State
from service.oversight_pages import make_oversight_area
from service.recording_keeping import KeepingPart, Retention
from service.recording_keeping_metrics import KeepingMetrics
from service.recording_keeping_part import Keeping, KeepingSide
from storage.audit import DurableAudit
from storage.database import Database
from storage.recording_alarms import DurableAlarms
from storage.recording_scan import Scanner
from tests.storage.keeping_world import KeepingWorld
from tests.web.page_parts import PageParts, page_app

AREA = "/api/recording-watch"
WATCHERS = ("supervisor", "quality", "quality_lead", "privacy_officer", "administrator")
OTHERS = ("agent", "team_leader", "campaign_manager", "planner", "auditor")
ENDERS = ("quality_lead", "privacy_officer")


class Room:
    """A file system with so much left."""

    percent = 50

    def space(self, path: Path) -> Space:
        return Space(self.percent * 10, 1000, 1)


class OversightWorld:
    """The page with everything behind it."""

    def __init__(self, database: Database, home: Path) -> None:
        self.kept = kept = KeepingWorld(database, home)
        self.registry, self.room = CollectorRegistry(), Room()
        metrics = KeepingMetrics(self.registry)
        self.alarms = DurableAlarms(database, kept.clock, metrics.raised)
        disk = DiskWatch({"spool": home, "store": home}, self.room, self.alarms)
        retention = Retention(kept.holds, kept.destruction, DurableAudit(database), kept.clock)
        scanner = Scanner(database, kept.plain, kept.store, kept.clock)
        keeping = Keeping(kept.manifest, kept.holds, kept.destruction, scanner, kept.table, retention)
        self.part = KeepingPart(database, kept.manifest, self.alarms, disk, retention, metrics, kept.clock)
        self.parts: PageParts = page_app(
            [make_oversight_area(KeepingSide(keeping, self.alarms, disk, self.part))]
        )

    async def get(self, who: str, path: str = "", *, page: bool = False, code: int = 200) -> Any:
        async with self.parts.client(who, page=page) as client:
            answer = await client.get(AREA + path)
        assert answer.status_code == code, answer.text
        return answer.text if page else answer.json()

    async def post(self, who: str, path: str, body: dict[str, str] | None = None, code: int = 200) -> Any:
        async with self.parts.client(who) as client:
            answer = await client.post(AREA + path, json=body)
        assert answer.status_code == code, answer.text
        return answer.json()


@pytest.fixture
def address(migrated_staff: Path, tmp_path: Path) -> str:
    shutil.copy(migrated_staff, tmp_path / "kring.db")
    return f"sqlite:///{tmp_path}/kring.db"


@pytest.fixture
async def world(address: str, tmp_path: Path) -> AsyncIterator[OversightWorld]:
    database = Database.open(address)
    yield OversightWorld(database, tmp_path)
    await asyncio.get_running_loop().run_in_executor(None, database.close)


async def test_alarms_states_and_room_are_shown_in_words(world: OversightWorld) -> None:
    one = await world.kept.sealed()
    await world.alarms.raise_alarm(AlarmKind.TAMPERED, "", "manifest:changed:12")
    await world.alarms.raise_alarm(AlarmKind.MISSING_OBJECT, one, "scan:row_without_object")
    await world.part.look()
    await world.part.count()
    for who in WATCHERS:
        seen = await world.get(who)
        assert [(alarm["kind"], alarm["at_once"]) for alarm in seen["open"]] == [
            ("missing_object", True),
            ("tampered", True),
        ]
        counts = {state["state"]: state["count"] for state in seen["states"]}
        assert counts == {state.value: int(state is State.SEALED) for state in State}
        assert seen["rooms"] == [{"names": ["spool", "store"], "percent": 50.0, "free": 500, "level": ""}]
    shown = await world.get("supervisor", page=True)
    for said in ("manifes, baris: diubah: 12", "suara tersimpan tidak ada", f"/rekaman/{one}", "Tersegel"):
        assert said in shown
    async with world.parts.client("supervisor") as client:
        whole = await client.get("/pengawasan-rekaman")
    assert whole.status_code == 200 and "Pengawasan rekaman" in whole.text


@pytest.mark.parametrize("who", OTHERS)
async def test_others_see_nothing_of_it(world: OversightWorld, who: str) -> None:
    for path in ("", "/notice"):
        await world.get(who, path, code=403)
    await world.post(who, "/alarms/1/note", code=403)


async def test_who_takes_note_first_is_shown(world: OversightWorld) -> None:
    await world.alarms.raise_alarm(AlarmKind.STORE, "", "away")
    assert await world.get("supervisor", "/notice") == {"alarms": 1, "at_once": 1, "unseen": 1}
    assert "Alarm rekaman, segera: 1" in await world.get("supervisor", "/notice", page=True)
    number = (await world.get("supervisor"))["open"][0]["alarm_id"]
    seen = await world.post("supervisor", f"/alarms/{number}/note")
    assert seen["open"][0]["seen_by"] == "s" * 32
    assert (await world.get("supervisor", "/notice"))["unseen"] == 0
    await world.post("supervisor", f"/alarms/{number + 1}/note", code=404)
    assert [row.act for row in world.parts.audit.rows] == ["recording_alarm_noted"] * 2
    await world.alarms.clear(AlarmKind.STORE)
    seen = await world.get("supervisor")
    assert (seen["open"], len(seen["over"])) == ([], 1)
    assert (await world.get("supervisor", "/notice", page=True)).strip() == ""


async def test_holds_need_a_reason_of_the_table_and_the_right(world: OversightWorld) -> None:
    one = await world.kept.sealed()
    await world.post("supervisor", f"/{one}/hold", {"reason": "legal:ND-3"}, code=403)
    await world.post("quality_lead", f"/{one}/hold", {"reason": "liked"}, code=422)
    await world.post("quality_lead", f"/{'0' * 32}/hold", {"reason": "scored"}, code=404)
    seen = await world.post("quality_lead", f"/{one}/hold", {"reason": "legal:ND-3"})
    assert seen == {"recording_id": one, "held_for": ["legal:ND-3"]}
    assert "Ditahan atas dasar hukum (ND-3)" in await world.get("quality_lead", f"/{one}/holds", page=True)
    await world.post("quality_lead", f"/{one}/destruction/ask", {"reason": "court_order"}, code=409)
    assert (await world.post("privacy_officer", f"/{one}/release", {"reason": "legal:ND-3"}))[
        "held_for"
    ] == []


async def test_two_people_destroy_outside_the_table(world: OversightWorld) -> None:
    one = await world.kept.sealed()
    world.parts.sessions.visitors["privacy_officer"] = _as_staff(world, "privacy_officer", "p" * 32)
    reason = {"reason": "person_request"}
    await world.post("privacy_officer", f"/{one}/destruction/confirm", reason, code=409)
    seen = await world.post("privacy_officer", f"/{one}/destruction/ask", reason)
    assert [(wish["recording_id"], wish["mine"]) for wish in seen["wishes"]] == [(one, True)]
    await world.post("privacy_officer", f"/{one}/destruction/confirm", reason, code=409)
    assert "Musnahkan" in await world.get("quality_lead", page=True)
    assert (await world.get("supervisor"))["wishes"] == []
    seen = await world.post("quality_lead", f"/{one}/destruction/confirm", reason)
    assert seen["wishes"] == []
    assert await world.kept.state(one) is State.DESTROYED
    acts = [row.act for row in world.parts.audit.rows]
    assert acts.count("recording_destroyed") == 3  # refused ones too: the trail says what was tried


async def test_a_store_that_is_away_is_told(world: OversightWorld) -> None:
    one = await world.kept.sealed()
    world.kept.break_the_database()
    await world.post("quality_lead", f"/{one}/hold", {"reason": "scored"}, code=503)
    world.kept.mend_the_database()


async def test_retention_and_alarms_are_counted(world: OversightWorld) -> None:
    one, held = await world.kept.sealed(), await world.kept.sealed()
    await world.kept.holds.hold(held, "scored", "r1")
    world.kept.clock.move(timedelta(days=400))
    await world.part.count()
    assert (await world.get("supervisor"))["due"] == 1
    await world.part.retain()
    world.room.percent = 2
    await world.part.look()
    await world.part.count()
    assert await world.kept.state(one) is State.DESTROYED
    assert await world.kept.state(held) is State.HELD
    metrics = generate_latest(world.registry).decode()
    for line in (
        "kring_recordings_destroyed_total 1.0",
        'kring_recordings{state="held"} 1.0',
        'kring_recording_alarms_open{kind="disk"} 1.0',
        'kring_recording_alarms_total{kind="disk"} 1.0',
        'kring_recording_disk_free_ratio{place="spool"} 0.02',
    ):
        assert line in metrics, line


async def test_a_manifest_that_is_shorter_than_its_anchor_is_an_alarm(world: OversightWorld) -> None:
    await world.kept.sealed()
    await world.part.count()
    assert await world.alarms.open() == []
    keep = world.kept.database
    await asyncio.to_thread(
        keep.write_now,
        lambda connection: [
            connection.exec_driver_sql(text)
            for text in ("DROP TRIGGER recording_manifest_no_delete", "DELETE FROM recording_manifest")
        ],
    )
    await world.part.count()
    assert [(one.kind, one.detail) for one in await world.alarms.open()] == [
        (AlarmKind.TAMPERED, "anchor:ahead")
    ]


def _as_staff(world: OversightWorld, role: str, staff_id: str) -> Any:
    visitor = world.parts.sessions.visitors[role]
    return replace(visitor, staff=replace(visitor.staff, staff_id=staff_id))
