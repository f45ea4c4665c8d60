"""Pages and API of people's requests: intake, clocks, two people, the bundle, the letter, alarms."""

from __future__ import annotations

import asyncio
import json
import shutil
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from domain.ids import new_id
from domain.staff import StaffRole
from recording.persons_table import load_person_table
from recording.recordings import AlarmKind
from service.person_part import PersonPart
from service.person_process import PersonAnswer, PersonJob, done
from storage.database import Database
from storage.directory import DatabaseDirectory
from storage.recording_alarms import DurableAlarms
from storage.vault import Vault
from tests.storage.person_world import A, B, PersonWorld
from tests.storage.test_storage_person_work import Work
from tests.web.page_parts import PageParts, page_app, visitor
from web.errors import add_error_handlers
from web.person_port import PersonPort
from web.person_routes import add_person_routes

AREA = "/api/person-requests"
FIRST, SECOND = "privacy_officer", "second_officer"
OTHERS = [role.value for role in StaffRole if role is not StaffRole.PRIVACY_OFFICER]
BODY = {
    "kind": "copy", "npwp": A.npwp, "name": "AAAA nama", "relation": "self", "proven_by": "ktp_seen",
    "proof": "KTP dilihat di KPP", "contact": "surat", "wish": "minta salinan",
}  # fmt: skip


class Office:
    """The pages with everything behind them; work is done in this process."""

    def __init__(self, world: PersonWorld, home: Path) -> None:
        self.work = Work(world, home / "bundles")
        self.clock = world.kept.clock
        self.alarms = DurableAlarms(world.database, self.clock)
        self.away = False
        table = load_person_table()
        self.part = PersonPart(self.work.book, self.alarms, self.clock, table, home / "bundles", self.run)
        port = PersonPort(self.work.book, self.part, DatabaseDirectory(world.database, world.vault), table)
        self.parts: PageParts = page_app([])
        add_error_handlers(self.parts.app, self.parts.shared.render)
        shared = replace(self.parts.shared, clock=self.clock)
        add_person_routes(shared, port)
        second = visitor(StaffRole.PRIVACY_OFFICER)
        second = replace(second, staff=replace(second.staff, staff_id="q" * 32))
        self.parts.sessions.visitors[SECOND] = second

    async def run(self, job: PersonJob) -> PersonAnswer:
        if self.away:
            return PersonAnswer("unavailable")
        await done(self.work.ground, job)
        return PersonAnswer()

    async def get(self, path: str, who: str = FIRST, code: int = 200, *, page: bool = False) -> Any:
        async with self.parts.client(who, page=page) as client:
            answer = await client.get(path)
        assert answer.status_code == code, answer.text
        kind = answer.headers.get("content-type", "")
        return answer.json() if "json" in kind else answer.content if "zip" in kind else answer.text

    async def post(
        self, path: str, body: dict[str, Any], who: str = FIRST, code: int = 200, *, page: bool = False
    ) -> Any:
        async with self.parts.client(who, page=page) as client:
            answer = await client.post(AREA + path, json=body)
        assert answer.status_code == code, answer.text
        return answer.text if page else answer.json()

    async def taken_in(self, **changes: str) -> dict[str, Any]:
        found: dict[str, Any] = await self.post("", {**BODY, "request_id": new_id(), **changes})
        return found

    async def prepared(self, one: dict[str, Any]) -> tuple[dict[str, Any], str]:
        told = await self.post(f"/{one['request_id']}/prepare", {"version": one["version"]})
        await self.part.settled(one["request_id"])
        return await self.get(f"{AREA}/{one['request_id']}"), told["password"]

    async def step(
        self, one: dict[str, Any], event: str, who: str = SECOND, code: int = 200, **more: str
    ) -> Any:
        body = {"version": one["version"], "event": event, **more}
        return await self.post(f"/{one['request_id']}/steps", body, who, code)

    async def carried_out(self, one: dict[str, Any]) -> Any:
        body = {"version": one["version"], "note": "diserahkan langsung"}
        await self.post(f"/{one['request_id']}/carry-out", body)
        await self.part.settled(one["request_id"])
        return await self.get(f"{AREA}/{one['request_id']}")


@pytest.fixture
async def office(migrated_staff: Path, tmp_path: Path) -> AsyncIterator[Office]:
    shutil.copy(migrated_staff, tmp_path / "kring.db")
    database = Database.open(f"sqlite:///{tmp_path}/kring.db")
    world = PersonWorld(database, Vault.create(tmp_path / "key"), tmp_path)
    await world.fill()
    yield Office(world, tmp_path)
    await asyncio.get_running_loop().run_in_executor(None, database.close)


async def test_a_copy_is_taken_in_made_approved_by_another_and_handed_over(office: Office) -> None:
    one = await office.taken_in()
    assert (one["state"], one["hours_left"], one["known"]) == ("received", 72, True)
    assert one["npwp"] == f"…{A.npwp[-4:]}" and A.npwp not in str(one)
    assert set(one["may"]) == {"prepare", "refuse", "withdraw"}
    await office.get(f"{AREA}/{one['request_id']}/bundle", code=409)
    one, password = await office.prepared(one)
    assert one["state"] == "prepared" and len(password) == 29
    hears = f'href="/rekaman/{office.work.world.recordings[A.call]}?tujuan=person_request"'
    assert hears in await office.get(f"/berkas/{one['request_id']}")
    assert [each["fate"] for each in one["decisions"]] == ["given", "left"]
    assert password not in await office.get(f"{AREA}/{one['request_id']}", page=True)
    await office.get(f"{AREA}/{one['request_id']}/bundle", code=409)
    assert "approve" not in one["may"]
    refused = await office.step(one, "approve", FIRST, 409)
    assert "orang lain" in refused["message"]
    one = await office.step(one, "approve")
    assert one["state"] == "approved" and one["handed"]
    given = await office.get(f"{AREA}/{one['request_id']}/bundle")
    assert given[:4] == b"PK\x03\x04" and A.npwp.encode() not in given
    assert "data/data.json" in office.work.texts(password)
    one = await office.carried_out(one)
    assert one["state"] == "done" and one["hours_left"] is None
    assert hears not in await office.get(f"/berkas/{one['request_id']}")
    letter = await office.get(f"/berkas/{one['request_id']}/surat")
    assert "Salinan seluruh data Anda" in letter and "diserahkan langsung" in letter
    acts = [row.act for row in office.parts.audit.rows if row.subject == f"person:{one['request_id']}"]
    assert {"person_request_received", "person_file_asked", "person_approve", "person_bundle_fetched"} <= set(
        acts
    )
    for row in office.parts.audit.rows:
        assert A.npwp not in str(row) and "AAAA" not in str(row)


async def test_the_password_is_shown_once_on_the_page(office: Office) -> None:
    one = await office.taken_in()
    path = f"/{one['request_id']}/prepare"
    shown = await office.post(path, {"version": one["version"]}, page=True)
    assert "Kata sandi salinan" in shown
    await office.part.settled(one["request_id"])
    assert "Kata sandi salinan" not in await office.get(f"{AREA}/{one['request_id']}", page=True)


class Values(HTMLParser):
    """What buttons and forms of a page send beside their fields."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[dict[str, Any]] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = dict(attrs).get("hx-vals")
        if told is not None:
            self.found.append(json.loads(told))


async def test_what_buttons_send_is_readable(office: Office) -> None:
    one, _ = await office.prepared(await office.taken_in())
    sent = Values(await office.get(f"{AREA}/{one['request_id']}", SECOND, page=True)).found
    events = {each.get("event", "") for each in sent}
    assert {"approve", "send_back", "withdraw", "refuse"} <= events
    assert {each["version"] for each in sent} == {one["version"]}


async def test_an_erasure_says_what_goes_and_what_stays_with_reason_and_date(office: Office) -> None:
    one = await office.taken_in(kind="erasure")
    one, password = await office.prepared(one)
    assert password == ""
    one = await office.carried_out(await office.step(one, "approve"))
    fates = {(each["about"], each["fate"]) for each in one["decisions"]}
    assert ("Rekaman", "goes") in fates and ("Rekaman", "stays") in fates
    assert ("Rekam jejak pemrosesan", "stays") in fates
    letter = await office.get(f"/berkas/{one['request_id']}/surat")
    assert (
        "memuat data wajib pajak lain" in letter and "Catatan layanan" in letter and "dimusnahkan" in letter
    )


async def test_restriction_and_objection_take_effect_at_once_without_a_second_person(office: Office) -> None:
    for kind in ("restriction", "objection", "correction"):
        one = await office.carried_out(await office.taken_in(kind=kind))
        assert one["state"] == "done", kind
        assert one["restricts"] is (kind == "restriction")
        assert await office.work.book.call(A.call) and not await office.work.book.call(B.call)
    one = next(each for each in (await office.get(AREA))["answered"] if each["kind"] == "restriction")
    one = await office.get(f"{AREA}/{one['request_id']}")
    one = await office.step(one, "ask_lift", FIRST)
    await office.step(one, "lift", FIRST, 409)
    assert (await office.step(one, "lift"))["state"] == "lifted"
    assert not await office.work.book.call(A.call)


async def test_a_refusal_has_a_reason_of_the_table_and_removes_the_bundle(office: Office) -> None:
    one, _ = await office.prepared(await office.taken_in())
    wrong = await office.step(one, "refuse", code=422, reason="because")
    assert wrong["fields"][0]["field"] == "reason"
    assert list((office.work.ground.folder).iterdir())
    one = await office.step(one, "refuse", reason="others_data")
    assert one["state"] == "refused" and list(office.work.ground.folder.iterdir()) == []
    assert "Pasal 33" in await office.get(f"/berkas/{one['request_id']}/surat")


async def test_what_is_wrong_in_an_intake_is_said_beside_the_field(office: Office) -> None:
    for field, value in (("npwp", "1234567890123456"), ("relation", "friend"), ("proven_by", "voice")):
        answer = await office.post("", {**BODY, "request_id": new_id(), field: value}, code=422)
        assert [one["field"] for one in answer["fields"]] == [field]
        assert value not in str(answer)
    assert (await office.get(AREA))["open"] == []


async def test_the_same_intake_sent_twice_is_one_request(office: Office) -> None:
    number = new_id()
    for _ in range(2):
        await office.post("", {**BODY, "request_id": number})
    assert len((await office.get(AREA))["open"]) == 1


async def test_who_saw_an_older_state_changes_nothing(office: Office) -> None:
    one = await office.taken_in()
    await office.prepared(one)
    await office.step(one, "withdraw", code=409)


async def test_work_that_fails_is_said_and_can_be_done_again(office: Office) -> None:
    one = await office.taken_in()
    office.away = True
    one, _ = await office.prepared(one)
    assert one["state"] == "received" and "Coba lagi" in one["fault"]
    office.away = False
    one, _ = await office.prepared(one)
    assert one["state"] == "prepared" and one["fault"] == ""


async def test_alarms_come_before_the_clock_ends_and_go_with_the_answer(office: Office) -> None:
    one = await office.taken_in()

    async def told() -> list[str]:
        await office.part.look()
        found = await office.alarms.open()
        return [each.detail for each in found if each.kind is AlarmKind.PERSON_REQUEST]

    assert await told() == []
    for hours, word in ((37, "soon"), (24, "urgent"), (12, "late")):
        office.clock.move(timedelta(hours=hours))
        assert await told() == [f"{word}:{one['code']}"]
    shown = await office.get(AREA)
    assert shown["open"][0]["urgency"] == "late" and shown["open"][0]["hours_left"] == -1
    assert "terlambat" in await office.get("/berkas")
    await office.step(one, "withdraw")
    assert await told() == []


async def test_what_a_killed_process_left_half_made_is_removed_at_the_start(office: Office) -> None:
    folder = office.work.ground.folder
    folder.mkdir()
    for name in ("1.part", "2.zip"):
        (folder / name).write_bytes(b"x")
    await office.part.begin()
    await office.part.end()
    assert [one.name for one in folder.iterdir()] == ["2.zip"]


async def test_a_bundle_is_removed_when_its_days_are_over(office: Office) -> None:
    one, _ = await office.prepared(await office.taken_in())
    one = await office.step(one, "approve")
    office.clock.move(timedelta(days=15))
    await office.part.look()
    assert list(office.work.ground.folder.iterdir()) == []
    await office.get(f"{AREA}/{one['request_id']}/bundle", code=410)
    assert (await office.get(f"{AREA}/{one['request_id']}"))["bundles"][0]["removed_at"] is not None


async def test_no_other_role_sees_or_does_anything(office: Office) -> None:
    one = await office.taken_in()
    paths = ("/berkas", AREA, f"/berkas/{one['request_id']}", f"{AREA}/{one['request_id']}/bundle")
    for who in OTHERS:
        for path in paths:
            assert A.sign not in str(await office.get(path, who, 403))
        await office.post("", {**BODY, "request_id": new_id()}, who, 403)
        await office.step(one, "approve", who, 403)
