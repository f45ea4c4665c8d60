"""Finding recordings, sampling plans, the work list and what stands beside a recording, by pages and API."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import partial
from pathlib import Path

import pytest
import sqlalchemy as sa

from acd.floor_views import AgentView
from desk.access import Handling
from desk.branches import load_branches
from desk.proof import ActKind, Outcome, ProofAct
from desk.proof_desk import ProvedStandings
from desk.script import Tick
from desk.script_book import load_scripts
from domain.clock import SystemClock
from domain.staff import StaffRole
from recording.quality.finding_text import FIELDS
from recording.quality.sampling_rules import load_task_rules
from storage.database import Database
from storage.interaction_calls import DurableTicks
from storage.person_requests import DurablePersons
from storage.person_tables import person_restricted_calls, person_restrictions
from storage.review_plans import ReviewPlans
from storage.review_searches import ReviewSearches
from storage.review_tasks import ReviewTasks
from storage.review_ticks import CallTicks
from storage.vault import Vault
from tests.storage.review_world import ReviewWorld
from tests.web.card_doubles import STORY, TABLES, Proofs, Stories
from tests.web.floor_double import agent_view
from tests.web.page_parts import PageParts, page_app, visitor
from web.review_models import SearchFields
from web.review_port import ContextPort, ReviewPort
from web.review_routes import add_review_routes

DAY = timedelta(days=1)


class NobodyBlind:
    """Keeps from everybody the scores of what a test puts in."""

    def __init__(self) -> None:
        self.kept: set[str] = set()

    async def hidden(self, staff_id: str) -> frozenset[str]:
        return frozenset(self.kept)


class WeekDays:
    """Works on weekdays."""

    def works(self, day: date) -> bool:
        return day.weekday() < 5


@dataclass
class Stage:
    """The application over a real index."""

    parts: PageParts
    world: ReviewWorld
    blind: NobodyBlind
    proofs: Proofs
    tasks: ReviewTasks


@pytest.fixture(scope="session")
def review_file(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    folder = tmp_path_factory.mktemp("review")
    Database.open(f"sqlite:///{folder}/kring.db").close()
    Vault.create(folder / "key")
    return folder / "kring.db", folder / "key"


@pytest.fixture
async def stage(review_file: tuple[Path, Path], tmp_path: Path) -> AsyncIterator[Stage]:
    (tmp_path / "kring.db").write_bytes(review_file[0].read_bytes())
    database = Database.open(f"sqlite:///{tmp_path}/kring.db")
    vault = Vault.load(review_file[1])
    world, blind, proofs = ReviewWorld(database, vault), NobodyBlind(), Proofs()
    world.now = SystemClock().now()
    tasks = ReviewTasks(database, timedelta(hours=8))

    async def campaigns() -> dict[str, str]:
        return {"c1": "Belum lapor SPT"}

    async def people() -> dict[str, str]:
        return {"s" * 32: "Contoh Petugas"}

    standings = ProvedStandings(Stories(), proofs, TABLES)
    port = ReviewPort(
        finder=world.finder, searches=ReviewSearches(database, vault),
        plans=ReviewPlans(database, world.finder), tasks=tasks, rules=load_task_rules(),
        calendar=WeekDays(), blind=blind,  # type: ignore[arg-type]  # only what is asked here
        branches=load_branches(), campaigns=campaigns,
        dispositions=lambda language: {"informed": "Sudah disampaikan" if language == "id" else "Informed"},
        people=people,
        context=ContextPort(
            world.book, standings, world.notes, CallTicks(database), load_scripts(),
            DurablePersons(database, vault),
        ),
    )  # fmt: skip
    parts = page_app([partial(add_review_routes, port=port)])
    parts.sessions.visitors["north_leader"] = visitor(StaffRole.TEAM_LEADER, "", "utara")
    parts.sessions.visitors["teamless"] = visitor(StaffRole.TEAM_LEADER, "", "")
    agents: list[AgentView] = [
        agent_view("1001", team="utara", on_air_name="Melati"),
        agent_view("1002", team="selatan", on_air_name="Kenanga"),
    ]
    parts.floor.agents = lambda: agents  # type: ignore[method-assign]
    yield Stage(parts, world, blind, proofs, tasks)
    database.close()


async def two(stage: Stage) -> tuple[str, str]:
    """Record a call of each team; return their recordings."""
    world = stage.world
    north = await world.records(world.now - DAY)
    await world.writes(north.call_id, "efin_token", "forgotten_efin", "tanya <b>EFIN</b>")
    await world.scores(north, 8750)
    south = await world.records(world.now - 2 * DAY, "1002", direction="out", campaign_id="c1")
    await world.disposes(south.call_id, "c1", "informed")
    await world.feeds()
    return north.recording_id, south.recording_id


def test_the_form_and_the_rules_have_the_same_fields() -> None:
    assert tuple(SearchFields.model_fields) == FIELDS


async def test_a_search_finds_within_the_reach_of_the_role(stage: Stage) -> None:
    north, south = await two(stage)
    wanted = {"quality": [north, south], "supervisor": [north, south], "north_leader": [north]}
    for role, ids in wanted.items():
        async with stage.parts.client(role) as client:
            found = (await client.post("/api/recordings/search", json={})).json()
            assert [row["recording_id"] for row in found["rows"]] == ids, role
            assert (found["total"], found["more"], found["next"]) == (len(ids), False, "")
    async with stage.parts.client("north_leader") as leader:
        other = (await leader.post("/api/recordings/search", json={"teams": ["selatan"]})).json()
        assert other["rows"] == []
    for role, status in {"teamless": 403, "agent": 403, "campaign_manager": 403, "auditor": 403}.items():
        async with stage.parts.client(role) as client:
            assert (await client.post("/api/recordings/search", json={})).status_code == status, role


async def test_rows_say_in_words_what_is_known_and_the_trail_that_it_was_asked(stage: Stage) -> None:
    await two(stage)
    async with stage.parts.client("quality") as client:
        found = (await client.post("/api/recordings/search", json={"words": "efin", "agents": "1001"})).json()
    (row,) = found["rows"]
    assert (row["agent"], row["team"], row["score"], row["seconds"]) == ("Melati", "utara", 87.5, 180)
    assert "EFIN" in row["topic"]
    (told,) = stage.parts.audit.rows
    assert (told.act, told.data["by"], told.data["found"]) == ("recordings_searched", "agents,words", "1")
    assert "efin" not in str(told.data)
    async with stage.parts.client("quality", page=True) as client:
        piece = (await client.post("/api/recordings/search", json={"campaigns": "c1"})).text
        assert "Belum lapor SPT" in piece and "Sudah disampaikan" in piece and "Kenanga" in piece


async def test_what_cannot_be_searched_is_refused_beside_its_field(stage: Stage) -> None:
    async with stage.parts.client("quality") as client:
        for body, field in (({"hold_least": "x"}, "hold_least"), ({"until": "31.3.2026"}, "until")):
            answer = await client.post("/api/recordings/search", json=body)
            assert answer.status_code == 422 and field in answer.text
        assert (await client.post("/api/recordings/search", json={"colour": "red"})).status_code == 422


async def test_a_score_is_kept_from_who_scores_blind(stage: Stage) -> None:
    north, south = await two(stage)
    stage.blind.kept.add(north)
    async with stage.parts.client("quality") as client:
        found = (await client.post("/api/recordings/search", json={})).json()
        assert {row["recording_id"]: row["score"] for row in found["rows"]} == {north: None, south: None}
        for told in ({"score_least": "80"}, {"scored": "yes"}):
            assert (await client.post("/api/recordings/search", json=told)).json()["rows"] == []


async def test_a_search_is_kept_under_a_name_and_is_ones_own(stage: Stage) -> None:
    stage.parts.sessions.visitors["other"] = replace(
        visitor(StaffRole.QUALITY), staff=replace(visitor(StaffRole.QUALITY).staff, staff_id="o" * 32)
    )
    body = {"name": "Hold lama", "hold_least": "2:00", "words": "keberatan"}
    async with stage.parts.client("quality") as mine, stage.parts.client("other") as other:
        kept = (await mine.post("/api/recordings/searches", json=body)).json()
        assert kept["fields"] == {"hold_least": "2:00", "words": "keberatan"}
        again = (await mine.post("/api/recordings/searches", json={**body, "shared": True})).json()
        assert again["search_id"] == kept["search_id"]
        (seen,) = (await other.get("/api/recordings/searches")).json()
        assert (seen["name"], seen["mine"]) == ("Hold lama", False)
        own_page = (await mine.get("/rekaman")).text
        assert "Hapus pencarian Hold lama" in own_page
        page = (await other.get(f"/rekaman?pencarian={kept['search_id']}")).text
        assert 'value="2:00"' in page and 'value="keberatan"' in page
        await other.request("DELETE", f"/api/recordings/searches/{kept['search_id']}")
        assert len((await mine.get("/api/recordings/searches")).json()) == 1
        await mine.request("DELETE", f"/api/recordings/searches/{kept['search_id']}")
        assert (await other.get("/api/recordings/searches")).json() == []


async def test_a_plan_is_written_drawn_once_and_stopped(stage: Stage) -> None:
    await two(stage)
    body = {"name": "Harian", "every": "hand", "each": 0, "branches": "", "active": True}
    async with stage.parts.client("quality_lead") as lead:
        plan = (await lead.post("/api/review/plans", json=body)).json()
        assert (plan["version"], plan["draws"]) == (1, [])
        day = (stage.world.now - 2 * DAY + timedelta(hours=7)).date().isoformat()
        drawn = (await lead.post(f"/api/review/plans/{plan['plan_id']}/draws", json={"day": day})).json()
        assert (drawn["taken"], drawn["new"]) == (1, True)
        again = (await lead.post(f"/api/review/plans/{plan['plan_id']}/draws", json={"day": day})).json()
        assert (again["seed"], again["new"]) == (drawn["seed"], False)
        late = {**body, "version": 7}
        assert (await lead.put(f"/api/review/plans/{plan['plan_id']}", json=late)).status_code == 409
        stopped = {**body, "version": 1, "active": False}
        assert (await lead.put(f"/api/review/plans/{plan['plan_id']}", json=stopped)).json()["version"] == 2
        refused = await lead.post("/api/review/plans", json={**body, "most": 0})
        assert refused.status_code == 422 and "most" in refused.text
        assert "Harian" in (await lead.get("/rencana-sampel")).text
    async with stage.parts.client("quality") as reviewer:
        assert (await reviewer.get("/rencana-sampel")).status_code == 403
    acts = [row.act for row in stage.parts.audit.rows]
    assert acts.count("review_plan_drawn") == 2 and "review_plan_kept" in acts


async def listed(stage: Stage) -> None:
    await two(stage)
    body = {"name": "Semua", "every": "month", "each": 0}
    async with stage.parts.client("quality_lead") as lead:
        plan = (await lead.post("/api/review/plans", json=body)).json()
        for back in (1, 2):  # the days of the calls, which may be of two months
            day = (stage.world.now + timedelta(hours=7) - back * DAY).date().isoformat()
            await lead.post(f"/api/review/plans/{plan['plan_id']}/draws", json={"day": day})


async def test_a_reviewer_takes_gives_back_and_skips(stage: Stage) -> None:
    await listed(stage)
    async with stage.parts.client("quality") as reviewer:
        work = (await reviewer.get("/api/review/tasks")).json()
        (waiting,) = work["waiting"]  # the other one is scored
        assert (waiting["plan"], waiting["why"], waiting["agent"]) == ("Semua", "random", "Kenanga")
        taken = (await reviewer.post("/api/review/tasks/next")).json()
        assert (taken["task_id"], taken["mine"]) == (waiting["task_id"], True)
        assert (await reviewer.post("/api/review/tasks/next")).json() is None
        address = f"/api/review/tasks/{taken['task_id']}"
        assert (await reviewer.post(f"{address}/give-back", json={"reason": "unusable"})).status_code == 422
        assert (await reviewer.post(f"{address}/give-back", json={"reason": "no_time"})).status_code == 204
        assert (await reviewer.post(f"{address}/claim")).json()["state"] == "claimed"
        assert (await reviewer.post(f"{address}/skip", json={"reason": "too_short"})).status_code == 204
        assert (await reviewer.post(f"{address}/claim")).status_code == 409
        assert (await reviewer.get("/api/review/tasks")).json()["finished"][0]["state"] == "skipped"
        assert (await reviewer.post(f"/api/review/tasks/{'0' * 32}/claim")).status_code == 404
        assert "Kenanga" in (await reviewer.get("/tugas-nilai")).text
    async with stage.parts.client("quality", page=True) as page:
        assert (await page.post("/api/review/tasks/next")).status_code == 409


async def test_taking_a_task_on_the_page_leads_to_the_recording(stage: Stage) -> None:
    await listed(stage)
    async with stage.parts.client("quality", page=True) as page:
        answer = await page.post("/api/review/tasks/next")
        (task,) = await stage.tasks.mine("s" * 32)
        assert answer.headers["hx-redirect"] == f"/rekaman/{task.recording_id}?tujuan=review"
    async with stage.parts.client("agent") as agent:
        assert (await agent.get("/api/review/tasks")).status_code == 403


async def test_what_stands_beside_a_recording_is_shown_masked_and_on_record(stage: Stage) -> None:
    world = stage.world
    one = await world.records(world.now - DAY, call_id=STORY.call_id)
    await world.writes(one.call_id, "efin_token", "forgotten_efin", "tanya <b>EFIN</b>")
    script = load_scripts()["inbound"]
    step = next(iter(script.steps))
    ticks = DurableTicks(world.database)
    await ticks.add(one.call_id, "s" * 32, Tick("inbound", step, done=True), world.now)
    assert one.planned_at is not None
    proved_at = one.planned_at + timedelta(seconds=12.5)  # the recording began when it was planned
    stage.proofs.kept.append(
        ProofAct(one.call_id, 1, proved_at, "s" * 32, ActKind.ITEM, "efin", Outcome.NOT_MATCHED)
    )
    await world.feeds()
    stage.parts.assignments.calls[one.call_id] = [Handling("1001", "utara", live=False)]
    address = f"/rekaman/{one.recording_id}/konteks?purpose=review"
    async with stage.parts.client("quality") as client:
        found = (await client.get(address)).json()
    assert found["keyed"].startswith("…") and len(found["keyed"]) == 5
    assert [note["question"] for note in found["notes"]] == ["tanya <b>EFIN</b>"]
    assert found["steps"][0]["words"].endswith("EFIN") and found["steps"][0]["outcome"] == "tidak cocok"
    assert len(found["ticks"]) == 1 and found["path"]
    assert [one["at_ms"] for one in found["steps"]] == [12_500]
    assert [one["at_ms"] for one in found["ticks"]] == [None]  # a day after the recording
    assert (found["figures"]["seconds"], found["figures"]["silence"]) == (180, 10)
    (told,) = [row for row in stage.parts.audit.rows if row.subject.startswith("recording:")]
    assert (told.act, told.why) == ("recording_context_viewed", "review")
    async with stage.parts.client("quality", page=True) as page:
        piece = (await page.get(address)).text
        assert "&lt;b&gt;EFIN" in piece and "<b>EFIN" not in piece
        assert 'href="#t=12.5"' in piece and "▶ 0:12" in piece


async def test_what_stands_beside_a_recording_is_for_who_may_hear_it(stage: Stage) -> None:
    world = stage.world
    one = await world.records(world.now - DAY)
    await world.feeds()
    stage.parts.assignments.calls[one.call_id] = [Handling("1001", "utara", live=False)]
    stage.parts.sessions.visitors["own"] = visitor(StaffRole.AGENT, "1001", "utara")
    stage.parts.sessions.visitors["colleague"] = visitor(StaffRole.AGENT, "1002", "utara")
    address = f"/rekaman/{one.recording_id}/konteks"

    async def status(role: str) -> int:
        async with stage.parts.client(role) as client:
            return (await client.get(address)).status_code

    assert [await status(role) for role in ("north_leader", "quality", "team_leader")] == [200, 200, 404]
    assert [await status(role) for role in ("own", "colleague", "auditor")] == [404, 404, 403]
    await world.scores(one, 9000)
    await world.feeds()
    assert [await status(role) for role in ("own", "colleague")] == [200, 404]
    async with stage.parts.client("quality") as client:
        assert (await client.get(f"/rekaman/{'0' * 32}/konteks")).status_code == 404


@pytest.mark.parametrize("page", ["/rekaman", "/rencana-sampel", "/tugas-nilai"])
async def test_pages_are_whole(stage: Stage, page: str) -> None:
    await listed(stage)
    async with stage.parts.client("quality_lead") as client:
        answer = await client.get(page)
    assert answer.status_code == 200
    assert "</html>" in answer.text and "review/main.js" in answer.text


async def restrict(stage: Stage, recording_id: str) -> None:
    """Let a restriction stand over a recording's call."""
    one = await stage.world.book.get(recording_id)
    assert one is not None
    standing = {
        "request_id": "r" * 32, "taxpayer_lookup": b"", "person_key": b"k", "since": stage.world.now,
    }  # fmt: skip
    call = {"request_id": "r" * 32, "call_id": one.call_id}

    def work(connection: sa.Connection) -> None:
        connection.execute(sa.insert(person_restrictions).values(standing))
        connection.execute(sa.insert(person_restricted_calls).values(call))

    await stage.world.database.write(work)


async def test_what_is_restricted_is_behind_no_door_of_finding(stage: Stage) -> None:
    north, south = await two(stage)
    wide = {"name": "Semua", "since": "2020-01-01", "shared": True}
    async with stage.parts.client("quality") as client:
        saved = (await client.post("/api/recordings/searches", json=wide)).json()
    await restrict(stage, north)
    for role in ("quality", "quality_lead", "supervisor", "north_leader"):
        async with stage.parts.client(role) as client:
            for asked in ({}, {"words": "EFIN"}, {"agents": ["1001"]}, saved["fields"]):
                found = await client.post("/api/recordings/search", json=asked)
                assert found.status_code == 200, found.text
                assert north not in found.text, (role, asked)
            page = await client.get(f"/rekaman?pencarian={saved['search_id']}")
            assert page.status_code == 200 and north not in page.text
            context = await client.get(f"/rekaman/{north}/konteks")
            assert context.status_code in (403, 404) and "tanya" not in context.text
    async with stage.parts.client("quality") as client:
        rest = (await client.post("/api/recordings/search", json={})).json()
        assert [row["recording_id"] for row in rest["rows"]] == [south]
