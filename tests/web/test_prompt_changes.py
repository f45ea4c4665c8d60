"""Supervisors change what callers hear: checked, heard before, in force at once, on record, undone."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest

from prompts.library import Library
from prompts.texts import load_texts
from service.checkup_prompts import set_here
from service.prompt_force import PromptsInForce, lay_down_prompts
from service.prompt_office import DRAFT_KEPT
from service.settings import load_settings
from tests.web.prompt_world import BUSY, CATALOGUE, NEW, PromptWorld, prompt_world, speech, write_catalogue
from tests.web.staff_world import StaffWorld

SHIPPED_ID, SHIPPED_EN = "kring/id/announce_busy", "kring/en/announce_busy"


@pytest.fixture
def prompts(world: StaffWorld, tmp_path: Path) -> PromptWorld:
    (tmp_path / "prompts").mkdir()
    return prompt_world(tmp_path / "prompts", world.database, world)


@pytest.fixture
def sounds_before(prompts: PromptWorld) -> Iterator[dict[str, bytes]]:
    """What a playing call reads: no change touches it."""
    shipped = prompts.library.install(prompts.sounds)
    assert shipped > 0
    files = {path.as_posix(): path.read_bytes() for path in prompts.sounds.rglob("*.*law")}
    yield files
    assert {path: Path(path).read_bytes() for path in files} == files


def heard(prompts: PromptWorld, name: str = "announce_busy") -> tuple[str, ...]:
    return (*prompts.library.sounds(name, "id"), *prompts.library.sounds(name, "en"))


async def test_a_change_is_looked_at_put_in_force_at_once_and_on_record(
    prompts: PromptWorld, sounds_before: dict[str, bytes]
) -> None:
    async with prompts.parts.client("supervisor") as client:
        looked = (await client.post(f"{BUSY}/check", json={**NEW, "en": "  We are\n busy. "})).json()
        assert looked["based_on"] == 0
        assert [one["digest"] != "" for one in looked["after"]["pieces"]] == [False, True]  # English stays
        assert looked["differences"]["id"] == [
            {"sign": "-", "text": "Sedang ramai."}, {"sign": "+", "text": "Sudah sepi."},
        ]  # fmt: skip
        assert heard(prompts) == (SHIPPED_ID, SHIPPED_EN)
        digest = await prompts.bring(140)
        body = {"id": NEW["id"], "en": "We are busy.", "sounds": [digest], "based_on": 0, "why": "ND-7"}
        change = (await client.post(BUSY, json=body)).json()
    assert (change["number"], change["who"], change["why"]) == (1, "s" * 32, "ND-7")
    assert change["before"]["texts"] == CATALOGUE["announce_busy"]
    assert change["after"]["texts"]["id"] == "Sudah sepi."
    own = heard(prompts)
    assert own[0] == f"kring-own/id/announce_busy-{digest[:16]}"
    assert set(own) <= prompts.laid()
    assert [row.act for row in prompts.parts.audit.rows] == ["prompt_sound_brought", "prompt_changed"]
    assert prompts.parts.audit.rows[-1].subject == "prompt:announce_busy"


async def test_undoing_brings_the_one_before_back_and_can_be_undone(prompts: PromptWorld) -> None:
    first, second = await prompts.bring(140), await prompts.bring(180)
    one = await prompts.put(NEW, [first, second])
    two = await prompts.put({"id": "Ramai sekali.", "en": NEW["en"]}, [second, second], based_on=one)
    async with prompts.parts.client("administrator") as client:
        early = await client.post(f"/api/prompt-changes/{one}/undo", json={"why": ""})
        assert (early.status_code, early.json()["message"]) == (
            409, "Ada perubahan yang lebih baru. Urungkan yang terbaru dahulu.",
        )  # fmt: skip
        undone = (await client.post(f"/api/prompt-changes/{two}/undo", json={"why": "keliru"})).json()
        assert (undone["undoes"], undone["as_shipped"]) == (two, False)
        assert prompts.library.text("announce_busy", "id") == "Sudah sepi."
        back = (await client.post(f"/api/prompt-changes/{undone['number']}/undo", json={"why": ""})).json()
        assert prompts.library.text("announce_busy", "id") == "Ramai sekali."
        restored = await client.post(f"{BUSY}/restore", json={"based_on": back["number"], "why": ""})
        assert restored.json()["as_shipped"] is True
        rows = (await client.get("/api/prompt-changes", params={"prompt": "announce_busy"})).json()["rows"]
        assert (await client.post("/api/prompt-changes/99/undo", json={})).status_code == 404
    assert heard(prompts) == (SHIPPED_ID, SHIPPED_EN)
    assert [row["number"] for row in rows] == [5, 4, 3, 2, 1]
    assert rows[-1]["before"]["pieces"][0]["address"].startswith("/pengaturan/pengumuman/suara/")


async def test_undoing_the_first_change_follows_the_product_again(prompts: PromptWorld) -> None:
    digest = await prompts.bring(140)
    number = await prompts.put(NEW, [digest, digest])
    async with prompts.parts.client("supervisor") as client:
        undone = (await client.post(f"/api/prompt-changes/{number}/undo", json={})).json()
    assert undone["as_shipped"] is True
    assert heard(prompts) == (SHIPPED_ID, SHIPPED_EN)


async def test_who_did_not_see_the_newest_change_changes_nothing(prompts: PromptWorld) -> None:
    digest = await prompts.bring(140)
    await prompts.put(NEW, [digest, digest])
    body = {"id": "Lain.", "en": "Other.", "sounds": [digest, digest], "based_on": 0}
    async with prompts.parts.client("supervisor") as client:
        late = await client.post(BUSY, json=body)
        same = await client.post(BUSY, json={**NEW, "sounds": [], "based_on": 1})
    assert (late.status_code, same.status_code) == (409, 409)
    assert "Orang lain" in late.json()["message"] and "Tidak ada yang berubah" in same.json()["message"]
    assert await prompts.store.newest() == 1


@pytest.mark.parametrize(
    ("name", "texts", "field", "says"),
    [
        ("announce_busy", {"id": "", "en": "Quiet."}, "id", "kedua bahasa"),
        ("announce_busy", {"id": "Buka {opens:time}.", "en": "Quiet."}, "id", "Nilai yang diucapkan"),
        ("closed", {"id": "Tutup.", "en": "From {opens:time}."}, "id", "{opens:time}"),
        ("announce_busy", {"id": "x" * 1000, "en": "Quiet."}, "id", "1000 huruf"),
    ],
)
async def test_texts_that_cannot_be_spoken_are_refused_beside_their_field(
    prompts: PromptWorld, name: str, texts: dict[str, str], field: str, says: str
) -> None:
    async with prompts.parts.client("supervisor") as client:
        for path in (f"/api/prompts/{name}/check", f"/api/prompts/{name}"):
            more = {} if path.endswith("check") else {"sounds": [], "based_on": 0}
            refused = await client.post(path, json={**texts, **more})
            assert refused.status_code == 422
            assert [(one["field"], says in one["problem"]) for one in refused.json()["fields"]] == [
                (field, True)
            ]
    assert await prompts.store.newest() == 0


async def test_audio_that_is_missing_is_named_by_its_place(prompts: PromptWorld) -> None:
    async with prompts.parts.client("supervisor") as client:
        silent = await client.post(BUSY, json={**NEW, "sounds": [], "based_on": 0})
        gone = await client.post(BUSY, json={**NEW, "sounds": ["0" * 64] * 2, "based_on": 0})
    assert [one["field"] for one in silent.json()["fields"]] == ["sounds.0", "sounds.1"]
    assert [one["problem"].split()[0] for one in gone.json()["fields"]] == ["Suara", "Suara"]
    assert heard(prompts) == (SHIPPED_ID, SHIPPED_EN)


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"%PDF-1.7", "tidak dapat dibaca sebagai suara"),
        (speech(0.2), "paling sedikit 0.5 detik"),
        (b"", "WAV atau FLAC"),
    ],
)
async def test_recordings_that_cannot_be_used_are_refused_and_not_kept(
    prompts: PromptWorld, content: bytes, says: str
) -> None:
    async with prompts.parts.client("supervisor") as client:
        refused = await client.post("/api/prompt-sounds", content=content)
    assert refused.status_code == 422 and says in refused.json()["message"]
    assert await prompts.store.drafts(datetime(2026, 1, 1, tzinfo=UTC)) == 0


async def test_a_recording_is_heard_before_it_counts_and_what_is_odd_is_told(prompts: PromptWorld) -> None:
    async with prompts.parts.client("supervisor") as client:
        taken = (await client.post("/api/prompt-sounds?characters=400", content=speech())).json()
        assert taken["seconds"] == pytest.approx(1.5, abs=0.2) and taken["source"] == "recorded"
        assert [one["word"] for one in taken["notes"]] == ["hurried"]
        heard_draft = await client.get(taken["address"])
        assert heard_draft.content[:4] == b"RIFF" and heard_draft.headers["content-type"] == "audio/wav"
        assert (await client.get(f"/pengaturan/pengumuman/suara/{'0' * 64}")).status_code == 404
    assert await prompts.store.drafts(datetime.now(UTC) + DRAFT_KEPT) == 0  # nobody put it in force


async def test_the_voice_of_the_machine_speaks_a_text(prompts: PromptWorld) -> None:
    async with prompts.parts.client("supervisor") as client:
        body = {"language": "id", "text": "Sudah sepi."}
        made = (await client.post("/api/prompt-sounds/rendered", json=body)).json()
    assert made["source"] == "tts"
    await prompts.put(NEW, [made["digest"]] * 2)
    assert heard(prompts)[0].endswith(made["digest"][:16])


async def test_prompts_that_speak_values_are_given_in_pieces(prompts: PromptWorld) -> None:
    texts = {"id": "Pukul {opens:time} kami buka.", "en": "Open from {opens:time} only."}
    digest = await prompts.bring(150)
    async with prompts.parts.client("supervisor") as client:
        looked = (await client.post("/api/prompts/closed/check", json=texts)).json()
    pieces = looked["after"]["pieces"]
    assert [(one["key"], bool(one["digest"])) for one in pieces] == [
        ("id/closed-1", False), ("id/closed-3", False), ("en/closed-1", True), ("en/closed-3", True),
    ]  # fmt: skip
    await prompts.put(texts, [digest, digest], name="closed")
    sounds = prompts.library.sounds("closed", "id", {"opens": "08:00"})
    assert sounds[0] == f"kring-own/id/closed-1-{digest[:16]}" and "kring/id/words/" in sounds[1]


async def test_a_new_announcement_can_be_switched_on_and_taken_away(prompts: PromptWorld) -> None:
    digest = await prompts.bring(140)
    number = await prompts.put(NEW, [digest, digest], name="announce_flood")
    assert prompts.library.text("announce_flood", "en") == NEW["en"]
    now = datetime.now(UTC)
    await prompts.announce("announce_flood", now, now + timedelta(hours=1))
    async with prompts.parts.client("supervisor") as client:
        on = await client.post(f"/api/prompt-changes/{number}/undo", json={})
        assert (on.status_code, "Matikan dahulu" in on.json()["message"]) == (409, True)
        await prompts.announcements.end("a" * 32, now, "s" * 32)
        gone = await client.post("/api/prompts/announce_flood/restore", json={"based_on": number})
        assert gone.json()["after"] is None
        names = [row["name"] for row in (await client.get("/api/prompts")).json()["rows"]]
        bad = await client.post("/api/prompts/hello/check", json=NEW)
    assert "announce_flood" not in names and "announce_flood" not in prompts.library.said()
    assert (bad.status_code, bad.json()["detail"]) == (404, "prompts.bad_name")


async def test_what_asterisk_plays_by_itself_stays_as_it_ships(prompts: PromptWorld) -> None:
    async with prompts.parts.client("supervisor") as client:
        refused = await client.post("/api/prompts/connecting/check", json=NEW)
        page = (await client.get("/pengaturan/pengumuman/connecting")).text
    assert refused.status_code == 409
    assert "diputar oleh Asterisk sendiri" in page and "data-prompt-texts" not in page


async def test_a_start_and_another_process_hear_what_was_set(prompts: PromptWorld) -> None:
    other = Library.load(prompts.folder)
    force = PromptsInForce(other, prompts.store, prompts.sounds)
    await force.look()
    assert other.sounds("announce_busy", "id") == (SHIPPED_ID,)
    digest = await prompts.bring(140)
    await prompts.put(NEW, [digest, digest])
    await force.look()
    assert other.text("announce_busy", "en") == NEW["en"]
    started, told = Library.load(prompts.folder), list[str]()
    lay_down_prompts(started, prompts.store, prompts.folder / "elsewhere", told.append)
    assert started.sounds("announce_busy", "id") == heard(prompts)[:1] and told == []


async def test_a_newer_version_of_the_product_is_told_of_and_never_silences_callers(
    prompts: PromptWorld,
) -> None:
    digest = await prompts.bring(140)
    await prompts.put(NEW, [digest, digest])
    texts = {"id": "Pukul {opens:time}.", "en": "From {opens:time}."}
    await prompts.put(texts, [digest, digest], name="closed")
    write_catalogue(
        prompts.folder,
        {
            "announce_busy": {"id": "Ramai, mohon tunggu.", "en": "Busy."},
            "closed": {"id": "Tutup.", "en": "Shut."},
        },
    )
    assert load_texts(prompts.folder).prompts["closed"].texts["en"] == "Shut."
    upgraded, told = Library.load(prompts.folder), list[str]()
    lay_down_prompts(upgraded, prompts.store, prompts.sounds, told.append)
    assert upgraded.text("announce_busy", "en") == NEW["en"]
    assert upgraded.text("closed", "en") == "Shut."
    assert len(told) == 1 and told[0].startswith("closed: ")
    settings = load_settings({"KRING_HOME": str(prompts.folder), "KRING_PROMPTS": str(prompts.folder)})
    findings = await set_here(settings, prompts.database)
    assert [(one.code, one.severity.value, one.values.get("names")) for one in findings] == [
        ("own_prompts", "good", None),
        ("own_prompts_unfit", "wrong", ["closed"]),
        ("own_prompts_overtaken", "warning", ["announce_busy"]),
    ]


@pytest.mark.parametrize("role", ["auditor", "planner", "agent", "team_leader", "quality_lead"])
async def test_others_change_nothing(prompts: PromptWorld, role: str) -> None:
    async with prompts.parts.client(role) as client:
        tried: list[httpx.Response] = [
            await client.post(f"{BUSY}/check", json=NEW),
            await client.post(BUSY, json={**NEW, "sounds": [], "based_on": 0}),
            await client.post(f"{BUSY}/restore", json={"based_on": 0}),
            await client.post("/api/prompt-sounds", content=speech()),
            await client.post("/api/prompt-sounds/rendered", json={"language": "id", "text": "Halo."}),
            await client.post("/api/prompt-changes/1/undo", json={}),
            await client.get("/pengaturan/pengumuman/baru"),
        ]
    assert {one.status_code for one in tried} == {403}


async def test_the_pages_show_before_and_after_side_by_side(
    prompts: PromptWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("service.prompt_office.can_render", lambda: False)
    digest = await prompts.bring(140)
    await prompts.put(NEW, [digest, digest])
    async with prompts.parts.client("supervisor", page=True) as client:
        page = (await client.get("/pengaturan/pengumuman/announce_busy")).text
        new = (await client.get("/pengaturan/pengumuman/baru")).text
        looked = (await client.post(f"{BUSY}/check", json={"id": "Sudah sepi lagi.", "en": NEW["en"]})).text
        whole = (await client.get("/pengaturan/pengumuman")).text
    assert "Sudah sepi." in page and "Sedang ramai." in page and "Urungkan" in page and "ND-7" in page
    assert (
        'hx-get="/api/wall/announcements"' in page and 'hx-post="/api/prompts/announce_busy/restore"' in page
    )
    assert "data-prompt-name" in new
    assert looked.count(f"/suara/{digest}") == 3  # before: both; after: English stays
    assert looked.count("data-prompt-file") == 2 and "<del>" in looked and "Mesin ini belum" in looked
    assert "Naskah sendiri" in whole and f"/suara/{digest}" in whole
    async with prompts.parts.client("auditor") as client:
        seen = (await client.get("/pengaturan/pengumuman/announce_busy")).text
    assert "Urungkan perubahan" not in seen and "Administrator dan supervisor" in seen
