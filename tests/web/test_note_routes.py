"""Interaction notes over HTTP: written, corrected, found; drafts that are never lost."""

import re
from collections.abc import AsyncIterator, Callable
from datetime import UTC, date, datetime
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import pytest
import sqlalchemy as sa

from desk.branches import load_branches
from desk.notes import CallFacts, NotesUnavailable
from desk.standing import Rung, Standing, StandingUnavailable
from domain.directory import Taxpayer
from domain.staff import StaffRole
from reporting.counts import Counts
from reporting.own_day import OwnDay
from storage.database import Database
from storage.interactions import DurableInteractions
from storage.vault import Vault
from tests.web.desk_parts import WorkDouble
from tests.web.page_parts import CALL, COLLEAGUE, OTHER_CALL, OWN, PageParts, page_app, visitor
from web.note_port import NotePort
from web.note_routes import add_note_routes

NPWP = "0012345674123000"
NOTE, FURTHER = "1" * 32, "2" * 32
DRAFT: dict[str, Any] = {"note_id": NOTE, "version": 0, "question": "Lupa EFIN, Ibu Kenanga"}
BODY: dict[str, Any] = {
    "branch": "efin_token",
    "category": "forgotten_efin",
    "result": "resolved",
    "language": "id",
    "caller": "Ibu Kenanga",
    "question": "Lupa EFIN sejak Maret",
    "answer": "Dikirim ke surel terdaftar",
}


class CallsDouble:
    """Calls that waited for EFIN."""

    trouble = False

    async def facts(self, call_id: str) -> CallFacts:
        if self.trouble:
            raise NotesUnavailable("the record is away")
        if call_id != CALL:
            raise KeyError(call_id)
        return CallFacts("efin", ["with_npwp.efin"], "en")


class DirectoryDouble:
    """Knows one taxpayer."""

    async def find(self, npwp: str) -> Taxpayer | None:
        return Taxpayer("tp-1", NPWP, "Kenanga", False, True) if npwp == NPWP else None


@pytest.fixture(scope="session")
def note_file(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    folder = tmp_path_factory.mktemp("notes")
    Database.open(f"sqlite:///{folder}/kring.db").close()
    Vault.create(folder / "key")
    return folder / "kring.db", folder / "key"


@pytest.fixture
async def parts(note_file: tuple[Path, Path], tmp_path: Path) -> AsyncIterator[PageParts]:
    (tmp_path / "kring.db").write_bytes(note_file[0].read_bytes())
    database = Database.open(f"sqlite:///{tmp_path}/kring.db")
    book = DurableInteractions(database, Vault.load(note_file[1]))
    work = WorkDouble(OwnDay(OWN, date(2026, 3, 30), Counts(interactions=2, documented=1), {}, [OTHER_CALL]))
    port = NotePort(book, load_branches(), CallsDouble(), work, DirectoryDouble())
    made = page_app([partial(add_note_routes, port=port)])
    made.sessions.visitors["colleague"] = visitor(StaffRole.AGENT, COLLEAGUE, "beta")
    made.sessions.visitors["beta_leader"] = visitor(StaffRole.TEAM_LEADER, "", "beta")
    made.app.state.database = database
    yield made
    database.close()


Client = Callable[..., httpx.AsyncClient]


async def saved(client: httpx.AsyncClient, call: str = CALL, **changes: Any) -> dict[str, Any]:
    answer = await client.post(f"/api/calls/{call}/notes", json={**BODY, **changes})
    assert answer.status_code == 201, answer.text
    note: dict[str, Any] = answer.json()
    return note


async def test_a_note_is_kept_and_shown_with_who_wrote_it(parts: PageParts) -> None:
    async with parts.client() as agent:
        note = await saved(agent, note_id=NOTE)
        assert (note["note_id"], note["version"], note["by"], note["mine"]) == (NOTE, 1, "Melati", True)
        assert note["taxpayer_known"] is False
        assert (await agent.get(f"/api/calls/{CALL}/notes")).json() == [note]
    acts = [(row.act, row.subject, row.why) for row in parts.audit.rows]
    assert acts == [
        ("note_saved", f"note:{NOTE}", f"call:{CALL}"),
        ("notes_viewed", f"call:{CALL}", f"call:{CALL}"),
    ]


async def test_a_note_sent_again_after_a_lost_answer_is_kept_once(parts: PageParts) -> None:
    async with parts.client() as agent:
        first = await saved(agent, note_id=NOTE)
        assert await saved(agent, note_id=NOTE) == first
        other = await agent.post(f"/api/calls/{CALL}/notes", json={**BODY, "note_id": NOTE, "answer": "Lain"})
        assert other.status_code == 409
        assert other.json()["saved"]["answer"] == BODY["answer"]
        assert len((await agent.get(f"/api/calls/{CALL}/notes")).json()) == 1


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"branch": ""}, "branch"),
        ({"category": "payment"}, "category"),
        ({"result": "wonderful"}, "result"),
        ({"question": "  "}, "question"),
        ({"language": "jv"}, "language"),
        ({"answer": "x" * 8001}, "answer"),
        ({"surprise": "1"}, "surprise"),
    ],
)
async def test_a_note_that_lacks_something_is_refused_by_its_field(
    parts: PageParts, changes: dict[str, str], field: str
) -> None:
    async with parts.client() as agent:
        answer = await agent.post(f"/api/calls/{CALL}/notes", json={**BODY, **changes})
        assert answer.status_code == 422
        assert field in answer.text
        assert (await agent.get(f"/api/calls/{CALL}/notes")).json() == []


async def test_a_call_that_was_cut_off_needs_no_question(parts: PageParts) -> None:
    async with parts.client() as agent:
        note = await saved(agent, result="cut_off", question="", answer="")
        assert note["result"] == "cut_off"


async def test_a_note_is_linked_with_whom_the_call_was_about_when_it_was_saved(parts: PageParts) -> None:
    async with parts.client() as agent:
        parts.standings.standings[CALL] = Standing(CALL, Rung.ANONYMOUS, "tp-1", True)
        assert (await saved(agent, note_id=NOTE))["taxpayer_known"] is False
        parts.standings.standings[CALL] = Standing(CALL, Rung.KEYED, "tp-1", True)
        assert (await saved(agent, note_id=FURTHER))["taxpayer_known"] is True
        parts.audit.rows.clear()
        await agent.get(f"/api/calls/{CALL}/notes")
        assert {row.subject for row in parts.audit.rows} == {f"call:{CALL}", "taxpayer:tp-1"}
        answer = await agent.put(f"/api/notes/{NOTE}", json={**BODY, "version": 1, "answer": "Lain"})
        assert answer.json()["taxpayer_known"] is True


async def test_a_note_is_kept_even_when_the_proof_cannot_be_read(
    parts: PageParts, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def away(_self: object, _call: str) -> Standing:
        raise StandingUnavailable("away")

    monkeypatch.setattr(type(parts.standings), "standing", away)
    async with parts.client() as agent:
        assert (await saved(agent))["taxpayer_known"] is False


async def test_only_who_has_the_call_writes_and_reads(parts: PageParts) -> None:
    async with parts.client() as agent, parts.client("colleague") as colleague:
        for call, status in ((OTHER_CALL, 403), ("e" * 32, 404)):
            assert (await agent.post(f"/api/calls/{call}/notes", json=BODY)).status_code == status
            assert (await agent.get(f"/api/calls/{call}/notes")).status_code == status
            assert (await agent.put(f"/api/calls/{call}/note/draft", json=DRAFT)).status_code == status
            assert (await agent.get(f"/api/calls/{call}/note")).status_code == status
        await saved(agent, note_id=NOTE)
        assert (await colleague.get(f"/api/calls/{CALL}/notes")).status_code == 403
        answer = await colleague.put(f"/api/notes/{NOTE}", json={**BODY, "version": 1})
        assert answer.status_code == 403
    async with parts.client("supervisor") as supervisor:
        assert len((await supervisor.get(f"/api/calls/{CALL}/notes")).json()) == 1
        assert (await supervisor.post(f"/api/calls/{CALL}/notes", json=BODY)).status_code == 403


async def test_after_a_transfer_the_next_agent_sees_the_note_of_the_one_before(parts: PageParts) -> None:
    from desk.access import Handling

    async with parts.client() as agent, parts.client("colleague", page=True) as colleague:
        await saved(agent)
        parts.assignments.calls[CALL] = [
            Handling(OWN, "alfa", live=False),
            Handling(COLLEAGUE, "beta", live=True),
        ]
        page = await colleague.get(f"/api/calls/{CALL}/note")
        assert BODY["question"] in page.text
        assert "Melati" in page.text


async def test_the_form_begins_with_what_the_menu_suggests(parts: PageParts) -> None:
    async with parts.client() as agent:
        form = (await agent.get(f"/api/calls/{CALL}/note")).json()
    assert (form["suggested_branch"], form["suggested_category"]) == ("efin_token", "forgotten_efin")
    assert (form["content"]["branch"], form["content"]["language"], form["version"]) == (
        "efin_token",
        "en",
        0,
    )
    assert re.fullmatch("[0-9a-f]{32}", form["note_id"])


async def test_a_draft_comes_back_and_the_last_writer_does_not_silently_win(parts: PageParts) -> None:
    path = f"/api/calls/{CALL}/note/draft"
    async with parts.client() as agent:
        assert (await agent.get(path)).json() is None
        first = (await agent.put(path, json=DRAFT)).json()
        assert first["version"] == 1
        other_tab = await agent.put(path, json={**DRAFT, "note_id": FURTHER, "question": "Dari tab lain"})
        assert other_tab.status_code == 409
        assert other_tab.json()["current"]["question"] == DRAFT["question"]
        both = {**DRAFT, "version": 1, "question": "Lupa EFIN + dari tab lain "}
        assert (await agent.put(path, json=both)).json()["version"] == 2
        form = (await agent.get(f"/api/calls/{CALL}/note")).json()
        assert (form["note_id"], form["version"]) == (NOTE, 2)
        assert form["content"]["question"] == both["question"]
        await saved(agent, note_id=NOTE)
        assert (await agent.get(path)).json() is None
        late = await agent.put(path, json={**both, "version": 2})
        assert late.status_code == 409
        assert (late.json()["current"], late.json()["saved"]["note_id"]) == (None, NOTE)


async def test_drafts_are_ones_own_offered_back_and_thrown_away_as_seen(parts: PageParts) -> None:
    path = f"/api/calls/{CALL}/note/draft"
    async with parts.client() as agent, parts.client(page=True) as page:
        await agent.put(path, json={**DRAFT, "branch": "kup", "category": "payment"})
        [row] = (await agent.get("/api/notes/drafts")).json()
        assert (row["call_id"], row["slot"], row["branch"]) == (CALL, "new", "kup")
        assert "question" not in row
        assert "Pembayaran atau Penyetoran" in (await page.get("/api/notes/drafts")).text
        assert (await agent.request("DELETE", path, json={"version": 9})).status_code == 409
        assert (await agent.request("DELETE", path, json={"version": 1})).status_code == 204
        assert (await agent.get("/api/notes/drafts")).json() == []


async def test_a_note_is_corrected_in_a_draft_of_its_own(parts: PageParts) -> None:
    path = f"/api/calls/{CALL}/note/draft"
    async with parts.client() as agent:
        await saved(agent, note_id=NOTE)
        form = (await agent.get(f"/api/calls/{CALL}/note?slot={NOTE}")).json()
        assert (form["note_version"], form["content"]["question"]) == (1, BODY["question"])
        assert (await agent.get(f"/api/calls/{CALL}/note?slot={FURTHER}")).status_code == 404
        draft = {**DRAFT, "slot": NOTE, "question": "Lupa EFIN, diperbaiki"}
        assert (await agent.put(path, json=draft)).json()["version"] == 1
        form = (await agent.get(f"/api/calls/{CALL}/note?slot={NOTE}")).json()
        assert form["content"]["question"] == "Lupa EFIN, diperbaiki"
        answer = await agent.put(f"/api/notes/{NOTE}", json={**BODY, "version": 1, "question": "Diperbaiki"})
        assert (answer.json()["version"], answer.json()["question"]) == (2, "Diperbaiki")
        stale = await agent.put(f"/api/notes/{NOTE}", json={**BODY, "version": 1, "question": "Kedua"})
        assert stale.status_code == 409
        assert stale.json()["saved"]["question"] == "Diperbaiki"
        assert (await agent.get("/api/notes/drafts")).json() == []
        versions = (await agent.get(f"/api/notes/{NOTE}")).json()
        assert [one["question"] for one in versions] == ["Diperbaiki", BODY["question"]]
        unknown = await agent.put(f"/api/notes/{FURTHER}", json={**BODY, "version": 1})
        assert unknown.status_code == 404


async def test_a_search_reaches_as_far_as_the_role(parts: PageParts) -> None:
    async with parts.client() as agent, parts.client("colleague") as colleague:
        await saved(agent, note_id=NOTE)
        await saved(colleague, OTHER_CALL, note_id=FURTHER)
    wanted = {"agent": [NOTE], "colleague": [FURTHER], "team_leader": [NOTE], "beta_leader": [FURTHER]}
    wanted |= {role: [FURTHER, NOTE] for role in ("supervisor", "quality")}
    for role, notes in wanted.items():
        async with parts.client(role) as client:
            listed = (await client.get("/api/notes")).json()
            assert [one["note_id"] for one in listed["notes"]] == notes, role
            body = {"words": "efin maret", "purpose": "quality"}
            found = (await client.post("/api/notes/search", json=body)).json()
            assert [one["note_id"] for one in found["notes"]] == notes, role
            for note in (NOTE, FURTHER):
                status = (await client.get(f"/api/notes/{note}")).status_code
                assert status == (200 if note in notes else 404), (role, note)
    for role in ("planner", "auditor", "administrator", "campaign_manager"):
        async with parts.client(role) as client:
            assert (await client.get("/api/notes")).status_code == 403


async def test_a_search_tells_no_text_and_is_on_record_with_its_purpose(parts: PageParts) -> None:
    parts.standings.standings[CALL] = Standing(CALL, Rung.KEYED, "tp-1", True)
    async with parts.client() as agent:
        await saved(agent, note_id=NOTE)
    parts.audit.rows.clear()
    async with parts.client("supervisor") as supervisor:
        body = {"npwp": "00.123.456.7-412.3000", "purpose": "data_request"}
        found = await supervisor.post("/api/notes/search", json=body)
        assert [one["note_id"] for one in found.json()["notes"]] == [NOTE]
        assert "Kenanga" not in found.text
        assert "Maret" not in found.text
        nobody = await supervisor.post("/api/notes/search", json={"npwp": "x", "purpose": "audit"})
        assert nobody.status_code == 422
        await supervisor.get(f"/api/notes/{NOTE}")
        assert (await supervisor.post("/api/notes/search", json={"words": "efin"})).status_code == 422
    rows = [(row.act, row.subject, row.why, dict(row.data)) for row in parts.audit.rows]
    assert rows == [
        ("notes_searched", "taxpayer:tp-1", "data_request", {"reach": "all", "by": "npwp", "found": "1"}),
        ("note_viewed", "taxpayer:tp-1", f"note:{NOTE}", {"notes": "1"}),
    ]
    assert NPWP not in repr(parts.audit.rows)


async def test_a_search_comes_in_pages_and_by_day(parts: PageParts) -> None:
    async with parts.client() as agent:
        for number in range(27):
            await saved(agent, note_id=f"{number:032x}")
        first = (await agent.get("/api/notes")).json()
        second = (await agent.get("/api/notes", params={"before": first["more"]})).json()
        assert (len(first["notes"]), len(second["notes"]), second["more"]) == (25, 2, "")
        assert (await agent.get("/api/notes", params={"until": "2001-01-01"})).json()["notes"] == []
        body = {"since": "", "until": "", "branch": "", "result": "cut_off", "purpose": "follow_up"}
        assert (await agent.post("/api/notes/search", json=body)).json()["notes"] == []
        for wrong in ({"branch": "x'--"}, {"since": "0001-01-01"}, {"until": "9999-12-31"}):
            assert (await agent.get("/api/notes", params=wrong)).status_code == 422


async def test_ones_calls_of_today_without_a_note_are_told(parts: PageParts) -> None:
    async with parts.client() as agent, parts.client(page=True) as page, parts.client("supervisor") as boss:
        found = (await agent.get("/api/notes/documented")).json()
        assert found == {"interactions": 2, "documented": 1, "share": 0.5, "missing": [OTHER_CALL]}
        html = (await page.get("/api/notes/documented")).text
        assert "50 %" in html
        assert f"/api/calls/{OTHER_CALL}/note" in html
        assert (await boss.get("/api/notes/documented")).status_code == 403


async def test_the_key_of_the_pages_own_safe_is_the_sessions(parts: PageParts) -> None:
    async with parts.client() as agent:
        answer = await agent.get("/api/notes/safe")
        assert answer.headers["cache-control"] == "no-store"
        assert len(answer.json()["key"]) == 44
        assert (await agent.get("/api/notes/safe")).json() == answer.json()


@pytest.mark.parametrize("language", ["id", "en"])
async def test_the_pieces_show_the_same_and_nothing_unescaped(parts: PageParts, language: str) -> None:
    shown = visitor(StaffRole.AGENT, OWN)
    parts.sessions.visitors["agent"] = type(shown)(
        type(shown.staff)(
            **{**{f: getattr(shown.staff, f) for f in shown.staff.__slots__}, "language": language}
        ),
        shown.session_id,
        shown.csrf,
    )
    async with parts.client(page=True) as page:
        await saved(page, question="<script>alert(1)</script>", note_id=NOTE)
        form = await page.get(f"/api/calls/{CALL}/note")
        assert form.status_code == 200
        assert "<script>" not in form.text
        assert "&lt;script&gt;" in form.text
        assert 'value="efin_token/forgotten_efin" selected' in form.text
        for path in (f"/api/calls/{CALL}/notes", f"/api/notes/{NOTE}", f"/api/calls/{CALL}/note?slot={NOTE}"):
            piece = await page.get(path)
            assert "&lt;script&gt;" in piece.text, path
        assert f"/api/notes/{NOTE}" in (await page.get("/api/notes")).text
        assert (await page.get("/catatan")).status_code == 200


async def test_a_book_that_cannot_be_read_or_written_says_so(parts: PageParts) -> None:
    database: Database = parts.app.state.database
    rename = "ALTER TABLE interaction_notes RENAME TO away"
    database.write_now(lambda c: c.execute(sa.text(rename)))
    async with parts.client() as agent:
        for answer in (
            await agent.get(f"/api/calls/{CALL}/note"),
            await agent.get(f"/api/calls/{CALL}/notes"),
            await agent.post(f"/api/calls/{CALL}/notes", json=BODY),
            await agent.get("/api/notes"),
            await agent.get(f"/api/notes/{NOTE}"),
        ):
            assert answer.status_code == 503


async def test_a_note_has_the_time_of_the_service(parts: PageParts) -> None:
    before = datetime.now(UTC)
    async with parts.client() as agent:
        note = await saved(agent)
    assert before <= datetime.fromisoformat(note["at"]) <= datetime.now(UTC)
