"""Scripts, ticks and the spelling helper over HTTP."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import partial

import pytest

from desk.branches import load_branches
from desk.history import PastNote
from desk.notes import CallFacts
from desk.script import Tick, TicksUnavailable
from desk.script_book import load_scripts
from desk.spelling import load_spelling
from desk.standing import Rung, Standing
from domain.staff import StaffRole
from tests.web.page_parts import CALL, COLLEAGUE, OTHER_CALL, OWN, PageParts, page_app, visitor
from web.script_port import CallPurpose, ScriptPort
from web.script_routes import add_script_routes

SECRET_CONTENT = "Anda belum melaporkan SPT Tahunan 2024."
EARLIER = datetime(2025, 6, 2, 20, 0, tzinfo=UTC)  # Tuesday 3 June in Jakarta


@dataclass
class TicksDouble:
    """Ticks in memory."""

    kept: list[tuple[str, str, Tick]] = field(default_factory=list)
    trouble: bool = False

    async def add(self, call_id: str, staff_id: str, tick: Tick, at: datetime) -> None:
        self.kept.append((call_id, staff_id, replace(tick, at=at)))

    async def of(self, call_id: str, staff_id: str) -> Sequence[Tick]:
        if self.trouble:
            raise TicksUnavailable("away")
        return [tick for call, staff, tick in self.kept if (call, staff) == (call_id, staff_id)]


@dataclass
class CallsDouble:
    """Calls in whatever language a test says."""

    language: str = "id"

    async def facts(self, call_id: str) -> CallFacts:
        return CallFacts("efin", [], self.language)


@dataclass
class PurposesDouble:
    """Why CALL is made."""

    why: CallPurpose = field(default_factory=CallPurpose)

    async def purpose(self, call_id: str) -> CallPurpose:
        return self.why


class PastDouble:
    """Two notes about the taxpayer, one of them of this call."""

    async def notes_about(self, taxpayer_id: str, most: int = 10) -> Sequence[PastNote]:
        now = datetime(2025, 6, 9, tzinfo=UTC)
        return [
            PastNote("1" * 32, CALL, now, "efin_token", "token_request", "Token", "s" * 32),
            PastNote("2" * 32, OTHER_CALL, EARLIER, "kup", "payment", "Batas setor", "s" * 32),
        ]


class NamesDouble:
    """The register's names."""

    async def name_of(self, taxpayer_id: str) -> str | None:
        return "Kenanga Lestari" if taxpayer_id == "tp-1" else None


@dataclass
class World:
    """The application and what stands behind its scripts."""

    parts: PageParts
    ticks: TicksDouble
    calls: CallsDouble
    purposes: PurposesDouble

    def stands(self, rung: Rung) -> None:
        self.parts.standings.standings[CALL] = Standing(CALL, rung, "tp-1", True)


@pytest.fixture
def world() -> World:
    ticks, calls, purposes = TicksDouble(), CallsDouble(), PurposesDouble()
    port = ScriptPort(
        load_scripts(),
        ticks,
        calls,
        load_branches(),
        load_spelling(),
        lambda _: "noon",
        NamesDouble(),
        purposes,
        PastDouble(),
    )
    return World(page_app([partial(add_script_routes, port=port)]), ticks, calls, purposes)


PATH = f"/api/calls/{CALL}/script"


async def test_the_script_has_the_calls_own_values(world: World) -> None:
    async with world.parts.client() as agent, world.parts.client(page=True) as page:
        script = (await agent.get(PATH)).json()
        first = script["steps"][0]["phrases"][0]["id"]
        said = "".join(part["text"] for part in first)
        assert said == "Kring Pajak, dengan Melati, selamat siang."
        assert script["deeds"]["unhold"] == "Bapak/Ibu …, terima kasih telah menunggu."
        html = (await page.get(PATH)).text
        assert "selamat <strong" in html
        assert "Alt+S" in html
        assert "May I know" not in html


async def test_an_english_call_has_both_languages(world: World) -> None:
    world.calls.language = "en"
    async with world.parts.client() as agent, world.parts.client(page=True) as page:
        assert (await agent.get(PATH)).json()["language"] == "en"
        html = (await page.get(PATH)).text
        assert "May I know who I am speaking with" in html
        assert "Dengan Bapak/Ibu siapa saya berbicara?" in html


async def test_ticks_are_kept_with_who_and_survive_a_reload(world: World) -> None:
    async with world.parts.client() as agent, world.parts.client(page=True) as page:
        body = {"script": "inbound", "step": "opening"}
        after = (await agent.post(f"{PATH}/ticks", json=body)).json()
        assert after["steps"][0]["ticks"] == 1
        await agent.post(f"{PATH}/ticks", json=body)
        [(call, staff, tick)] = world.ticks.kept
        assert (call, staff, tick.step, tick.at is not None) == (CALL, "s" * 32, "opening", True)
        assert (await agent.get(PATH)).json()["steps"][0]["ticks"] == 1
        html = (await page.post(f"{PATH}/ticks", json={**body, "done": False})).text
        assert 'class="step done"' not in html
        probe = {"script": "inbound", "step": "probe"}
        for _ in range(2):
            after = (await agent.post(f"{PATH}/ticks", json=probe)).json()
        assert {step["key"]: step["ticks"] for step in after["steps"]}["probe"] == 2


async def test_content_is_locked_until_the_proof_is_complete(world: World) -> None:
    world.purposes.why = CallPurpose("outbound", fields={"isi_campaign": SECRET_CONTENT})
    tick = {"script": "outbound", "step": "content"}
    async with world.parts.client() as agent, world.parts.client(page=True) as page:
        for rung in (Rung.ANONYMOUS, Rung.KEYED, Rung.CONFIRMED):
            world.stands(rung)
            answer = await agent.get(PATH)
            assert SECRET_CONTENT not in answer.text
            assert SECRET_CONTENT not in (await page.get(PATH)).text
            assert (await agent.post(f"{PATH}/ticks", json=tick)).status_code == 409
        world.stands(Rung.FULL)
        assert SECRET_CONTENT in (await agent.get(PATH)).text
        assert (await agent.post(f"{PATH}/ticks", json=tick)).status_code == 200


async def test_the_registered_name_needs_its_rung_and_is_on_record(world: World) -> None:
    async with world.parts.client() as agent:
        for rung in (Rung.ANONYMOUS, Rung.KEYED):
            world.stands(rung)
            assert "Kenanga" not in (await agent.get(PATH)).text
        assert world.parts.audit.rows == []
        world.stands(Rung.CONFIRMED)
        assert "Kenanga Lestari" in (await agent.get(PATH)).text
    [row] = world.parts.audit.rows
    assert (row.act, row.subject, row.why) == ("script_name_viewed", "taxpayer:tp-1", f"call:{CALL}")


async def test_a_callback_branches_and_tells_of_the_earlier_call(world: World) -> None:
    world.purposes.why = CallPurpose("callback", EARLIER, "kup", "payment")
    async with world.parts.client() as agent:
        assert [step["key"] for step in (await agent.get(PATH)).json()["steps"]] == [
            "opening",
            "whose_number",
        ]
        for step, answer in (("whose_number", "office"), ("who_answers", "someone_else")):
            body = {"script": "callback", "step": step, "answer": answer}
            assert (await agent.post(f"{PATH}/ticks", json=body)).status_code == 200
        script = (await agent.get(PATH)).json()
        assert [step["key"] for step in script["steps"]][-2:] == ["leave_word", "thanks"]
        words = "".join(part["text"] for part in script["steps"][-2]["phrases"][0]["id"])
        assert "pada hari Selasa tanggal 3 Juni 2025 ke Kring Pajak" in words
        body = {"script": "callback", "step": "who_answers", "answer": "caller"}
        script = (await agent.post(f"{PATH}/ticks", json=body)).json()
        follow_up = next(step for step in script["steps"] if step["key"] == "follow_up")
        assert "tentang Pembayaran atau Penyetoran ke" in "".join(
            part["text"] for part in follow_up["phrases"][0]["id"]
        )


async def test_a_callback_fills_in_the_earlier_call_of_who_was_proved(world: World) -> None:
    answers = (("whose_number", "personal"), ("who_answers", "caller"))
    world.ticks.kept += [(CALL, "s" * 32, Tick("callback", step, True, answer)) for step, answer in answers]
    async with world.parts.client() as agent:
        for rung in (Rung.ANONYMOUS, Rung.KEYED):
            world.stands(rung)
            text = (await agent.get(PATH, params={"script": "callback"})).text
            assert "Juni" not in text
            assert "Pembayaran" not in text
        world.stands(Rung.CONFIRMED)
        world.parts.audit.rows.clear()
        text = (await agent.get(PATH, params={"script": "callback"})).text
        assert "3 Juni 2025" in text
        assert "Pembayaran atau Penyetoran" in text
    assert [row.act for row in world.parts.audit.rows] == ["script_name_viewed", "script_earlier_call_viewed"]


async def test_another_script_can_be_chosen_and_an_unknown_one_is_not_there(world: World) -> None:
    async with world.parts.client() as agent:
        assert (await agent.get(PATH, params={"script": "callback"})).json()["name"] == "callback"
        assert (await agent.get(PATH, params={"script": "nothing"})).status_code == 404
        body = {"script": "inbound", "step": "nothing"}
        assert (await agent.post(f"{PATH}/ticks", json=body)).status_code == 409
        assert (await agent.get(PATH, params={"script": "../../etc"})).status_code == 422


async def test_only_who_has_the_call_sees_its_script(world: World) -> None:
    world.parts.sessions.visitors["colleague"] = visitor(StaffRole.AGENT, COLLEAGUE, "beta")
    async with world.parts.client("colleague") as colleague, world.parts.client("planner") as planner:
        assert (await colleague.get(PATH)).status_code == 403
        assert (await planner.get(PATH)).status_code == 403
        assert (await colleague.get(f"/api/calls/{OTHER_CALL}/script")).status_code == 200
    assert OWN != COLLEAGUE


async def test_ticks_that_cannot_be_read_are_told_as_such(world: World) -> None:
    world.ticks.trouble = True
    async with world.parts.client() as agent:
        assert (await agent.get(PATH)).status_code == 503
        body = {"script": "inbound", "step": "opening"}
        assert (await agent.post(f"{PATH}/ticks", json=body)).status_code == 503


async def test_a_code_is_spelled_and_checked_and_not_kept(world: World) -> None:
    async with world.parts.client() as agent, world.parts.client(page=True) as page:
        body = {"code": "1b2d-f67k", "heard": "satu bravo dua delta foxtrot enam tujuh lima"}
        answer = (await agent.post("/api/spelling", json=body)).json()
        assert [[one["word"] for one in group] for group in answer["groups"]] == [
            ["satu", "Bravo", "dua", "Delta"],
            ["Fanta", "enam", "tujuh", "Kilo"],
        ]
        assert (answer["heard"], answer["differs"], answer["matches"]) == ("1B2DF675", [8], False)
        html = (await page.post("/api/spelling", json=body)).text
        assert "Fanta" in html
        assert "karakter ke-8" in html
        begun = {**body, "heard": "satu bravo"}
        assert (await agent.post("/api/spelling", json=begun)).json()["so_far"] is True
        assert "sampai karakter ke-2" in (await page.post("/api/spelling", json=begun)).text
        refused = await agent.post("/api/spelling", json={"code": "rahasia!"})
        assert refused.status_code == 422
        assert "rahasia" not in refused.text
        nothing = (await agent.post("/api/spelling", json={})).json()
        assert (nothing["groups"], nothing["matches"]) == ([], None)


async def test_a_campaigns_content_is_locked_until_poro_or_until_who_speaks_is_confirmed(
    world: World,
) -> None:
    fields = {"isi_campaign": SECRET_CONTENT, "kode_verifikasi": "483 920", "jenis_spt": "1770"}
    said = {"denda_lapor": {"id": "Rp100.000", "en": "Rp100,000"}}
    world.ticks.kept.append((CALL, "s" * 32, Tick("non_filer", "who_answers", True, "taxpayer")))
    for needs_poro, opens in ((True, Rung.FULL), (False, Rung.CONFIRMED)):
        world.purposes.why = CallPurpose(
            "non_filer", fields=fields, said=said, about="lead:7", needs_poro=needs_poro
        )
        for rung in Rung:
            world.stands(rung)
            world.parts.audit.rows.clear()
            async with world.parts.client() as agent:
                text = (await agent.get(PATH)).text
            told = rung >= opens
            assert "483 920" in text
            assert (SECRET_CONTENT in text) is told
            assert ("Rp100.000" in text) is told
            rows = [row.subject for row in world.parts.audit.rows if row.act == "script_contact_viewed"]
            assert rows == (["lead:7"] if told else [])


async def test_a_step_of_a_campaign_is_ticked_once_it_is_open(world: World) -> None:
    world.purposes.why = CallPurpose("non_filer", needs_poro=False)
    world.ticks.kept.append((CALL, "s" * 32, Tick("non_filer", "who_answers", True, "taxpayer")))
    body = {"script": "non_filer", "step": "content"}
    for rung, status in ((Rung.KEYED, 409), (Rung.CONFIRMED, 200)):
        world.stands(rung)
        async with world.parts.client() as agent:
            assert (await agent.post(f"{PATH}/ticks", json=body)).status_code == status
